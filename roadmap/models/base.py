"""What every table shares: the declarative base, naming of constraints, column types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, TypeVar

from sqlalchemy import BigInteger, CheckConstraint, DateTime, MetaData, String, Table, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column

#: Constraints need names, or SQLite's batch migrations cannot drop them later.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

#: The largest amount a deal may have: one hundred thousand million, in cents. Sums of millions of
#: such amounts still fit a 64-bit integer.
MOST_CENTS = 10_000_000_000_000

#: How many values a statement names at most, such as the ids of an IN: SQLite takes 32,766
#: parameters, of which a pair of columns needs two.
CHUNK = 5_000

T = TypeVar("T")

#: The most person-days one work item may have left; far past the horizon of any real team.
MOST_DAYS = 1_000_000


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with its zone, kept in UTC: SQLite drops zones, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


Moment = Annotated[datetime, mapped_column(UtcDateTime)]
Id = Annotated[int, mapped_column(primary_key=True)]
Cents = Annotated[int, mapped_column(BigInteger)]
Name = Annotated[str, mapped_column(String(200))]


def one_of(column: str, values: Iterable[str], name: str | None = None) -> CheckConstraint:
    """A database constraint that keeps a text column to a fixed list."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name or f"{column}_listed")


def one_by_one(column: str, values: Iterable[str]) -> CheckConstraint:
    """The same for a table into which very many rows go: SQLite makes a small index of a list for
    every row that it looks at, which costs more than the rest of the row."""
    rule = " OR ".join(f"{column} = '{value}'" for value in values)
    return CheckConstraint(rule, name=f"{column}_listed")


def within(column: str, least: int, most: int | None = None) -> CheckConstraint:
    """A database constraint on a number's range; null passes, as CHECK does."""
    rule = f"{column} >= {least}" + ("" if most is None else f" AND {column} <= {most}")
    return CheckConstraint(rule, name=f"{column}_range")


def now() -> datetime:
    return datetime.now(UTC)


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in order, in lists of at most `size`: what one statement can name."""
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk


def table(model: type[Base]) -> Table:
    """The model's table, for statements that change many rows at once."""
    found = model.__table__
    assert isinstance(found, Table)  # noqa: S101 (only a mapped selectable would be something else)
    return found
