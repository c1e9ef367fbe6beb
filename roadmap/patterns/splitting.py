"""Splitting a problem: some of its requests and deals become the evidence of a new one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from roadmap.domain.errors import Refused
from roadmap.domain.statements import REQUEST
from roadmap.domain.triage import MERGED
from roadmap.evidence.recording import STANDING, store
from roadmap.extensions import db
from roadmap.intake.settling import swallowed
from roadmap.models import Problem, Request, Statement, User
from roadmap.models.base import chunks

from . import moving
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
        taken = chosen(problem_id, choice, going)
        if not (going or taken):
            raise Refused("Choose at least one request or deal.")
        other = Problem(
            title=choice.title, statement=choice.statement, layer=problem.layer,
            parent_id=problem.parent_id,
        )  # fmt: skip
        db.session.add(other)
        db.session.flush()
        moved = Moved()
        with moving.evidence_kept(row, problem_id, other.id):
            _take(problem_id, other.id, taken, going, moved)
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


def chosen(problem_id: int, choice: Choice, going: Collection[int]) -> dict[int, int]:
    """The statements that a choice takes along, with the problems that they were said of: those of
    its requests, and what anybody else said of its deals.
    """
    found: dict[int, int] = {}
    by_request = Statement.origin == REQUEST
    for column, ids, whose in (
        (Statement.origin_id, going, by_request),
        (Statement.deal_id, choice.deals, ~by_request),
    ):
        for some in chunks(sorted(ids)):
            rows = db.session.execute(
                select(Statement.id, Statement.problem_id).where(
                    Statement.root_id == problem_id, STANDING, whose, column.in_(some)
                )
            )
            found.update((id, problem) for id, problem in rows if problem is not None)
    return found


def _take(
    problem_id: int, other_id: int, taken: dict[int, int], going: list[int], moved: Moved
) -> None:
    moved.statements = [list(pair) for pair in sorted(taken.items())]
    moved.requests = [row for row in moving.requests(problem_id) if row[0] in going]
    store(taken, {"problem_id": other_id, "root_id": other_id})
