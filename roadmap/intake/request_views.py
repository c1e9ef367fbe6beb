"""A request's page, and what whoever asked does there."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from roadmap.domain.errors import Conflict, Refused
from roadmap.domain.triage import UNKNOWN
from roadmap.extensions import db
from roadmap.market.verdicts import SIGN_WITHOUT
from roadmap.models import Request, RequestWatcher
from roadmap.people.guards import allow, can
from roadmap.planning import picture as pictures
from roadmap.planning.picture import Picture
from roadmap.web import htmx
from roadmap.web.arguments import ID
from roadmap.web.fields import whole_number

from . import actions, answers, history, prices, reading
from .blueprint import blueprint
from .forms import CONSEQUENCE_NAMES, SAID_BY_WORDS, AnswerForm
from .standing import Standing, standing
from .suggestions import suggestions

Answer = str | Response | tuple[str, int]

#: What a request's page names as missing.
ASKED_FOR = {
    "quote": "their exact words",
    "said_on": "when they said it",
    "workaround": "what they do today",
    "needed_by": "by when they need it",
    "competitor": "a competitor",
}
NOT_KNOWN = (None, "", UNKNOWN)


@blueprint.get(f"/requests/<{ID}:id>")
@allow("read")
@htmx.polled
def show(id: int) -> Answer:
    """Where it stands; to htmx the same anew, or 304 while it is as they have it."""
    found, picture = _find(id), pictures.current()
    tag = f"{found.revision}.{picture.revision}.{picture.today}"
    if htmx.wants_fragment() and request.headers.get("HX-PTag") == tag:
        return Response(status=304)
    return _page(found, picture, tag=tag)


@blueprint.post(f"/requests/<{ID}:id>/problem")
@allow("submit")
def join(id: int) -> Answer:
    _spoken_for(id)
    problem = whole_number(request.form.get("problem_id"))
    if not problem:
        flash("Choose the problem that it is.", "warn")
        return htmx.go(url_for("intake.show", id=id))
    return _step(id, lambda: actions.join(id, problem, current_user))


@blueprint.post(f"/requests/<{ID}:id>/problem/removal")
@allow("submit")
def leave(id: int) -> Answer:
    _spoken_for(id)
    return _step(id, lambda: actions.leave(id, current_user))


@blueprint.post(f"/requests/<{ID}:id>/answer")
@allow("submit")
def answer(id: int) -> Answer:
    found = _spoken_for(id)
    form = AnswerForm()
    if not form.validate():
        return _page(found, pictures.current(), form, 422)
    try:
        actions.answer(id, current_user, form.text.data or "")
    except Refused as refused:
        raise Conflict(str(refused)) from refused
    return htmx.go(url_for("intake.show", id=id))


@blueprint.post(f"/requests/<{ID}:id>/dates")
@allow("submit")
def choose_date(id: int) -> Answer:
    """Say which of two dates of a deal holds: the one that the request states, or the deal's."""
    _spoken_for(id)
    deal = whole_number(request.form.get("deal"))
    holds = request.form.get("holds") == "asked"
    return _step(id, lambda: actions.choose_date(id, deal or 0, current_user, holds=holds))


@blueprint.post(f"/requests/<{ID}:id>/watching")
@allow("read")
def watch(id: int) -> Answer:
    _find(id)
    actions.watch(id, current_user.id, wanted=request.form.get("wanted") == "1")
    return htmx.go(url_for("intake.show", id=id))


def _step(id: int, act: Any) -> Answer:
    """Take a step; where it makes no sense any more, say why."""
    return htmx.after_step(act, "", url_for("intake.show", id=id))


def _find(id: int) -> Request:
    """The request with what its page names, in one query."""
    return db.session.scalar(
        select(Request)
        .where(Request.id == id)
        .options(
            joinedload(Request.account),
            joinedload(Request.problem),
            joinedload(Request.requester),
            joinedload(Request.submitted_by),
            joinedload(Request.handed_to),
            joinedload(Request.merged_into),
        )
    ) or abort(404)


def _spoken_for(id: int) -> Request:
    """A request that the person may speak for: their own, or any for those who triage."""
    found = _find(id)
    if not reading.may_speak_for(found, current_user):
        abort(403)
    return found


def _page(
    found: Request,
    picture: Picture,
    form: AnswerForm | None = None,
    status: int = 200,
    *,
    tag: str = "",
) -> Answer:
    readable = reading.may_read(found, current_user)
    stands = standing(found, picture)
    steps = history.history(found, readable=readable)
    live = htmx.wants_fragment() and form is None
    page = render_template(
        "intake/_live.html" if live else "intake/show.html",
        it=found,
        tag=tag,
        stands=stands,
        headline=(head := answers.headline(found, stands)),
        tone=answers.tone(head, stands),
        outlook=answers.outlook(stands),
        prices=[(each, prices.sentence(each, picture)) for each in stands.prices],
        steps=steps,
        question=history.question(steps) if found.state == "asking" else None,
        form=form or AnswerForm(formdata=None),
        suggested=_suggested(found, stands),
        readable=readable,
        note_readable=reading.may_read_note(found, current_user),
        may_speak=reading.may_speak_for(found, current_user),
        watching=_watches(found),
        own=found.requester_id == current_user.id,
        missing=[words for name, words in ASKED_FOR.items() if getattr(found, name) in NOT_KNOWN],
        said_by=SAID_BY_WORDS,
        consequences=CONSEQUENCE_NAMES,
        sign_without=SIGN_WITHOUT,
        triage=_triage(found),
    )
    return page, status


def _suggested(found: Request, stands: Standing) -> list[Any]:
    """Problems that it may be, while nobody said and for those who may say."""
    if stands.problem or not stands.waits or not reading.may_speak_for(found, current_user):
        return []
    deals = [named.deal_id for named in found.deals]
    return suggestions(f"{found.title} {found.body}", found.quote, found.account_id, deals)


def _watches(found: Request) -> bool:
    row = select(RequestWatcher.user_id).where(
        RequestWatcher.request_id == found.id, RequestWatcher.user_id == current_user.id
    )
    return db.session.scalar(row) is not None


def _triage(found: Request) -> str | None:
    """The page where a product manager takes the next step with it."""
    there = "intake.triage" in current_app.view_functions
    return url_for("intake.triage", id=found.id) if there and can("triage") else None
