"""Rows that people find by name, and the order in which lists show them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from roadmap.domain.collation import sort_key
from roadmap.domain.folding import folded_name


def _name_in(context: Any) -> str:
    """What a row that is inserted is called."""
    row = context.get_current_parameters()
    called: str = row["name"] if "name" in row else row["title"]
    return called


def _sort_key_in(context: Any) -> bytes:
    return sort_key(_name_in(context))


class Named:
    """What has a name, or a title. `sort_key` follows it, however a row is inserted and whenever an
    object is given another; an UPDATE that names columns has to name both."""

    sort_key: Mapped[bytes] = mapped_column(
        LargeBinary, default=_sort_key_in, server_default=text("''")
    )

    @validates("name", "title")
    def _follow(self, _name: str, value: str) -> str:
        self.sort_key = sort_key(value)
        if hasattr(type(self), "search_text"):
            self.search_text = folded_name(value)
        return value


def search_text_in(context: Any) -> str:
    """What search boxes compare, of a row that is inserted without its `search_text`."""
    return folded_name(_name_in(context))


def derived_from(name: str) -> dict[str, Any]:
    """The columns that follow a name, for an UPDATE that names columns."""
    return {"search_text": folded_name(name), "sort_key": sort_key(name)}
