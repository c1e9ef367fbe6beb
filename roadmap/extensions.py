"""The extensions, and how each database is spoken to."""

from __future__ import annotations

import os
import select
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, TypeVar

from flask import Flask, current_app, g, has_app_context, has_request_context, request
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, Engine, Executable, Result, Row, event
from sqlalchemy.exc import DisconnectionError

from .models.base import Base

#: How many statements an engine keeps compiled; it lets go of some at half as many again. Each is
#: some 70 KB, and pages with all their filters have several hundred.
MOST_STATEMENTS = 45

#: How many connections stay open, the one used last first, and how many more there may be for a
#: moment. On SQLite each has its own pages and prepared statements, 2 MB by and by.
CONNECTIONS = {"pool_size": 4, "max_overflow": 11, "pool_use_lifo": True}
#: Statements that one connection of SQLite keeps prepared, some 16 KB each.
MOST_PREPARED = 32

db = SQLAlchemy(
    model_class=Base,
    session_options={"expire_on_commit": False},
    engine_options={"query_cache_size": MOST_STATEMENTS, **CONNECTIONS},
)
login = LoginManager()
csrf = CSRFProtect()

F = TypeVar("F", bound=Callable[..., Any])
N = TypeVar("N")

#: How long a writer waits for another to finish before somebody is told that we are busy.
WAIT_MILLISECONDS = 10_000

#: And whoever reads, for what would be good to write but can wait.
HURRY_MILLISECONDS = 1_000

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {WAIT_MILLISECONDS}",
    "PRAGMA cache_size = -1000",
    # Or REPLACE would delete a row of the ledger without its triggers having a say.
    "PRAGMA recursive_triggers = ON",
)


def init_app(app: Flask) -> None:
    db.init_app(app)
    if not os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn"):
        _offer_migrations(app)
    login.init_app(app)
    csrf.init_app(app)
    with app.app_context():
        _listen(db.engine)


def _offer_migrations(app: Flask) -> None:
    """The `flask db` commands. A server migrates nothing, and Alembic would take ten megabytes."""
    from flask_migrate import Migrate

    Migrate(
        app, db, directory=str(app.config["MIGRATIONS"]), render_as_batch=True, compare_type=True
    )


def only_reads() -> bool:
    """Whether the present request, or command, promised to change nothing."""
    if has_app_context() and g.get("reads"):
        return True
    if not has_request_context() or g.get("writes"):
        return False
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return True
    return hasattr(current_app.view_functions.get(request.endpoint or ""), "writes_nothing")


def writes_nothing(view: F) -> F:
    """Marks a handler that takes a POST and yet leaves the database as it is, such as signing in:
    it must not wait for those who write, nor they for it.
    """
    view.writes_nothing = True  # type: ignore[attr-defined]
    return view


def streamed(statement: Executable, at_once: int = 1_000) -> Result[*tuple[Any, ...]]:
    """Rows read so many at once, as they are asked for. PostgreSQL's driver would else take in all
    of them before the first.
    """
    return db.session.execute(statement, execution_options={"yield_per": at_once})


@contextmanager
def reading() -> Iterator[None]:
    """Let a command read from one snapshot and keep nobody from writing meanwhile."""
    db.session.rollback()
    g.reads = True
    try:
        yield
    finally:
        db.session.rollback()
        g.reads = False


@contextmanager
def writing() -> Iterator[None]:
    """A transaction of its own that may write, within a request or command that else only reads.

    Commit within; what is left open is rolled back.
    """
    promised = {name: g.get(name, False) for name in ("reads", "writes")}
    db.session.rollback()
    g.reads, g.writes = False, True
    try:
        yield
    finally:
        db.session.rollback()
        g.reads, g.writes = promised["reads"], promised["writes"]
        g.pop("commit", None)  # what the request itself is about was not committed with it


def _listen(engine: Engine) -> None:
    sqlite = engine.dialect.name == "sqlite"
    # Only where it is spoken: SQLite's users need not have loaded PostgreSQL's driver.
    snapshot = None if sqlite else import_module("psycopg").IsolationLevel.REPEATABLE_READ

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        if sqlite:
            connection.isolation_level = None  # we begin transactions ourselves, below
            for pragma in SQLITE_PRAGMAS:
                connection.execute(pragma)
        else:
            connection.autocommit = True
            connection.execute(f"SET lock_timeout = {WAIT_MILLISECONDS}")
            connection.autocommit = False

    _mind_the_gone(engine)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A page is read from one snapshot on either database. Whoever may write takes SQLite's
        # lock at once: a transaction that starts by reading can't be promoted while others write.
        # Whoever promised to change nothing is held to it.
        reads = only_reads()
        if sqlite:
            if connection.info.get("only reads", False) != reads:
                connection.exec_driver_sql(f"PRAGMA query_only = {int(reads)}")
                connection.info["only reads"] = reads
            if not reads:
                _wait_for_the_lock(connection)
            connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
        elif connection.info.get("only reads", False) != reads:
            # The driver says it in its BEGIN: a statement of its own would be a way to the server.
            driver: Any = connection.connection.driver_connection
            driver.read_only = reads or None
            driver.isolation_level = snapshot if reads else None
            connection.info["only reads"] = reads
        if not sqlite and not reads and _wait() != WAIT_MILLISECONDS:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_wait()}")


def _wait() -> int:
    """How long this transaction waits for a lock, in milliseconds."""
    return HURRY_MILLISECONDS if has_app_context() and g.get("hurries") else WAIT_MILLISECONDS


def _wait_for_the_lock(connection: Connection) -> None:
    wait = _wait()
    if connection.info.get("wait", WAIT_MILLISECONDS) != wait:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait}")
        connection.info["wait"] = wait


def _mind_the_gone(engine: Engine) -> None:
    """Notice, without a way to the database, that a pooled connection leads nowhere any more, so
    that nobody meets it once the database is back.
    """
    file = engine.url.database if engine.dialect.name == "sqlite" else None

    @event.listens_for(engine, "do_connect")
    def _connect(dialect: object, record: Any, arguments: object, options: Any) -> None:
        if file:
            options["cached_statements"] = MOST_PREPARED
        # The driver would make an empty database in the place of one that is away for a moment.
        if file and has_request_context() and not os.path.exists(file):
            gone = sqlite3.OperationalError("the database file is not there")
            gone.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
            raise gone

    @event.listens_for(engine, "connect")
    def _remember(connection: Any, record: Any) -> None:
        record.info["file"] = _identity(file)

    @event.listens_for(engine, "checkout")
    def _check(connection: Any, record: Any, proxy: object) -> None:
        if engine.dialect.name == "sqlite":
            # A file that was moved away takes writes as before, and nobody would find them.
            gone = record.info["file"] != _identity(file)
        else:
            # An idle server sends nothing but its farewell.
            gone = connection.closed or bool(select.select([connection.fileno()], (), (), 0)[0])
        if gone:
            raise DisconnectionError


def _identity(file: str | None) -> tuple[int, int] | None:
    """Which file it is, whatever it is called; None where there is none."""
    try:
        found = os.stat(file) if file else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def records(kind: type[N], rows: Iterable[Row[Any]]) -> list[N]:
    """Rows as NamedTuples of this kind, each field from the column that has its name; a field that
    no column is named after has its default.
    """
    listed = list(rows)
    names = [name for name in _fields(kind) if listed and name in listed[0]._fields]
    return [kind(**{name: getattr(row, name) for name in names}) for row in listed]


def _fields(kind: Any) -> tuple[str, ...]:
    names: tuple[str, ...] = kind._fields
    return names
