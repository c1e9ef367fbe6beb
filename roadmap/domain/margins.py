"""How near open deals are to the date they are needed by, and what a change does to that.

Source: planning semantics, Impact of a change: margin, closer, safer, later still, sooner though
late. None of it is part of what is pushed, brought or net.

Days are ordinals here: a ready day of `NEVER` is none at all, a needed-by day of `UNDATED` is
unknown, and every ready day is too late for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

CLOSE_WEEKS = 4
"""A margin below this is close, in weeks."""

NEVER = date.max.toordinal() + 1
UNDATED = 0

_SOLVED_BEFORE_ALL = date.min.toordinal()

Moved = tuple[int, int, int, int]
"""A deal by its number, its ready day before and after, which differ, and its needed-by day."""


@dataclass(frozen=True, slots=True)
class DealGroup:
    """Deals, the largest amount first, then by id, each counted once with its whole amount.

    `amount` is in cents; `unknown` says how many of them have no known amount, and count 0.
    """

    ids: tuple[str, ...] = ()
    amount: int = 0
    unknown: int = 0


GROUPS = ("closer", "safer", "later_still", "sooner_late")


@dataclass(frozen=True, slots=True)
class Margins:
    """`closest_weeks` is the smallest margin left among the closer ones, None without any."""

    closer: DealGroup = field(default_factory=DealGroup)
    safer: DealGroup = field(default_factory=DealGroup)
    later_still: DealGroup = field(default_factory=DealGroup)
    sooner_late: DealGroup = field(default_factory=DealGroup)
    closest_weeks: int | None = None


def margins(
    moved: Iterable[Moved],
    id_of: Callable[[int], str],
    amount_of: Callable[[int], int | None],
    today: date,
    close: int = CLOSE_WEEKS,
) -> Margins:
    """What happens to deals that are in time, or late, both before and after.

    The margin is the weeks from the week of the ready day to that of the needed-by day. A deal
    whose problems were all solved before every date has none, and is further from its date than
    any margin. An undated deal is late, and never overdue.
    """
    start, closest = today.toordinal(), close
    closer: list[int] = []
    safer: list[int] = []
    later_still: list[int] = []
    sooner_late: list[int] = []
    for deal, was, now, needed_by in moved:
        later = now > was
        first, last = (was, now) if later else (now, was)
        if first > needed_by:
            if needed_by >= start or needed_by == UNDATED:
                (later_still if later else sooner_late).append(deal)
        elif last <= needed_by:
            left = _week(needed_by) - _week(last)
            if left < close and (first <= _SOLVED_BEFORE_ALL or _week(first) < _week(last)):
                (closer if later else safer).append(deal)
                closest = min(closest, left) if later else closest

    def group(deals: list[int]) -> DealGroup:
        amounts = list(map(amount_of, deals))
        pairs = zip(amounts, map(id_of, deals), strict=True)
        order = sorted((-(amount or 0), id) for amount, id in pairs)
        total = -sum(amount for amount, _ in order)
        return DealGroup(tuple(id for _, id in order), total, amounts.count(None))

    return Margins(
        group(closer),
        group(safer),
        group(later_still),
        group(sooner_late),
        closest if closer else None,
    )


def margin_weeks(ready: date, by: date) -> int:
    """The weeks from the week of the ready day to that of the day it is needed by."""
    return _week(by.toordinal()) - _week(ready.toordinal())


def _week(ordinal: int) -> int:
    """The number of a day's week; ordinal 1 was a Monday."""
    return (ordinal - 1) // 7
