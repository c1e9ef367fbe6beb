"""The forecast: serial schedule generation, in rank order.

Source: planning semantics, Schedule. Everything is whole person-days and week indexes, so the same
plan always gives the same dates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from roadmap.domain.calendar import HORIZON, Grid
from roadmap.domain.needs import BLOCKED, UNESTIMATED, hopeless, needs_on_board, refuse_cycle
from roadmap.domain.plan import DECLINED, SHIPPED, Initiative, Plan, Team, WorkItem

__all__ = [
    "BEYOND",
    "BLOCKED",
    "PLACEMENT_STATES",
    "SCHEDULED",
    "UNESTIMATED",
    "Because",
    "Draw",
    "Fault",
    "Placement",
    "Remainder",
    "Schedule",
    "Walk",
    "schedule",
    "weekly_capacity",
]

SCHEDULED = "scheduled"
BEYOND = "beyond"
PLACEMENT_STATES = (SCHEDULED, UNESTIMATED, BLOCKED, BEYOND)

Draw = tuple[int, str, int, int]
"""Who drew what: index of the work item, team, week, person-days."""


class Placement(NamedTuple):
    """Where one initiative on the board stands. Weeks are indexes from week 0.

    `ready` is the first week in which it may draw, None where it was not placed. `start` is the
    week of its first draw. `last` is the week in which it finishes, None unless it is scheduled.
    """

    state: str
    ready: int | None
    start: int | None
    last: int | None
    draws: tuple[Draw, ...]


class Fault(NamedTuple):
    """A need that blocks, and why: declined, unestimated, blocked or beyond."""

    need: str
    why: str


class Remainder(NamedTuple):
    """What is left of a work item at the horizon, in person-days."""

    item: int
    team: str
    person_days: int


@dataclass(frozen=True, slots=True)
class Because:
    """Why an initiative has its dates, or none."""

    no_work: bool = False
    unestimated_items: tuple[int, ...] = ()
    """Indexes of the work items that nobody has estimated."""
    faults: tuple[Fault, ...] = ()
    """The needs that block it."""
    not_before: date | None = None
    """Its not-before date, where that decides the ready week."""
    needs: tuple[str, ...] = ()
    """The needs whose finish decides the ready week."""
    waited_weeks: int = 0
    """Weeks between ready and start in which its teams were taken."""
    left_over: tuple[Remainder, ...] = ()
    """What does not fit inside the horizon."""


@dataclass(frozen=True, eq=False)
class Schedule(Mapping[str, Placement]):
    """The placements of the initiatives on the board, by id, in rank order.

    `capacity` and `free` are person-days per team and week; what a team has used is the difference.
    """

    plan: Plan
    grid: Grid
    placements: Mapping[str, Placement]
    capacity: Mapping[str, list[int]]
    free: Mapping[str, list[int]]

    def __getitem__(self, id: str) -> Placement:
        return self.placements[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.plan.order)

    def __len__(self) -> int:
        return len(self.placements)

    def start(self, id: str) -> date | None:
        """The Monday of the first week with work; None without one, and off the board."""
        placement = self.placements.get(id)
        if placement is None or placement.start is None:
            return None
        return self.grid.mondays[placement.start]

    def finish(self, id: str) -> date | None:
        """The Friday of the last week with work; None without one, and off the board."""
        placement = self.placements.get(id)
        if placement is None or placement.last is None:
            return None
        return self.grid.fridays[placement.last]

    def used(self, team: str) -> tuple[int, ...]:
        """The person-days that are drawn from a team, per week."""
        pairs = zip(self.capacity[team], self.free[team], strict=True)
        return tuple(capacity - free for capacity, free in pairs)

    @cached_property
    def drawn(self) -> Mapping[tuple[str, int], tuple[tuple[str, int], ...]]:
        """Who drew how many person-days, by team and week, in rank order."""
        days: dict[tuple[str, int], dict[str, int]] = {}
        for id in self.plan.order:
            for _, team, week, count in self.placements[id].draws:
                there = days.setdefault((team, week), {})
                there[id] = there.get(id, 0) + count
        return {place: tuple(there.items()) for place, there in days.items()}

    def because(self, id: str) -> Because:
        """The reasons for the dates of an initiative on the board. KeyError for any other."""
        placement = self.placements[id]
        initiative = self.plan.initiatives[id]
        if placement.state == UNESTIMATED:
            missing = (i for i, item in enumerate(initiative.work) if item.person_days is None)
            return Because(no_work=not initiative.work, unestimated_items=tuple(missing))
        if placement.state == BLOCKED:
            return Because(faults=self._faults(initiative))
        return self._dated_because(initiative, placement)

    def _faults(self, initiative: Initiative) -> tuple[Fault, ...]:
        faults = []
        for need in dict.fromkeys(initiative.needs):
            state = self.plan.initiatives[need].state
            why = state if state in (DECLINED, SHIPPED) else self.placements[need].state
            if why not in (SHIPPED, SCHEDULED):
                faults.append(Fault(need, why))
        return tuple(faults)

    def _dated_because(self, initiative: Initiative, placement: Placement) -> Because:
        ready = placement.ready or 0
        decided_by_date = (
            initiative.not_before is not None
            and ready > 0
            and self.grid.first_week_on_or_after(initiative.not_before) == ready
        )
        waits = placement.start is not None and placement.start > ready
        drawn = [0] * len(initiative.work)
        for item, _, _, days in placement.draws:
            drawn[item] += days
        return Because(
            not_before=initiative.not_before if decided_by_date else None,
            needs=tuple(
                need
                for need in dict.fromkeys(initiative.needs)
                if need in self.placements and self.placements[need].last == ready - 1
            ),
            waited_weeks=(placement.start or 0) - ready if waits else 0,
            left_over=tuple(
                Remainder(index, item.team, (item.person_days or 0) - drawn[index])
                for index, item in enumerate(initiative.work)
                if (item.person_days or 0) > drawn[index]
            ),
        )


def schedule(plan: Plan) -> Schedule:
    """Forecast every initiative on the board (planning semantics, Schedule).

    Raises PlanError where needs form a cycle.
    """
    walk = Walk(plan)
    for id in plan.order:
        walk.place(id)
    return Schedule(plan, walk.grid, walk.placements, walk.capacity, walk.free)


def weekly_capacity(grid: Grid, team: Team) -> list[int]:
    """Person-days a week inside the horizon: the figure of the quarter of the week's Monday.

    A quarter without one takes the latest earlier one; before the first it is 0.
    """
    figures = sorted(team.days_per_week.items())
    days, upcoming, capacity = 0, 0, []
    for quarter in grid.quarters:
        while upcoming < len(figures) and figures[upcoming][0] <= quarter:
            days = figures[upcoming][1]
            upcoming += 1
        capacity.append(days)
    return capacity


class Walk:
    """A walk down the order: what is placed so far, and what is still free.

    `placements` grows in the order of placing, so that the latest ones can be taken back. `needs`
    holds each initiative's direct needs on the board, in the order in which they are pulled.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.grid = Grid(plan.today, plan.fiscal_start)
        self.capacity = {id: weekly_capacity(self.grid, team) for id, team in plan.teams.items()}
        self.free = {id: weeks.copy() for id, weeks in self.capacity.items()}
        self.placements: dict[str, Placement] = {}
        self._first_free = dict.fromkeys(plan.teams, 0)
        self._hopeless = hopeless(plan)
        self.needs = needs_on_board(plan)

    def place(self, id: str) -> None:
        """Place an initiative, after those of its needs that are still unplaced, depth first."""
        if id in self.placements:
            return
        if not self.needs.get(id) or id in self._hopeless:
            self._place_one(id)
            return
        opened = set()
        stack = [id]
        while stack:
            top = stack[-1]
            unplaced = [need for need in self.needs.get(top, ()) if need not in self.placements]
            if unplaced and top not in self.placements:
                if top in opened:
                    refuse_cycle(self.plan.initiatives)
                opened.add(top)
                stack.extend(reversed(unplaced))
            else:
                stack.pop()
                if top not in self.placements:
                    self._place_one(top)

    def take_back(self, count: int) -> None:
        """Undo the latest placements until `count` are left."""
        placements, first_free = self.placements, self._first_free
        while len(placements) > count:
            _, placement = placements.popitem()
            for _, team, week, days in placement.draws:
                self.free[team][week] += days
                first_free[team] = min(first_free[team], week)

    def _place_one(self, id: str) -> None:
        initiative = self.plan.initiatives[id]
        hopeless_state = self._hopeless.get(id)
        if hopeless_state is not None:
            self.placements[id] = Placement(hopeless_state, None, None, None, ())
            return
        ready = 0
        for need in self.needs.get(id, ()):
            last = self.placements[need].last
            if last is None:
                self.placements[id] = Placement(BLOCKED, None, None, None, ())
                return
            if last >= ready:
                ready = last + 1
        if initiative.not_before is not None:
            ready = max(ready, self.grid.first_week_on_or_after(initiative.not_before))
        if ready >= HORIZON:
            self.placements[id] = Placement(BEYOND, ready, None, None, ())
            return
        self.placements[id] = self._draw(initiative.work, ready)

    def _draw(self, work: tuple[WorkItem, ...], ready: int) -> Placement:
        draws: list[Draw] = []
        fits = True
        start, last = HORIZON, -1
        for index, item in enumerate(work):
            if not item.person_days:
                continue
            first_draw = len(draws)
            fits = self._draw_item(index, item, ready, draws) and fits
            if len(draws) > first_draw:
                start = min(start, draws[first_draw][2])
                last = max(last, draws[-1][2])
        if not fits:
            return Placement(BEYOND, ready, start if draws else None, None, tuple(draws))
        if not draws:
            return Placement(SCHEDULED, ready, ready, ready, ())
        return Placement(SCHEDULED, ready, start, last, tuple(draws))

    def _draw_item(self, index: int, item: WorkItem, ready: int, draws: list[Draw]) -> bool:
        """Draw week by week until nothing is left; whether all of it fitted inside the horizon."""
        team = item.team
        free = self.free[team]
        left = item.person_days or 0
        most = item.max_days or left
        for week in range(max(ready, self._first_free_week(team, free)), HORIZON):
            days = free[week]
            if not days:
                continue
            days = min(days, most, left)
            free[week] -= days
            draws.append((index, team, week, days))
            left -= days
            if not left:
                return True
        return False

    def _first_free_week(self, team: str, free: list[int]) -> int:
        """The team's first week with anything free: those before it never need looking at again."""
        week = self._first_free[team]
        while week < HORIZON and not free[week]:
            week += 1
        self._first_free[team] = week
        return week
