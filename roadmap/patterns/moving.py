"""Moving evidence between two problems, and remembering enough of it to go back exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, NoReturn

from sqlalchemy import delete, insert, select, update

from roadmap.domain.errors import Conflict, Refused
from roadmap.evidence.counting import recount
from roadmap.evidence.recording import STANDING
from roadmap.extensions import db
from roadmap.models import (
    Deal,
    Problem,
    ProblemStep,
    ProblemTie,
    Request,
    Statement,
    User,
    Workspace,
    problem_segments,
    requests_about,
)
from roadmap.models.base import chunks, table
from roadmap.planning import daily, totals
from roadmap.workspace import clock, revision

TIES = table(ProblemTie)


@dataclass
class Moved:
    """What a step moved, as stored.

    Links (initiatives to problems, problems to segments) are kept as rows before and after, where
    they differ. What was said of a merged problem is told by the statements themselves.
    """

    #: Statement, the problem that it was said of before: of a split alone.
    statements: list[list[int]] = field(default_factory=list)
    #: Request, its state, whether its quote was confirmed.
    requests: list[list[Any]] = field(default_factory=list)
    #: Initiative, problem, kind.
    ties_before: list[list[Any]] = field(default_factory=list)
    ties_after: list[list[Any]] = field(default_factory=list)
    #: Problem and segment.
    segments_before: list[list[int]] = field(default_factory=list)
    segments_after: list[list[int]] = field(default_factory=list)
    #: Problem, its parent before and after.
    parents: list[list[Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@contextmanager
def step(
    kind: str, by: User, since: int, as_of: date | None
) -> Iterator[tuple[Workspace, ProblemStep]]:
    """One transaction that moves evidence: whoever enters it fills in the step.

    Raises Conflict where plan or evidence changed after the revision that the person was shown, or
    where the day did.
    """
    try:
        daily.opened(clock.today())
        row = revision.lock(since)
        if as_of != clock.today():
            raise Conflict
        made = ProblemStep(kind=kind, by_id=by.id, at=clock.now(), moved={})
        yield row, made
        db.session.add(made)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


@contextmanager
def evidence_kept(row: Workspace, *problem_ids: int) -> Iterator[None]:
    """Move what these problems have, and leave totals, counting ties and revisions right.

    The requests that belong to one of them afterwards carry the new intake revision.
    """
    deals = deals_of(problem_ids)
    with totals.keeping(deals):
        yield
        db.session.flush()
        recount(deals)
    number = revision.count(row, plan=True, evidence=True)
    row.intake_revision += 1
    for model, where, values in (
        (Problem, Problem.id.in_(problem_ids), {"revision": number}),
        (Request, Request.id.in_(requests_about(problem_ids)), {"revision": row.intake_revision}),
    ):
        db.session.execute(
            update(model).where(where).values(values).execution_options(synchronize_session=False)
        )
    db.session.expire_all()


def deals_of(problem_ids: Collection[int]) -> Sequence[int]:
    """Every deal of which something is said that counts for one of these problems."""
    standing = select(Deal.id).join(Statement, Statement.deal_id == Deal.id)
    return db.session.scalars(
        standing.where(Statement.root_id.in_(problem_ids), STANDING).distinct()
    ).all()


def requests(problem_id: int) -> list[list[Any]]:
    """The requests about a problem, each with its state and whether its quote was confirmed."""
    rows = db.session.execute(
        select(Request.id, Request.state, Request.quote_confirmed)
        .where(Request.id.in_(requests_about([problem_id])))
        .order_by(Request.id)
    )
    return [list(row) for row in rows]


def ties(problem_id: int) -> dict[int, str]:
    """How initiatives address a problem, by id."""
    rows = db.session.execute(
        select(ProblemTie.initiative_id, ProblemTie.kind).where(ProblemTie.problem_id == problem_id)
    )
    return dict(rows.all())


def segments(problem_id: int) -> set[int]:
    return set(
        db.session.scalars(
            select(problem_segments.c.segment_id).where(problem_segments.c.problem_id == problem_id)
        )
    )


def change_ties(gone: Sequence[Sequence[Any]], come: Sequence[Sequence[Any]]) -> None:
    of_problem: dict[int, list[int]] = defaultdict(list)
    for initiative, problem, _ in gone:
        of_problem[problem].append(initiative)
    for problem, initiatives in of_problem.items():
        for some in chunks(initiatives):
            db.session.execute(
                delete(TIES).where(TIES.c.problem_id == problem, TIES.c.initiative_id.in_(some))
            )
    if come:
        db.session.execute(
            insert(TIES), [{"initiative_id": i, "problem_id": p, "kind": k} for i, p, k in come]
        )


def change_segments(gone: Sequence[Sequence[int]], come: Sequence[Sequence[int]]) -> None:
    columns = problem_segments.c
    for problem, segment in gone:
        db.session.execute(
            delete(problem_segments).where(
                columns.problem_id == problem, columns.segment_id == segment
            )
        )
    if come:
        db.session.execute(
            insert(problem_segments), [{"problem_id": p, "segment_id": s} for p, s in come]
        )


def change_parents(changes: Mapping[int, int | None]) -> None:
    for problem, parent in changes.items():
        db.session.execute(update(Problem).where(Problem.id == problem).values(parent_id=parent))


def fresh(problem_id: int) -> Problem:
    """The row as it is under the lock. Raises Refused for one that is not there or was merged."""
    found = db.session.get(Problem, problem_id, populate_existing=True)
    if found is None:
        refuse("There is no such problem.")
    if found.merged_into_id is not None:
        refuse(f"“{found.title}” is merged into another problem already.")
    return found


def refuse(message: str) -> NoReturn:
    raise Refused(message)
