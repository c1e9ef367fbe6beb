"""The migrations make exactly the models, and take everything away again."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import IntegrityError

from roadmap.extensions import db
from roadmap.models import Base, Statement
from tests.storage.rows import add, count
from tests.storage.test_ledger_is_final import LEDGER
from tests.support.tables import everything


@pytest.fixture
def engine(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


@pytest.fixture
def migrate(app: Flask) -> Callable[..., None]:
    def run(*command: str) -> None:
        result = app.test_cli_runner().invoke(args=["db", *command])
        assert result.exit_code == 0, result.output

    return run


def test_upgrading_an_empty_database_leaves_nothing_to_change(engine: Engine) -> None:
    assert differences(engine) == []


def test_the_comparison_would_see_a_difference(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_deals_amount"))
    assert [step[0] for step in differences(engine)] == ["add_index"]


def test_migrations_and_models_make_the_same_tables_down_to_each_check(
    engine: Engine, migrate: Callable[..., None]
) -> None:
    migrated = described(engine)
    migrate("downgrade", "base")
    Base.metadata.create_all(engine)
    assert described(engine) == migrated


def test_downgrading_leaves_nothing_and_upgrading_again_everything(
    engine: Engine, migrate: Callable[..., None]
) -> None:
    before = described(engine), own_objects(engine)

    migrate("downgrade", "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert own_objects(engine) == []

    migrate("upgrade")
    assert (described(engine), own_objects(engine)) == before
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT revision FROM workspace")) == 1


def test_upgrading_what_is_up_to_date_changes_nothing(
    engine: Engine, migrate: Callable[..., None]
) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE workspace SET name = 'Acme'"))
    migrate("upgrade")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT name FROM workspace")) == "Acme"


def test_migrating_leaves_foreign_keys_in_force(
    engine: Engine, migrate: Callable[..., None]
) -> None:
    migrate("downgrade", "base")
    migrate("upgrade")
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_what_the_ledger_holds_survives_its_newest_columns_and_stays_protected(
    engine: Engine, migrate: Callable[..., None]
) -> None:
    with engine.begin() as connection:
        for table in LEDGER:
            add(connection, table)
    migrate("downgrade", "0006")
    with engine.connect() as connection:
        assert [count(connection, table) for table in LEDGER] == [4, 1, 1, 1]
    migrate("upgrade")
    with engine.connect() as connection:
        assert [count(connection, table) for table in LEDGER] == [4, 1, 1, 1]
        taken = text("SELECT DISTINCT withdrawn_count, relied_count, relied_amount FROM tradeoffs")
        assert connection.execute(taken).all() == [(0, 0, 0)]
    for table in LEDGER:
        with engine.connect() as connection, pytest.raises(IntegrityError, match="never edited"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 (names of ours)


def test_the_demo_company_survives_the_newest_steps_down_and_up_again(demo_app: Flask) -> None:
    before = everything(demo_app), reasons(demo_app)
    for revision in ("0010", "0009", "0008", "0007", "head"):
        verb = "upgrade" if revision == "head" else "downgrade"
        result = demo_app.test_cli_runner().invoke(args=["db", verb, revision])
        assert result.exit_code == 0, result.output
    after = everything(demo_app), reasons(demo_app)
    # Before statements, one row stood for all who said the same: who they are survives, the numbers
    # of their own rows and what is said no longer do not.
    assert after[1] == before[1]
    # Nor do severities, so that figures are to be counted anew, and who named which date.
    for tables in (before[0], after[0]):
        del tables["statements"], tables["deal_dates"]
        tables["requests"] = [
            re.sub("'(hindrance|nice to have)'", "'deal breaker'", row)
            for row in tables["requests"]
        ]
        tables["workspace"] = [
            re.sub(r"datetime\.date\([^)]*\)", "None", row) for row in tables["workspace"]
        ]
    assert after[0] == before[0]


def reasons(app: Flask) -> list[str]:
    """Why deals are blocked or were lost, who says so, and what it weighs."""
    with app.app_context():
        said = db.session.execute(
            select(
                Statement.deal_id, Statement.root_id, Statement.bucket, Statement.source,
                Statement.counts, Statement.origin, Statement.origin_id, Statement.problem_id,
                Statement.words, Statement.reason_weight.is_(None), Statement.weight,
                Statement.said_at,
            ).where(Statement.ended_at.is_(None))
        )  # fmt: skip
        return sorted(repr(tuple(row)) for row in said)


def differences(engine: Engine) -> list[Any]:
    """What Alembic would write into the next migration."""
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return compare_metadata(context, Base.metadata)


def described(engine: Engine) -> dict[str, Any]:
    """Each table as the database has it: Alembic compares neither CHECKs nor sequences."""
    found = inspect(engine)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["default"])
                for column in found.get_columns(table)
            ],
            "primary key": found.get_pk_constraint(table),
            "foreign keys": by_name(found.get_foreign_keys(table)),
            "unique": by_name(found.get_unique_constraints(table)),
            "checks": by_name(found.get_check_constraints(table)),
            "indexes": [
                {**index, "dialect_options": str_of(index.get("dialect_options"))}
                for index in by_name(found.get_indexes(table))
            ],
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def str_of(options: Any) -> dict[str, str]:
    """SQLAlchemy gives an index's condition as an object that equals no other."""
    return {name: str(value) for name, value in (options or {}).items()}


def by_name(rules: Any) -> list[Any]:
    return sorted(rules, key=lambda rule: str(rule["name"]))


def own_objects(engine: Engine) -> list[str]:
    """The triggers and functions that stand beside the tables."""
    with engine.connect() as connection:
        return sorted(connection.scalars(text(OBJECTS[engine.dialect.name])))


OBJECTS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')",
    "postgresql": """
        SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT relname FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('S', 'v')
    """,
}
