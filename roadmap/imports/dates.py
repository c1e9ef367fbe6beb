"""Dates as CRM exports write them. Day and month are never guessed: the file shows, or is asked."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache

from babel import Locale

from .values import Unreadable, is_blank, shown, text

ORDERS = ("ymd", "dmy", "mdy")

_TIME = r"(?:(?:T|,?\s+)\d{1,2}[:.]\d{2}.*)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])\s?(\d{{1,2}})\2\s?(\d{{1,2}}){_TIME}", re.ASCII)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])\s?(\d{{1,2}})\2\s?(\d{{4}}|\d{{2}}){_TIME}", re.ASCII)
_WORD, _WEEKDAY = r"[^\W\d_]+", r"(?:[^\W\d_]+\.?,?\s+)?"
_DAY_NAMED = re.compile(
    rf"{_WEEKDAY}([0-9]{{1,2}})(?:er)?[-/\s.]+(?:de\s+)?({_WORD})[-/\s,.]+(?:de\s+)?"
    rf"([0-9]{{4}}|[0-9]{{2}}){_TIME}",
    re.IGNORECASE,
)
_MONTH_NAMED = re.compile(
    rf"{_WEEKDAY}({_WORD})\.?\s+([0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+([0-9]{{4}}){_TIME}",
    re.IGNORECASE,
)
_MONTH_ALONE = re.compile(
    rf"([0-9]{{4}})[-/.]([0-9]{{1,2}})|([0-9]{{1,2}})[-/.]([0-9]{{4}})|({_WORD})\.?[-\s,]+([0-9]{{4}})"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?", re.ASCII)
_MILLISECONDS = re.compile(r"1\d{12}", re.ASCII)
#: Months are known in these languages, where a name is the same month's in all that have it.
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs")
#: The day that spreadsheets count from; serials below 20000 would be before 1954.
_SERIAL_ZERO = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)
MONTHS = 12
_YEARS = range(1900, 2200)


class AmbiguousDate(Unreadable):
    """Day first or month first would give different days."""


def day(cell: str, order: str | None = None, month: str | None = None) -> date | None:
    """The day that a cell names, as written, in whatever time zone it was written; None if blank.

    `order` is how a date with numbers alone is read when it does not begin with a year of four
    digits: "dmy", "mdy" or "ymd". Without one, a date that can be read in two ways raises
    AmbiguousDate; what is no date at all raises Unreadable. `month` says which day stands for a
    month alone: "first" or "last"; without it, a month is no date.
    """
    if is_blank(cell):
        return None
    value = text(cell)
    found = _plain_day(value)
    if found:
        return found
    readings = _readings(value)
    first = month_of(value) if month else None
    if first:
        return (
            first
            if month == "first"
            else first + timedelta(monthrange(*first.timetuple()[:2])[1] - 1)
        )
    if order is not None:
        if order in readings:
            return readings[order]
    elif len(set(readings.values())) == 1:
        return next(iter(readings.values()))
    elif readings:
        raise AmbiguousDate(f"“{shown(value)}” can be read with the day or the month first")
    if order is not None and readings:
        raise Unreadable(f"“{shown(value)}” is no date with date_order {order}")
    raise Unreadable(f"“{shown(value)}” is no date")


def readings(cell: str) -> dict[str, date]:
    """The days that a cell may mean, by order; empty where the order does not matter."""
    value = text(cell)
    return {} if is_blank(cell) or _plain_day(value) else _readings(value)


def in_order(cell: str, order: str) -> date | None:
    """The day that a cell names in this order of numbers; None where it names none."""
    value = text(cell)
    return _plain_day(value) or _readings(value).get(order)


def month_of(cell: str) -> date | None:
    """The first day of a month that a cell names without a day; None for anything else."""
    match = _MONTH_ALONE.fullmatch(text(cell))
    if not match:
        return None
    month = match[2] or match[3] or _month(match[5])
    return _valid(match[1] or match[4] or match[6], month, "1")


def is_day(cell: str) -> bool:
    """Whether a cell names a day, in whatever order."""
    value = text(cell)
    return bool(_plain_day(value) or _readings(value))


def day_of_year_first(cell: str) -> int | None:
    """The day of the month in a date that begins with the year; None for anything else."""
    match = _YEAR_FIRST.fullmatch(text(cell))
    return int(match[4]) if match else None


def is_serial(cell: str) -> bool:
    """Whether a spreadsheet's count of days stands in for the date."""
    found = _SERIAL.fullmatch(text(cell))
    return bool(found) and int(text(cell)[:5]) in _SERIALS


def _plain_day(value: str) -> date | None:
    """A date that can be read in one way alone."""
    match = _YEAR_FIRST.fullmatch(value)
    if match:
        return _valid(match[1], match[3], match[4])
    match = _COMPACT.fullmatch(value)
    if match:
        return _valid(match[1], match[2], match[3])
    match = _DAY_NAMED.fullmatch(value)
    if match:
        return _valid(_century(match[3]), _month(match[2]), match[1])
    match = _MONTH_NAMED.fullmatch(value)
    if match:
        return _valid(match[3], _month(match[1]), match[2])
    return _counted(value)


def _counted(value: str) -> date | None:
    match = _SERIAL.fullmatch(value)
    if match and int(match[1]) in _SERIALS:
        return _SERIAL_ZERO + timedelta(days=int(match[1]))
    if _MILLISECONDS.fullmatch(value):
        return datetime.fromtimestamp(int(value) / 1000, UTC).date()
    return None


def _readings(value: str) -> dict[str, date]:
    match = _YEAR_LAST.fullmatch(value)
    if not match:
        return {}
    first, second, third = match[1], match[3], match[4]
    orders: Iterable[tuple[str, str, str, str]] = [
        ("dmy", third, second, first),
        ("mdy", third, first, second),
    ]
    if len(third) == 2:
        orders = [*orders, ("ymd", first, second, third)]
    found = {}
    for order, year, month, day in orders:
        valid = _valid(_century(year), month, day)
        if valid:
            found[order] = valid
    return found


def _century(year: str) -> str:
    if len(year) == 4:
        return year
    return f"{'20' if int(year) < 70 else '19'}{int(year):02}"


def _month(name: str) -> str:
    return str(_months().get(name.casefold(), 0))


@cache
def _months() -> dict[str, int]:
    """The months by their names and short names, in lower case, without the full stop."""
    found: dict[str, set[int]] = {"sept": {9}}
    for language in _LANGUAGES:
        for widths in Locale.parse(language).months.values():
            for width in ("wide", "abbreviated"):
                for month, name in widths[width].items():
                    found.setdefault(name.rstrip(".").casefold(), set()).add(month)
    return {name: min(months) for name, months in found.items() if len(months) == 1}


def _valid(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if found.year in _YEARS else None
