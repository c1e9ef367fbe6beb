"""The one place that knows which day it is."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import current_app


def today() -> date:
    """Today, in UTC, or the day that the configuration takes for it."""
    fixed = current_app.config.get("TODAY")
    return date.fromisoformat(fixed) if fixed else datetime.now(UTC).date()
