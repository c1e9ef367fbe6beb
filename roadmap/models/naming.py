"""Rows that people find by name, and the order in which lists show them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from roadmap.domain.collation import sort_key
from roadmap.domain.folding import folded


def _of_row(context: Any) -> bytes:
    row = context.get_current_parameters()
    return sort_key(row["name"] if "name" in row else row["title"])


class Named:
    """What has a name, or a title. `sort_key` follows it, however a row is inserted and whenever an
    object is given another; an UPDATE that names columns has to name both."""

    sort_key: Mapped[bytes] = mapped_column(LargeBinary, default=_of_row, server_default=text("''"))

    @validates("name", "title")
    def _follow(self, _name: str, value: str) -> str:
        self.sort_key = sort_key(value)
        if hasattr(type(self), "search_text"):
            self.search_text = folded(value)[:400]
        return value


def folded_name(context: Any) -> str:
    """What search boxes compare, of a row that is inserted without its `search_text`."""
    row = context.get_current_parameters()
    return folded(row["name"] if "name" in row else row["title"])[:400]
