"""What an initiative is worth by its evidence, and the order that this suggests.

Source: planning semantics, Value and suggested order. All figures are sums over deals, so stored
totals are kept by difference: after = before + (contributions now - contributions before).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple, TypeVar

from roadmap.domain import statements
from roadmap.domain.calendar import months_before
from roadmap.domain.deals import LOST, OPEN
from roadmap.domain.needs import UNESTIMATED
from roadmap.domain.plan import Plan
from roadmap.domain.statements import (
    DEAL_BREAKER,
    HINDRANCE,
    NICE_TO_HAVE,
    SEVERITIES,
)
from roadmap.domain.winloss import CRM, CUSTOMER, INTERVIEW, REP, SOURCES

EVIDENCE = {INTERVIEW: 100, CUSTOMER: 80, REP: 50, CRM: 30}
"""How far each source is trusted, in hundredths."""

SEVERITY = {DEAL_BREAKER: 100, HINDRANCE: 50, NICE_TO_HAVE: 10}
"""How much of a deal hangs on a problem of each severity, in whole percent."""

SCALE = 10_000
"""`Figures.open_value` and `lost_value` count ten-thousandths of a cent: amount, fit in percent and
evidence in hundredths, multiplied."""

NOTHING_LEFT = "nothing left"

_ZERO = Fraction(0)

#: The least strength that has the customer's word.
_VERIFIED = statements.strength(CUSTOMER, SEVERITIES[0])

I = TypeVar("I", bound=Hashable)  # noqa: E741


@dataclass(frozen=True, slots=True)
class Weights:
    """The workspace's settings: evidence in hundredths, severity in whole percent, window in
    months, recovery in 1/10,000.
    """

    evidence: Mapping[str, int] = field(default_factory=lambda: dict(EVIDENCE))
    severity: Mapping[str, int] = field(default_factory=lambda: dict(SEVERITY))
    window_months: int = 6
    recovery_rate: int = 1_500

    def factors(self) -> list[int]:
        """Evidence × severity of each strength, in ten-thousandths."""
        return [self.evidence[each] * self.severity[how] for each in SOURCES for how in SEVERITIES]


class DealEvidence(NamedTuple):
    """A deal as evidence: `blockers` are the problems that count, each with its strength.

    `amount` is in cents, None while unknown; `fit` in percent; `closed` is the close date of a lost
    deal.
    """

    status: str
    amount: int | None
    fit: int
    closed: date | None
    blockers: Sequence[tuple[Any, int]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the deals behind an initiative add up to. Amounts are cents, unknown ones count 0.

    `lost_` figures are of the trailing window, `lost_all_` of all times; `lost_undated` losses have
    no close date and are left out of the window. `deal_count`, `fit_sum` (percent) and
    `verified_count` are over the deals that weigh: open, or lost in the window. The two values are
    exact, in ten-thousandths of a cent (`SCALE`), `lost_value` before the recovery rate.
    """

    open_count: int = 0
    open_amount: int = 0
    open_unknown: int = 0
    lost_count: int = 0
    lost_amount: int = 0
    lost_unknown: int = 0
    lost_all_count: int = 0
    lost_all_amount: int = 0
    lost_undated: int = 0
    deal_count: int = 0
    fit_sum: int = 0
    verified_count: int = 0
    open_value: Fraction = _ZERO
    lost_value: Fraction = _ZERO

    def __add__(self, other: Figures) -> Figures:
        return _combined(self, other, 1)

    def __sub__(self, other: Figures) -> Figures:
        return _combined(self, other, -1)

    @property
    def open_at_stake(self) -> Fraction:
        """In cents, before rounding."""
        return self.open_value / SCALE

    def recoverable(self, recovery_rate: int) -> Fraction:
        """In cents, before rounding; the rate in 1/10,000."""
        return self.lost_value * Fraction(recovery_rate, SCALE * 10_000)

    def value(self, recovery_rate: int) -> Fraction:
        """Open at stake and recoverable together, in cents, before rounding."""
        open_, lost = self.open_value, self.lost_value
        return Fraction(
            10_000 * open_.numerator * lost.denominator
            + recovery_rate * lost.numerator * open_.denominator,
            10_000 * SCALE * open_.denominator * lost.denominator,
        )


NOTHING = Figures()


def contributions(
    deals: Iterable[DealEvidence],
    ties: Mapping[Any, Sequence[I]],
    as_of: date,
    weights: Weights | None = None,
) -> dict[I, Figures]:
    """What some deals add to each initiative that they touch.

    `ties` gives, by problem, the initiatives on the board, in whatever state, that solve it or
    contribute to it. A deal is shared out equally over all the initiatives that it touches. Ids
    are whatever the caller has: text, or a database's numbers.
    """
    weights = weights or Weights()
    since = months_before(as_of, weights.window_months)
    factors = weights.factors()
    kinds: tuple[defaultdict[I, _Tally], ...] = tuple(defaultdict(_Tally) for _ in range(4))
    for status, amount, fit, closed, blockers in deals:
        if status == OPEN:
            kind = kinds[_OPEN]
        elif status == LOST:
            recent = closed is not None and since < closed <= as_of
            kind = kinds[_RECENT if recent else _UNDATED if closed is None else _OLDER]
        else:
            continue
        touched = _touched(blockers, ties, factors)
        share = len(touched)
        worth = (amount or 0) * fit
        for id, (factor, strongest) in touched.items():
            tally = kind[id]
            tally.count += 1
            if amount is None:
                tally.unknown += 1
            else:
                tally.amount += amount
                tally.values[share] += worth * factor
            tally.fit_sum += fit
            tally.verified += strongest >= _VERIFIED
    none = _Tally()
    touched_at_all = dict.fromkeys(id for kind in kinds for id in kind)
    return {id: _figures(*(kind.get(id, none) for kind in kinds)) for id in touched_at_all}


