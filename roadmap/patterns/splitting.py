"""Splitting a problem: some of its requests and deals become the evidence of a new one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from roadmap.domain import merging
from roadmap.domain.errors import Refused
from roadmap.domain.merging import Block, Division
from roadmap.domain.triage import MERGED
from roadmap.extensions import db
from roadmap.intake.settling import swallowed
from roadmap.models import Problem, Request, RequestBlocker, User

from . import moving, said
from .moving import Moved


@dataclass(frozen=True)
class Choice:
    """What a person splits off: requests and deals by id, and whether the ties are copied."""

    title: str
    statement: str
    requests: frozenset[int]
    deals: frozenset[int]
    same_initiatives: bool = True


TAKEN = "Another problem has this title."


def is_taken(title: str) -> bool:
    return db.session.scalar(select(Problem.id).where(Problem.title == title)) is not None


def split(problem_id: int, choice: Choice, by: User, *, since: int, as_of: date | None) -> int:
    """Split a problem; returns the new one's id. It gets the layer, segments and place of the old.

    Raises Conflict as `moving.step` does, and Refused for a problem that was merged, a title that
    another has, and a choice that takes nothing along.
    """
    with moving.step("split", by, since, as_of) as (row, step):
        problem = moving.fresh(problem_id)
        if is_taken(choice.title):
            raise Refused(TAKEN)
        going = requests_going(problem_id, choice.requests)
        division = divide(moving.blocks(problem_id), choice, going)
        if not (going or division.moved or division.copied):
            raise Refused("Choose at least one request or deal.")
        other = Problem(
            title=choice.title, statement=choice.statement, layer=problem.layer,
            parent_id=problem.parent_id,
        )  # fmt: skip
        db.session.add(other)
        db.session.flush()
        moved = Moved()
        with moving.evidence_kept(row, problem_id, other.id):
            _take(problem_id, other.id, division, going, moved)
            if choice.same_initiatives:
                tied = sorted(moving.ties(problem_id).items())
                moved.ties_after = [[id, other.id, kind] for id, kind in tied]
                moving.change_ties([], moved.ties_after)
            segments = sorted(moving.segments(problem_id))
            moved.segments_after = [[other.id, segment] for segment in segments]
            moving.change_segments([], moved.segments_after)
        step.problem_id, step.other_id, step.moved = problem_id, other.id, moved.as_json()
        made = other.id
    return made


def requests_going(problem_id: int, chosen: Collection[int]) -> list[int]:
    """The chosen requests of a problem, with all that were merged into them: those count as part
    of them, whatever problem they once belonged to.
    """
    heads = db.session.scalars(
        select(Request).where(
            Request.id.in_(chosen), Request.problem_id == problem_id, Request.state != MERGED
        )
    ).all()
    ids = [request.id for request in heads]
    return sorted({*ids, *(request.id for request in swallowed(ids))})


def divide(blocks: list[Block], choice: Choice, going: Collection[int]) -> Division:
    return merging.divide(blocks, choice.deals, going)


def _take(
    problem_id: int, other_id: int, division: Division, going: list[int], moved: Moved
) -> None:
    moved.said = said.as_rows(said.links([problem_id]))
    moved.blockers = division.moved
    moving.move_blockers(division.moved, other_id)
    for blocker, requests in division.copied:
        moved.copies.append(_copied(blocker, other_id, requests, moved))
    for blocker, requests in division.left:
        moved.left.append(_copied(blocker, problem_id, requests, moved))
    rows = db.session.execute(
        select(Request.id, Request.state, Request.quote_confirmed)
        .where(Request.id.in_(going), Request.problem_id == problem_id)
        .order_by(Request.id)
    )
    moved.requests = [list(row) for row in rows]
    moving.move_requests([id for id, _, _ in moved.requests], other_id)


def _copied(blocker_id: int, problem_id: int, requests: Collection[int], moved: Moved) -> int:
    """A blocker as it is, for another problem and for these requests: with the moment and the
    figures of the first. Those that rested on that one rest on the copy.
    """
    table = moving.BLOCKERS
    row = db.session.execute(select(table).where(table.c.id == blocker_id)).mappings().one()
    values = {name: value for name, value in row.items() if name not in ("id", "loss_words_id")}
    copy = moving.insert_blocker({**values, "problem_id": problem_id})
    rests = select(RequestBlocker.request_id).where(RequestBlocker.blocker_id == blocker_id)
    rested = set(db.session.scalars(rests))
    gone = [[request, blocker_id] for request in sorted(rested & set(requests))]
    come = [[request, copy] for request in sorted(requests)]
    moving.change_rests(gone, come)
    moved.rests_before += gone
    moved.rests_after += come
    return copy
