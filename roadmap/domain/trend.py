"""Losses by close month, and whether a change is more than one loud deal.

Source: win-loss semantics, Trend. A month is the number of months since year 0 (`month_of`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from roadmap.domain.calendar import month_text

FEWEST_MONTHS, MOST_MONTHS, USUAL_MONTHS = 3, 24, 6

ZERO = Fraction(0)


class Part(NamedTuple):
    """Something lost in one month: shares of deals, their amount in cents, and the largest of each
    that a single deal has in it. Unknown amounts count 0."""

    month: int
    deals: Fraction
    amount: Fraction
    largest_deals: Fraction
    largest_amount: Fraction


class Change(NamedTuple):
    """From the m months before to the m months that are shown."""

    before: Fraction
    now: Fraction
    largest: Fraction
    """The most that a single deal has in `now`."""

    @property
    def difference(self) -> Fraction:
        return self.now - self.before

    @property
    def ratio(self) -> Fraction | None:
        """The difference as a share of what was before; None where that was nothing."""
        return self.difference / self.before if self.before else None

    @property
    def rests_on_one_deal(self) -> bool:
        """Whether it is a rise that would be none without the largest deal."""
        return 0 < self.difference <= self.largest


@dataclass(frozen=True)
class Series:
    """A line of the trend: every month of the period in order, those without losses as zeros."""

    counts: tuple[Fraction, ...]
    amounts: tuple[Fraction, ...]
    by_count: Change
    by_amount: Change


class Period(NamedTuple):
    """The m calendar months that end with the month of the as-of date, and the m before them."""

    months: tuple[int, ...]
    before: tuple[int, ...]

    @property
    def first_day(self) -> date:
        """Of the months before: earlier losses take no part."""
        return first_of(self.before[0])


def period(as_of: date, months: int) -> Period:
    """Raises ValueError unless 3 to 24 months are asked for."""
    if not FEWEST_MONTHS <= months <= MOST_MONTHS:
        raise ValueError(f"{months} months")
    last = month_of(as_of)
    shown = tuple(range(last - months + 1, last + 1))
    return Period(shown, tuple(month - months for month in shown))


def series(parts: Iterable[Part], period: Period) -> Series:
    """What the parts add up to, month by month; those of other months are left out."""
    counts: dict[int, Fraction] = dict.fromkeys((*period.before, *period.months), ZERO)
    amounts = dict(counts)
    largest_deals = largest_amount = ZERO
    for part in parts:
        if part.month not in counts:
            continue
        counts[part.month] += part.deals
        amounts[part.month] += part.amount
        if part.month in period.months:
            largest_deals = max(largest_deals, part.largest_deals)
            largest_amount = max(largest_amount, part.largest_amount)
    return Series(
        tuple(counts[month] for month in period.months),
        tuple(amounts[month] for month in period.months),
        _change(counts, period, largest_deals),
        _change(amounts, period, largest_amount),
    )


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def first_of(month: int) -> date:
    """The first day of a month; the calendar's own first day for one that lies before it."""
    return date(month // 12, month % 12 + 1, 1) if month >= 12 else date.min


def month_label(month: int) -> str:
    """As people write it: "Nov 2026"."""
    return month_text(first_of(month))


def _change(sums: Mapping[int, Fraction], period: Period, largest: Fraction) -> Change:
    return Change(
        sum((sums[month] for month in period.before), ZERO),
        sum((sums[month] for month in period.months), ZERO),
        largest,
    )
