"""How any step is taken with a request: one transaction for its new disposition, the evidence that
follows, an event in its history, and a word to those whom it concerns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

from sqlalchemy import select

from roadmap.domain.errors import Conflict, Refused
from roadmap.domain.triage import ASKING, CONFIRMED, DECLINED, ELSEWHERE, MERGED, NEW, Disposition
from roadmap.evidence.recording import name_problem
from roadmap.evidence.roots import root
from roadmap.extensions import db
from roadmap.models import (
    Problem,
    Request,
    RequestDeal,
    RequestEvent,
    RequestWatcher,
    User,
    Workspace,
)
from roadmap.notices.actions import tell
from roadmap.workspace import clock, revision
from roadmap.workspace.account_names import account_now

from .naming import deals_of, named_deal
from .settling import settle

Change = Callable[[Disposition], Disposition]

#: Events that changed columns of the request itself rather than its disposition.
OF_COLUMNS = ("renamed", "linked")
#: What a request that went back to a state is told to be.
AGAIN = {
    NEW: "waits for triage again",
    ASKING: "waits for an answer again",
    CONFIRMED: "is part of its problem again",
    MERGED: "is answered together with another one again",
    ELSEWHERE: "is with its owner again",
    DECLINED: "is declined again",
}
#: Events that nothing can take back.
FOR_GOOD = ("sent", "imported", "undone")
#: What whoever asked does: nobody else takes it back for them.
THEIRS = {
    "joined": "said which problem it is",
    "left": "said that it is not that problem",
    "answered": "answered the question",
}


def step(
    id: int,
    by: User,
    kind: str,
    change: Change,
    text: str = "",
    *,
    seen: int | None = None,
    then: Callable[[Request], None] | None = None,
) -> Request:
    """Take one step with one request and commit it. `then` tells people, before the commit.

    Raises Refused where the step makes no sense, and Conflict where the request is not at the
    revision that was `seen` any more. Nothing is written then.
    """
    with locked() as row:
        request = fresh(id, seen)
        dispose(row, request, by, kind, change, text)
        settle(row, [request], by.id)
        if then is not None:
            then(request)
        db.session.commit()
    return request


def undo(id: int, by: User, *, seen: int | None = None) -> None:
    """Take back the last step that changed something, exactly. Raises Refused where none did, or
    where it is what whoever asked said, and Conflict as `step` does.
    """
    with locked() as row:
        request = fresh(id, seen)
        event = last_step(id)
        if event is None:
            raise Refused("There is nothing to undo.")
        if is_theirs(event, by.id):
            who = db.session.get(User, event.by_id) if event.by_id else None
            raise Refused(
                f"{who.name if who else 'Whoever asked'} {THEIRS[event.kind]}. "
                "That is theirs to take back: undoing ends there."
            )
        if event.kind in OF_COLUMNS:
            set_columns(row, request, by, "undone", event.before, undoes_id=event.id)
        else:
            before = Disposition.from_json(event.before)
            dispose(row, request, by, "undone", lambda _: before, undoes_id=event.id)
            undone = f"{by.name} took back the last step with “{request.title}”"
            tell_about(request, by, "triaged", f"{undone}: it {AGAIN[before.state]}.")
        settle(row, [request], by.id)
        db.session.commit()


def last_step(id: int) -> RequestEvent | None:
    """The step that undoing would take back: the newest that changed something and still stands."""
    return last_steps([id]).get(id)


def is_theirs(event: RequestEvent, user_id: int) -> bool:
    """Whether a step is the word of whoever asked, and not this person's own."""
    return event.kind in THEIRS and event.by_id != user_id


def last_steps(ids: Collection[int]) -> dict[int, RequestEvent]:
    """The same of several requests, by request, in one query."""
    undone = select(RequestEvent.undoes_id).where(RequestEvent.undoes_id.is_not(None))
    steps = db.session.scalars(
        select(RequestEvent)
        .where(
            RequestEvent.request_id.in_(ids),
            RequestEvent.kind.not_in(FOR_GOOD),
            RequestEvent.id.not_in(undone),
        )
        .order_by(RequestEvent.id)
    )
    return {event.request_id: event for event in steps if event.before != event.after}


