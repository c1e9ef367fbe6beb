"""Undoing a merge or a split: everything goes back to where it was, or nothing does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import and_, or_, select

from roadmap.domain import rollup
from roadmap.domain.statements import REQUEST
from roadmap.evidence import roots
from roadmap.evidence.recording import STANDING, store
from roadmap.extensions import db
from roadmap.intake.settling import settle
from roadmap.market import rollup as families
from roadmap.models import (
    Deal,
    Initiative,
    Problem,
    ProblemStep,
    ProblemTie,
    Request,
    Segment,
    Statement,
    User,
    requests_about,
)
from roadmap.planning import daily
from roadmap.workspace import clock, revision

from . import moving
from .moving import Moved, refuse


def undo(step_id: int, by: User) -> ProblemStep:
    """Put back what a step moved.

    A problem that was split off stays as an empty page that says so. Raises Refused, naming what
    depends on the step, where something was built on it since.
    """
    try:
        daily.opened(clock.today())
        row = revision.lock()
        step = db.session.get_one(ProblemStep, step_id, populate_existing=True)
        moved = Moved(**step.moved)
        _check(step, moved)
        with moving.evidence_kept(row, step.problem_id, step.other_id):
            _put_back(step, moved)
        # Whatever happened to requests meanwhile: their evidence is where they are.
        both = Request.id.in_(requests_about((step.problem_id, step.other_id)))
        settle(row, db.session.scalars(select(Request).where(both).order_by(Request.id)), by.id)
        step.undone_at, step.undone_by_id = clock.now(), by.id
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    return step


def _put_back(step: ProblemStep, moved: Moved) -> None:
    moving.change_ties(moved.ties_after, moved.ties_before)
    known = set(db.session.scalars(select(Segment.id)))
    back = [pair for pair in moved.segments_before if pair[1] in known]
    moving.change_segments([*moved.segments_after, *back], back)
    moving.change_parents({id: before for id, before, _ in moved.parents})
    other = db.session.get_one(Problem, step.other_id)
    if step.kind == "merge":
        other.merged_into_id = None
        db.session.flush()
        roots.settle([step.problem_id])
    else:
        _empty(other, step)
        db.session.flush()
        of: dict[int, list[int]] = defaultdict(list)
        for statement, problem in moved.statements:
            of[problem].append(statement)
        for problem, ids in of.items():
            store(ids, {"problem_id": problem, "root_id": step.problem_id})
    _refuse_circle([id for id, _, _ in moved.parents])


def _empty(other: Problem, step: ProblemStep) -> None:
    """What is left of a problem whose split was undone; its title is free again."""
    ending = f" (split undone, no. {step.id})"
    other.title = other.title[: 200 - len(ending)] + ending
    other.merged_into_id, other.parent_id = step.problem_id, None


def _check(step: ProblemStep, moved: Moved) -> None:
    """Raises Refused where the step does not stand, or something builds on it."""
    if step.undone_at is not None:
        refuse("It was undone already.")
    later = db.session.scalars(
        select(ProblemStep)
        .where(
            ProblemStep.id > step.id,
            ProblemStep.undone_at.is_(None),
            or_(
                ProblemStep.problem_id.in_((step.problem_id, step.other_id)),
                ProblemStep.other_id.in_((step.problem_id, step.other_id)),
            ),
        )
        .order_by(ProblemStep.id.desc())
    ).first()
    if later is not None:
        what = "merged into" if later.kind == "merge" else "split off"
        refuse(
            f"“{later.other.title}” was {what} “{later.problem.title}” afterwards: undo that first."
        )
    _check_requests(moved, step.problem_id if step.kind == "merge" else step.other_id)
    _check_links(moved)
    _check_nothing_else(step, moved)


def _check_requests(moved: Moved, at: int) -> None:
    was = {id: (at, state, quote) for id, state, quote in moved.requests}
    rows = db.session.execute(
        select(
            Request.id, Request.title, Request.problem_id, Request.state, Request.quote_confirmed
        ).where(Request.id.in_(was))
    ).all()  # fmt: skip
    for id, title, *now in rows:
        if tuple(now) != was[id]:
            refuse(f"The request “{title}” was triaged since: take that back first.")


def _check_links(moved: Moved) -> None:
    for initiative, problem, kind in moved.ties_after:
        tie = db.session.get(ProblemTie, (initiative, problem), populate_existing=True)
        if tie is None or tie.kind != kind:
            title = db.session.get_one(Initiative, initiative).title
            refuse(f"What “{title}” addresses was changed since.")
    for id, _, after in moved.parents:
        problem = db.session.get_one(Problem, id, populate_existing=True)
        if problem.parent_id != after:
            refuse(f"What “{problem.title}” rolls up to was changed since.")


def _check_nothing_else(step: ProblemStep, moved: Moved) -> None:
    """What was split off may have been built on: evidence, initiatives or problems of its own."""
    if step.kind == "merge":
        return
    other = step.other_id
    found: list[str] = []
    found += _names(
        select(Deal.name).join(Statement, Statement.deal_id == Deal.id),
        and_(Statement.root_id == other, STANDING, Statement.origin != REQUEST),
        Statement.id, {id for id, _ in moved.statements},
    )  # fmt: skip
    found += _names(
        select(Request.title),
        Request.id.in_(requests_about([other])), Request.id, {id for id, _, _ in moved.requests},
    )  # fmt: skip
    found += _names(
        select(Initiative.title).join(ProblemTie, ProblemTie.initiative_id == Initiative.id),
        ProblemTie.problem_id == other, ProblemTie.initiative_id,
        {id for id, _, _ in moved.ties_after},
    )  # fmt: skip
    found += _names(select(Problem.title), Problem.parent_id == other, Problem.id, set())
    if found:
        names = ", ".join(f"“{name}”" for name in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        refuse(f"{names}{more} came to what was split off since: move them first.")


def _names(titles: Any, condition: Any, id: Any, but: Collection[int]) -> list[str]:
    rows: Sequence[Any] = db.session.execute(titles.add_columns(id).where(condition)).all()
    return [title for title, number in rows if number not in but]


def _refuse_circle(changed: Sequence[int]) -> None:
    nodes = families.nodes()
    for id in changed:
        path = rollup.circle(nodes, id) if id in nodes else []
        if path:
            names = " → ".join(f"“{node.title}”" for node in (*path, path[0]))
            refuse(f"That would make a circle: {names}.")
