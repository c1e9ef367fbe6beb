"""What people type into a search box, as every box reads it: folded, in any order, by the glossary.

Stored columns that are searched hold folded texts (`domain/folding.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select, true

from roadmap.domain.folding import Part, Sought, groups_of

from .settings import workspace


def sought(query: str) -> Sought:
    return Sought(query, groups_of(workspace().glossary))


def has(query: str, *columns: Any) -> ColumnElement[bool]:
    """Whether these folded columns have all of it, each word in any of them; all have nothing."""
    return _every(query, lambda part: _part(part, columns))


def has_through(query: str, text: Any, key: Any, id: Any, other: Any) -> ColumnElement[bool]:
    """`has` for `text` and, by `key`, the `other` text of a small table's rows with this `id`:
    without a join, so that an index that has `text` and `key` is all that is read."""
    return _every(
        query,
        lambda part: or_(_part(part, [text]), key.in_(select(id).where(_part(part, [other])))),
    )


def _every(query: str, build: Callable[[Part], ColumnElement[bool]]) -> ColumnElement[bool]:
    wanted = sought(query)
    return and_(false() if wanted.senseless else true(), *map(build, wanted.parts))


def _part(part: Part, columns: Sequence[Any]) -> ColumnElement[bool]:
    typed, others = part
    words = (or_(*(column.contains(word) for column in columns)) for word in typed.split())
    spaced = [literal(" ") + func.coalesce(column, "") + " " for column in columns]
    return or_(and_(*words), *(text.contains(f" {o} ") for o in others for text in spaced))
