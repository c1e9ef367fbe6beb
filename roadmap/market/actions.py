"""Writes to the market: problems, segments and the ideal customer profile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from roadmap.domain import rollup as tree
from roadmap.domain.errors import Refused
from roadmap.domain.icp import Criterion
from roadmap.extensions import db
from roadmap.models import Account, Problem, Segment, Workspace, problem_segments
from roadmap.models import Criterion as CriterionRow
from roadmap.planning import daily
from roadmap.workspace import clock, revision

from . import classify, rollup, rules, steps


@dataclass(frozen=True)
class ProblemWords:
    """What a person says about a problem."""

    title: str
    statement: str
    layer: str | None
    workaround: str
    segment_ids: Sequence[int]


def create_problem(said: ProblemWords) -> Problem:
    """A new problem. Raises Refused where another has its title."""
    problem = add_problem(revision.lock(), said)
    db.session.commit()
    return problem


def add_problem(row: Workspace, said: ProblemWords) -> Problem:
    """The same under the lock, without a commit: for what happens together with something else."""
    _refuse_twin(said.title, None)
    problem = Problem(title=said.title)
    db.session.add(problem)
    _write(problem, said, revision.count(row, plan=True))
    db.session.flush()
    return problem


def change_problem(problem_id: int, said: ProblemWords) -> Problem:
    """Raises Refused where another has its title, or where its layer no longer fits what it rolls
    up to or what rolls up to it.
    """
    row = revision.lock()
    problem = db.session.get_one(Problem, problem_id, populate_existing=True)
    _refuse_twin(said.title, problem_id)
    _refuse_layer(problem, said.layer)
    # Its title and segments stand on the board, so the board's parts have to be gathered anew.
    _write(problem, said, revision.count(row, plan=True))
    db.session.commit()
    return problem


def roll_up(
    problem_id: int, parent_id: int | None, merge: Callable[[], object] = lambda: None
) -> None:
    """Let a problem roll up to one higher in the customer's organisation, or to none any more.

    `merge` compares, under the lock, with what the person saw, and may raise Conflict. Raises
    Refused where it cannot: see `domain.rollup.check`.
    """
    row = revision.lock()
    problem = db.session.get_one(Problem, problem_id, populate_existing=True)
    nodes = rollup.nodes()
    if problem_id not in nodes or (parent_id is not None and parent_id not in nodes):
        db.session.rollback()
        raise Refused("There is no such problem any more.", "parent")
    if parent_id is not None:
        try:
            tree.check(nodes, problem_id, parent_id)
        except Refused as refusal:
            db.session.rollback()
            raise Refused(str(refusal), "parent") from None
    merge()
    problem.parent_id = parent_id
    # What a merge would do rests on the tree, too, so that a preview of one has to be made anew.
    problem.revision = revision.count(row, plan=True)
    db.session.commit()


def save_segment(
    segment_id: int | None, name: str, description: str, criteria: Sequence[Criterion]
) -> tuple[Segment, int]:
    """Create or change a segment and assign all accounts anew.

    Returns it with the number of accounts that moved. Raises Refused where another has its name.
    """
    row = revision.lock()
    same = db.session.scalar(select(Segment).where(Segment.name == name))
    if same is not None and same.id != segment_id:
        db.session.rollback()
        raise Refused("Another segment has this name.")
    if segment_id is None:
        last = db.session.scalar(select(func.max(Segment.position))) or 0
        segment = Segment(position=last + 1)
        db.session.add(segment)
    else:
        segment = db.session.get_one(Segment, segment_id, populate_existing=True)
    segment.name, segment.description = name, description
    segment.rules = rules.stored(criteria)
    db.session.flush()
    moved = classify.reassign()
    revision.count(row, plan=True, evidence=True)
    db.session.commit()
    return segment, moved


def move_segment(segment_id: int, *, up: bool) -> None:
    """Swap with the neighbour above or below, if there is one, and assign all accounts anew."""
    row = revision.lock()
    segment = db.session.get_one(Segment, segment_id, populate_existing=True)
    neighbours = select(Segment)
    if up:
        above = neighbours.where(Segment.position < segment.position)
        other = db.session.scalars(above.order_by(Segment.position.desc())).first()
    else:
        below = neighbours.where(Segment.position > segment.position)
        other = db.session.scalars(below.order_by(Segment.position)).first()
    if other is None:
        db.session.rollback()
        return
    free = (db.session.scalar(select(func.max(Segment.position))) or 0) + 1
    mine, theirs = segment.position, other.position
    # Positions are unique at every moment, not only at the end.
    for one, position in ((segment, free), (other, mine), (segment, theirs)):
        one.position = position
        db.session.flush()
    classify.reassign()
    revision.count(row, plan=True, evidence=True)
    db.session.commit()


def remove_segment(segment_id: int) -> None:
    """Raises Refused while problems or accounts set by hand rest on it."""
    row = revision.lock()
    if reasons := in_use(segment_id):
        db.session.rollback()
        raise Refused(" ".join(reasons))
    db.session.execute(
        update(Account).where(Account.segment_id == segment_id).values(segment_id=None)
    )
    db.session.execute(delete(Segment).where(Segment.id == segment_id))
    classify.reassign()
    revision.count(row, plan=True, evidence=True)
    db.session.commit()


def in_use(segment_id: int) -> list[str]:
    """Why a segment cannot be removed, in sentences; empty when it can."""
    problems = db.session.scalar(
        select(func.count())
        .select_from(problem_segments)
        .where(problem_segments.c.segment_id == segment_id)
    )
    accounts = db.session.scalar(
        select(func.count())
        .select_from(Account)
        .where(Account.segment_id == segment_id, Account.segment_by_hand)
    )
    reasons = []
    if problems:
        reasons.append(
            "1 problem belongs to it." if problems == 1 else f"{problems:,} problems belong to it."
        )
    if accounts:
        many = "1 account was" if accounts == 1 else f"{accounts:,} accounts were"
        reasons.append(f"{many} put into it by hand.")
    return reasons


def save_profile(criteria: Sequence[Criterion]) -> int:
    """Store the ideal customer profile and everything that rests on it; returns how many accounts
    fit otherwise than before."""
    row = revision.lock()
    db.session.execute(delete(CriterionRow))
    db.session.add_all(
        CriterionRow(
            position=position,
            attribute=criterion.attribute,
            operator=criterion.operator,
            values=list(criterion.values),
            weight=criterion.weight,
        )
        for position, criterion in enumerate(criteria, 1)
    )
    db.session.flush()
    changed = classify.refit()
    daily.refresh(row, clock.today())
    db.session.commit()
    return changed


def _refuse_twin(title: str, problem_id: int | None) -> None:
    twin = db.session.scalar(select(Problem).where(Problem.title == title))
    if twin is None or twin.id == problem_id:
        return
    into = steps.survivor(twin)
    title = into.title
    db.session.rollback()
    if into is not twin:
        raise Refused(f"A problem of this title was merged into “{title}”: use that one.", "title")
    raise Refused("Another problem has this title.", "title")


def _refuse_layer(problem: Problem, layer: str | None) -> None:
    related = rollup.nodes()
    own = related.get(problem.id)
    if own is None:
        return
    parent = related.get(own.parent or 0)
    if parent is not None and not tree.fits(layer, parent.layer):
        db.session.rollback()
        raise Refused(f"It rolls up to “{parent.title}”, which the {parent.layer} feels.", "layer")
    for child in related.values():
        if child.parent == problem.id and not tree.fits(child.layer, layer):
            db.session.rollback()
            raise Refused(
                f"“{child.title}”, which the {child.layer} feels, rolls up to it.", "layer"
            )


def _write(problem: Problem, said: ProblemWords, number: int) -> None:
    problem.title = said.title
    problem.statement = said.statement
    problem.layer = said.layer
    problem.workaround = said.workaround
    problem.revision = number
    problem.segments = list(
        db.session.scalars(select(Segment).where(Segment.id.in_(said.segment_ids)))
    )
