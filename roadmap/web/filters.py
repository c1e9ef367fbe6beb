"""How money, dates and numbers are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel.core import UnknownLocaleError
from babel.numbers import get_currency_precision, get_currency_symbol
from flask import Flask, current_app
from markupsafe import Markup, escape

from roadmap.domain.calendar import month_text
from roadmap.domain.money import known_amount

LOCALE = "en_US"
ZONES = "time zones"
_SURNAME_FIRST = re.compile(r"([^,]+), *([^,()]*[^,() ])( *\([^)]*\))?")
_NEGATIVE = re.compile(r"−[^\s<]+")
_UNITS = ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K"))


@cache
def _symbol(currency: str) -> str:
    try:
        return get_currency_symbol(currency, LOCALE)
    except (UnknownLocaleError, LookupError):
        return currency


@cache
def _has_cents(currency: str) -> bool:
    return get_currency_precision(currency) > 0


def money_full(cents: int | None, currency: str) -> str:
    """All of it: "$3,400,000.00", "−$5.00"; "unknown" for None.

    Written by hand: a board has hundreds of amounts, and Babel takes 40 microseconds for each.
    """
    if cents is None:
        return "unknown"
    sign = "−" if cents < 0 else ""
    units, rest = divmod(abs(cents), 100)
    if not _has_cents(currency):
        return f"{sign}{_symbol(currency)}{_half_up(abs(cents), 100):,}"
    return f"{sign}{_symbol(currency)}{units:,}.{rest:02}"


def money_short(cents: int | None, currency: str) -> str:
    """Three figures and a unit, rounded half up: "$3.4M", "$950K", "−$1.3M"."""
    if cents is None:
        return "unknown"
    sign = "−" if cents < 0 else ""
    whole = _half_up(abs(cents), 100)
    symbol = _symbol(currency)
    for index, (size, letter) in enumerate(_UNITS):
        # 999,950 is 1.0M, not 1000.0K: rounding may carry into the next unit.
        least = size - size // 2000 if index < len(_UNITS) else size
        if whole >= least:
            tenths = _half_up(whole * 10, size)
            if tenths >= 1000 or tenths % 10 == 0:
                return f"{sign}{symbol}{_half_up(whole, size):,}{letter}"
            return f"{sign}{symbol}{tenths // 10}.{tenths % 10}{letter}"
    return f"{sign}{symbol}{whole:,}"


def _half_up(number: int, by: int) -> int:
    return (2 * number + by) // (2 * by)


class Zones(NamedTuple):
    """Whose time zones dates and times are written in: the workspace's days, the reader's clock."""

    workspace: Callable[[], ZoneInfo]
    reader: Callable[[], ZoneInfo]


def read_with(app: Flask, zones: Zones) -> None:
    app.extensions[ZONES] = zones


def _zones() -> Zones:
    zones: Zones = current_app.extensions[ZONES]
    return zones


def day(value: date | datetime | None) -> str:
    """A date in words that nobody mistakes: "5 Mar 2027"; date.min stands for "already". Of a
    moment, the workspace's day.
    """
    if value == date.min:
        return "already"
    if isinstance(value, datetime):
        value = value.astimezone(_zones().workspace())
    return "" if value is None else f"{value.day} {value:%b %Y}"


def local(value: datetime) -> datetime:
    """A moment by the reader's clock."""
    return value.astimezone(_zones().reader())


def moment(value: datetime | None) -> str:
    """ "5 Mar 2027, 14:05 CET", by the reader's clock."""
    if value is None:
        return ""
    there = local(value)
    return f"{there.day} {there:%b %Y}, {clock_time(value)}"


def clock_time(value: datetime) -> str:
    """ "14:05 CET"; zones without letters of their own are "UTC+03"."""
    there = local(value)
    name = there.tzname() or ""
    return f"{there:%H:%M} {'UTC' if name[:1] in '+-' else ''}{name}"


def number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """ "1 deal", "2,000 deals"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def first_name_first(name: str | None) -> str:
    """A person as CRM may have them, "Quintero, Rosa", as people are written here."""
    found = _SURNAME_FIRST.fullmatch(name or "")
    return f"{found[2]} {found[1]}{found[3] or ''}" if found else name or ""


def figures(text: str) -> Markup:
    """Words in which no line ends between a minus and its amount, or before a per cent sign."""
    kept = re.sub(r"(?<=\d) %", "\u00a0%", str(escape(text)))
    return Markup(_NEGATIVE.sub(r'<span class="nowrap">\g<0></span>', kept))  # noqa: S704


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        money_short=money_short,
        money_full=money_full,
        day=day,
        moment=moment,
        month=month_text,
        clock_time=clock_time,
        number=number,
        plural=plural,
        first_name_first=first_name_first,
        figures=figures,
        known_amount=known_amount,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