def difference(before: Mapping[I, Figures], after: Mapping[I, Figures]) -> dict[I, Figures]:
    """What to add to stored totals when contributions change; unchanged ones are left out."""
    changes = {
        id: after.get(id, NOTHING) - before.get(id, NOTHING)
        for id in dict.fromkeys((*before, *after))
    }
    return {id: change for id, change in changes.items() if change != NOTHING}


class Score(NamedTuple):
    """An initiative's place in the suggested order.

    `score` is cents per person-week of remaining effort, exact; None for the reason `without`:
    unestimated, or nothing left.
    """

    id: str
    place: int
    rank: int
    ratio: tuple[int, int] | None
    without: str | None

    @property
    def score(self) -> Fraction | None:
        return None if self.ratio is None else Fraction(*self.ratio)


def suggested_order(
    plan: Plan, figures: Mapping[str, Figures], recovery_rate: int
) -> tuple[Score, ...]:
    """The initiatives on the board by score, largest first, ties by rank; those without one last.

    `recovery_rate` is in 1/10,000.
    """
    values = {
        id: (found.open_value.as_integer_ratio(), found.lost_value.as_integer_ratio())
        for id, found in figures.items()
    }
    return order_by_score(plan, values, recovery_rate)


#: Open and lost value of an initiative, each as numerator and denominator.
Ratios = tuple[tuple[int, int], tuple[int, int]]


def order_by_score(
    plan: Plan, values: Mapping[str, Ratios], recovery_rate: int
) -> tuple[Score, ...]:
    """As `suggested_order`, from whole numbers: two thousand fractions would take longer to make
    than the plan takes to schedule.
    """
    keyed: list[tuple[tuple[int, int, int], str, tuple[int, int] | None, str | None]] = []
    for id, rank in plan.ranks.items():
        days = plan.initiatives[id].person_days
        if not days:
            without = UNESTIMATED if days is None else NOTHING_LEFT
            keyed.append(((1, 0, rank), id, None, without))
            continue
        (opened, by), (lost, lost_by) = values.get(id, ((0, 1), (0, 1)))
        # (opened / by + lost / lost_by × rate / 10,000) / SCALE × 5 / days
        above = 5 * (opened * lost_by * 10_000 + lost * by * recovery_rate)
        below = by * lost_by * 10_000 * SCALE * days
        keyed.append(((0, -((above << 64) // below), rank), id, (above, below), None))
    keyed.sort()
    _settle_near_ties(keyed)
    return tuple(
        Score(id, place, key[2], ratio, without)
        for place, (key, id, ratio, without) in enumerate(keyed, start=1)
    )


def _settle_near_ties(keyed: list[Any]) -> None:
    """Where whole parts of the scaled scores are equal, the exact scores decide, then the rank."""
    start = 0
    for end in range(1, len(keyed) + 1):
        if end < len(keyed) and keyed[end][0][:2] == keyed[start][0][:2]:
            continue
        if end - start > 1 and keyed[start][2] is not None:
            keyed[start:end] = sorted(
                keyed[start:end], key=lambda entry: (-Fraction(*entry[2]), entry[0][2])
            )
        start = end


def _touched(
    blockers: Sequence[tuple[Any, int]], ties: Mapping[Any, Sequence[I]], factors: Sequence[int]
) -> dict[I, tuple[int, int]]:
    """The initiatives tied to any of a deal's blockers: the largest factor, the best strength."""
    touched: dict[I, tuple[int, int]] = {}
    for problem, strength in blockers:
        found = factors[strength], strength
        for id in ties.get(problem, ()):
            known = touched.get(id)
            touched[id] = (
                found if known is None else (max(known[0], found[0]), max(known[1], strength))
            )
    return touched


class _Tally:
    """Deals of one kind while they are added up; values as whole numerators, by their share, in
    hundredths of what `Figures` counts.
    """

    __slots__ = ("amount", "count", "fit_sum", "unknown", "values", "verified")

    def __init__(self) -> None:
        self.count = self.amount = self.unknown = self.fit_sum = self.verified = 0
        self.values: defaultdict[int, int] = defaultdict(int)


_OPEN, _RECENT, _OLDER, _UNDATED = range(4)


def _figures(open_: _Tally, recent: _Tally, older: _Tally, undated: _Tally) -> Figures:
    return Figures(
        open_count=open_.count,
        open_amount=open_.amount,
        open_unknown=open_.unknown,
        lost_count=recent.count,
        lost_amount=recent.amount,
        lost_unknown=recent.unknown,
        lost_all_count=recent.count + older.count + undated.count,
        lost_all_amount=recent.amount + older.amount + undated.amount,
        lost_undated=undated.count,
        deal_count=open_.count + recent.count,
        fit_sum=open_.fit_sum + recent.fit_sum,
        verified_count=open_.verified + recent.verified,
        open_value=_summed(open_.values),
        lost_value=_summed(recent.values),
    )


def _summed(numerators: Mapping[int, int]) -> Fraction:
    """The sum of numerator / share over all shares, made a fraction once."""
    if not numerators:
        return _ZERO
    common = lcm(*numerators)
    total = sum(n * (common // share) for share, n in numerators.items())
    return Fraction(total, 100 * common)


def _combined(one: Figures, other: Figures, sign: int) -> Figures:
    parts = {
        part.name: getattr(one, part.name) + sign * getattr(other, part.name)
        for part in fields(Figures)
    }
    return Figures(**parts)
