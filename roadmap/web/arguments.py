"""What an address asks for, read without trust: what makes no sense counts as not given."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from flask import request, url_for

from .fields import has_controls

#: The largest id that either database takes.
MOST_ID = 2**31 - 1

#: For routes: an id that both databases can look up; anything larger is no address.
ID = f"int(min=1, max={MOST_ID})"


def text(name: str, most: int = 200) -> str:
    """Words to look for, without space around them, cut at `most`."""
    value = " ".join(request.args.get(name, "").split())[:most]
    return "" if has_controls(value) else value


def number(name: str, most: int = MOST_ID) -> int | None:
    """A whole number from 1."""
    value = request.args.get(name, "")
    if not (value.isascii() and value.isdigit()) or len(value) > 10:
        return None
    return int(value) if 1 <= int(value) <= most else None


def choice(name: str, allowed: Collection[str], default: str = "") -> str:
    value = request.args.get(name, default)
    return value if value in allowed else default


def address(endpoint: str, values: Mapping[str, object], **changes: object) -> str:
    """The address of a list with these filters; empty ones are left out."""
    merged = {**values, **changes}
    return url_for(endpoint, **{k: v for k, v in merged.items() if v not in (None, "", False)})  # type: ignore[arg-type]
