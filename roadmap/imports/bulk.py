"""Many rows into a table at once, as plain values in the order of the columns.

This is what an import's time goes to, so it goes past everything that is convenient: on SQLite the
driver's own loop, on PostgreSQL its COPY. Values are as either database writes them: dates as ISO
text, JSON as text.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from roadmap.extensions import db
from roadmap.models import Deal, StagedAccount, StagedDeal
from roadmap.models.base import table as sa_table

#: For the pages of SQLite while an import is applied.
ROOM_KIB = 64_000

#: Below so many rows, nothing is won by building indexes anew.
FEW = 20_000

Table = type[StagedDeal] | type[StagedAccount]


@contextmanager
def few_collections() -> Iterator[None]:
    """Let the collector of cycles look seldom: a file becomes millions of values, and no cycle."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def make_room() -> None:
    """Give this transaction's connection memory for many indexes at once.

    SQLite keeps a megabyte of pages by default here: rows that fall everywhere into eight indexes
    would be read and written over and over.
    """
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA cache_size = -{ROOM_KIB}")


@contextmanager
def indexed_afterwards(table: type[Deal], rows: int, stored: int) -> Iterator[None]:
    """On SQLite, where as many `rows` are about to be inserted, or deleted, as there are `stored`
    besides, take the table's indexes away and build them anew: an index over all rows at once takes
    a third of the time that as many changes of it do. It is part of the transaction, and nobody
    else sees it.

    On PostgreSQL the same would keep all who only read waiting.
    """
    connection = db.session.connection()
    if connection.dialect.name != "sqlite" or rows < max(FEW, stored):
        yield
        return
    indexes = sorted(sa_table(table).indexes, key=lambda index: str(index.name))
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)


def insert_rows(table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows in this transaction."""
    listed = list(rows)
    if not listed:
        return
    connection = db.session.connection()
    quote = connection.dialect.identifier_preparer.quote
    named = ", ".join(quote(name) for name in columns)
    name = sa_table(table).name
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {name} ({named}) FROM STDIN") as copy:
            for row in listed:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    connection.exec_driver_sql(
        f"INSERT INTO {name} ({named}) VALUES ({marks})",  # noqa: S608 (names from the models)
        listed,
    )
