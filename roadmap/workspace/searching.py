"""What people type into a search box, as every box reads it: folded, in any order, by the glossary.

Stored columns that are searched hold folded texts (`domain/folding.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal, or_, select, true

from roadmap.domain.folding import Part, Sought, groups_of
from roadmap.extensions import db

from .settings import workspace

#: Ids that are named to the database rather than looked for again.
FEW = 50


def sought(query: str) -> Sought:
    return Sought(query, groups_of(workspace().glossary))


def has(query: str, *columns: Any) -> ColumnElement[bool]:
    """Whether these folded columns have all of it, each word in any of them; all have nothing."""
    return _every(query, lambda part: _part(part, columns))


def has_through(query: str, text: Any, key: Any, id: Any, other: Any) -> ColumnElement[bool]:
    """`has` for `text` and, by `key`, the `other` text of a small table's rows with this `id`:
    without a join, so that an index that has `text` and `key` is all that is read."""

    def either(part: Part) -> ColumnElement[bool]:
        chosen = select(id).where(_part(part, [other]))
        few = db.session.scalars(chosen.limit(FEW + 1)).all()
        of_other = key.in_(few if len(few) <= FEW else chosen)
        return or_(_part(part, [text]), of_other) if few else _part(part, [text])

    return _every(query, either)


def _every(query: str, build: Callable[[Part], ColumnElement[bool]]) -> ColumnElement[bool]:
    wanted = sought(query)
    return and_(false() if wanted.senseless else true(), *map(build, wanted.parts))


def _part(part: Part, columns: Sequence[Any]) -> ColumnElement[bool]:
    typed, others = part
    words = (or_(*(column.contains(word) for column in columns)) for word in typed.split())
    whole = (_whole(other, column) for other in others for column in columns)
    return or_(and_(*words), *whole)


def _whole(words: str, column: Any) -> ColumnElement[bool]:
    """As whole words; parts of words are looked for first, which costs a fraction."""
    return and_(column.contains(words), (literal(" ") + column + " ").contains(f" {words} "))
