"""Pages of a long table: by number, or by the last row seen, which costs the same wherever it is.

A page by the last row seen asks an index for the rows after (or before) a key, so page 4,000 reads
fifty rows as page 1 does. Rows whose key is unknown come last in either direction, on both
databases: they are a second range of the same index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from flask import request
from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    false,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.selectable import GenerativeSelect

from roadmap.domain.collation import MOST_BYTES
from roadmap.extensions import db

from . import arguments

PAGE = 50

Read = Callable[[str], Any]
T = TypeVar("T")
S = TypeVar("S", bound=GenerativeSelect)


@dataclass(frozen=True)
class Numbered:
    """The page that the address asks for by its number; beyond the last one, the last."""

    total: int
    size: int = PAGE

    @cached_property
    def number(self) -> int:
        return min(arguments.number("page") or 1, max(1, -(-self.total // self.size)))

    @property
    def offset(self) -> int:
        """How many rows stand before it."""
        return (self.number - 1) * self.size

    @property
    def first(self) -> int:
        return self.offset + 1

    @property
    def last(self) -> int:
        return min(self.offset + self.size, self.total)

    @property
    def before(self) -> int | None:
        return self.number - 1 or None

    @property
    def after(self) -> int | None:
        return self.number + 1 if self.last < self.total else None

    def of(self, rows: Sequence[T]) -> Sequence[T]:
        return rows[self.offset : self.last]

    def limited(self, statement: S) -> S:
        return statement.limit(self.size).offset(self.offset)


@dataclass(frozen=True)
class Order:
    """What a list is sorted by: a column, its direction, and how its values are read back."""

    label: str
    key: ColumnElement[Any]
    descending: bool
    read: Read
    nullable: bool = True


@dataclass(frozen=True)
class Place:
    """Where in the list a page starts: after or before a row, by its key and id."""

    key: Any = None
    id: int | None = None
    backwards: bool = False
    first: int = 1
    """The number of the page's first row, as far as the one who follows the links counted."""


START = Place()


def read_day(text: str) -> date:
    return date.fromisoformat(text)


def read_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise ValueError(text)
    return int(text)


def read_sort_key(text: str) -> bytes:
    return bytes.fromhex(text[: 2 * MOST_BYTES])


def place(order: Order) -> Place:
    """The place that the address names; a senseless one is the start."""
    backwards = "before" in request.args
    mark = request.args.get("before" if backwards else "after", "")
    id, separator, key = mark.partition("~")
    if not separator or "\0" in key:
        return START
    try:
        number = read_number(id)
        value = order.read(key) if key else None
    except ValueError:
        return START
    if number > arguments.MOST_ID:
        return START
    return Place(value, number, backwards, arguments.number("first") or 1)


@dataclass(frozen=True)
class Page:
    """A page of rows with the marks of the pages beside it; None where there is none."""

    rows: Sequence[Any]
    first: int
    after: str | None
    before: str | None

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def first_before(self) -> int:
        return max(1, self.first - PAGE)


def page_of(
    order: Order, id: ColumnElement[int], base: Select[Any], columns: Callable[..., Select[Any]]
) -> Page:
    """The page that the address names, of the rows that `base` selects from the table. `columns` of
    a page's key selects its rows with the key's column beside them.
    """
    where = place(order)
    found = keys(order, id, base, where)
    by = sorted_by(order, found, backwards=where.backwards)
    statement = columns(found.c.key).join(found, found.c.id == id).order_by(*by)
    rows = db.session.execute(statement.limit(PAGE + 1)).all()
    return page(rows, where, lambda row: (row.key, row.id))


def in_order(order: Order, id: ColumnElement[int], statement: Select[Any]) -> Select[Any]:
    """All rows in the order that pages have them in."""
    by = [each.desc() if order.descending else each.asc() for each in (order.key, id)]
    return statement.order_by(order.key.is_(None), *by)


def keys(order: Order, id: ColumnElement[int], base: Select[Any], where: Place) -> Subquery:
    """The ids of a page and one more, as a subquery with `id`, `part` and `key`, unordered.

    `base` selects from the table with its filters; what it selects is replaced.
    """
    known = order.key.is_not(None) if order.nullable else true()
    ranges = [_range(order, id, base.where(known), where, part=0)]
    if order.nullable:
        ranges.append(_range(order, id, base.where(order.key.is_(None)), where, part=1))
    return union_all(*(select(each) for each in ranges)).subquery()


def sorted_by(order: Order, found: Subquery, *, backwards: bool) -> list[ColumnElement[Any]]:
    """The order of a page's rows, against the list's own when it was read backwards."""
    down = order.descending != backwards
    part = found.c.part.desc() if backwards else found.c.part
    columns = (found.c.key, found.c.id)
    return [part, *((column.desc() if down else column.asc()) for column in columns)]


def page(rows: Sequence[Any], where: Place, mark: Callable[[Any], tuple[Any, int]]) -> Page:
    """A page of what was read: at most one row more than it shows says that the list goes on."""
    more = len(rows) > PAGE
    shown = list(rows[:PAGE])
    if where.backwards:
        shown.reverse()
    follows = more or where.backwards
    precedes = more if where.backwards else where.id is not None
    first = where.first if precedes else 1
    return Page(
        shown,
        first,
        _mark(*mark(shown[-1])) if shown and follows else None,
        _mark(*mark(shown[0])) if shown and precedes else None,
    )


def _mark(key: Any, id: int) -> str:
    said = key.hex() if isinstance(key, bytes) else "" if key is None else key
    return f"{id}~{said}"


def _range(
    order: Order, id: ColumnElement[int], base: Select[Any], where: Place, part: int
) -> Subquery:
    down = order.descending != where.backwards
    by = [column.desc() if down else column.asc() for column in (order.key, id)]
    statement = base.with_only_columns(
        id.label("id"), literal(part).label("part"), order.key.label("key")
    )
    statement = statement.where(_beyond(order.key, id, where, part=part, down=down))
    return statement.order_by(*by).limit(PAGE + 1).subquery()


def _beyond(
    key: ColumnElement[Any], id: ColumnElement[int], where: Place, *, part: int, down: bool
) -> ColumnElement[bool]:
    """Whether a row of this part lies on the far side of the place."""
    if where.id is None:
        return true()
    here = 1 if where.key is None else 0
    if part != here:
        return true() if (part > here) != where.backwards else false()
    on = id < where.id if down else id > where.id
    if part == 1:
        return on
    past = key < where.key if down else key > where.key
    edge = key <= where.key if down else key >= where.key
    # The edge lets an index start there; the rest settles rows with the same key.
    return and_(edge, or_(past, on))