def disposition(request: Request) -> Disposition:
    """Where a request stands, as one value."""
    return Disposition(
        **{field.name: getattr(request, field.name) for field in fields(Disposition)}
    )


def dispose(
    row: Workspace,
    request: Request,
    by: User | None,
    kind: str,
    change: Change,
    text: str = "",
    *,
    undoes_id: int | None = None,
) -> None:
    """Give a request its next disposition, with the event; under the lock, without a commit."""
    before = disposition(request)
    after = change(before)
    for field in fields(after):
        if field.name != "problem_id":
            setattr(request, field.name, getattr(after, field.name))
    name_problem(request, after.problem_id, by.id if by else None)
    record(row, request, by, kind, text, before.as_json(), after.as_json(), undoes_id)


def set_columns(
    row: Workspace,
    request: Request,
    by: User,
    kind: str,
    values: Mapping[str, Any],
    *,
    undoes_id: int | None = None,
) -> None:
    """Change columns of the request itself, with the event; `deals` is a list of deal ids."""
    before = {
        name: deals_of(request) if name == "deals" else getattr(request, name) for name in values
    }
    for name, value in values.items():
        if name == "deals":
            _name_deals(request, value)
        elif name == "account_id" and value:  # it may have been merged since
            request.account_id = account_now(value)
        else:
            setattr(request, name, value)
    record(row, request, by, kind, "", before, dict(values), undoes_id)


def record(
    row: Workspace,
    request: Request,
    by: User | None,
    kind: str,
    text: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    undoes_id: int | None = None,
) -> None:
    """Write an event and count the change; under the lock, without a commit."""
    row.intake_revision += 1
    request.revision = row.intake_revision
    db.session.add(
        RequestEvent(
            request=request,
            kind=kind,
            at=clock.now(),
            by_id=by.id if by else None,
            text=text,
            before=dict(before or {}),
            after=dict(after or {}),
            undoes_id=undoes_id,
        )
    )
    db.session.flush()


def tell_about(request: Request, by: User, kind: str, sentence: str, words: str = "") -> None:
    """Tell everybody whom a request concerns, but for who did it.

    `words` that were written to the requester are for them alone: who watches may not read those.
    """
    own = {request.requester_id} if request.requester_id else set()
    whole = f"{sentence[:-1]}: {words}" if words else sentence
    tell(own - {by.id}, kind, whole, request_id=request.id)
    tell(people_of(request) - own - {by.id}, kind, sentence, request_id=request.id)


def people_of(request: Request) -> set[int]:
    """Whom a request concerns: whose it is, and who watches it."""
    watchers = db.session.scalars(
        select(RequestWatcher.user_id).where(RequestWatcher.request_id == request.id)
    )
    return {*watchers, *([request.requester_id] if request.requester_id else [])}


def asker(id: int) -> int | None:
    """Who asked last about a request: the answer, and the reminder of it, are theirs."""
    return db.session.scalar(
        select(RequestEvent.by_id)
        .where(RequestEvent.request_id == id, RequestEvent.kind == "asked")
        .order_by(RequestEvent.id.desc())
        .limit(1)
    )


def fresh(id: int, seen: int | None = None) -> Request:
    """The request as it is under the lock. Raises Refused where there is none, and Conflict where
    it is not at the revision that was `seen` any more.
    """
    request = db.session.get(Request, id, populate_existing=True)
    if request is None:
        raise Refused("There is no such request.")
    if seen is not None and seen != request.revision:
        raise Conflict("Somebody took a step with this request meanwhile.")
    return request


def problem(id: int) -> Problem:
    """A problem to join; of one that was merged, the one that it was merged into."""
    found = db.session.get(Problem, root(id))
    if found is None:
        raise Refused("There is no such problem.")
    return found


@contextmanager
def locked() -> Iterator[Workspace]:
    """The workspace's row, held; whatever goes wrong, nothing of it is stored."""
    try:
        yield revision.lock()
    except BaseException:
        db.session.rollback()
        raise


def _name_deals(request: Request, ids: list[int]) -> None:
    known = {named.deal_id: named for named in request.deals}
    request.deals = [known.get(id) or RequestDeal(**named_deal(id)) for id in sorted(ids)]
    db.session.flush()
