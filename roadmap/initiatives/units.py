"""Effort and people as they are typed: whole person-days, and people in steps of 0.2."""

from __future__ import annotations

from decimal import Decimal

from roadmap.models.base import MOST_DAYS
from roadmap.workspace import numbers

#: The most people that a team has for the roadmap, or that one work item takes.
MOST_PEOPLE = 1000

_DAYS = "whole person-days, such as 15 or 1,200, or nothing if not estimated"
_PEOPLE = "people in steps of 0.2, such as 5 or 5.4"


def days_of(text: str) -> int:
    """Whole person-days. Raises ValueError with what to write instead."""
    return int(numbers.read(text, _DAYS, most=MOST_DAYS, unit="person-days"))


def week_of(text: str) -> int:
    """People such as "5.4" as person-days a week. Raises ValueError with what to write instead."""
    found = numbers.read(text, _PEOPLE, most=MOST_PEOPLE, places=2, unit="people")
    if found % Decimal("0.2"):
        raise ValueError(f"Write {numbers.as_typed(_PEOPLE)}.")
    return int(found * 5)


def people(days_per_week: int) -> str:
    """Person-days a week as people: 27 is "5.4"."""
    whole, rest = divmod(days_per_week, 5)
    return f"{whole}.{rest * 2}" if rest else str(whole)
