"""Telling people what became of their requests' forecasts, whoever or whatever moved them.

A forecast moves with every trade-off, with a deal that CRM changes, and by itself as days pass. So
nobody who moves one has to think of requests: after each write, and each day, `catch_up` compares
how every request stands with what its people were last told (see `domain.news`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, g
from sqlalchemy import bindparam, update
from sqlalchemy.exc import SQLAlchemyError

from roadmap.domain.news import News, Standing, news
from roadmap.domain.triage import REP
from roadmap.extensions import db, reading
from roadmap.models import Request, Workspace
from roadmap.models.base import table
from roadmap.notices.actions import tell
from roadmap.notices.wording import Titles, words
from roadmap.planning import daily
from roadmap.planning import picture as pictures
from roadmap.workspace import clock, revision
from roadmap.workspace.settings import workspace

from . import following, steps
from .following import Followed, Waiting

#: An unanswered question is asked again after so many days.
REMIND_EVERY = timedelta(days=7)


class Word(NamedTuple):
    """Something to tell about a request."""

    request_id: int
    kind: str
    text: str
    urgent: bool = False
    initiative_id: int | None = None
    #: Whom alone; None for everybody whom the request concerns.
    to_id: int | None = None


class Found(NamedTuple):
    """What there is to tell as of one mark, and what is remembered as told, by request."""

    mark: int
    words: list[Word]
    told: dict[int, dict[str, Any]]


def init_app(app: Flask) -> None:
    """Catch up after each write, once whoever made it has the answer."""

    @app.after_request
    def _afterwards(response: Response) -> Response:
        if revision.was_held() and response.status_code < 400:
            response.call_on_close(lambda: _quietly(app))
        return response


def catch_up() -> int:
    """Tell everybody what moved since people were last told; returns how many things there were.

    It looks without keeping anybody from writing, and takes the workspace's row only to write. Who
    writes meanwhile catches up afterwards; nothing is told twice.
    """
    today = clock.today()
    with _looking():
        row = workspace()
        if row.told_revision == mark(row) and row.told_as_of == today:
            return 0
    daily.opened(today)
    with _looking():
        found = _found(today)
    return _tell(found, today)


def catch_up_here() -> int:
    """The same in the caller's transaction, which holds the workspace's row and has opened the day:
    for a story that is told as a whole or not at all.
    """
    today = clock.today()
    return _tell(_found(today), today)


def mark(row: Workspace) -> int:
    """A number that grows with whatever can move a forecast or change a request."""
    return max(row.plan_revision, row.order_revision, row.evidence_revision) + row.intake_revision


def _quietly(app: Flask) -> None:
    """The answer is gone already: a fault is for the log, and the next write catches up. Nor does
    a thread of the server wait here for long: whoever holds the lock catches up as well.
    """
    with app.app_context():
        g.hurries = True
        try:
            catch_up()
        except SQLAlchemyError as error:
            current_app.logger.error("Could not tell what moved", exc_info=error)
            with suppress(SQLAlchemyError):
                db.session.rollback()


@contextmanager
def _looking() -> Iterator[None]:
    """One snapshot, with the workspace's row as it is in it."""
    g.pop("workspace", None)
    with reading():
        yield
    g.pop("workspace", None)


def _found(today: date) -> Found:
    picture = pictures.current()
    found: list[Word] = []
    told: dict[int, dict[str, Any]] = {}
    every = list(following.followed(picture))
    named = following.titles({id for each in every for id in each.standing.initiatives})
    for each in every:
        items, kept = news(_last_told(each), each.standing, workspace().fiscal_start)
        found += [_word(each, item, named) for item in items]
        remembered = {**each.told, **kept.as_json(), "problem": each.problem_id}
        if remembered != each.told:
            told[each.id] = remembered
    for question in following.waiting(today):
        if _is_due(question, today):
            found.append(_reminder(question))
            before = told.get(question.id, question.told)
            told[question.id] = {**before, "reminded": today.isoformat()}
    return Found(mark(workspace()), found, told)


def _last_told(each: Followed) -> Standing | None:
    """What was told of this problem: of another one nothing carries over."""
    return Standing.from_json(each.told) if each.told.get("problem") == each.problem_id else None


def _word(each: Followed, item: News, named: Mapping[str, str]) -> Word:
    id = int(item.initiative) if item.initiative else None
    text = words(item, Titles(each.problem, each.deals, named, workspace().fiscal_start))
    return Word(each.id, item.kind, text, item.urgent, id)


def _is_due(question: Waiting, today: date) -> bool:
    last = question.told.get("reminded")
    return last is None or today - date.fromisoformat(last) >= REMIND_EVERY


def _reminder(question: Waiting) -> Word:
    """The rep is reminded of the answer, the product manager of the conversation."""
    if question.waits_for == REP:
        text = f"“{question.title}” still waits for your answer."
        return Word(question.id, "reminder", text, to_id=question.requester_id or 0)
    text = f"“{question.title}” still waits for a conversation with the customer."
    return Word(question.id, "reminder", text, to_id=steps.asker(question.id) or 0)


def _tell(found: Found, today: date) -> int:
    """Write it, unless somebody told or changed something since it was found."""
    row = revision.lock()
    if mark(row) != found.mark:
        # Whoever wrote meanwhile catches up as well, or the worker does: nobody goes round here.
        db.session.rollback()
        return 0
    if row.told_revision == found.mark and row.told_as_of == today:
        db.session.rollback()
        return 0
    said: set[tuple[int, str]] = set()
    for word in found.words:
        people = _concerned(word.request_id) if word.to_id is None else {word.to_id}
        # Who has two requests for one problem hears of its forecast once.
        fresh = {id for id in people if (id, word.text) not in said}
        said |= {(id, word.text) for id in fresh}
        tell(fresh, word.kind, word.text, request_id=word.request_id, urgent=word.urgent,
             initiative_id=word.initiative_id)  # fmt: skip
    if found.told:
        requests = table(Request)
        db.session.connection().execute(
            update(requests)
            .where(requests.c.id == bindparam("request"))
            .values(told=bindparam("standing")),
            [{"request": id, "standing": told} for id, told in found.told.items()],
        )
    row.told_revision, row.told_as_of = found.mark, today
    db.session.commit()
    return len(found.words)


def _concerned(request_id: int) -> set[int]:
    return steps.people_of(db.session.get_one(Request, request_id))
