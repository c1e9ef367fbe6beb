"""Nobody edits or deletes what the ledger holds: not by the product, not by SQL."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from tests.storage.rows import add, count

LEDGER = ("tradeoffs", "tradeoff_forecasts", "tradeoff_deals", "tradeoff_promises")


@pytest.fixture
def recorded(connection: Connection) -> Connection:
    for table in LEDGER:
        add(connection, table)
    return connection


@pytest.mark.parametrize("table", LEDGER)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "UPDATE {table} SET {column} = {column} WHERE 1 = 0 OR {column} IS NOT NULL",
        "DELETE FROM {table}",
        "DELETE FROM {table} WHERE {column} IS NOT NULL",
    ],
)
def test_an_entry_is_never_edited_or_deleted(
    recorded: Connection, table: str, statement: str
) -> None:
    column = "reason" if table == "tradeoffs" else "direction"
    refused(recorded, statement.format(table=table, column=column))
    assert count(recorded, table) >= 1


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("statement", ["TRUNCATE {table}", "TRUNCATE {table} CASCADE"])
@pytest.mark.parametrize("table", LEDGER[1:])
def test_a_table_of_the_ledger_is_never_emptied(
    recorded: Connection, table: str, statement: str
) -> None:
    refused(recorded, statement.format(table=table))


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("table", ["tradeoffs", "initiatives", "users", "deals"])
def test_emptying_a_table_that_the_ledger_rests_on_takes_nothing_along(
    recorded: Connection, table: str
) -> None:
    refused(recorded, f"TRUNCATE {table} CASCADE")


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("table", LEDGER)
def test_an_entry_is_not_replaced_by_another(recorded: Connection, table: str) -> None:
    # REPLACE deletes the row in the way, without its triggers unless recursive ones are on.
    refused(recorded, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608
    assert count(recorded, table) >= 1


@pytest.mark.parametrize("table", LEDGER)
def test_new_entries_are_taken(recorded: Connection, table: str) -> None:
    before = count(recorded, table)
    add(recorded, table)
    assert count(recorded, table) == before + 1


def refused(connection: Connection, statement: str) -> None:
    savepoint = connection.begin_nested()
    with pytest.raises(IntegrityError, match="the ledger is never edited or deleted"):
        connection.execute(text(statement))
    savepoint.rollback()
