"""Capacity lines: where, going down the board, each quarter's capacity ends.

Source: planning semantics, Capacity lines. Where that is silent: initiatives without dates because
they are unestimated or blocked take no capacity, so they are passed over and cannot pull a line
up; one that is beyond the horizon does not finish in any quarter and counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from .calendar import HORIZON, quarter_end
from .schedule import Schedule


class Load(NamedTuple):
    """How full a team is in a quarter, in person-days over its weeks from week 0 on."""

    team: str
    used: int
    capacity: int

    @property
    def percent(self) -> int | None:
        """Whole percent, rounded down so that only a full team says 100; None without capacity."""
        return self.used * 100 // self.capacity if self.capacity else None


@dataclass(frozen=True, slots=True)
class Line:
    """The line of `quarter`, which stands above `rank`."""

    quarter: date
    rank: int
    loads: tuple[Load, ...]


def lines(schedule: Schedule) -> tuple[Line, ...]:
    """The lines of all quarters by whose end not everything on the board has finished."""
    finishes = _finish_weeks(schedule)
    if not finishes:
        return ()
    by_quarter = loads(schedule)
    found = []
    position = 0
    for name in by_quarter:
        last = _last_week(schedule, name)
        while position < len(finishes) and finishes[position][1] <= last:
            position += 1
        if position == len(finishes):
            break
        found.append(Line(name, finishes[position][0], by_quarter[name]))
    return tuple(found)


def loads(schedule: Schedule) -> Mapping[date, tuple[Load, ...]]:
    """Every quarter of the horizon, in order, with the load of each team in it."""
    grid = schedule.grid
    weeks: dict[date, list[int]] = {}
    for week, name in enumerate(grid.quarters):
        weeks.setdefault(name, []).append(week)
    result = {}
    for name, numbers in weeks.items():
        first, end = numbers[0], numbers[-1] + 1
        row = []
        for team, capacity in schedule.capacity.items():
            total = sum(capacity[first:end])
            row.append(Load(team, total - sum(schedule.free[team][first:end]), total))
        result[name] = tuple(row)
    return result


def _finish_weeks(schedule: Schedule) -> list[tuple[int, int]]:
    """Rank and finish week of what has one; what is beyond the horizon finishes after all."""
    found = []
    for rank, id in enumerate(schedule.plan.order, start=1):
        placement = schedule.placements[id]
        if placement.state == "scheduled" and placement.last is not None:
            found.append((rank, placement.last))
        elif placement.state == "beyond":
            found.append((rank, HORIZON))
    return found


def _last_week(schedule: Schedule, name: date) -> int:
    """The last week whose Friday is in the quarter; a finish belongs to its Friday's quarter."""
    grid = schedule.grid
    end = quarter_end(name)
    week = (end - grid.week_0).days // 7
    while week >= 0 and grid.friday(week) > end:
        week -= 1
    return week
