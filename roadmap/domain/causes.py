"""Why a delayed initiative is delayed.

Source: planning semantics, Impact of a change (Cause). The difference per team-week is worked out
once, so that asking for the causes of every delayed initiative stays cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from roadmap.domain.plan import SHIPPED, Initiative
from roadmap.domain.schedule import Schedule

EFFORT = "effort"
NOT_BEFORE = "not_before"
STATE = "state"
NEEDS = "needs"

TeamWeek = tuple[str, int]


@dataclass(frozen=True, slots=True)
class CapacityTaken:
    """Another initiative draws more than before where the delayed one drew, in person-days net."""

    kind: ClassVar[str] = "capacity_taken"
    id: str
    person_days: int


@dataclass(frozen=True, slots=True)
class NeedMoved:
    """A direct need finishes later than before, or no longer at all."""

    kind: ClassVar[str] = "need"
    id: str


@dataclass(frozen=True, slots=True)
class OwnChange:
    """The initiative itself changed: effort, not_before, state or needs."""

    kind: ClassVar[str] = "own_change"
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CapacityCut:
    """A team has less than before in weeks in which the delayed initiative drew from it."""

    kind: ClassVar[str] = "capacity_cut"
    team: str
    weeks: tuple[int, ...]


Cause = CapacityTaken | NeedMoved | OwnChange | CapacityCut


class Causes:
    """The causes of delays between two schedules as of the same week."""

    def __init__(self, before: Schedule, after: Schedule) -> None:
        self._before = before
        self._after = after

    def of(self, id: str) -> tuple[Cause, ...]:
        """Capacity taken (largest first, ties by new rank), needs, own change, capacity cuts.

        KeyError for an initiative that is not on the board in both.
        """
        drawn = dict.fromkeys((team, week) for _, team, week, _ in self._before[id].draws)
        causes: list[Cause] = [*self._capacity_taken(id, drawn), *self._needs_moved(id)]
        own = _own_change(self._before.plan.initiatives[id], self._after.plan.initiatives[id])
        if own:
            causes.append(OwnChange(own))
        causes.extend(self._capacity_cuts(drawn))
        return tuple(causes)

    @cached_property
    def _taken(self) -> dict[TeamWeek, list[tuple[str, int]]]:
        """Who draws more (positive) or less (negative) than before, by team and week."""
        difference: dict[TeamWeek, dict[str, int]] = {}
        was, now = self._before.placements, self._after.placements
        for placements, others, sign in ((was, now, -1), (now, was, 1)):
            for id, placement in placements.items():
                other = others.get(id)
                if other is not None and placement.draws == other.draws:
                    continue
                for _, team, week, days in placement.draws:
                    there = difference.setdefault((team, week), {})
                    there[id] = there.get(id, 0) + sign * days
        return {
            place: [(id, days) for id, days in there.items() if days]
            for place, there in difference.items()
        }

    def _capacity_taken(self, id: str, drawn: dict[TeamWeek, None]) -> list[CapacityTaken]:
        net: dict[str, int] = {}
        for place in drawn:
            for other, days in self._taken.get(place, ()):
                net[other] = net.get(other, 0) + days
        net.pop(id, None)
        ranks = self._after.plan.ranks
        takers = [other for other, days in net.items() if days > 0]
        takers.sort(key=lambda other: (-net[other], ranks[other]))
        return [CapacityTaken(other, net[other]) for other in takers]

    def _needs_moved(self, id: str) -> list[NeedMoved]:
        needs = dict.fromkeys(self._after.plan.initiatives[id].needs)
        return [NeedMoved(need) for need in needs if self._later_or_lost(need)]

    def _later_or_lost(self, id: str) -> bool:
        was, now = _finish_week(self._before, id), _finish_week(self._after, id)
        return was is not None and (now is None or now > was)

    def _capacity_cuts(self, drawn: dict[TeamWeek, None]) -> list[CapacityCut]:
        cuts: dict[str, list[int]] = {}
        was, now = self._before.capacity, self._after.capacity
        for team, week in drawn:
            if team not in now or now[team][week] < was[team][week]:
                cuts.setdefault(team, []).append(week)
        return [CapacityCut(team, tuple(sorted(weeks))) for team, weeks in cuts.items()]


def _finish_week(schedule: Schedule, id: str) -> int | None:
    """The finish week; -1 for what has shipped, None without a finish."""
    placement = schedule.placements.get(id)
    if placement is not None:
        return placement.last
    initiative = schedule.plan.initiatives.get(id)
    return -1 if initiative is not None and initiative.state == SHIPPED else None


def _own_change(was: Initiative, now: Initiative) -> tuple[str, ...]:
    changed = (
        (EFFORT, _effort(was) != _effort(now)),
        (NOT_BEFORE, was.not_before != now.not_before),
        (STATE, was.state != now.state),
        (NEEDS, set(was.needs) != set(now.needs)),
    )
    return tuple(what for what, differs in changed if differs)


def _effort(initiative: Initiative) -> list[tuple[str, int | None, int | None]]:
    return [(item.team, item.person_days, item.max_days) for item in initiative.work]
