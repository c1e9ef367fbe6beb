"""Deals against dates: when their problems are solved, and whether that is in time.

Source: planning semantics, Deals against dates. A solution date is a date, `BEFORE_ALL` where the
problem was solved before every date, or None for never.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter

from roadmap.domain.margins import CLOSE_WEEKS, NEVER, UNDATED, Margins, margins
from roadmap.domain.plan import SHIPPED, Deal, Plan, Problem
from roadmap.domain.schedule import Schedule

OPEN = "open"
WON = "won"
LOST = "lost"
STATUSES = (OPEN, WON, LOST)
LOST_TO = ("competitor", "no decision", "unknown")
#: What stands in for an amount that CRM does not give, where somebody switched that on.
LIST_PRICE, AVERAGE = "list price", "average"
AMOUNT_SOURCES = (LIST_PRICE, AVERAGE)

IN_TIME = "in time"
LATE = "late"
NO_PART = "no part"

BEFORE_ALL = date.min
#: Stands in a column of amounts for one that nobody knows; no amount is so low.
_UNKNOWN = -(2**63)

Solutions = Mapping[str, date | None]
"""The solution date of each problem, by id."""


def solutions(plan: Plan, schedule: Schedule) -> dict[str, date | None]:
    """When each problem is solved: all the initiatives on the board that solve it have finished.

    With none on the board it was solved before every date if one has shipped, else it is uncovered
    and never solved.
    """
    fridays = schedule.grid.fridays
    lasts = {id: placement.last for id, placement in schedule.placements.items()}
    solved: dict[str, date | None] = {}
    for problem in plan.problems.values():
        finishes = [lasts[id] for id in problem.initiatives if id in lasts]
        finished = [last for last in finishes if last is not None]
        if len(finished) < len(finishes):
            solved[problem.id] = None
        elif finished:
            solved[problem.id] = fridays[max(finished)]
        else:
            states = (plan.initiatives[id].state for id in problem.initiatives)
            solved[problem.id] = BEFORE_ALL if SHIPPED in states else None
    return solved


def ready_date(problems: Iterable[str], solved: Solutions) -> date | None:
    """When the last of these problems is solved; never, if one has no date or there is none."""
    dates = [solved.get(problem) for problem in problems]
    known = [day for day in dates if day is not None]
    return max(known) if known and len(known) == len(dates) else None


def in_time(ready: date | None, needed_by: date | None) -> bool:
    """Whether what a deal waits for is ready on or before the day that it is needed by. What is
    never ready, or needed by no known day, never is.
    """
    return ready is not None and needed_by is not None and ready <= needed_by


def uncovered(problem: Problem, plan: Plan) -> bool:
    """Whether nobody solves the problem: no initiative on the board, and none that has shipped."""
    states = (plan.initiatives[id] for id in problem.initiatives)
    return not any(initiative.on_board or initiative.state == SHIPPED for initiative in states)


@dataclass(frozen=True, slots=True)
class Readiness:
    """How an open deal stands: its ready date against the date that it is needed by.

    `status` is in time, late, or "no part" (closed, or without counting blockers). `waits_for`
    names what decides it: the problems that are never solved, else those solved last.
    """

    status: str
    ready: date | None = None
    needed_by: date | None = None
    undated: bool = False
    overdue: bool = False
    waits_for: tuple[str, ...] = ()

    @property
    def in_time(self) -> bool:
        return self.status == IN_TIME


def readiness(deal: Deal, solved: Solutions, today: date) -> Readiness:
    """Whether a deal's counting blockers are solved on or before its needed-by date, and why."""
    if deal.status != OPEN or not deal.blockers:
        return Readiness(NO_PART)
    dates = {problem: solved.get(problem) for problem in deal.blockers}
    never = tuple(problem for problem, day in dates.items() if day is None)
    ready = ready_date(deal.blockers, solved)
    return Readiness(
        status=IN_TIME if in_time(ready, deal.needed_by) else LATE,
        ready=ready,
        needed_by=deal.needed_by,
        undated=deal.needed_by is None,
        overdue=deal.needed_by is not None and deal.needed_by < today,
        waits_for=never or tuple(problem for problem, day in dates.items() if day == ready),
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """The open deals that a change pushes out of reach and brings within it, each deal once.

    Ids are sorted by amount, largest first, then by id. Amounts are cents; weighted ones are sums
    of amount times fit, so hundredths of a cent. `unknown` names those whose amount counts 0;
    `amounts` has each deal's own, None where it is unknown.
    """

    pushed: tuple[str, ...] = ()
    brought: tuple[str, ...] = ()
    pushed_amount: int = 0
    brought_amount: int = 0
    pushed_weighted: int = 0
    brought_weighted: int = 0
    unknown: tuple[str, ...] = ()
    amounts: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def net(self) -> int:
        return self.brought_amount - self.pushed_amount

    @property
    def net_weighted(self) -> int:
        return self.brought_weighted - self.pushed_weighted


class DealIndex:
    """The open deals that wait for a problem, arranged to ask what a change of solution dates does.

    Closed deals and deals without counting blockers are left out: they take no part in time.
    Columns are arrays, and ids one text with the places where they end, so that 100,000 deals with
    250,000 ties take about 6 MB. The deals may come from a generator: none of them is kept.
    """

    def __init__(self, deals: Iterable[Deal]) -> None:
        self._ids = bytearray()
        self._ends = array("q", [0])
        self._amounts = array("q")
        self._fits = array("b")
        self._needed_by = array("i")
        self._ties = array("i")
        self._first_tie = array("i", [0])
        self._problems: dict[str, int] = {}
        for deal in deals:
            if deal.status == OPEN and deal.blockers:
                self._add(deal)
        self._by_problem = self._sorted_by_needed_by()

    def __len__(self) -> int:
        return len(self._fits)

    def reach(self, before: Solutions, after: Solutions) -> Reach:
        """What is pushed and brought when solution dates change from `before` to `after`.

        Exact: a problem absent from a map is never solved. Only problems whose date changed are
        looked at, and of their deals only those needed by a date between the two.
        """
        was, now = self._ordinals(before), self._ordinals(after)
        pushed, brought = self._fallen(was, now), self._fallen(now, was)
        return _summed(self._rows(pushed), self._rows(brought))

    def in_time(self, solved: Solutions) -> tuple[str, ...]:
        """The ids of the deals that are in time under these solution dates."""
        days = self._ordinals(solved)
        return tuple(map(self._id, self._ready(range(len(self)), days)))

    def margins(
        self, before: Solutions, after: Solutions, today: date, close: int = CLOSE_WEEKS
    ) -> Margins:
        """What comes closer to its date or gets safer, and what is late and gets later or sooner.

        Every deal is looked at: 112,000 with 250,000 ties take a twentieth of a second.
        """
        was, now = (self._ready_days(self._ordinals(solved)) for solved in (before, after))
        days = zip(range(len(self)), was, now, self._needed_by, strict=True)
        moved = (deal for deal in days if deal[1] != deal[2])
        return margins(moved, self._id, self._amount, today, close)

    def _add(self, deal: Deal) -> None:
        numbers = self._problems
        self._ids += deal.id.encode()
        self._ends.append(len(self._ids))
        self._amounts.append(_UNKNOWN if deal.amount is None else deal.amount)
        self._fits.append(deal.icp_fit)
        self._needed_by.append(_ordinal(deal.needed_by, UNDATED))
        self._ties.extend(numbers.setdefault(problem, len(numbers)) for problem in deal.blockers)
        self._first_tie.append(len(self._ties))

    def _sorted_by_needed_by(self) -> list[tuple[array[int], array[int]]]:
        """Per problem: the needed-by dates of its deals in order, and beside them the deals."""
        waiting: list[array[int]] = [array("i") for _ in self._problems]
        needed_by = self._needed_by
        for deal in sorted(range(len(self)), key=needed_by.__getitem__):
            for tie in range(self._first_tie[deal], self._first_tie[deal + 1]):
                waiting[self._ties[tie]].append(deal)
        return [(array("i", map(needed_by.__getitem__, deals)), deals) for deals in waiting]

    def _ordinals(self, solved: Solutions) -> list[int]:
        days = map(solved.get, self._problems)
        return [_ordinal(day, NEVER) for day in days]

    def _fallen(self, was: list[int], now: list[int]) -> list[int]:
        """The deals that are in time under `was` and late under `now`."""
        late: set[int] = set()
        for problem, (before, after) in enumerate(zip(was, now, strict=True)):
            if after > before:
                needed_by, deals = self._by_problem[problem]
                first = bisect_left(needed_by, before)
                late.update(deals[first : bisect_left(needed_by, after, first)])
        return self._ready(late, was)

    def _ready_days(self, days: list[int]) -> list[int]:
        """Of each deal, the last of the days on which its problems are solved."""
        ready = [0] * len(self)
        solved = sorted(zip(days, self._by_problem, strict=True), key=itemgetter(0))
        for day, (_, deals) in solved:
            for deal in deals:
                ready[deal] = day
        return ready

    def _ready(self, deals: Iterable[int], days: list[int]) -> list[int]:
        """Those of the deals whose problems are all solved by the date they are needed by."""
        needed_by, first_tie, ties = self._needed_by, self._first_tie, self._ties
        ready = []
        for deal in deals:
            limit = needed_by[deal]
            for tie in range(first_tie[deal], first_tie[deal + 1]):
                if days[ties[tie]] > limit:
                    break
            else:
                ready.append(deal)
        return ready

    def _rows(self, deals: Iterable[int]) -> list[_Row]:
        return [(self._id(deal), self._amount(deal), self._fits[deal]) for deal in deals]

    def _id(self, deal: int) -> str:
        return self._ids[self._ends[deal] : self._ends[deal + 1]].decode()

    def _amount(self, deal: int) -> int | None:
        amount = self._amounts[deal]
        return None if amount == _UNKNOWN else amount


def reach_between(
    deals_before: Mapping[str, Deal],
    solved_before: Solutions,
    deals_after: Mapping[str, Deal],
    solved_after: Solutions,
) -> Reach:
    """What is pushed and brought where the deals or their blockers differ too.

    A deal that takes no part in one of the two is neither. Amounts and fits are those after.
    """
    was = set(DealIndex(deals_before.values()).in_time(solved_before))
    now = set(DealIndex(deals_after.values()).in_time(solved_after))

    def rows(ids: set[str], deals: Mapping[str, Deal]) -> list[_Row]:
        both = (deals_after[id] for id in ids if id in deals and _takes_part(deals[id]))
        return [(deal.id, deal.amount, deal.icp_fit) for deal in both]

    return _summed(rows(was - now, deals_after), rows(now - was, deals_before))


def margins_between(
    deals_before: Mapping[str, Deal],
    solved_before: Solutions,
    deals_after: Mapping[str, Deal],
    solved_after: Solutions,
    today: date,
    close: int = CLOSE_WEEKS,
) -> Margins:
    """`DealIndex.margins` where the deals or their blockers differ too; amounts and needed-by dates
    are those after. A deal that takes no part in one of the two is in no group.
    """
    both = [
        (was, deals_after[id])
        for id, was in deals_before.items()
        if _takes_part(was) and id in deals_after and _takes_part(deals_after[id])
    ]
    moved = []
    for number, (former, deal) in enumerate(both):
        was = _ordinal(ready_date(former.blockers, solved_before), NEVER)
        now = _ordinal(ready_date(deal.blockers, solved_after), NEVER)
        if was != now:
            moved.append((number, was, now, _ordinal(deal.needed_by, UNDATED)))
    return margins(
        moved,
        lambda number: both[number][1].id,
        lambda number: both[number][1].amount,
        today,
        close,
    )


def _ordinal(day: date | None, otherwise: int) -> int:
    return otherwise if day is None else day.toordinal()


_Row = tuple[str, int | None, int]
"""A deal's id, amount and fit."""


def _takes_part(deal: Deal) -> bool:
    return deal.status == OPEN and bool(deal.blockers)


def _summed(pushed: list[_Row], brought: list[_Row]) -> Reach:
    pushed.sort(key=_largest_first)
    brought.sort(key=_largest_first)
    return Reach(
        pushed=tuple(id for id, _, _ in pushed),
        brought=tuple(id for id, _, _ in brought),
        pushed_amount=sum(amount or 0 for _, amount, _ in pushed),
        brought_amount=sum(amount or 0 for _, amount, _ in brought),
        pushed_weighted=sum((amount or 0) * fit for _, amount, fit in pushed),
        brought_weighted=sum((amount or 0) * fit for _, amount, fit in brought),
        unknown=tuple(id for id, amount, _ in pushed + brought if amount is None),
        amounts={id: amount for id, amount, _ in pushed + brought},
    )


def _largest_first(row: _Row) -> tuple[int, str]:
    return -(row[1] or 0), row[0]
