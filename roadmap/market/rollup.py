"""Where a problem stands in the customer's organisation: what it is part of, what is part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select, true

from roadmap.domain import rollup
from roadmap.domain.errors import Refused
from roadmap.domain.rollup import Node
from roadmap.extensions import db
from roadmap.models import Problem
from roadmap.workspace.settings import workspace

from . import figures
from .figures import NOTHING, Figures
from .kept import kept
from .problem_search import Found, problems_with

OFFERED = 10


class Branch(NamedTuple):
    """A problem that rolls up to another, at a depth from 1, with its own figures."""

    id: int
    title: str
    layer: str | None
    depth: int
    figures: Figures


@dataclass(frozen=True)
class Family:
    """`above` is the nearest first; `together` counts each deal of them all once."""

    above: tuple[Node, ...]
    branches: tuple[Branch, ...]
    together: Figures


def family(problem_id: int) -> Family:
    """One query at most beside the figures, none when warm."""
    nodes = kept(("problems that roll up", workspace().plan_revision), _related)
    counted = figures.by_problem()
    branches = tuple(
        Branch(node.id, node.title, node.layer, depth, counted.get(node.id, NOTHING))
        for depth, node in rollup.beneath(nodes, problem_id)
    )
    together = figures.rolled_up().get(problem_id, NOTHING) if branches else NOTHING
    return Family(tuple(rollup.above(nodes, problem_id)), branches, together)


def nodes(*, merged: bool = False) -> dict[int, Node]:
    """Every problem as it stands in this transaction, those that were `merged` away on request."""
    return _nodes(true() if merged else Problem.merged_into_id.is_(None))


def possible_parents(problem_id: int, words: str) -> list[Found]:
    """Problems whose title or statement holds these words and that it could roll up to."""
    known = nodes()
    return [
        each for each in problems_with(words, {problem_id}) if _may(known, problem_id, each.id)
    ][:OFFERED]


def _may(known: Mapping[int, Node], child: int, parent: int) -> bool:
    try:
        rollup.check(known, child, parent)
    except Refused:
        return False
    return True


def _related() -> dict[int, Node]:
    parents = select(Problem.parent_id).where(Problem.parent_id.is_not(None))
    related = or_(Problem.parent_id.is_not(None), Problem.id.in_(parents))
    return _nodes(related & Problem.merged_into_id.is_(None))


def _nodes(condition: ColumnElement[bool]) -> dict[int, Node]:
    rows = db.session.execute(
        select(Problem.id, Problem.title, Problem.layer, Problem.parent_id).where(condition)
    )
    return {row[0]: Node(*row) for row in rows}
