"""Merging one problem into another: what is said of it counts for the survivor."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from roadmap.domain import merging, rollup
from roadmap.domain.errors import Refused
from roadmap.evidence import roots
from roadmap.extensions import db
from roadmap.market import rollup as families
from roadmap.models import ProblemStep, User

from . import moving
from .moving import Moved


def merge(loser_id: int, survivor_id: int, by: User, *, since: int, as_of: date | None) -> int:
    """Merge one problem into another; returns the step's id.

    Raises Conflict as `moving.step` does, and Refused where one of them is merged already or both
    are the same.
    """
    with moving.step("merge", by, since, as_of) as (row, step):
        if loser_id == survivor_id:
            raise Refused("A problem cannot be merged into itself.")
        loser, survivor = moving.fresh(loser_id), moving.fresh(survivor_id)
        moved = Moved()
        with moving.evidence_kept(row, loser_id, survivor_id):
            moved.requests = moving.requests(loser_id)
            _move_ties(loser_id, survivor_id, moved)
            _move_segments(loser_id, survivor_id, moved)
            _move_children(loser_id, survivor_id, moved)
            loser.merged_into_id = survivor_id
            db.session.flush()
            roots.settle([loser_id])
        step.problem_id, step.other_id, step.moved = survivor.id, loser_id, moved.as_json()
    return step.id


def _move_ties(loser_id: int, survivor_id: int, moved: Moved) -> None:
    here, coming = moving.ties(survivor_id), moving.ties(loser_id)
    after = merging.ties_after(here, coming)
    changed = sorted(id for id, kind in after.items() if here.get(id) != kind)
    moved.ties_before = [[id, loser_id, kind] for id, kind in sorted(coming.items())]
    moved.ties_before += [[id, survivor_id, here[id]] for id in changed if id in here]
    moved.ties_after = [[id, survivor_id, after[id]] for id in changed]
    moving.change_ties(moved.ties_before, moved.ties_after)


def _move_segments(loser_id: int, survivor_id: int, moved: Moved) -> None:
    here, coming = moving.segments(survivor_id), moving.segments(loser_id)
    moved.segments_before = [[loser_id, segment] for segment in sorted(coming)]
    moved.segments_after = [[survivor_id, segment] for segment in sorted(coming - here)]
    moving.change_segments(moved.segments_before, moved.segments_after)


def _move_children(loser_id: int, survivor_id: int, moved: Moved) -> None:
    # Merged ones, too: their place in the tree is right again once they are taken out.
    nodes = families.nodes(merged=True)
    changes = rollup.after_merge(nodes, loser_id, survivor_id)
    moved.parents = [[id, nodes[id].parent, parent] for id, parent in sorted(changes.items())]
    moving.change_parents(changes)


def last_step(problem_id: int) -> ProblemStep | None:
    """The newest step of a problem that stands."""
    return db.session.scalar(
        select(ProblemStep)
        .where(
            (ProblemStep.problem_id == problem_id) | (ProblemStep.other_id == problem_id),
            ProblemStep.undone_at.is_(None),
        )
        .order_by(ProblemStep.id.desc())
        .limit(1)
    )
