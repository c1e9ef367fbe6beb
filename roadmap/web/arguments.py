"""What an address asks for, read without trust: what makes no sense counts as not given."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, TypeVar

from flask import request, url_for

from .fields import FIRST_DAY, LAST_DAY, MOST_NUMBER, has_controls, whole_number

MOST_ID = MOST_NUMBER
#: In place of an id: those without one.
NONE = "none"

F = TypeVar("F", bound=Any)


#: For routes: an id that both databases can look up; anything larger is no address.
ID = f"int(min=1, max={MOST_ID})"


def text(name: str, most: int = 200, *, posted: bool = False) -> str:
    """Words to look for, of the address or of a posted form, without space around them, cut at
    `most`; none where they hold control characters."""
    value = " ".join((request.form if posted else request.args).get(name, "").split())[:most]
    return "" if has_controls(value) else value


def number(name: str, most: int = MOST_ID) -> int | None:
    """A whole number from 1."""
    return whole_number(request.args.get(name, ""), most) or None


def day(name: str) -> date | None:
    """A date such as 2027-01-31, of those that people may set."""
    try:
        value = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return value if FIRST_DAY <= value <= LAST_DAY else None


def month(name: str) -> date | None:
    """The first day of a month such as 2027-01."""
    try:
        return date.fromisoformat(f"{request.args.get(name, '')}-01")
    except ValueError:
        return None


def choice(name: str, allowed: Collection[str], default: str = "") -> str:
    value = request.args.get(name, default)
    return value if value in allowed else default


def address(endpoint: str, values: Mapping[str, object], **changes: object) -> str:
    """The address of a list with these filters; empty ones are left out."""
    merged = {**values, **changes}
    return url_for(endpoint, **{k: v for k, v in merged.items() if v not in (None, "", False)})  # type: ignore[arg-type]
