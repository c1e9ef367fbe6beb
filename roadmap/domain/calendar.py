"""Weeks and quarters, counted from `today`.

Source: planning semantics, Units. A week is named by its Monday; week 0 is the week of today, or
the one that follows when today is a Saturday or Sunday. Quarters are calendar quarters, written
"2027Q1", so that they sort as text.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

HORIZON = 156
"""The number of weeks that are planned: weeks 0 to 155."""

_QUARTER = re.compile(r"[0-9]{4}Q[1-4]")


@dataclass(frozen=True)
class Grid:
    """The weeks as of `today`. Raises OverflowError where a date would leave the calendar."""

    today: date

    @cached_property
    def week_0(self) -> date:
        """The Monday of week 0."""
        weekday = self.today.weekday()
        return self.today + timedelta(days=7 - weekday if weekday >= 5 else -weekday)

    def monday(self, week: int) -> date:
        return self.week_0 + timedelta(days=7 * week)

    def friday(self, week: int) -> date:
        """The finish date of work that ends in this week."""
        return self.week_0 + timedelta(days=7 * week + 4)

    @cached_property
    def mondays(self) -> tuple[date, ...]:
        """The Monday of each week inside the horizon."""
        return tuple(self.monday(week) for week in range(HORIZON))

    @cached_property
    def fridays(self) -> tuple[date, ...]:
        """The Friday of each week inside the horizon."""
        return tuple(self.friday(week) for week in range(HORIZON))

    def first_week_on_or_after(self, day: date) -> int:
        """The first week whose Monday is on or after `day`: also negative, or past the horizon."""
        return -((self.week_0 - day).days // 7)

    @cached_property
    def quarters(self) -> tuple[str, ...]:
        """The quarter whose capacity each week has: that of its Monday."""
        return tuple(quarter(monday) for monday in self.mondays)

    def quarter_of_week(self, week: int) -> str:
        return quarter(self.monday(week))


def quarter(day: date) -> str:
    """The calendar quarter of a day, such as "2027Q1"."""
    return f"{day.year:04d}Q{(day.month + 2) // 3}"


def is_quarter(text: str) -> bool:
    return _QUARTER.fullmatch(text) is not None and text[:4] != "0000"


def quarter_start(name: str) -> date:
    return date(int(name[:4]), 3 * int(name[5]) - 2, 1)


def quarter_end(name: str) -> date:
    """The last day of a quarter."""
    year, month = int(name[:4]), 3 * int(name[5])
    return date(year, month, calendar.monthrange(year, month)[1])


def next_quarter(name: str) -> str:
    return _quarter_at(_quarter_number(name) + 1)


def previous_quarter(name: str) -> str:
    return _quarter_at(_quarter_number(name) - 1)


def quarter_label(name: str) -> str:
    """A quarter as people write it: "Q1 2027"."""
    return f"{name[4:]} {name[:4]}"


def month_text(day: date) -> str:
    """The month of a day as people write it: "Mar 2027"."""
    return f"{day:%b %Y}"


def months_before(day: date, months: int) -> date:
    """The same day `months` earlier, clamped to the month's end (31 August less six: 28 February).

    Source: planning semantics, Value and suggested order (trailing window).
    """
    number = day.year * 12 + day.month - 1 - months
    year, month = number // 12, number % 12 + 1
    if year < date.min.year:
        return date.min
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _quarter_number(name: str) -> int:
    return int(name[:4]) * 4 + int(name[5]) - 1


def _quarter_at(number: int) -> str:
    return f"{number // 4:04d}Q{number % 4 + 1}"
