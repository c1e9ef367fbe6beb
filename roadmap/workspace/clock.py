"""The one place that knows which day it is: days are those of the workspace's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from flask import Flask, current_app
from flask_login import current_user

from roadmap.domain import calendar
from roadmap.web.filters import Zones, read_with

from .settings import workspace


def init_app(app: Flask) -> None:
    read_with(app, Zones(zone, reader_zone))


def zone() -> ZoneInfo:
    return ZoneInfo(workspace().time_zone)


def reader_zone() -> ZoneInfo:
    """The signed-in person's own zone, else the workspace's."""
    own = getattr(current_user, "time_zone", None)
    return ZoneInfo(own) if own else zone()


def today() -> date:
    """The workspace's day, or the one that the configuration takes for it."""
    return day_of(now())


def now() -> datetime:
    """This moment in UTC, or the one that the configuration takes for it: of a mere day, ten in the
    morning.
    """
    fixed = current_app.config.get("TODAY")
    if not fixed:
        return datetime.now(UTC)
    if len(fixed) > len("2027-01-11"):
        return datetime.fromisoformat(fixed).astimezone(UTC)
    return datetime.combine(date.fromisoformat(fixed), time(10), zone()).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The workspace's day in which a moment lies."""
    return moment.astimezone(zone()).date()


def start_of(day: date) -> datetime:
    """The moment, in UTC, at which a day of the workspace begins."""
    return datetime.combine(day, time.min, zone()).astimezone(UTC)


def quarter(day: date) -> date:
    """The quarter of a day by the workspace's fiscal year: its first day."""
    return calendar.quarter(day, workspace().fiscal_start)


def quarter_label(first_day: date) -> str:
    return calendar.quarter_label(first_day, workspace().fiscal_start)


def quarter_name(first_day: date) -> str:
    return calendar.quarter_name(first_day, workspace().fiscal_start)


@cache
def zones() -> tuple[tuple[str, str], ...]:
    """The time zones that people know, as value and text: UTC, and places by continent."""
    named = (name for name in available_timezones() if "/" in name)
    places = sorted(name for name in named if not name.startswith(("Etc/", "SystemV/")))
    return tuple((name, name.replace("_", " ")) for name in ("UTC", *places))
