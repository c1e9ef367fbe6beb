"""Storage is tested below the product's actions: by plain SQL on the migrated tables."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from roadmap.extensions import db
from tests.support import databases


@pytest.fixture(scope="module")
def engine(database: databases.Database) -> Iterator[Engine]:
    """The application's own engine on a migrated database that a module's tests share."""
    with database.fresh() as url:
        app = databases.create(url)
        with app.app_context():
            yield db.engine
        databases.dispose(app)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A transaction that leaves nothing behind."""
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()
