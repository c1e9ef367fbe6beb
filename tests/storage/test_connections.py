"""How each database is spoken to: durable writes that queue, and reads that keep nobody waiting."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from roadmap.extensions import db, reading, streamed
from roadmap.planning import picture as pictures
from roadmap.planning.gather import gather
from roadmap.workspace import clock, revision
from roadmap.workspace.settings import workspace
from tests.support import databases
from tests.support.cast import PASSWORD, person
from tests.support.client import CheckingClient
from tests.support.company import Company

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: what was acknowledged survives a power cut
    "foreign_keys": 1,
    "recursive_triggers": 1,
}

ISOLATION = {
    "GET": ("repeatable read", "on"),
    "HEAD": ("repeatable read", "on"),
    "POST": ("read committed", "off"),
}


@pytest.fixture
def company(app: Flask) -> Company:
    company = Company(app)
    core = company.team()
    company.initiative("First", work=[(core, 10)])
    company.initiative("Second", work=[(core, 10)])
    return company


@pytest.fixture
def stranger(app: Flask) -> Iterator[sqlite3.Connection]:
    """Another process's connection to the same file, which waits for nobody."""
    with app.app_context():
        file = db.engine.url.database
    assert file
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
        yield connection


@pytest.mark.only("sqlite")
def test_every_connection_is_durable_and_holds_to_foreign_keys(app: Flask) -> None:
    def pragmas(_: int) -> dict[str, object]:
        with app.app_context():
            return {
                name: db.session.scalar(text(f"PRAGMA {name}"))
                for name in (*PRAGMAS, "busy_timeout")
            }

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(pragmas, range(8)):
            assert found.pop("busy_timeout") >= 10_000
            assert found == PRAGMAS


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_whoever_may_write_takes_the_lock_before_reading(
    app: Flask, stranger: sqlite3.Connection, method: str
) -> None:
    with app.test_request_context("/board", method=method):
        db.session.execute(text("SELECT 1 FROM workspace"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            stranger.execute("BEGIN IMMEDIATE")
        db.session.rollback()
        stranger.execute("BEGIN IMMEDIATE")


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_whoever_reads_leaves_the_lock_to_others(
    app: Flask, stranger: sqlite3.Connection, method: str
) -> None:
    with app.test_request_context("/board", method=method):
        db.session.execute(text("SELECT 1 FROM workspace"))
        stranger.execute("BEGIN IMMEDIATE")


@pytest.mark.only("sqlite")
def test_a_command_takes_the_lock_unless_it_only_reads(
    app: Flask, stranger: sqlite3.Connection
) -> None:
    with app.app_context():
        with reading():
            db.session.execute(text("SELECT 1 FROM workspace"))
            stranger.execute("BEGIN IMMEDIATE")
            stranger.execute("ROLLBACK")
        db.session.execute(text("SELECT 1 FROM workspace"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            stranger.execute("BEGIN IMMEDIATE")


@pytest.mark.only("postgresql")
def test_postgresql_hands_over_a_long_answer_piece_by_piece(app: Flask) -> None:
    with app.test_request_context("/deals.csv"):
        rows = iter(streamed(text("SELECT * FROM generate_series(1, 5000)"), 100))
        assert next(rows)[0] == 1
        assert db.session.scalar(text("SELECT count(*) FROM pg_cursors")) == 1
        assert [number for (number,) in rows] == [*range(2, 5001)]


@pytest.mark.only("sqlite")
def test_pages_are_read_while_somebody_writes(
    company: Company, priya: CheckingClient, stranger: sqlite3.Connection
) -> None:
    stranger.execute("BEGIN IMMEDIATE")
    stranger.execute("UPDATE initiatives SET title = 'Half done'")
    for address in ("/board", "/board/preview?initiative=2&to=1", "/tradeoffs", "/board.csv"):
        page = priya.get(address)
        assert page.status_code == 200
        assert "Half done" not in page.text


@pytest.mark.only("sqlite")
def test_who_has_no_session_is_asked_to_sign_in_while_somebody_writes(
    app: Flask, stranger: sqlite3.Connection
) -> None:
    impatient(app)
    stranger.execute("BEGIN IMMEDIATE")
    assert app.test_client().post("/requests", data={"body": "Typed"}).status_code == 401


@pytest.mark.only("postgresql")
def test_people_sign_in_and_out_while_somebody_writes(app: Flask, company: Company) -> None:
    visitor = app.test_client()
    with app.app_context():
        revision.lock()
        with ThreadPoolExecutor(1) as pool:
            page = pool.submit(signs_in_and_out, visitor).result(timeout=10)
        db.session.rollback()
    assert "You are signed out" in page


def signs_in_and_out(visitor: CheckingClient) -> str:
    visitor.sign_in(person("rep").email, PASSWORD)
    return visitor.get("/board").submit("form[action='/sign-out']").text


def test_who_waits_too_long_for_the_lock_is_told_so_in_plain_words(
    company: Company, priya: CheckingClient, database_url: str, app: Flask
) -> None:
    page = priya.get("/board/preview?initiative=2&to=1")
    impatient(app)
    other = databases.create(database_url)
    with other.app_context():
        revision.lock()
        answer = page.submit("main form[method=post]", reason="Because")
        db.session.rollback()
    databases.dispose(other)
    assert answer.status_code == 503
    assert answer.text_of("h1") == "Busy"
    assert answer.headers["Retry-After"]
    assert company.order() == ["First", "Second"]


def impatient(app: Flask) -> None:
    """Lets this application's next connections wait for a millisecond only."""

    def hurry(connection: Any, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA busy_timeout = 1")
        else:
            connection.execute("SET lock_timeout = 1")
            connection.commit()

    with app.app_context():
        db.engine.dispose()
        event.listen(db.engine, "connect", hurry)


def test_every_writer_waits_as_long_for_another_on_either_database(app: Flask) -> None:
    asked = {"sqlite": "PRAGMA busy_timeout", "postgresql": "SHOW lock_timeout"}
    with app.app_context():
        waits = db.session.scalar(text(asked[db.engine.dialect.name]))
    assert waits in (10_000, "10s")


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("method", ISOLATION)
def test_reads_come_from_one_snapshot_and_writes_see_what_is_committed(
    app: Flask, method: str
) -> None:
    with app.test_request_context("/board", method=method):
        level = db.session.scalar(text("SHOW transaction_isolation"))
        read_only = db.session.scalar(text("SHOW transaction_read_only"))
    assert (level, read_only) == ISOLATION[method]


def test_a_page_that_tries_to_write_is_stopped(app: Flask, company: Company) -> None:
    with (
        app.test_request_context("/board"),
        pytest.raises(DBAPIError, match=r"read-?only"),
    ):
        db.session.execute(text("UPDATE workspace SET name = 'Written by a page'"))
    with app.app_context():
        assert workspace().name == "My company"


def test_the_next_write_on_the_same_connection_is_not_stopped(app: Flask) -> None:
    for method in ("GET", "POST", "GET", "POST"):
        with app.test_request_context("/board", method=method):
            db.session.execute(text("SELECT 1 FROM workspace"))
            if method == "POST":
                revision.count(revision.lock())
                db.session.commit()
    with app.app_context():
        assert workspace().revision == 3


def test_a_picture_holds_together_when_somebody_commits_between_two_of_its_queries(
    app: Flask, company: Company
) -> None:
    with app.test_request_context("/board"):
        row = workspace()
        seen = row.revision
        with ThreadPoolExecutor(1) as pool:
            pool.submit(company.initiative, "Third", rank=1).result(timeout=20)
        found = gather(clock.today())
        assert [card.title for card in found.cards.values()] == ["First", "Second"]
        assert pictures.current().revision == seen
    assert company.order() == ["Third", "First", "Second"]


def test_two_writers_queue_for_the_workspace_row(app: Flask) -> None:
    def count(_: int) -> None:
        with app.app_context():
            row = revision.lock()
            revision.count(row)
            db.session.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))
    with app.app_context():
        assert workspace().revision == 41


def test_a_database_without_its_tables_is_admitted_in_plain_words(
    app: Flask, company: Company, priya: CheckingClient
) -> None:
    with app.app_context():
        db.session.execute(text("ALTER TABLE workspace RENAME TO elsewhere"))
        db.session.commit()
    answer = priya.get("/board")
    assert answer.status_code == 500
    assert answer.text.startswith("Our mistake. Something failed on our side.")
    assert answer.mimetype == "text/plain"
    assert "elsewhere" not in answer.text
