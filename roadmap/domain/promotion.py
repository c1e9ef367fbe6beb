"""The cheapest promotion: how far up an initiative must go to be done by a date.

Source: planning semantics, Cheapest promotion. Earlier is not always better (a promotion can pull
a need forward at another need's cost), so every position is tried; one walk down the order answers
for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from roadmap.domain.calendar import HORIZON, Grid
from roadmap.domain.needs import UNESTIMATED, hopeless
from roadmap.domain.plan import Initiative, Plan, PlanError
from roadmap.domain.schedule import Schedule, Walk, schedule

NOT_BEFORE = "not_before"
NEED = "need"
EFFORT = "effort"
CAPACITY = "capacity"
RULED_OUT = (UNESTIMATED, NOT_BEFORE, NEED, EFFORT, CAPACITY)


@dataclass(frozen=True, slots=True)
class Cheapest:
    """The answer to "done by DATE".

    `rank` is the one to take, the present one when `already_met`. None says that no promotion is
    enough, and `ruled_out_by` what alone stands against it.
    """

    id: str
    by: date
    rank: int | None
    already_met: bool = False
    ruled_out_by: str | None = None


def cheapest(plan: Plan, id: str, by: date, *, present: Schedule | None = None) -> Cheapest:
    """The largest rank, not below the present one, at which `id` finishes on or before `by`.

    `present` is the plan's schedule where the caller has it already. Raises PlanError when `id` is
    not on the board, or when needs form a cycle.
    """
    rank = plan.ranks.get(id)
    if rank is None:
        raise PlanError("", f"{id} is not on the board")
    present = schedule(plan) if present is None else present
    finish = present.finish(id)
    if finish is not None and finish <= by:
        return Cheapest(id, by, rank, already_met=True)
    fridays = present.grid.fridays
    best = None
    for position, last in enumerate(finishes(plan, id, rank), start=1):
        if last is not None and fridays[last] <= by:
            best = position
    if best is not None:
        return Cheapest(id, by, best)
    return Cheapest(id, by, None, ruled_out_by=_ruled_out_by(plan, id, by))


class Try(NamedTuple):
    """What trying a position found: finish weeks, None where there is none."""

    last: int | None
    needs: tuple[int | None, ...]
    """Of the direct needs that are on the board."""


def finishes(plan: Plan, id: str, down_to: int) -> Iterator[int | None]:
    """The finish week of `id` at rank 1, 2, ... `down_to`, None where it has none."""
    return (tried.last for tried in tries(plan, id, down_to))


def tries(plan: Plan, id: str, down_to: int) -> Iterator[Try]:
    """What `id` and its needs come to at rank 1, 2, ... `down_to`.

    The walk places the others in order and tries `id` before each. Once another pulls `id` forward
    as a need, going further down changes nothing but its place among that one's needs.
    """
    walk = Walk(plan)
    others = [other for other in plan.order if other != id]
    for position in range(1, down_to + 1):
        placed = len(walk.placements)
        walk.place(id)
        yield _tried(walk, id)
        walk.take_back(placed)
        if position < down_to:
            walk.place(others[position - 1])
            if id in walk.placements:
                walk.take_back(placed)
                yield from _pulled(walk, others, id, position, down_to)
                return


def _tried(walk: Walk, id: str) -> Try:
    placements = walk.placements
    needs = (placements.get(need) for need in walk.needs.get(id, ()))
    return Try(placements[id].last, tuple(need.last if need else None for need in needs))


def _pulled(walk: Walk, others: list[str], id: str, above: int, down_to: int) -> Iterator[Try]:
    """What comes at the ranks below `above`, whose initiative pulls `id` as a need.

    Needs are pulled in rank order, so one rank differs from the next only where `id` passes one of
    its siblings: another need of an initiative that needs it.
    """
    siblings = {
        parent: [need for need in needs if need != id]
        for parent, needs in walk.needs.items()
        if id in needs
    }
    passed = set().union(*siblings.values())
    place = {other: rank for rank, other in enumerate(others, start=1)}
    placed = len(walk.placements)
    tried = Try(None, ())
    for rank in range(above + 1, down_to + 1):
        if rank == above + 1 or others[rank - 2] in passed:
            for parent, needs in siblings.items():
                at = sum(place[need] < rank for need in needs)
                walk.needs[parent] = (*needs[:at], id, *needs[at:])
            walk.place(others[above - 1])
            tried = _tried(walk, id)
            walk.take_back(placed)
        yield tried


def _ruled_out_by(plan: Plan, id: str, by: date) -> str:
    """The first that alone rules the date out; capacity where none does by itself."""
    initiative = plan.initiatives[id]
    if initiative.unestimated:
        return UNESTIMATED
    if _not_before_rules_out(plan, initiative, by):
        return NOT_BEFORE
    if _need_rules_out(plan, initiative, by):
        return NEED
    if _effort_rules_out(plan, initiative, by):
        return EFFORT
    return CAPACITY


def _not_before_rules_out(plan: Plan, initiative: Initiative, by: date) -> bool:
    """Even a week's work in its first allowed week would finish after the date."""
    if initiative.not_before is None:
        return False
    grid = Grid(plan.today)
    week = grid.first_week_on_or_after(initiative.not_before)
    return week >= HORIZON or grid.friday(week) > by


def _need_rules_out(plan: Plan, initiative: Initiative, by: date) -> bool:
    """One and the same need is too late for it at every position, up to the top.

    A need that leaves time at one of them does not alone rule the date out, even where pulling it
    forward costs another need its time.
    """
    if initiative.id in hopeless(plan):
        return True
    fridays = Grid(plan.today).fridays
    late: set[int] | None = None
    for tried in tries(plan, initiative.id, plan.ranks[initiative.id]):
        here = {
            place
            for place, last in enumerate(tried.needs)
            if last is None or last + 1 >= HORIZON or fridays[last + 1] > by
        }
        late = here if late is None else late & here
        if not late:
            return False
    return bool(late)


def _effort_rules_out(plan: Plan, initiative: Initiative, by: date) -> bool:
    """Even with its teams to itself from week 0, free to start, it takes longer."""
    alone = replace(initiative, needs=(), not_before=None)
    finish = schedule(
        replace(plan, initiatives={alone.id: alone}, order=(alone.id,), problems={}, deals={})
    ).finish(alone.id)
    return finish is None or finish > by
