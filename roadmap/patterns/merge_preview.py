"""What merging one problem into another would do, for the page that asks to commit it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from sqlalchemy import func, select

from roadmap.domain import merging, rollup
from roadmap.domain.deals import uncovered
from roadmap.domain.differences import Evidence, difference, rerooted
from roadmap.domain.plan import SOLVES
from roadmap.domain.triage import CONFIRMED, WAITING
from roadmap.extensions import db
from roadmap.market import rollup as families
from roadmap.market.problem_search import problems_with
from roadmap.market.solvers import Solution, solution, solution_in
from roadmap.models import Initiative, Problem, Request, requests_about
from roadmap.planning.picture import Picture

from . import consequences, moving
from .consequences import Reached

OFFERED = 10
#: Shorter words say little about what a problem is.
LONG = 4


class Addresses(NamedTuple):
    """An initiative that addresses the survivor afterwards. `was` is empty where it did not."""

    id: int
    title: str
    kind: str
    was: str


class Child(NamedTuple):
    """A problem whose place in the tree changes: to `parent`, or to none."""

    id: int
    title: str
    parent: str | None


@dataclass(frozen=True)
class MergePreview:
    """`both` of the loser's deals wait for the survivor already, so they are not added."""

    loser: Problem
    survivor: Problem
    moving: Evidence
    together: Evidence
    both: int
    confirmed: int
    pending: int
    loser_date: Solution
    survivor_date: Solution
    date_after: Solution
    covers: str
    initiatives: list[Addresses]
    children: list[Child]
    reached: Reached


def preview(picture: Picture, loser: Problem, survivor: Problem) -> MergePreview:
    now = consequences.present(loser.id, survivor.id)
    found = difference(now.deals, now.said, rerooted(now.said, loser.id, survivor.id))
    going, here = found.evidence(loser.id), found.evidence(survivor.id)
    old, new = str(loser.id), str(survivor.id)
    known = picture.plan.problems
    solving = {
        id: None for key in (new, old) if key in known for id in known[key].initiatives
    }  # fmt: skip
    plan = consequences.with_solvers(picture, {old: (), new: solving})
    days = consequences.solved(picture, plan)
    confirmed, pending = _requests(loser.id)
    return MergePreview(
        loser=loser,
        survivor=survivor,
        moving=going,
        together=found.evidence(survivor.id, after=True),
        both=len(going.deals & here.deals),
        confirmed=confirmed,
        pending=pending,
        loser_date=solution(picture, loser.id),
        survivor_date=solution(picture, survivor.id),
        date_after=solution_in(plan, days, survivor.id),
        covers=_covers(picture, loser, survivor),
        initiatives=_initiatives(loser.id, survivor.id),
        children=_children(loser.id, survivor.id),
        reached=consequences.reached(picture, found, days),
    )


def candidates(problem: Problem, words: str) -> Sequence[tuple[int, str, str | None]]:
    """Problems to merge this one into: those that hold the words or, without any, share its own."""
    if words:
        return list(islice(problems_with(words, {problem.id}), OFFERED))
    rows = db.session.execute(
        select(Problem.id, Problem.title, Problem.statement, Problem.layer)
        .where(Problem.merged_into_id.is_(None), Problem.id != problem.id)
        .order_by(Problem.sort_key, Problem.id)
    ).all()
    own = _words(f"{problem.title} {problem.statement}")
    shared = {row[0]: len(own & _words(f"{row[1]} {row[2]}")) for row in rows}
    found = sorted(filter(lambda row: shared[row[0]], rows), key=lambda row: -shared[row[0]])
    return [(id, title, layer) for id, title, _, layer in found[:OFFERED]]


def _words(text: str) -> set[str]:
    plain = "".join(each if each.isalnum() else " " for each in text.casefold())
    return {word for word in plain.split() if len(word) >= LONG}


def _requests(problem_id: int) -> tuple[int, int]:
    rows = db.session.execute(
        select(Request.state, func.count())
        .where(Request.id.in_(requests_about([problem_id])))
        .group_by(Request.state)
    )
    counted = dict(rows.all())
    return counted.get(CONFIRMED, 0), sum(counted.get(state, 0) for state in WAITING)


def _covers(picture: Picture, loser: Problem, survivor: Problem) -> str:
    """Which of the two gets covered by the other's initiatives, in a sentence; else empty."""
    plan = picture.plan
    open_ended = {
        problem.id: (one := plan.problems.get(str(problem.id))) is None or uncovered(one, plan)
        for problem in (loser, survivor)
    }
    if open_ended[loser.id] and open_ended[survivor.id]:
        return "Both are uncovered, and so is what comes of it."
    if open_ended[loser.id]:
        return f"What spoke for “{loser.title}”, which nobody solves, becomes covered."
    if open_ended[survivor.id]:
        return f"“{survivor.title}”, which nobody solves, becomes covered."
    return ""


def _initiatives(loser_id: int, survivor_id: int) -> list[Addresses]:
    here, coming = moving.ties(survivor_id), moving.ties(loser_id)
    after = merging.ties_after(here, coming)
    titles = db.session.execute(
        select(Initiative.id, Initiative.title)
        .where(Initiative.id.in_(after))
        .order_by(Initiative.position.is_(None), Initiative.position, Initiative.sort_key)
    )
    found = [Addresses(id, title, after[id], here.get(id, "")) for id, title in titles]
    found.sort(key=lambda one: one.kind != SOLVES)
    return found


def _children(loser_id: int, survivor_id: int) -> list[Child]:
    nodes = families.nodes()
    changes = rollup.after_merge(nodes, loser_id, survivor_id)
    return [
        Child(id, nodes[id].title, None if parent is None else nodes[parent].title)
        for id, parent in changes.items()
    ]
