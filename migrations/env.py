"""Alembic's environment: the application's engine, the models' metadata, batch mode on SQLite."""

from alembic import context
from flask import current_app
from sqlalchemy.engine import Engine

from roadmap.models import Base

target_metadata = Base.metadata


def engine() -> Engine:
    return current_app.extensions["migrate"].db.engine


def run_offline() -> None:
    context.configure(url=str(engine().url), target_metadata=target_metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    with engine().connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # Batch mode copies tables; with foreign keys on, dropping the old one would cascade.
            # The pragma has no effect inside a transaction, so it goes before the first one.
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            render_as_batch=True,
            compare_type=True,
            compare_server_default=True,
        )
        try:
            with context.begin_transaction():
                context.run_migrations()
        finally:
            if sqlite:
                connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = ON")


if context.is_offline_mode():
    run_offline()
else:
    run_online()
