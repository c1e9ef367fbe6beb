"""A request's history in words: who did what and when; the texts only for those who may read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from roadmap.domain.triage import ASKING, CONFIRMED, CUSTOMER, DECLINED, ELSEWHERE, MERGED, NEW
from roadmap.extensions import db
from roadmap.market.verdicts import BUCKET_NAMES
from roadmap.models import Account, AccountName, Problem, Request, RequestEvent, User
from roadmap.web.filters import day, plural

from .steps import last_step

STATE_WORDS = {
    NEW: "waiting for triage",
    ASKING: "waiting for an answer",
    CONFIRMED: "confirmed",
    MERGED: "merged",
    ELSEWHERE: "not the product",
    DECLINED: "declined",
}
WAITS_WORDS = {"rep": "the rep's answer", "customer": "a conversation with the customer"}

#: What somebody did where nothing has to be named.
PLAIN = {
    "sent": "sent it",
    "imported": "brought it over from another system",
    "left": "took back which problem it is",
    "answered": "answered",
    "replied": "replied",
    "declined": "declined it",
}

#: By what a stored id is called in an event: where that has its name.
_NAMED: Mapping[str, Any] = {
    "problem_id": Problem.title,
    "merged_into_id": Request.title,
    "handed_to_id": User.name,
    "account_id": Account.name,
}

Names = Mapping[tuple[str, int], str]


@dataclass(frozen=True)
class Step:
    """One event. `text` is empty for those who may not read it; what is `undone` was taken back."""

    id: int
    kind: str
    at: datetime
    who: str
    says: str
    text: str
    undone: bool


class Done(NamedTuple):
    """The last step with a request, to be offered back to whoever took it."""

    id: int
    title: str
    revision: int
    event_id: int
    sentence: str


def history(request: Request, *, readable: bool) -> list[Step]:
    """Oldest first. At most five queries, however long it is."""
    rows = db.session.execute(
        select(RequestEvent, User.name)
        .outerjoin(User, User.id == RequestEvent.by_id)
        .where(RequestEvent.request_id == request.id)
        .order_by(RequestEvent.id)
    ).all()
    events = [event for event, _ in rows]
    names = _names(events)
    by_id = {event.id: event for event in events}
    undone = {event.undoes_id for event in events if event.undoes_id}
    return [
        Step(
            event.id, event.kind, event.at, who or "An import",
            _says(event, by_id, names), event.text if readable else "", event.id in undone,
        )
        for event, who in rows
    ]  # fmt: skip


def question(steps: Sequence[Step]) -> Step | None:
    """The question that waits for an answer, if the last word is one."""
    spoken = [step for step in steps if step.kind in ("asked", "answered") and not step.undone]
    return spoken[-1] if spoken and spoken[-1].kind == "asked" else None


def sentence(event: RequestEvent) -> str:
    """What one step did, without who."""
    return _says(event, {}, _names([event]))


def done(request_id: int | None, by_id: int) -> Done | None:
    """What this person did last with a request, if nobody did anything with it since."""
    request = db.session.get(Request, request_id) if request_id else None
    event = last_step(request.id) if request else None
    if request is None or event is None or event.by_id != by_id:
        return None
    return Done(request.id, request.title, request.revision, event.id, sentence(event))


def _says(event: RequestEvent, by_id: Mapping[int, RequestEvent], names: Names) -> str:
    if event.kind == "undone":
        undone = by_id.get(event.undoes_id or 0)
        return f"took back: {_says(undone, by_id, names)}" if undone else "took a step back"
    return PLAIN.get(event.kind) or _naming(event, names)


def _naming(event: RequestEvent, names: Names) -> str:
    """The steps that name something, in words."""

    def name(key: str) -> str:
        return names.get((key, after.get(key, 0)), "what is gone")

    after = event.after
    match event.kind:
        case "joined":
            return f"said that it is “{name('problem_id')}”"
        case "confirmed":
            how = ", as the customer's own words" if after.get("quote_confirmed") else ""
            return f"made it part of “{name('problem_id')}”{how}"
        case "merged":
            return f"merged it into “{name('merged_into_id')}”"
        case "elsewhere":
            bucket = BUCKET_NAMES[after["bucket"]]
            return f"gave it to {name('handed_to_id')}: {bucket}, not the product"
        case "asked":
            return _asked(after)
        case "renamed":
            return f"renamed it from “{event.before.get('title', '')}” to “{after['title']}”"
    deals = plural(len(after.get("deals", ())), "deal")
    account = name("account_id") if after.get("account_id") else "no account"
    return f"linked it to {account}, with {deals}"


def _asked(after: Mapping[str, Any]) -> str:
    whom = "for a conversation with the customer" if after["waits_for"] == CUSTOMER else "the rep"
    due = after.get("remind_on")
    return f"asked {whom}" + (f", until {day(date.fromisoformat(due))}" if due else "")


def _names(events: Iterable[RequestEvent]) -> dict[tuple[str, int], str]:
    """What the ids in events are called today: a query for each kind of thing that they name."""
    wanted: dict[str, set[int]] = {}
    for event in events:
        for key in _NAMED.keys() & event.after.keys():
            if event.after[key]:
                wanted.setdefault(key, set()).add(event.after[key])
    found = {}
    for key, ids in wanted.items():
        title = _NAMED[key]
        rows: Any = db.session.execute(
            select(title.class_.id, title).where(title.class_.id.in_(ids))
        )
        found.update({(key, id): text for id, text in rows})
    merged = wanted.get("account_id", set()) - {id for key, id in found if key == "account_id"}
    gone = select(AccountName.former_id, AccountName.name).where(AccountName.former_id.in_(merged))
    rows = db.session.execute(gone) if merged else ()
    return found | {("account_id", id): text for id, text in rows}
