"""Triage: one request beside the problems that it may be, and every step with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response

from roadmap.deals.queries import user_choices
from roadmap.domain.errors import Conflict, Refused
from roadmap.market.actions import ProblemWords
from roadmap.market.queries import segment_choices
from roadmap.market.verdicts import SIGN_WITHOUT
from roadmap.models import Request
from roadmap.people.guards import allow
from roadmap.planning import picture
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.fields import whole_number
from roadmap.workspace import clock
from roadmap.workspace.edits import settle

from . import candidates, history, inbox, steps, triage_page, triaging
from .answers import prefilled_reply
from .blueprint import blueprint
from .forms import CONSEQUENCE_NAMES
from .history import STATE_WORDS, WAITS_WORDS
from .triage_forms import (
    AskForm,
    ConfirmForm,
    DeclineForm,
    HandOverForm,
    LinkForm,
    MergeForm,
    RenameForm,
    ReplyForm,
    StartForm,
    StepForm,
    UndoForm,
)
from .triage_page import TriagePage

Answer = str | Response | tuple[str, int]


@blueprint.get(f"/requests/<{ID}:id>/triage")
@allow("triage", hidden=True)
def triage(id: int) -> Answer:
    return _page(_find(id))


@blueprint.post(f"/requests/<{ID}:id>/confirmation")
@allow("triage")
def confirm(id: int) -> Answer:
    """Join a problem: its deals are tied to it."""
    form = ConfirmForm()
    return _step(id, form, lambda: triaging.confirm(
        id, _chosen("problem"), current_user, quote=_vouched(id, form.quote.data),
        seen=form.revision,
    ))  # fmt: skip


@blueprint.post(f"/requests/<{ID}:id>/new-problem")
@allow("triage")
def start_problem(id: int) -> Answer:
    form = StartForm()
    form.offer(segment_choices())
    return _step(id, form, lambda: triaging.start(
        id, _said(form), current_user, quote=_vouched(id, form.quote.data), seen=form.revision
    ))  # fmt: skip


@blueprint.post(f"/requests/<{ID}:id>/merge")
@allow("triage")
def merge(id: int) -> Answer:
    form = MergeForm()
    return _step(id, form, lambda: triaging.merge(
        id, _chosen("into"), current_user, seen=form.revision
    ))  # fmt: skip


@blueprint.post(f"/requests/<{ID}:id>/bucket")
@allow("triage")
def hand_over(id: int) -> Answer:
    """It is not the product: somebody else takes it."""
    form = HandOverForm()
    return _step(id, form, lambda: triaging.hand_over(
        id, form.bucket.data, form.owner.data, current_user, form.text.data or "",
        seen=form.revision,
    ))  # fmt: skip


@blueprint.post(f"/requests/<{ID}:id>/question")
@allow("triage")
def ask(id: int) -> Answer:
    form = AskForm()
    return _step(id, form, lambda: triaging.ask(
        id, form.waits_for.data, form.remind_on.data or clock.today(), current_user,
        form.text.data or "", seen=form.revision,
    ))  # fmt: skip


@blueprint.post(f"/requests/<{ID}:id>/refusal")
@allow("triage")
def decline(id: int) -> Answer:
    form = DeclineForm()
    return _step(id, form, lambda: triaging.decline(
        id, current_user, form.text.data or "", seen=form.revision
    ))  # fmt: skip


@blueprint.post(f"/requests/<{ID}:id>/reply")
@allow("triage")
def reply(id: int) -> Answer:
    form = ReplyForm()
    return _step(id, form, lambda: triaging.reply(
        id, current_user, form.text.data or "", seen=form.revision
    ), stay="The reply is sent.")  # fmt: skip


@blueprint.post(f"/requests/<{ID}:id>/title")
@allow("triage")
def rename(id: int) -> Answer:
    form = RenameForm()

    def act() -> None:
        settle(form, lambda: RenameForm(formdata=None, title=_find(id).title))
        triaging.rename(id, current_user, form.title.data or "")

    return _step(id, form, act, stay="Renamed.")


@blueprint.post(f"/requests/<{ID}:id>/account")
@allow("triage")
def link(id: int) -> Answer:
    """Say which account of CRM it is about, and which of its deals."""
    form = LinkForm()
    return _step(id, form, lambda: triaging.link(
        id, current_user, _chosen("account"), form.deals.data or (), seen=form.revision
    ), stay="Linked; amounts and stages of today are kept with it.")  # fmt: skip


@blueprint.post(f"/requests/<{ID}:id>/undoing")
@allow("triage")
def undo(id: int) -> Answer:
    """Take back its last step. From the survivor's page this takes a merged request out."""
    form = UndoForm()
    return _step(
        id, form, lambda: steps.undo(id, current_user, seen=form.revision), stay="Taken back."
    )


