"""What a product manager does with a request. Every step can be undone: `steps.undo`.

All raise Refused where the step makes no sense, and Conflict where the request is not
at the revision that was `seen` any more; nothing is written then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from roadmap.domain.errors import Conflict, Refused
from roadmap.domain.triage import Disposition
from roadmap.extensions import db
from roadmap.market.actions import ProblemWords, add_problem
from roadmap.models import Account, Problem, Request, User
from roadmap.notices.actions import tell

from . import steps
from .naming import of_account
from .settling import settle, survivor
from .steps import step, tell_about


def confirm(
    id: int, problem_id: int, by: User, *, quote: bool = False, seen: int | None = None
) -> Request:
    """Tie its deals to a problem: as the rep's claim or, with `quote`, as the customer's words."""
    problem = steps.problem(problem_id)
    return step(
        id, by, "confirmed", lambda now: now.confirm(problem.id, quote=quote), seen=seen,
        then=lambda request: _tell_joined(request, by, problem.title),
    )  # fmt: skip


def start(
    id: int, said: ProblemWords, by: User, *, quote: bool = False, seen: int | None = None
) -> Problem:
    """Name a new problem and tie its deals to it, both or neither. Raises Refused where
    another problem has its title; undoing leaves the problem, which is then without evidence of it.
    """
    with steps.locked() as row:
        request = steps.fresh(id, seen)
        problem = add_problem(row, said)
        steps.dispose(
            row, request, by, "confirmed", lambda now: now.confirm(problem.id, quote=quote)
        )
        settle(row, [request], by.id)
        _tell_joined(request, by, problem.title)
        db.session.commit()
    return problem


def confirm_many(ids: Iterable[int], problem_id: int, by: User, *, seen: int | None = None) -> int:
    """Join several to one problem, all or none of them; returns how many.

    `seen` is the workspace's intake revision when they were shown: none may have changed since.
    """
    chosen = sorted(set(ids))
    problem = steps.problem(problem_id)
    with steps.locked() as row:
        requests = [steps.fresh(id) for id in chosen]
        if seen is not None and any(request.revision > seen for request in requests):
            raise Conflict("Somebody took a step with one of them meanwhile.")
        for request in requests:
            steps.dispose(row, request, by, "confirmed", lambda now: now.confirm(problem.id))
            _tell_joined(request, by, problem.title)
        settle(row, requests, by.id)
        db.session.commit()
    return len(chosen)


def merge(id: int, into_id: int, by: User, *, seen: int | None = None) -> Request:
    """Let another request speak for this one; the survivor lists what it swallowed."""

    def into_survivor(now: Disposition) -> Disposition:
        # Under the lock: somebody may be merging that one into this one at the same time.
        other = survivor(steps.fresh(into_id))
        if other.id == id:
            raise Refused(
                "A request cannot be merged into itself, or into what was merged into it."
            )
        return now.merge(other.id)

    def then(request: Request) -> None:
        title = survivor(request).title
        sentence = f"“{request.title}” is answered together with “{title}” now."
        tell_about(request, by, "merged", sentence)

    return step(id, by, "merged", into_survivor, seen=seen, then=then)


def hand_over(
    id: int, bucket: str, to_id: int, by: User, text: str = "", *, seen: int | None = None
) -> Request:
    """It is not the product: a named owner takes it, and its deals get a reason in that bucket."""
    owner = db.session.get(User, to_id)
    if owner is None or not owner.active:
        raise Refused("Choose somebody who can sign in.")

    def then(request: Request) -> None:
        yours = f"“{request.title}” is yours to answer: it is about {bucket}, not the product."
        tell({owner.id} - {by.id}, "handed", yours, request_id=id)
        theirs = f"“{request.title}” is about {bucket}, not the product: {owner.name} takes it."
        tell_about(request, by, "triaged", theirs)

    return step(
        id, by, "elsewhere", lambda now: now.hand_over(bucket, owner.id), text, seen=seen, then=then
    )


def ask(
    id: int, waits_for: str, remind_on: date, by: User, text: str, *, seen: int | None = None
) -> Request:
    """Ask the rep, or ask for a conversation with the customer; the request waits meanwhile."""
    return step(
        id, by, "asked", lambda now: now.ask(waits_for, remind_on), text, seen=seen,
        then=lambda request: tell_about(
            request, by, "asked", f"{by.name} asks about “{request.title}”.", text
        ),
    )  # fmt: skip


def reply(id: int, by: User, text: str, *, seen: int | None = None) -> Request:
    """Answer the requester in words; nothing else changes."""
    return step(
        id, by, "replied", lambda now: now, text, seen=seen,
        then=lambda request: tell_about(
            request, by, "replied", f"{by.name} answers about “{request.title}”.", text
        ),
    )  # fmt: skip


def decline(id: int, by: User, text: str, *, seen: int | None = None) -> Request:
    """Say no, and why."""
    return step(
        id, by, "declined", Disposition.decline, text, seen=seen,
        then=lambda request: tell_about(
            request, by, "declined", f"“{request.title}” is declined.", text
        ),
    )  # fmt: skip


def rename(id: int, by: User, title: str, *, seen: int | None = None) -> None:
    """Give it another first line, such as one that says what stops them."""
    with steps.locked() as row:
        steps.set_columns(row, steps.fresh(id, seen), by, "renamed", {"title": title})
        db.session.commit()


def link(
    id: int, by: User, account_id: int, deal_ids: Iterable[int], *, seen: int | None = None
) -> None:
    """Say which account of CRM it is about, and which of its deals; evidence follows."""
    with steps.locked() as row:
        request = steps.fresh(id, seen)
        if db.session.get(Account, account_id) is None:
            raise Refused("There is no such account.")
        deals = of_account(account_id, deal_ids)
        values = {"account_id": account_id, "deals": deals}
        steps.set_columns(row, request, by, "linked", values)
        settle(row, [request], by.id)
        db.session.commit()


def _tell_joined(request: Request, by: User, title: str) -> None:
    tell_about(request, by, "triaged", f"“{request.title}” is part of the problem “{title}” now.")
