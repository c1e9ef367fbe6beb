"""A request's history in words: who did what and when; the texts only for those who may read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from roadmap.domain.triage import CUSTOMER
from roadmap.extensions import db
from roadmap.market.verdicts import BUCKET_NAMES
from roadmap.models import Account, Problem, Request, RequestEvent, User
from roadmap.web.filters import day

#: What somebody did where nothing has to be named.
PLAIN = {
    "sent": "sent it",
    "imported": "brought it over from another system",
    "left": "took back which problem it is",
    "answered": "answered",
    "replied": "replied",
    "declined": "declined it",
}


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


Names = Mapping[tuple[str, int], str]


def _says(event: RequestEvent, by_id: Mapping[int, RequestEvent], names: Names) -> str:
    if event.kind == "undone":
        undone = by_id.get(event.undoes_id or 0)
        return f"took back: {_says(undone, by_id, names)}" if undone else "took a step back"
    return PLAIN.get(event.kind) or _naming(event.kind, event.after, names)


def _naming(kind: str, after: Mapping[str, Any], names: Names) -> str:
    """The steps that name something, in words."""
    match kind:
        case "joined":
            return f"said that it is “{names['problem', after['problem_id']]}”"
        case "confirmed":
            how = ", as the customer's own words" if after.get("quote_confirmed") else ""
            return f"made it part of “{names['problem', after['problem_id']]}”{how}"
        case "merged":
            return f"merged it into “{names['request', after['merged_into_id']]}”"
        case "elsewhere":
            bucket = BUCKET_NAMES[after["bucket"]]
            return f"gave it to {names['user', after['handed_to_id']]}: {bucket}, not the product"
        case "asked":
            return _asked(after)
        case "renamed":
            return f"called it “{after['title']}”"
    account = after.get("account_id")
    return f"linked it to {names['account', account] if account else 'no account'}"


def _asked(after: Mapping[str, Any]) -> str:
    whom = "for a conversation with the customer" if after["waits_for"] == CUSTOMER else "the rep"
    due = after.get("remind_on")
    return f"asked {whom}" + (f", until {day(date.fromisoformat(due))}" if due else "")


def _names(events: Iterable[RequestEvent]) -> dict[tuple[str, int], str]:
    """What the ids in events are called: a query for each kind of thing that they name."""
    wanted: dict[str, set[int]] = {}
    columns: dict[str, tuple[str, Any, Any]] = {
        "problem_id": ("problem", Problem.id, Problem.title),
        "merged_into_id": ("request", Request.id, Request.title),
        "handed_to_id": ("user", User.id, User.name),
        "account_id": ("account", Account.id, Account.name),
    }
    for event in events:
        for name in columns:
            if event.after.get(name):
                wanted.setdefault(name, set()).add(event.after[name])
    found = {}
    for name, ids in wanted.items():
        kind, id_column, column = columns[name]
        for id, text in db.session.execute(select(id_column, column).where(id_column.in_(ids))):
            found[kind, id] = text
    return found
