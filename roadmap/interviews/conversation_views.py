"""Direct conversations: the list, each person's count by month, and logging one."""

from __future__ import annotations

import secrets

from flask import abort, flash, render_template, url_for
from flask_login import current_user

from roadmap.domain.calendar import month_text
from roadmap.domain.errors import Conflict, Refused
from roadmap.domain.interviews import CONVERSATION_KINDS, HELD, OTHER_KINDS
from roadmap.extensions import db
from roadmap.models import Account, Conversation
from roadmap.people.guards import allow
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.csv import csv_response
from roadmap.web.paging import Numbered
from roadmap.workspace import clock

from . import actions, queries, tallies
from .actions import Spoken
from .blueprint import address_of, blueprint
from .forms import KIND_NAMES, TalkForm, typed_before, who_changed
from .tallies import Talks
from .views import Answer


@blueprint.get("/conversations")
@allow("read")
def conversations() -> Answer:
    asked = Talks.from_address()
    pages = Numbered(tallies.count(asked))
    shown = tallies.months(clock.today())
    return render_template(
        "interviews/conversations.html",
        months=shown,
        people=tallies.by_person(shown),
        talks=tallies.talks(asked, pages),
        asked=asked,
        named=asked.named("unknown") | ({"month": month_text(asked.month)} if asked.month else {}),
        pages=pages,
        kinds=[(each, KIND_NAMES[each]) for each in CONVERSATION_KINDS],
        kind_names=KIND_NAMES,
        link=asked.link("interviews.conversations"),
    )


@blueprint.get("/conversations.csv")
@allow("read")
def conversations_csv() -> Answer:
    return csv_response(
        "conversations.csv",
        ("Held on", "What", "Account", "Deal", "Who spoke", "Role", "Layer", "Held by",
         "Problems heard", "Quote"),
        (
            (
                one.held_on, KIND_NAMES[one.kind], one.account.name if one.account else None,
                one.deal.name if one.deal else None, one.spoke_name, one.spoke_role,
                one.spoke_layer, one.held_by.name if one.held_by else None,
                "; ".join(problem.title for problem in one.problems), one.quote,
            )
            for one in tallies.talks(Talks.from_address())
        ),
    )  # fmt: skip


@blueprint.get("/conversations/months.csv")
@allow("read")
def months_csv() -> Answer:
    shown = tallies.months(clock.today())
    return csv_response(
        "conversations-by-month.csv",
        ("Person", *(f"{month:%Y-%m}" for month in shown), "Total"),
        ((one.name, *one.counts, one.total) for one in tallies.by_person(shown)),
    )


@blueprint.get("/conversations/new")
@allow("shape")
def new_conversation() -> Answer:
    """A form for one account; without one, the accounts whose names fit what was typed."""
    account = db.session.get(Account, arguments.number("account") or 0)
    words = arguments.text("q")
    if account is None:
        found = queries.accounts_called(words) if words else []
        return render_template("interviews/whose.html", words=words, accounts=found)
    form = TalkForm(
        formdata=None,
        data={
            "held_on": clock.today(),
            "held_by": current_user.id,
            "token": secrets.token_urlsafe(24),
            "kind": "call",
            "problems": [arguments.number("problem")],
        },
    )
    return _talk_page(form, account)


@blueprint.post(f"/accounts/<{ID}:id>/conversations")
@allow("shape")
def record(id: int) -> Answer:
    account = db.session.get(Account, id) or abort(404)
    return _save(TalkForm(), account, None)


@blueprint.get(f"/conversations/<{ID}:id>")
@allow("read")
def conversation(id: int) -> Answer:
    found = _find(id)
    return render_template(
        "interviews/conversation.html", conversation=found, kind_names=KIND_NAMES
    )


@blueprint.get(f"/conversations/<{ID}:id>/edit")
@allow("shape")
def edit_conversation(id: int) -> Answer:
    found = _held(id)
    return _talk_page(_stored(id), _account(found), found)


@blueprint.post(f"/conversations/<{ID}:id>/edit")
@allow("shape")
def change_conversation(id: int) -> Answer:
    found = _find(id)
    return _save(TalkForm(), _account(found), found)


@blueprint.post(f"/conversations/<{ID}:id>/withdrawal")
@allow("shape")
def withdraw_conversation(id: int) -> Answer:
    _find(id)
    done = "Withdrawn: it counts for nobody any more; the words are kept."
    show = url_for("interviews.conversation", id=id)
    return htmx.after_step(lambda: actions.cancel(id, current_user), done, show)


def _save(form: TalkForm, account: Account, found: Conversation | None) -> Answer:
    _offer(form, account, found)
    if not form.validate():
        return _talk_page(form, account, found), 422
    id = found.id if found else None

    def merged() -> tuple[str, int | None, Spoken]:
        if id is not None:
            form.merge(_stored(id))
        return form.kind.data, form.deal.data, form.spoken()

    try:
        saved = actions.record(
            form.kind.data, account.id, form.deal.data, form.spoken(), current_user,
            token=form.token.data or None, id=id, merge=merged,
        )  # fmt: skip
    except Refused as refused:
        form.deal.errors = [*form.deal.errors, str(refused)]
        return _talk_page(form, account, found), 422
    except Conflict:
        return _talk_page(form, account, found), 409
    flash("Saved.", "ok")
    return htmx.go(address_of(saved))


def _stored(id: int) -> TalkForm:
    found = _find(id)
    form = TalkForm(formdata=None, data=typed_before(found, clock.today(), current_user.id))
    _offer(form, _account(found), found)
    form.who = who_changed(found)
    return form


def _find(id: int) -> Conversation:
    return queries.find(id, OTHER_KINDS) or abort(404)


def _held(id: int) -> Conversation:
    found = _find(id)
    return found if found.state == HELD else abort(404)


def _account(found: Conversation) -> Account:
    return found.account or abort(404)


def _offer(form: TalkForm, account: Account, found: Conversation | None) -> None:
    heard = [(problem.id, problem.title) for problem in found.problems] if found else []
    problems = queries.problem_choices()
    problems += [each for each in heard if each not in problems]
    people = queries.interviewers(found.held_by_id if found else None)
    form.offer(people, problems, tallies.deal_choices(account.id))


def _talk_page(form: TalkForm, account: Account, found: Conversation | None = None) -> str:
    _offer(form, account, found)
    return render_template(
        "interviews/talk.html",
        form=form,
        account=account,
        conversation=found,
    )
