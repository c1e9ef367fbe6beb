"""Rows into tables, many at a time, past the session's objects: nothing here is kept as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, update

from roadmap.extensions import db
from roadmap.models import Request, RequestEvent

Table = type[Request] | type[RequestEvent]


def insert_rows(table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns."""
    if rows:
        db.session.connection().execute(insert(table), rows)


def update_rows(
    table: Table, columns: Iterable[str], rows: Sequence[tuple[int, Mapping[str, Any]]]
) -> None:
    """Set these columns of each row, given by its id."""
    if not rows:
        return
    names = tuple(columns)
    statement = (
        update(table)
        .where(table.id == bindparam("row"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    db.session.connection().execute(
        statement,
        [{"row": id, **{f"new_{name}": values[name] for name in names}} for id, values in rows],
    )
