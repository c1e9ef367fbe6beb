"""Effort and people as they are typed: whole person-days, and people in steps of 0.2."""

from __future__ import annotations

import re

from roadmap.models.base import MOST_DAYS

#: The most people that a team has for the roadmap, or that one work item takes.
MOST_PEOPLE = 1000

_PEOPLE = re.compile(r"(\d{1,5})(?:\.(\d{1,2}))?")
_DAYS = re.compile(r"\d{1,9}")


def days_of(text: str) -> int:
    """Whole person-days. Raises ValueError with what to write instead."""
    plain = text.replace(",", "")
    if not (plain.isascii() and _DAYS.fullmatch(plain)):
        raise ValueError("Write whole person-days, such as 15, or nothing if not estimated.")
    if int(plain) > MOST_DAYS:
        raise ValueError(f"At most {MOST_DAYS:,} person-days.")
    return int(plain)


def week_of(text: str) -> int:
    """People such as "5.4" as person-days a week. Raises ValueError with what to write instead."""
    found = _PEOPLE.fullmatch(text) if text.isascii() else None
    hundredths = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else 1
    if hundredths % 20:
        raise ValueError("Write people in steps of 0.2, such as 5.4.")
    if hundredths > MOST_PEOPLE * 100:
        raise ValueError(f"At most {MOST_PEOPLE:,} people.")
    return hundredths // 20


def people(days_per_week: int) -> str:
    """Person-days a week as people: 27 is "5.4"."""
    whole, rest = divmod(days_per_week, 5)
    return f"{whole}.{rest * 2}" if rest else str(whole)
