"""Weeks and quarters, counted from `today`.

Source: planning semantics, Units. A week is named by its Monday; week 0 is the week of today, or
the one that follows when today is a Saturday or Sunday. A quarter is three months, named by its
first day; the workspace's fiscal year says with which month the first one begins (1 to 12), and
has the name of the calendar year in which it ends.
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
    fiscal_start: int = 1

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
    def quarters(self) -> tuple[date, ...]:
        """The quarter whose capacity each week has: that of its Monday."""
        return tuple(quarter(monday, self.fiscal_start) for monday in self.mondays)


def quarter(day: date, fiscal_start: int) -> date:
    """The quarter of a day: the first day of it."""
    number = _number(day)
    return _month(number - (number - fiscal_start + 1) % 3)


def nearest_quarter(first_day: date, fiscal_start: int) -> date:
    """The quarter that has most of the months of one that begins on `first_day`, whatever month
    fiscal years began with when that was written down. No two quarters become the same one.
    """
    return quarter(_month(_number(first_day) + 1), fiscal_start)


def next_quarter(first_day: date) -> date:
    return _month(_number(first_day) + 3)


def quarter_end(first_day: date) -> date:
    """The last day of a quarter."""
    last = _number(first_day) + 2
    return _month(last).replace(day=calendar.monthrange(last // 12, last % 12 + 1)[1])


def quarter_label(first_day: date, fiscal_start: int) -> str:
    """A quarter as people write it: "Q1 2027", or "FY27 Q1" where years do not begin in January."""
    year, place = _fiscal(first_day, fiscal_start)
    return f"Q{place} {year}" if fiscal_start == 1 else f"FY{year % 100:02} Q{place}"


def quarter_name(first_day: date, fiscal_start: int) -> str:
    """A quarter as files have it, such as "2027Q1" of the fiscal year 2027; these sort as text."""
    year, place = _fiscal(first_day, fiscal_start)
    return f"{year:04d}Q{place}"


def quarter_named(name: str, fiscal_start: int) -> date | None:
    """The first day of a quarter that a file names; None where it is no quarter's name."""
    if _QUARTER.fullmatch(name) is None or name[:4] == "0000":
        return None
    ended = fiscal_start > 1
    number = (int(name[:4]) - ended) * 12 + fiscal_start - 1 + 3 * (int(name[5]) - 1)
    return _month(number) if number >= 12 else None


def month_text(day: date) -> str:
    """The month of a day as people write it: "Mar 2027"."""
    return f"{day:%b %Y}"


def months_before(day: date, months: int) -> date:
    """The same day `months` earlier, clamped to the month's end (31 August less six: 28 February).

    Source: planning semantics, Value and suggested order (trailing window).
    """
    number = _number(day) - months
    year, month = number // 12, number % 12 + 1
    if year < date.min.year:
        return date.min
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _fiscal(first_day: date, fiscal_start: int) -> tuple[int, int]:
    """The fiscal year of a quarter, and its place in that year from 1."""
    since = _number(first_day) - fiscal_start + 1
    return since // 12 + (fiscal_start > 1), since % 12 // 3 + 1


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month(number: int) -> date:
    """The first day of a month counted from year 0, inside the calendar."""
    return date(number // 12, number % 12 + 1, 1) if number >= 12 else date.min