def _step(id: int, form: StepForm, act: Callable[[], object], stay: str = "") -> Answer:
    """Take a step, then go on with the next request or, with `stay` to say, look at this one."""
    found = _find(id)
    if not form.validate():
        return _page(found, form, 422)
    try:
        act()
    except Refused as refused:
        form.form_errors = [str(refused)]
        return _page(_find(id), form, 422)
    except Conflict:
        return _page(_find(id), form, 409)
    asked = inbox.Filters.from_address()
    here = asked.link("intake.inbox")
    if stay:
        flash(stay, "ok")
        return htmx.go(here("intake.triage", id=_back_to(found)))
    following = inbox.next_after(asked, _find(id))
    if following is None:
        return htmx.go(here(done=id))
    return htmx.go(here("intake.triage", id=following, done=id))


def _back_to(found: Request) -> int:
    """The page that a step was taken from: a survivor's, where one of its own was taken out."""
    survivor = arguments.number("from")
    return survivor if survivor and triage_page.find(survivor) else found.id


def _page(found: Request, typed: StepForm | None = None, status: int = 200) -> Answer:
    """A request's page; `typed` is the form that was not accepted, as it was filled in."""
    now, asked = picture.current(), inbox.Filters.from_address()
    page = triage_page.gather(found, asked, now, current_user.id)
    forms = _forms(page, prefilled_reply(found, now))
    newest = page.history[0].id if page.history else 0
    looked_at = whole_number(typed.last.data or "") if typed is not None else None
    if typed is not None:
        forms[typed.name] = typed
        _offer(forms, page)
    for form in forms.values():
        form.show(found.revision, newest)
    answer = render_template(
        "intake/triage.html",
        page=page,
        of=found,
        forms=forms,
        opened=typed.name if typed is not None else request.args.get("step", ""),
        meanwhile=[e for e in page.history if e.id > (looked_at or 0)] if status == 409 else [],
        twin=_twin(typed),
        done=history.done(arguments.number("done"), current_user.id),
        states=STATE_WORDS,
        waits=WAITS_WORDS,
        sign_without=SIGN_WITHOUT,
        consequences=CONSEQUENCE_NAMES,
        filters=asked,
        today=now.today,
        link=asked.link("intake.inbox"),
    )
    return answer, status


def _forms(page: TriagePage, reply: str) -> dict[str, StepForm]:
    """All steps' forms, as they start out with this request."""
    of = page.request
    account = page.linking.account
    forms: list[StepForm] = [
        ConfirmForm(formdata=None),
        StartForm(
            formdata=None, title=of.title, statement=of.body, layer=of.said_by_layer or "",
            workaround=of.workaround, quote=False,
        ),
        MergeForm(formdata=None),
        HandOverForm(formdata=None),
        AskForm(formdata=None),
        ReplyForm(formdata=None, text=reply),
        DeclineForm(formdata=None),
        RenameForm(formdata=None, title=of.title),
        LinkForm(
            formdata=None, account=account.id if account else "",
            deals=[deal.id for deal in page.deals],
        ),
        UndoForm(formdata=None),
    ]  # fmt: skip
    found = {form.name: form for form in forms}
    start = found["start"]
    if of.account is not None and of.account.segment_id is not None:
        start["segments"].data = [of.account.segment_id]
    _offer(found, page)
    return found


def _offer(forms: dict[str, Any], page: TriagePage) -> None:
    """What the selects of these forms offer."""
    forms["start"].offer(segment_choices())
    forms["bucket"].offer(user_choices())
    forms["link"].offer([(deal.id, deal.name) for deal in page.linking.deals])


def _twin(typed: StepForm | None) -> Any:
    """The problem that already has the title somebody wanted to give a new one."""
    if not isinstance(typed, StartForm) or not typed.form_errors:
        return None
    return candidates.twin(typed.title.data or "")


def _find(id: int) -> Request:
    return triage_page.find(id) or abort(404)


def _chosen(field: str) -> int:
    """The id that a button stands for; 0, which nothing has, for whatever is none."""
    return whole_number(request.form.get(field, "")) or 0


def _vouched(id: int, ticked: bool) -> bool:
    """Whether there are words of the customer to vouch for, and somebody does."""
    return ticked and bool(_find(id).quote)


def _said(form: StartForm) -> ProblemWords:
    return ProblemWords(
        title=form.title.data or "",
        statement=form.statement.data or "",
        layer=form.layer.data or None,
        workaround=form.workaround.data or "",
        segment_ids=form.segments.data or (),
    )
