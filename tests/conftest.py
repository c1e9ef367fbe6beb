"""Fixtures for everything that needs an application, a database or a browser.

Each test that uses an application runs on SQLite and on a real PostgreSQL; `--database` picks one.
Tests of pages that are marked `either` take turns; marked `only("sqlite")` they stay with one.
Tests of the pure domain use none of this and stay quick.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

pytest.register_assert_rewrite("tests.support.client", "tests.support.browser")

from flask import Flask  # noqa: E402
from hypothesis import settings  # noqa: E402

from tests.support import databases, postgres, routing  # noqa: E402
from tests.support.client import CheckingClient  # noqa: E402

SCRATCH = "ROADMAP_TEST_SCRATCH"
SYSTEMS = ("sqlite", "postgresql")
# What a person may have set to run the product must not reach the tests.
SETTINGS = (
    "DATABASE_URL", "SECRET_KEY", "HTTPS_ONLY", "BEHIND_PROXIES", "ROADMAP_TODAY", "SMTP_HOST",
)  # fmt: skip

# A slow machine is no failure, and what failed once is printed so that it can be run again.
settings.register_profile("roadmap", deadline=None, print_blob=True)
settings.load_profile("roadmap")

routing.remember()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=(*SYSTEMS, "both"),
        default="both",
        help="the database systems that tests of the application run on (default: both)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        # Workers inherit it, so that the whole run shares one PostgreSQL.
        os.environ[SCRATCH] = tempfile.mkdtemp(prefix="roadmap-tests-", dir=_quick_folder())
        # Keeps tests away from the data and the key of a product that runs from this checkout.
        os.environ["ROADMAP_INSTANCE"] = f"{os.environ[SCRATCH]}/instance"
        for name in SETTINGS:
            os.environ.pop(name, None)


def _quick_folder() -> str | None:
    """Memory in the shape of a folder, where this machine has enough: nothing waits for a disk."""
    memory = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 4 << 30
    return str(memory) if roomy and os.access(memory, os.W_OK) else None


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        scratch = Path(os.environ.pop(SCRATCH))
        postgres.stop(scratch)
        shutil.rmtree(scratch, ignore_errors=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_system" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("database")
        systems = SYSTEMS if chosen == "both" else (chosen,)
        only = metafunc.definition.get_closest_marker("only")
        if only is not None:
            systems = tuple(system for system in systems if system in only.args)
        either = metafunc.definition.get_closest_marker("either")
        if either is not None and only is None and len(systems) > 1:
            # What a page shows hardly depends on the database: each test takes one, and half of
            # them the one, half the other.
            number = crc32(metafunc.definition.nodeid.encode())
            systems = (systems[number % len(systems)],)
        if "live_server" in metafunc.fixturenames:
            # What a browser shows does not depend on the database: one system is enough.
            systems = systems[:1]
        metafunc.parametrize("database_system", systems, indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests go first, each module to one worker, which then starts one server for it."""
    for item in items:
        if "live_server" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not walk over it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def scratch() -> Path:
    """The folder that all workers of this run share; it is removed at the end."""
    return Path(os.environ[SCRATCH])


@pytest.fixture(scope="session")
def database_system(request: pytest.FixtureRequest) -> str:
    """The system's name: "sqlite" or "postgresql"."""
    return request.param


@pytest.fixture(scope="session")
def database_makers() -> dict[str, databases.Database]:
    """One maker per system, filled on demand, so that templates are built once per worker."""
    return {}


@pytest.fixture(scope="session")
def database(
    database_system: str,
    database_makers: dict[str, databases.Database],
    scratch: Path,
    worker_id: str,
) -> databases.Database:
    """Makes databases: `with database.fresh() as url`, or `fresh("demo")`."""
    if database_system not in database_makers:
        if database_system == "sqlite":
            folder = scratch / worker_id
            folder.mkdir(exist_ok=True)
            database_makers["sqlite"] = databases.SQLite(folder)
        else:
            try:
                server = postgres.server(scratch)
            except postgres.Unavailable as error:
                if os.environ.get("ROADMAP_REQUIRE_POSTGRES"):
                    pytest.fail(str(error))
                pytest.skip(str(error))
            database_makers["postgresql"] = databases.PostgreSQL(server, worker_id)
    return database_makers[database_system]


@pytest.fixture
def database_url(database: databases.Database) -> Iterator[str]:
    """A fresh, migrated, otherwise empty database."""
    with database.fresh() as url:
        yield url


@pytest.fixture
def demo_database_url(database: databases.Database) -> Iterator[str]:
    """A fresh database with the demo company."""
    with database.fresh("demo") as url:
        yield url


@pytest.fixture
def app_config() -> dict[str, Any]:
    """Override it in a module or class to give `app` other settings."""
    return {}


@pytest.fixture
def app(database_url: str, app_config: dict[str, Any]) -> Iterator[Flask]:
    """An application on a migrated, otherwise empty database."""
    app = databases.create(database_url, **app_config)
    yield app
    databases.dispose(app)


@pytest.fixture
def demo_app(demo_database_url: str, app_config: dict[str, Any]) -> Iterator[Flask]:
    """An application on the demo company."""
    app = databases.create(demo_database_url, **app_config)
    yield app
    databases.dispose(app)


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    """A visitor of `app` whose every answer is checked; `client.sign_in(email)` makes it a user."""
    return _visitor(app)


@pytest.fixture
def demo_client(demo_app: Flask) -> CheckingClient:
    """A visitor of `demo_app`; every `demo_app.test_client()` is another."""
    return _visitor(demo_app)


@pytest.fixture
def cast_ids(app: Flask) -> dict[str, int]:
    """The cast as users of `app`: their ids by role."""
    from tests.support import cast

    return cast.enrol(app)


@pytest.fixture
def rosa(app: Flask, cast_ids: dict[str, int]) -> CheckingClient:
    """The sales rep, signed in to `app`."""
    return _visitor(app, "rep")


@pytest.fixture
def priya(app: Flask, cast_ids: dict[str, int]) -> CheckingClient:
    """The product manager, signed in to `app`."""
    return _visitor(app, "product")


@pytest.fixture
def elias(app: Flask, cast_ids: dict[str, int]) -> CheckingClient:
    """The executive, signed in to `app`."""
    return _visitor(app, "executive")


@pytest.fixture
def ada(app: Flask, cast_ids: dict[str, int]) -> CheckingClient:
    """The administrator, signed in to `app`."""
    return _visitor(app, "admin")


def _visitor(app: Flask, role: str | None = None) -> CheckingClient:
    # The cast comes from the product, which tests of the pure domain do without.
    from tests.support import cast

    return cast.visitor(app, role)
