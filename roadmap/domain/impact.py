"""What a change delays, why, and what it is worth.

Source: planning semantics, Impact of a change. A change is any new order, effort, capacity, need,
not-before or state: two plans as of the same week, compared.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from roadmap.domain.causes import Cause, Causes
from roadmap.domain.deals import (
    DealIndex,
    Reach,
    Solutions,
    margins_between,
    reach_between,
    solutions,
)
from roadmap.domain.margins import Margins
from roadmap.domain.plan import SHIPPED, Plan, PlanError, Promise, promise_holds
from roadmap.domain.schedule import Schedule, schedule

COMMITMENT_BREAKS = "commitment breaks"
COMMITMENT_WITHDRAWN = "commitment withdrawn"
COMMITMENT_WORSENS = "commitment worsens"
NET_NEGATIVE = "net negative"
PUSHED_ABOVE_THRESHOLD = "pushed above threshold"

DEFAULT_THRESHOLD = 500_000_00
"""Pushed-out pipeline above which a sponsor is needed, in cents."""

DRIFT_WEEKS = 4
"""A sponsor is needed again once a missed promise has drifted so far from what was accepted."""


class Shift(NamedTuple):
    """An initiative whose finish moved: both dates, and the weeks between, counted positive.

    A missing finish is None, and then so are the weeks.
    """

    id: str
    before: date | None
    after: date | None
    weeks: int | None


class Commitment(NamedTuple):
    """A promise of an initiative: the date, and to whom."""

    id: str
    date: date
    to: str


class Worsened(NamedTuple):
    """A promise that is missed before and after, and by more afterwards.

    `was` is the finish before. `drift` is in weeks from the finish that a sponsor last accepted,
    else from `was`, to `finish`; both are None where the initiative loses its date.
    """

    id: str
    was: date
    finish: date | None
    drift: int | None
    to: str
    date: date


@dataclass(frozen=True)
class Impact:
    """The consequences of a change.

    Lists of initiatives are in the order of the new ranks (`leaving`: of the old ones). Amounts
    are on `reach`, in cents.
    """

    before_plan: Plan
    after_plan: Plan
    before: Schedule
    after: Schedule
    delayed: tuple[Shift, ...]
    advanced: tuple[Shift, ...]
    entering: tuple[str, ...]
    leaving: tuple[str, ...]
    solved_before: Solutions
    solved_after: Solutions
    reach: Reach
    broken: tuple[Commitment, ...]
    mended: tuple[Commitment, ...]
    withdrawn: tuple[Commitment, ...] = ()
    worsened: tuple[Worsened, ...] = ()
    index: DealIndex | None = field(default=None, repr=False)

    @cached_property
    def margins(self) -> Margins:
        """The deals that stay in time or late, and come closer, get safer, later or sooner."""
        solved, today = (self.solved_before, self.solved_after), self.after_plan.today
        if self.index is not None:
            return self.index.margins(*solved, today)
        deals = self.before_plan.deals, self.after_plan.deals
        return margins_between(deals[0], solved[0], deals[1], solved[1], today)

    @property
    def empty(self) -> bool:
        """Whether nothing happens to any date, deal or commitment."""
        lists = (self.delayed, self.advanced, self.entering, self.leaving, self.broken)
        more = (self.mended, self.withdrawn, self.worsened, self.reach.pushed, self.reach.brought)
        return not any((*lists, *more))

    def causes(self, id: str) -> tuple[Cause, ...]:
        """Why a delayed initiative is delayed. KeyError when it was not on the board in both."""
        return self._causes.of(id)

    @cached_property
    def _causes(self) -> Causes:
        return Causes(self.before, self.after)


def impact(
    before_plan: Plan,
    after_plan: Plan,
    *,
    before: Schedule | None = None,
    after: Schedule | None = None,
    index: DealIndex | None = None,
) -> Impact:
    """Compare two plans as of the same week (planning semantics, Impact of a change).

    `before` and `after` are their schedules where the caller has them already. `index` stands for
    the deals of both plans, which are then not looked at. Raises PlanError when the plans are not
    as of the same week, or when needs form a cycle.
    """
    before = schedule(before_plan) if before is None else before
    after = schedule(after_plan) if after is None else after
    if before.grid.week_0 != after.grid.week_0:
        raise PlanError("today", "the two plans are not as of the same week")
    delayed, advanced = _shifts(before, after)
    solved_before, solved_after = solutions(before.plan, before), solutions(after.plan, after)
    broken, mended, worsened = _commitments(before, after)
    return Impact(
        before_plan=before_plan,
        after_plan=after_plan,
        before=before,
        after=after,
        delayed=delayed,
        advanced=advanced,
        entering=tuple(id for id in after_plan.order if id not in before.placements),
        leaving=tuple(id for id in before_plan.order if id not in after.placements),
        solved_before=solved_before,
        solved_after=solved_after,
        reach=_reach(before_plan, solved_before, after_plan, solved_after, index),
        broken=broken,
        mended=mended,
        withdrawn=_withdrawn(before_plan, after_plan),
        worsened=worsened,
        index=index,
    )


def needs_sponsor(impact: Impact, threshold: int = DEFAULT_THRESHOLD) -> tuple[str, ...]:
    """Why an executive sponsor is required; empty when none is. `threshold` is in cents.

    Source: planning semantics, Sign-off: a commitment breaks, is withdrawn, or worsens far or
    without end, net is negative, or pushed-out pipeline is more than the threshold.
    """
    reasons = []
    if impact.broken:
        reasons.append(COMMITMENT_BREAKS)
    if impact.withdrawn:
        reasons.append(COMMITMENT_WITHDRAWN)
    if any(one.drift is None or one.drift >= DRIFT_WEEKS for one in impact.worsened):
        reasons.append(COMMITMENT_WORSENS)
    if impact.reach.net < 0:
        reasons.append(NET_NEGATIVE)
    if impact.reach.pushed_amount > threshold:
        reasons.append(PUSHED_ABOVE_THRESHOLD)
    return tuple(reasons)


def _shifts(before: Schedule, after: Schedule) -> tuple[tuple[Shift, ...], tuple[Shift, ...]]:
    """The delayed and the advanced among the initiatives that are on the board in both."""
    delayed: list[Shift] = []
    advanced: list[Shift] = []
    fridays = before.grid.fridays
    placed_before, placed_after = before.placements, after.placements
    for id in after.plan.order:
        if id not in placed_before:
            continue
        was, now = placed_before[id].last, placed_after[id].last
        if was == now:
            continue
        if was is None or now is None:
            was_day = None if was is None else fridays[was]
            now_day = None if now is None else fridays[now]
            (delayed if now is None else advanced).append(Shift(id, was_day, now_day, None))
        else:
            shift = Shift(id, fridays[was], fridays[now], abs(now - was))
            (delayed if now > was else advanced).append(shift)
    return tuple(delayed), tuple(advanced)


def _commitments(
    before: Schedule, after: Schedule
) -> tuple[tuple[Commitment, ...], tuple[Commitment, ...], tuple[Worsened, ...]]:
    """The broken, the mended and the worsened among the promises that stand in both plans.

    A shipped initiative's promises hold, a declined one's do not.
    """
    broken, mended, worsened = [], [], []
    on_board = after.plan.ranks
    promised = [id for id, initiative in after.plan.initiatives.items() if initiative.promised]
    promised.sort(key=lambda id: on_board.get(id, len(on_board) + 1))
    for id in promised:
        former = before.plan.initiatives.get(id)
        if former is None:
            continue
        for promise in after.plan.initiatives[id].promised:
            if promise not in former.promised:
                continue
            held, holds = _holds(before, id, promise), _holds(after, id, promise)
            if held and not holds:
                broken.append(Commitment(id, promise.date, promise.to))
            elif holds and not held:
                mended.append(Commitment(id, promise.date, promise.to))
            elif not held and (found := _worsened(id, promise, before, after)):
                worsened.append(found)
    return tuple(broken), tuple(mended), tuple(worsened)


def _worsened(id: str, promise: Promise, before: Schedule, after: Schedule) -> Worsened | None:
    """A missed promise whose initiative finishes later than before, or has lost its date."""
    was, finish = before.finish(id), after.finish(id)
    if was is None or (finish is not None and finish <= was):
        return None
    drift = None if finish is None else (finish - (promise.accepted or was)).days // 7
    return Worsened(id, was, finish, drift, promise.to, promise.date)


def _withdrawn(before: Plan, after: Plan) -> tuple[Commitment, ...]:
    """The promises that are not there any more, whether they held or not.

    One that gave way to a new one to the same holder, for the same date or an earlier one, was
    tightened rather than withdrawn. An initiative that is unknown afterwards withdraws nothing.
    """
    if before.initiatives is after.initiatives:
        return ()
    found = []
    for id, former in before.initiatives.items():
        if not former.promised or id not in after.initiatives:
            continue
        was, now = Counter(former.promised), Counter(after.initiatives[id].promised)
        gone, new = was - now, now - was
        for promise in sorted(gone.elements(), key=lambda each: (each.date, each.to)):
            tighter = (one for one in new if one.to == promise.to and one.date <= promise.date)
            instead = max(tighter, key=lambda one: one.date, default=None)
            if instead is None:
                found.append(Commitment(id, promise.date, promise.to))
            else:
                new -= Counter([instead])
    return tuple(found)


def _holds(schedule: Schedule, id: str, promise: Promise) -> bool:
    shipped = schedule.plan.initiatives[id].state == SHIPPED
    return shipped or promise_holds(promise.date, schedule.finish(id))


def _reach(
    before: Plan,
    solved_before: Solutions,
    after: Plan,
    solved_after: Solutions,
    index: DealIndex | None,
) -> Reach:
    if index is not None:
        return index.reach(solved_before, solved_after)
    deals_before, deals_after = before.deals, after.deals
    if deals_before is deals_after:
        return DealIndex(deals_after.values()).reach(solved_before, solved_after)
    return reach_between(deals_before, solved_before, deals_after, solved_after)
