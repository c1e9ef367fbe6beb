"""The one place that knows which day it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from flask import current_app


def today() -> date:
    """Today, in UTC, or the day that the configuration takes for it."""
    fixed = current_app.config.get("TODAY")
    return date.fromisoformat(fixed) if fixed else datetime.now(UTC).date()


def now() -> datetime:
    """This moment, or ten in the morning of the day that the configuration takes for today."""
    fixed = current_app.config.get("TODAY")
    if fixed:
        return datetime.combine(date.fromisoformat(fixed), time(10), UTC)
    return datetime.now(UTC)
