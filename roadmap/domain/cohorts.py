"""Deals by when they were opened, and how each cohort turned out at the same age.

A rise in losses may just be a rise in deals, and a young cohort has lost little because it is
young. So cohorts are compared at equal ages: the share of a cohort that was lost by the end of the
third, sixth and twelfth calendar month after the month that each deal was opened in. A cohort that
is not that old yet, all of it, has no such figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from roadmap.domain.calendar import month_text, quarter_label
from roadmap.domain.deals import LOST, WON
from roadmap.domain.trend import first_of

AGES = (3, 6, 12)
"""In whole months after the month of opening."""

MONTH, QUARTER = "month", "quarter"
LENGTHS = {MONTH: 1, QUARTER: 3}


class Outcome(NamedTuple):
    """Deals alike: opened in a month, in this state as of the day, closed in a month (None while
    open, and where nobody knows)."""

    opened: int
    state: str
    closed: int | None
    deals: int
    amount: int
    unknown: int


@dataclass
class Tally:
    deals: int = 0
    amount: int = 0
    unknown: int = 0

    def add(self, outcome: Outcome) -> None:
        self.deals += outcome.deals
        self.amount += outcome.amount
        self.unknown += outcome.unknown


@dataclass
class Cohort:
    """The deals opened in the months from `first` on: amounts in cents, unknown ones count 0."""

    first: int
    length: int
    #: The month with which fiscal years begin.
    fiscal_start: int = 1
    won: Tally = field(default_factory=Tally)
    lost: Tally = field(default_factory=Tally)
    open: Tally = field(default_factory=Tally)
    lost_by_age: dict[int, int] = field(default_factory=lambda: dict.fromkeys(AGES, 0))
    undated: int = 0
    """Lost deals without a close date: of no known age, so lost at none."""

    @property
    def opened(self) -> int:
        return self.won.deals + self.lost.deals + self.open.deals

    def age_reached(self, months: int, as_of: date) -> bool:
        """Whether all its deals have had so many whole months after the month of their opening."""
        last = self.first + self.length - 1
        return as_of + timedelta(days=1) >= first_of(last + months + 1)

    def lost_at(self, months: int, as_of: date) -> Fraction | None:
        """The share lost at that age; None while the cohort is too young, and without deals."""
        if not self.opened or not self.age_reached(months, as_of):
            return None
        return Fraction(self.lost_by_age[months], self.opened)


def cohorts(outcomes: Iterable[Outcome], length: int, fiscal_start: int = 1) -> list[Cohort]:
    """By month (`length` 1) or quarter (3), oldest first; empty ones are left out."""
    found: dict[int, Cohort] = {}
    for outcome in outcomes:
        first = outcome.opened - (outcome.opened - fiscal_start + 1) % length
        cohort = found.setdefault(first, Cohort(first, length, fiscal_start))
        _add(cohort, outcome)
    return [found[first] for first in sorted(found)]


def label(cohort: Cohort) -> str:
    """ "Q1 2027" or "Jan 2027"."""
    day = first_of(cohort.first)
    return month_text(day) if cohort.length == 1 else quarter_label(day, cohort.fiscal_start)


def _add(cohort: Cohort, outcome: Outcome) -> None:
    tally = {WON: cohort.won, LOST: cohort.lost}.get(outcome.state, cohort.open)
    tally.add(outcome)
    if outcome.state != LOST:
        return
    if outcome.closed is None:
        cohort.undated += outcome.deals
        return
    for age in AGES:
        if outcome.closed <= outcome.opened + age:
            cohort.lost_by_age[age] += outcome.deals
