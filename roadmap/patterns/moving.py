"""Moving evidence between two problems, and remembering enough of it to go back exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, NoReturn

from sqlalchemy import delete, insert, select, update

from roadmap.deals.actions import recount
from roadmap.domain.errors import Conflict, Refused
from roadmap.domain.merging import Block
from roadmap.extensions import db
from roadmap.intake.settling import relying
from roadmap.models import (
    Blocker,
    Problem,
    ProblemStep,
    ProblemTie,
    Request,
    RequestBlocker,
    User,
    Workspace,
    problem_segments,
)
from roadmap.models.base import chunks, table
from roadmap.planning import daily, totals
from roadmap.workspace import clock, revision

from . import said

BLOCKERS, RESTS, TIES = table(Blocker), table(RequestBlocker), table(ProblemTie)


@dataclass
class Moved:
    """What a step moved, as stored: ids, and whole rows of what was removed.

    Links (requests to the blockers that rest on them, initiatives to problems, problems to
    segments) are kept as rows before and after, where they differ.
    """

    blockers: list[int] = field(default_factory=list)
    copies: list[int] = field(default_factory=list)
    removed: list[dict[str, Any]] = field(default_factory=list)
    #: Blockers of the problem that was split, copied for requests that stayed.
    left: list[int] = field(default_factory=list)
    #: Blocker, its note before.
    notes: list[list[Any]] = field(default_factory=list)
    #: Blocker, its weight before.
    weights: list[list[int]] = field(default_factory=list)
    #: What interviews and reports say of the two problems: see `said.Link`.
    said: list[list[Any]] = field(default_factory=list)
    #: Request, its state, whether its quote was confirmed.
    requests: list[list[Any]] = field(default_factory=list)
    #: Request and blocker.
    rests_before: list[list[int]] = field(default_factory=list)
    rests_after: list[list[int]] = field(default_factory=list)
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
        (Request, Request.problem_id.in_(problem_ids), {"revision": row.intake_revision}),
    ):
        db.session.execute(
            update(model).where(where).values(values).execution_options(synchronize_session=False)
        )
    db.session.expire_all()


def deals_of(problem_ids: Collection[int]) -> Sequence[int]:
    """Every deal that is tied to one of these problems, whether the tie counts or not."""
    return db.session.scalars(
        select(Blocker.deal_id).where(Blocker.problem_id.in_(problem_ids)).distinct()
    ).all()


def blocks(problem_id: int) -> list[Block]:
    """A problem's blockers as values, whoever made them."""
    rests: dict[int, set[int]] = defaultdict(set)
    for request, blocker in db.session.execute(
        select(RequestBlocker.request_id, RequestBlocker.blocker_id)
        .join(Blocker, Blocker.id == RequestBlocker.blocker_id)
        .where(Blocker.problem_id == problem_id)
    ):
        rests[blocker].add(request)
    rows = db.session.execute(
        select(
            Blocker.id, Blocker.deal_id, Blocker.source, Blocker.counts, Blocker.tied_at,
            Blocker.note,
        )
        .where(Blocker.problem_id == problem_id)
        .order_by(Blocker.id)
    )  # fmt: skip
    asked = relying(problem_id)
    spoken = said.made(said.links([problem_id]))
    return [
        Block(
            *row,
            frozenset(requests := rests[row.id]),
            frozenset(() if requests else asked.get((row.deal_id, row.source), ())),
            row.id in spoken and not requests,
        )
        for row in rows
    ]


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


def move_blockers(ids: Sequence[int], problem_id: int) -> None:
    for some in chunks(ids):
        db.session.execute(
            update(BLOCKERS).where(BLOCKERS.c.id.in_(some)).values(problem_id=problem_id)
        )


def remove_blockers(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Delete blockers, with what rests on them; returns them whole, for JSON."""
    kept: list[dict[str, Any]] = []
    for some in chunks(ids):
        rows = db.session.execute(select(BLOCKERS).where(BLOCKERS.c.id.in_(some))).mappings()
        kept += [{**row, "tied_at": row["tied_at"].isoformat()} for row in rows]
        db.session.execute(delete(BLOCKERS).where(BLOCKERS.c.id.in_(some)))
    return kept


def restore_blockers(kept: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Put removed blockers back under their ids, or under new ones where those were given to
    others; returns the new id of each.

    SQLite gives the highest id out again once its row is gone.
    """
    taken: set[int] = set()
    for some in chunks([row["id"] for row in kept]):
        taken |= set(db.session.scalars(select(BLOCKERS.c.id).where(BLOCKERS.c.id.in_(some))))
    found = {}
    # Those that keep their ids go first: a new one may be an id that another is to get back.
    for row in sorted(kept, key=lambda row: row["id"] in taken):
        values = {**row, "tied_at": datetime.fromisoformat(row["tied_at"])}
        if row["id"] in taken:
            del values["id"]
        found[row["id"]] = insert_blocker(values)
    return found


def insert_blocker(values: Mapping[str, Any]) -> int:
    """Insert a row as it is, and return its id."""
    statement = insert(BLOCKERS).values(values).returning(BLOCKERS.c.id)
    id: int = db.session.execute(statement).scalar_one()
    return id


def move_requests(ids: Sequence[int], problem_id: int) -> None:
    requests = table(Request)
    for some in chunks(ids):
        db.session.execute(
            update(requests).where(requests.c.id.in_(some)).values(problem_id=problem_id)
        )


def change_rests(gone: Sequence[Sequence[int]], come: Sequence[Sequence[int]]) -> None:
    for request, blocker in gone:
        db.session.execute(
            delete(RESTS).where(RESTS.c.request_id == request, RESTS.c.blocker_id == blocker)
        )
    if come:
        db.session.execute(insert(RESTS), [{"request_id": r, "blocker_id": b} for r, b in come])


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
