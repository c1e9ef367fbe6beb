"""A request's history as sentences: who did what, when, and in which words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from roadmap.domain.triage import ASKING, CONFIRMED, DECLINED, ELSEWHERE, MERGED, NEW
from roadmap.extensions import db
from roadmap.models import Account, Problem, Request, RequestEvent, User
from roadmap.web.filters import plural

from .steps import last_step

STATE_WORDS = {
    NEW: "waiting for triage",
    ASKING: "waiting for an answer",
    CONFIRMED: "confirmed",
    MERGED: "merged",
    ELSEWHERE: "not the product",
    DECLINED: "declined",
}
BUCKET_WORDS = {"price": "Price", "process": "Process", "presence": "Presence"}
WAITS_WORDS = {"rep": "the rep's answer", "customer": "a conversation with the customer"}


class Entry(NamedTuple):
    """A step. `sentence` says what was done, without who; `words` are what was written with it."""

    id: int
    kind: str
    at: datetime
    who: str
    sentence: str
    words: str
    undone: bool


def of_request(request_id: int) -> list[Entry]:
    """Everything that happened to a request, the newest first."""
    events = db.session.scalars(
        select(RequestEvent)
        .where(RequestEvent.request_id == request_id)
        .options(joinedload(RequestEvent.by))
        .order_by(RequestEvent.id.desc())
    ).all()
    names = _names(events)
    undone = {event.undoes_id for event in events}
    by_id = {event.id: event for event in events}
    return [
        Entry(
            event.id, event.kind, event.at, event.by.name if event.by else "The import",
            _sentence(event, names, by_id.get(event.undoes_id or 0)), event.text,
            event.id in undone,
        )
        for event in events
    ]  # fmt: skip


def sentence(event: RequestEvent) -> str:
    """What one step did, without who."""
    return _sentence(event, _names([event]), None)


class Done(NamedTuple):
    """The last step with a request, to be offered back to whoever took it."""

    id: int
    title: str
    revision: int
    event_id: int
    sentence: str


def done(request_id: int | None, by_id: int) -> Done | None:
    """What this person did last with a request, if nobody did anything with it since."""
    request = db.session.get(Request, request_id) if request_id else None
    event = last_step(request.id) if request else None
    if request is None or event is None or event.by_id != by_id:
        return None
    return Done(request.id, request.title, request.revision, event.id, sentence(event))


Names = Mapping[str, Mapping[int, str]]

#: What a stored id names, and where that has its name.
_TABLES: Mapping[str, Any] = {
    "problem_id": Problem.title,
    "merged_into_id": Request.title,
    "handed_to_id": User.name,
    "account_id": Account.name,
}


def _names(events: Collection[RequestEvent]) -> Names:
    """What the ids in these events are called today: a query for each kind that occurs."""
    found: dict[str, dict[int, str]] = {}
    for key, column in _TABLES.items():
        ids = {side[key] for event in events for side in (event.before, event.after)
               if side.get(key) is not None}  # fmt: skip
        if ids:
            rows: Iterable[Any] = db.session.execute(
                select(column.class_.id, column).where(column.class_.id.in_(ids))
            )
            found[key] = dict(map(tuple, rows))
    return found


#: Steps that name nothing.
_PLAIN = {
    "sent": "sent it",
    "imported": "brought it over",
    "left": "took it out of its problem",
    "answered": "answered",
    "replied": "replied",
    "declined": "declined it",
}


def _sentence(event: RequestEvent, names: Names, undoes: RequestEvent | None) -> str:
    def name(key: str) -> str:
        return names.get(key, {}).get(event.after.get(key, 0), "what is gone")

    match event.kind:
        case "joined":
            return f"said that it is about “{name('problem_id')}”"
        case "confirmed":
            vouched = ", in the customer's own words" if event.after.get("quote_confirmed") else ""
            return f"joined it to “{name('problem_id')}”{vouched}"
        case "merged":
            return f"merged it into “{name('merged_into_id')}”"
        case "elsewhere":
            bucket = BUCKET_WORDS.get(event.after.get("bucket", ""), "")
            return f"found it to be about {bucket}, and handed it to {name('handed_to_id')}"
        case "asked":
            return f"asked for {WAITS_WORDS.get(event.after.get('waits_for', ''), 'an answer')}"
        case "renamed":
            return f"renamed it from “{event.before.get('title', '')}”"
        case "linked":
            deals = plural(len(event.after.get("deals", ())), "deal")
            return f"linked it to {name('account_id')} with {deals}"
        case "undone":
            what = "" if undoes is None else f", having {_sentence(undoes, names, None)}"
            return f"took a step back{what}"
    return _PLAIN[event.kind]
