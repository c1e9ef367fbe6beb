"""`flask check`: silent on data that holds, and outspoken on each way in which it may not."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Connection, text

from roadmap.extensions import db

LEDGER = ("tradeoffs", "tradeoff_forecasts", "tradeoff_deals", "tradeoff_promises")
#: What the database itself would refuse, so that its guards have to be down to break it.
GUARDED = ("ck_initiatives_position_on_board", "ck_workspace_one_row", "uq_initiatives_position")


def check(app: Flask) -> Result:
    return app.test_cli_runner().invoke(args=["check"])


@contextmanager
def unguarded(app: Flask) -> Iterator[Connection]:
    """A connection on which no constraint holds and the ledger can be edited."""
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA foreign_keys = OFF")
            raw.execute("PRAGMA ignore_check_constraints = ON")
            for table in LEDGER:
                for verb in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
        else:
            for table in LEDGER:
                connection.execute(text(f"DROP TRIGGER {table}_final ON {table}"))
            connection.execute(text("SET session_replication_role = replica"))
            for name in GUARDED:
                table = name.split("_")[1]
                connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
        yield connection
        connection.commit()
        connection.invalidate()


def test_the_demo_company_is_as_it_should_be(demo_app: Flask) -> None:
    result = check(demo_app)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["All is right: 19 checks found nothing."]


def test_so_is_an_empty_database(app: Flask) -> None:
    assert check(app).exit_code == 0


#: What the statements below speak of: a promotion, the first on the board, a need turned round.
NAMES = {
    ":move": "(SELECT id FROM tradeoffs WHERE kind = 'promotion' ORDER BY id LIMIT 1)",
    ":top": "(SELECT id FROM initiatives WHERE position = (SELECT min(position) FROM initiatives))",
    ":gone": "(SELECT id FROM initiatives WHERE state = 'declined' LIMIT 1)",
    ":tied": "(SELECT min(origin_id) FROM statements WHERE origin = 'request' AND origin_id IN "
    "(SELECT id FROM requests WHERE NOT quote_confirmed))",
    ":merged": "(SELECT id FROM requests WHERE state = 'merged')",
    ":survivor": "(SELECT merged_into_id FROM requests WHERE state = 'merged')",
    ":part": "(SELECT id FROM problems WHERE parent_id IS NOT NULL)",
    ":whole": "(SELECT parent_id FROM problems WHERE parent_id IS NOT NULL)",
    ":turned": "SELECT needed_id, initiative_id FROM needs LIMIT 1",
}

BREAKS: dict[str, tuple[Sequence[str], str]] = {
    "a candidate without a place": (
        ("UPDATE initiatives SET position = NULL WHERE id = :top",),
        "the order: initiative",
    ),
    "a declined one with a place": (
        ("UPDATE initiatives SET position = 1 WHERE id = :gone",),
        "has a place in the order",
    ),
    "an order that nobody decided": (
        ("UPDATE initiatives SET position = 99999999999999 WHERE id = :top",),
        "stands at rank",
    ),
    "a move that is gone from the ledger": (
        (
            "DELETE FROM tradeoff_forecasts WHERE tradeoff_id = :move",
            "DELETE FROM tradeoff_deals WHERE tradeoff_id = :move",
            "DELETE FROM tradeoff_promises WHERE tradeoff_id = :move",
            "DELETE FROM tradeoffs WHERE id = :move",
        ),
        "the ledger against the order: ",
    ),
    "a move to elsewhere": (
        ("UPDATE tradeoffs SET to_rank = to_rank + 1 WHERE id = :move",),
        "the ledger against the order: ",
    ),
    "a revision that is still to come": (
        ("UPDATE workspace SET revision = 3",),
        "but the workspace is at 3",
    ),
    "two trade-offs with one revision": (
        ("UPDATE tradeoffs SET revision = 2 WHERE id = :move",),
        "has revision 2, not above the one before it",
    ),
    "a deal gone from a trade-off's list": (
        ("DELETE FROM tradeoff_deals WHERE tradeoff_id = :move AND direction = 'pushed'",),
        "pushed, but lists 0",
    ),
    "an amount that its deals do not add up to": (
        ("UPDATE tradeoffs SET pushed_amount = 1 WHERE id = :move",),
        "says 1 cents pushed, but its deals add up to",
    ),
    "initiatives that wait for each other": (
        ("INSERT INTO needs (initiative_id, needed_id) :turned",),
        "initiatives wait for each other: ",
    ),
    "a verdict that nobody gave": (
        (
            """UPDATE statements SET counts = NOT counts,
            problem_strength = CASE WHEN counts THEN NULL ELSE strength END WHERE id = 1""",
        ),
        "is stored otherwise than the deal's statements say",
    ),
    "a fit that the profile does not give": (
        ("UPDATE accounts SET fit = 99 WHERE id = 1",),
        "account 1 has a fit of 99 % stored, but the profile gives",
    ),
    "an account that was merged and is there again": (
        (
            """INSERT INTO account_names
            (account_id, name, search_text, external_id, former_id, moved, at)
            SELECT 1, name, search_text, external_id, 9999, '{}', '2027-01-11' FROM accounts
            WHERE id = 2""",
        ),
        "account 2 has the CRM id of “",
    ),
    "an account in another segment than its rules say": (
        ("UPDATE accounts SET segment_id = 4 WHERE id = 1",),
        "account 1 is in segment 4, but the rules give 1",
    ),
    "a total that nobody counted": (
        ("UPDATE initiative_totals SET lost_amount = 7 WHERE initiative_id = :top",),
        "lost_amount is stored as 7, counted as",
    ),
    "an initiative without totals": (
        ("DELETE FROM initiative_totals WHERE initiative_id = :top",),
        "has stored totals only if it is on the board",
    ),
    "a bell that rings for nothing": (
        ("UPDATE users SET unread_notices = unread_notices + 9 WHERE id = 1",),
        "unread notices: user 1 has ",
    ),
    "a tie that its request does not ask for": (
        ("UPDATE requests SET state = 'new' WHERE id = :tied",),
        "which its state does not ask for",
    ),
    "a tie that its request lacks": (
        ("DELETE FROM statements WHERE origin = 'request' AND origin_id = :tied",),
        "which its state asks for",
    ),
    "a request that nobody triaged and yet is": (
        ("UPDATE requests SET state = 'declined' WHERE id = :tied",),
        "stands elsewhere than its history says",
    ),
    "a history that skips a step": (
        ("UPDATE request_events SET after = '{}' WHERE kind = 'asked'",),
        "begins where the one before did not end",
    ),
    "a request without a history": (
        (
            "UPDATE request_events SET undoes_id = NULL",
            "DELETE FROM request_events WHERE request_id = :tied",
        ),
        "has no history",
    ),
    "requests that are merged into each other": (
        ("UPDATE requests SET state = 'merged', merged_into_id = :merged WHERE id = :survivor",),
        "requests are merged in a circle: ",
    ),
    "problems that are part of each other": (
        ("UPDATE problems SET parent_id = :part WHERE id = :whole",),
        "problems are part of each other in a circle: ",
    ),
    "a confirmed request that is about nothing": (
        ("UPDATE statements SET ended_at = said_at WHERE deal_id IS NULL",),
        "is confirmed, but is about no problem",
    ),
    "an orphan": (
        ("UPDATE deals SET account_id = 987654 WHERE id = 1",),
        "deals.account_id: 1 rows point to no row of accounts",
    ),
    "no workspace": (("DELETE FROM workspace",), "the workspace has 0 rows instead of 1"),
}


def spelled_out(statement: str) -> str:
    for name, query in NAMES.items():
        statement = statement.replace(name, query)
    return statement


@pytest.mark.parametrize(("statements", "message"), BREAKS.values(), ids=BREAKS)
def test_each_fault_is_named(demo_app: Flask, statements: Sequence[str], message: str) -> None:
    with unguarded(demo_app) as connection:
        for statement in statements:
            connection.execute(text(spelled_out(statement)))
    result = check(demo_app)
    assert result.exit_code == 1
    assert message in result.stdout, result.output
    assert "found." in result.stderr


def test_many_faults_of_one_kind_are_counted_not_listed(demo_app: Flask) -> None:
    with unguarded(demo_app) as connection:
        connection.execute(text("UPDATE accounts SET fit = 1"))
    lines = check(demo_app).stdout.splitlines()
    of_fit = [line for line in lines if line.startswith("accounts' fit and segment")]
    assert len(of_fit) == 21
    assert of_fit[-1].endswith(" more")


def test_checking_keeps_nobody_from_writing_and_changes_nothing(demo_app: Flask) -> None:
    with demo_app.app_context():
        before = db.session.execute(text("SELECT * FROM workspace")).all()
    check(demo_app)
    with demo_app.app_context():
        assert db.session.execute(text("SELECT * FROM workspace")).all() == before
