"""A fresh database for each test: copied from a template that the real migrations built once.

A worker builds its templates when a test first asks for them. SQLite's is a file to copy,
PostgreSQL's a database to clone; both take a few hundredths of a second.
"""

import itertools
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, Protocol

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from tests.support import postgres

Kind = Literal["empty", "demo"]

TODAY = "2027-01-11"
CONFIG: Mapping[str, Any] = {
    "TESTING": True,
    "SECRET_KEY": "only for tests",
    "TODAY": TODAY,
    # Argon2id at its lowest cost.
    "QUICK_PASSWORDS": True,
}


class Database(Protocol):
    """Where databases are made: one class per database system."""

    def fresh(self, kind: Kind = "empty") -> Any:
        """A context manager that gives the address of a database of its own."""


class SQLite:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.templates: dict[Kind, Path] = {}
        self.numbers = itertools.count()

    @contextmanager
    def fresh(self, kind: Kind = "empty") -> Iterator[str]:
        copy = self.folder / f"{next(self.numbers)}.db"
        shutil.copyfile(self._template(kind), copy)
        try:
            yield f"sqlite:///{copy}"
        finally:
            for file in self.folder.glob(f"{copy.name}*"):
                file.unlink()

    def _template(self, kind: Kind) -> Path:
        if kind not in self.templates:
            file = self.folder / f"template-{kind}.db"
            if kind == "demo":
                shutil.copyfile(self._template("empty"), file)
            build(f"sqlite:///{file}", kind)
            # A log beside the file would hold what a copy of the file alone then lacks.
            left = Path(f"{file}-wal")
            assert not left.exists() or not left.stat().st_size, "the template is still open"
            self.templates[kind] = file
        return self.templates[kind]


class PostgreSQL:
    def __init__(self, server: postgres.Server, worker: str) -> None:
        self.server = server
        self.worker = worker
        self.templates: dict[Kind, str] = {}
        self.numbers = itertools.count()

    @contextmanager
    def fresh(self, kind: Kind = "empty") -> Iterator[str]:
        name = f"{self.worker}_{next(self.numbers)}"
        url = self.server.create(name, self._template(kind))
        try:
            yield url
        finally:
            self.server.drop(name)

    def _template(self, kind: Kind) -> str:
        if kind not in self.templates:
            name = f"{self.worker}_{kind}"
            above = self._template("empty") if kind == "demo" else "template0"
            build(self.server.create(name, above), kind)
            self.templates[kind] = name
        return self.templates[kind]


class Compiled(BytecodeCache):
    """Templates compiled once per worker: most of the time of a new application goes there."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            # It carries a checksum of its source, so that an edited template is compiled anew.
            bucket.load_bytecode(BytesIO(self.kept[bucket.key]))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def build(url: str, kind: Kind) -> None:
    app = create(url)
    command = ["db", "upgrade"] if kind == "empty" else ["demo", "load", "--if-empty"]
    result = app.test_cli_runner().invoke(args=command)
    dispose(app)
    if result.exit_code:
        raise RuntimeError(f"flask {' '.join(command)}: {result.output}") from result.exception


def create(url: str, **config: Any) -> Flask:
    from roadmap import create_app
    from tests.support.client import CheckingClient

    app = create_app({**CONFIG, "DATABASE_URL": url, **config})
    app.test_client_class = CheckingClient
    app.jinja_env.bytecode_cache = COMPILED
    return app


def dispose(app: Flask) -> None:
    """Close the application's connections, so that its database can be copied or dropped."""
    from roadmap.extensions import db

    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
