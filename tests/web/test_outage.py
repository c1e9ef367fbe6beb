"""The database or the disk fails under a running product: 503, and afterwards all is well."""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError

from roadmap.extensions import db
from roadmap.models import Product, Workspace
from roadmap.web import door
from roadmap.web.outage import outage
from tests.support import cast, databases, postgres
from tests.support.client import HTMX, CheckingClient, Page
from tests.support.company import Company
from tests.support.queries import count_queries

UNCHANGED = "Nothing was changed"
DOUBT = "We cannot say whether your change was saved"


def products(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Product.name).order_by(Product.id)))


def add(client: CheckingClient, name: str, **options: Any) -> Page:
    page = client.get("/products")
    token = page.all("[name=csrf_token]")[0]["value"]
    return client.post("/products", data={"csrf_token": token, "name": name}, **options)


def is_plain(page: Page, *words: str) -> None:
    assert page.status_code == 503, page.text[:2000]
    assert int(page.headers["Retry-After"]) > 0
    for each in words:
        assert each in page.text
    assert "sqlite" not in page.text.lower()
    assert "psycopg" not in page.text.lower()
    assert "Error 503" in page.text


@pytest.fixture
def full(app: Flask) -> Callable[[bool], None]:
    """`full(True)`: SQLite finds no room; `full(False)`: it does again."""
    room = {"pages": 0}

    def limit(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {room['pages'] or 4294967294}")

    with app.app_context():
        event.listen(db.engine, "checkout", limit)

    def fill(on: bool) -> None:
        with app.app_context():
            if on:
                # Pages that a dropped table left would be room.
                with closing(sqlite3.connect(str(db.engine.url.database))) as connection:
                    connection.execute("VACUUM")
            room["pages"] = db.session.scalar(text("PRAGMA page_count")) if on else 0

    return fill


@pytest.mark.only("sqlite")
def test_a_full_disk_stops_writers_alone_and_only_while_it_is_full(
    app: Flask, ada: CheckingClient, full: Callable[[bool], None]
) -> None:
    add(ada, "Before")
    full(True)
    many = [f"{n} {'x' * 190}" for n in range(100)]
    answers = [(name, add(ada, name)) for name in many]
    stored = [name for name, answer in answers if answer.status_code == 303]
    refused = [answer for _, answer in answers if answer.status_code != 303]
    assert refused
    for answer in refused:
        is_plain(answer, "no room left", UNCHANGED)
        assert "What you typed is still here" in answer.text
        assert answer.value_of("[name=name]") in many
    for address in ("/board", "/products", "/tradeoffs", "/healthz", "/reports"):
        assert ada.get(address).status_code == 200
    full(False)
    again = refused[-1].submit("main form")
    assert again.status_code == 200
    assert products(app) == ["Before", *stored, refused[-1].value_of("[name=name]")]


@pytest.mark.only("sqlite")
def test_a_day_that_cannot_be_opened_is_looked_at_all_the_same(
    app: Flask, ada: CheckingClient, full: Callable[[bool], None]
) -> None:
    Company(app).initiative("First")
    app.config["TODAY"] = "2027-01-12"
    with app.app_context():
        file = db.engine.url.database
    assert file
    holder = sqlite3.connect(file, timeout=0, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert "First" in ada.get("/board").text
    holder.close()
    app.extensions.pop("open the day again at")
    ada.get("/board")
    with app.app_context():
        assert str(db.session.scalars(select(Workspace)).one().figures_as_of) == "2027-01-12"


@pytest.mark.only("sqlite")
def test_a_database_file_that_is_away_is_an_outage_and_no_new_one_is_made(
    app: Flask, ada: CheckingClient
) -> None:
    add(ada, "Before")
    token = ada.get("/products").all("[name=csrf_token]")[0]["value"]
    with app.app_context():
        file = Path(str(db.engine.url.database))
        # What a careful administrator does before a file is moved.
        db.session.execute(text("SELECT 1"))
    away = file.with_suffix(".away")
    databases.dispose(app)
    file.rename(away)
    is_plain(ada.get("/board"))
    is_plain(ada.post("/products", data={"csrf_token": token, "name": "Lost"}), UNCHANGED)
    assert ada.get("/healthz").status_code == 503
    assert not file.exists()
    away.rename(file)
    assert ada.get("/healthz").status_code == 200
    assert add(ada, "After").status_code == 303
    assert products(app) == ["Before", "After"]


@pytest.mark.only("sqlite")
def test_a_file_that_is_moved_away_under_the_server_takes_no_more_writes(
    app: Flask, ada: CheckingClient
) -> None:
    token = ada.get("/products").all("[name=csrf_token]")[0]["value"]
    with app.app_context():
        file = Path(str(db.engine.url.database))
    away = file.rename(file.with_suffix(".away"))
    is_plain(ada.post("/products", data={"csrf_token": token, "name": "Lost"}), UNCHANGED)
    away.rename(file)
    assert products(app) == []


@pytest.fixture
def own_server(scratch: Path, worker_id: str) -> Iterator[Path]:
    """A PostgreSQL that may be stopped; yields its scratch folder."""
    scratch.chmod(0o711)
    scratch = scratch / f"own-{worker_id}"
    scratch.mkdir()
    try:
        postgres.server(scratch)
    except postgres.Unavailable as error:
        if os.environ.get("ROADMAP_REQUIRE_POSTGRES"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    yield scratch
    postgres.stop(scratch)


@pytest.mark.only("postgresql")
def test_postgresql_that_goes_and_comes_back_is_met_by_nobody_afterwards(
    own_server: Path, database_system: str
) -> None:
    url = postgres.Server(own_server / "pg").create("gone")
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        # Elsewhere in tests a commit may be lost with its server.
        connection.execute("ALTER DATABASE gone SET synchronous_commit = on")
    databases.build(url, "empty")
    app = databases.create(url)
    cast.enrol(app)
    ada = cast.visitor(app, "admin")
    assert add(ada, "Before").status_code == 303
    token = ada.get("/products").all("[name=csrf_token]")[0]["value"]
    postgres.stop(own_server)
    is_plain(ada.get("/board"))
    is_plain(ada.get("/board"))
    is_plain(ada.post("/products", data={"csrf_token": token, "name": "Lost"}), UNCHANGED)
    assert ada.get("/healthz").status_code == 503
    fragment = ada.get("/board", headers=HTMX)
    assert fragment.status_code == 503
    assert fragment.headers["HX-Retarget"] == "#flashes"
    postgres.resume(own_server)
    assert ada.get("/board").status_code == 200
    assert add(ada, "After").status_code == 303
    assert products(app) == ["Before", "After"]
    # Restarted while nobody looked: nobody need know.
    postgres.stop(own_server)
    postgres.resume(own_server)
    assert ada.get("/board").status_code == 200
    databases.dispose(app)


@pytest.mark.only("postgresql")
@pytest.mark.parametrize(("when", "words"), [("flush", UNCHANGED), ("commit", DOUBT)])
def test_a_connection_that_ends_within_a_request_says_what_is_known(
    app: Flask, ada: CheckingClient, database_url: str, when: str, words: str
) -> None:
    page = ada.get("/products")
    token = page.all("[name=csrf_token]")[0]["value"]

    def end(connection: Any, *_: Any) -> None:
        pid = connection.connection.driver_connection.info.backend_pid
        with psycopg.connect(database_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    def end_at_insert(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT"):
            end(connection)

    listener = end if when == "commit" else end_at_insert
    name = "commit" if when == "commit" else "before_cursor_execute"
    with app.app_context():
        engine = db.engine
    event.listen(engine, name, listener)
    answer = ada.post("/products", data={"csrf_token": token, "name": "Perhaps"})
    event.remove(engine, name, listener)
    is_plain(answer, words)
    assert ada.get("/products").status_code == 200
    assert add(ada, "After").status_code == 303


def test_a_password_is_not_shown_in_an_outage(
    app: Flask, client: CheckingClient, cast_ids: dict[str, int]
) -> None:
    page = client.get("/sign-in")

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with app.app_context():
        engine = db.engine
    event.listen(engine, "begin", fail)
    answer = page.submit("form:has([type=password])", email="a@b.example", password="my own secret")
    event.remove(engine, "begin", fail)
    is_plain(answer, "no room left")
    assert "my own secret" not in answer.text


def test_a_warm_page_asks_one_question_and_an_idle_connection_none(
    app: Flask, ada: CheckingClient
) -> None:
    ada.get("/board")
    with count_queries(app, ignoring=["users", "notices"]) as statements:
        ada.get("/board")
    assert len(statements) == 1, "\n".join(statements)


def test_writers_that_wait_leave_readers_and_sign_ins_a_thread(
    app: Flask, ada: CheckingClient
) -> None:
    """As many forms as a process takes at once wait for the lock; the next is told so at once."""
    token = ada.get("/products").all("[name=csrf_token]")[0]["value"]
    places = app.config["WEB_THREADS"] - door.FREE
    clients = [cast.visitor(app, "admin") for _ in range(places)]
    tokens = [c.get("/products").all("[name=csrf_token]")[0]["value"] for c in clients]
    other = databases.create(app.config["DATABASE_URL"])

    def write(client: CheckingClient, csrf: str) -> int:
        data = {"csrf_token": csrf, "name": f"Product {id(client)}"}
        return client.post("/products", data=data).status_code

    with other.app_context(), ThreadPoolExecutor(places) as pool:
        db.session.scalars(select(Workspace).with_for_update()).one()
        waiting = [pool.submit(write, *each) for each in zip(clients, tokens, strict=True)]
        while app.extensions["places"].acquire(blocking=False):
            app.extensions["places"].release()
            assert ada.get("/board").status_code == 200, "reading goes on"
        assert ada.get("/board").status_code == 200
        cast.visitor(app).get("/sign-in")
        is_plain(ada.post("/products", data={"csrf_token": token, "name": "x"}), "Busy", UNCHANGED)
        db.session.rollback()
        assert {each.result(60) for each in waiting} == {303}
    databases.dispose(other)
    assert len(products(app)) == places
    assert add(ada, "After").status_code == 303, "every place was given back"


STATES = {
    "53100": "no room left", "53300": "cannot be reached", "57P01": "cannot be reached",
    "57P03": "cannot be reached", "08006": "cannot be reached", "55P03": "turn", "57014": "turn",
    "40001": "turn", "40P01": "turn", "58030": "disk does not work",
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_postgresql_says_by_its_state_what_is_the_matter(state: str) -> None:
    driver = psycopg.errors.lookup(state)("words do not matter")
    found = outage(OperationalError("", {}, driver))
    assert found
    assert STATES[state] in found.message


@pytest.mark.parametrize("state", ["23505", "42P01", "22001", "42601"])
def test_what_is_our_mistake_is_no_outage(state: str) -> None:
    driver = psycopg.errors.lookup(state)("database is locked, timeout, disk full")
    assert outage(OperationalError("", {}, driver)) is None


def test_sqlite_says_by_its_code_what_is_the_matter(app: Flask) -> None:
    codes = {5: "turn", 261: "turn", 13: "no room", 10: "disk", 1034: "disk", 14: "reached"}
    with app.app_context():
        for code, words in codes.items():
            error = sqlite3.OperationalError("x")
            error.sqlite_errorcode = code
            found = outage(OperationalError("", {}, error))
            assert found, code
            assert words in found.message
        mistake = sqlite3.OperationalError("locked, timeout")
        mistake.sqlite_errorcode = 1
        assert outage(mistake) is None
