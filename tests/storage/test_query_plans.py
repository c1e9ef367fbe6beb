"""Imports, merges, reports and checks at 20,000 deals: each statement's plan, on both databases.

A statement that goes through a large table where an index is meant takes seconds at a quarter of a
million deals, and one that does so for each row takes hours.
"""

import io
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import insert, text

from roadmap.extensions import db
from roadmap.models import LossWords
from roadmap.models.base import now
from tests.bench import company
from tests.storage.meant_scans import MEANT
from tests.storage.plans import Plans
from tests.support import cast, databases
from tests.support.client import CheckingClient, Page

SIZE = company.Size("plans", 200, 6, 100, 5_000, 20_000, 40_000, 3_000)
HEADER = (
    "Opportunity ID,Opportunity Name,Account Name,Opportunity Owner,Stage,Amount,Close Date,"
    "Loss Reason\n"
)
ADVICE = """goes through the whole table. Give the statement an index (in the model and in a
migration) or write it so that it uses one. If it is meant to read all rows, once, list it with the
reason in tests/storage/meant_scans.py. The statement and its plan:
"""


@pytest.fixture(scope="module")
def plans(database: databases.Database) -> Iterator[Plans]:
    with database.fresh() as url:
        app = databases.create(url, TODAY=company.TODAY.isoformat())
        company.build(app, SIZE)
        cast.enrol(app)
        priya = cast.visitor(app, "product")
        with app.app_context():
            decided = {"decided_at": now()}
            db.session.execute(
                insert(LossWords),
                [
                    {"key": "price", "text": "Price", "bucket": "price", **decided},
                    {"key": "no sso", "text": "No SSO", "bucket": "product", "problem_id": 9,
                     **decided},
                ],
            )  # fmt: skip
            db.session.commit()
        # Staging holds an import that was applied before.
        press(priya, upload(priya, 1, 5_000), "form#apply")
        with app.app_context():
            db.session.execute(text("ANALYZE"))
            db.session.commit()
            engine = db.engine
            engine.dispose()  # SQLite reads what ANALYZE found when a connection begins
            found = Plans(engine)
        with found.listening():
            imports(app, priya)
            merges(priya)
            reports(app, priya)
            checked = app.test_cli_runner().invoke(args=["check"])
            assert checked.exit_code == 0, checked.output
        yield found
        databases.dispose(app)


def file(first: int, last: int) -> bytes:
    """Half of them are known; some were lost, for reasons of all kinds."""
    lines = [HEADER]
    for number in range(first, last):
        id = f"D{number}" if number % 2 else f"N{number}"
        stage = "Closed Lost" if number % 3 else "Closed Won"
        why = ("No SSO", "Price", f"Reason {number % 7}")[number % 3] if number % 3 else ""
        lines.append(
            f"{id},Deal {number},Account {number % 900},Rep {number % 90},{stage},{number},"
            f"2026-12-0{1 + number % 9},{why}\n"
        )
    return "".join(lines).encode()


def upload(priya: CheckingClient, first: int, last: int) -> Page:
    accounts = "Account ID,Account Name,Industry\n" + "".join(
        f"A{n},Account {n},Energy\n" for n in range(1, 600)
    )
    page = priya.get("/imports").submit(
        "form#upload",
        deals=(io.BytesIO(file(first, last)), "deals.csv"),
        accounts=(io.BytesIO(accounts.encode()), "accounts.csv"),
    )
    return page.submit("form#mapping", press="check", full_export=True)


def press(priya: CheckingClient, page: Page, form: str) -> Page:
    done = page.submit(form)
    assert done.status_code == 200, done.text_of("main")
    return done


def imports(app: Flask, priya: CheckingClient) -> None:
    page = upload(priya, 4_000, 9_000)
    page = press(priya, page, "form#apply")
    for action in ("new", "changed", "skipped", "failed"):
        priya.get(f"{page.path}?kind=deals&action={action}")
    priya.get(f"{page.path}/rows.csv?kind=deals&action=changed")
    for path in ("/imports", "/imports.csv", "/imports/words"):
        priya.get(path)
    page = press(priya, page, "form#revert")
    assert "everything is as it was" in page.text
    assert press(priya, upload(priya, 9_000, 9_100), "form#apply")
    refused = app.test_cli_runner().invoke(args=["import", "revert", "1"])
    assert "Later imports" not in refused.output, refused.output


def merges(priya: CheckingClient) -> None:
    priya.get("/problems/1/merge")
    priya.get("/problems/1/merge?q=audit")
    press(priya, priya.get("/problems/1/merge?into=2"), "#merge-form")
    press(priya, priya.get("/problems/1"), "#steps form")
    for path in ("/markets", "/markets.csv", "/markets/1", "/markets/overlaps"):
        priya.get(path)


def reports(app: Flask, priya: CheckingClient) -> None:
    priya.get("/reports")
    for name in ("segments", "reasons", "revenue-at-risk", "trend", "false-losses", "cohorts"):
        page = priya.get(f"/reports/{name}")
        assert page.status_code == 200
        priya.get(f"/reports/{name}.csv")
        for link in page.all("a[href^='/reports/deals']")[:3]:
            priya.get(str(link["href"]))
    priya.get("/problems/3/case")
    priya.get("/reports/segments/1/answer")


def test_no_statement_goes_through_a_large_table_for_each_row(plans: Plans) -> None:
    wrong = [
        f"{caller}: {table}, for each row of another, {ADVICE}{statement}"
        for (caller, table), statement in plans.loops.items()
    ]
    assert not wrong, "\n\n".join(wrong)


def test_only_what_is_meant_to_goes_through_a_large_table(plans: Plans) -> None:
    meant = {
        (caller, table)
        for listed in MEANT.values()
        for caller, tables in listed.items()
        for table in tables
    }
    wrong = [
        f"{caller}: {table} {ADVICE}{statement}"
        for (caller, table), statement in plans.scans.items()
        if (caller, table) not in meant
    ]
    assert not wrong, "\n\n".join(wrong)


def test_what_is_listed_still_issues_statements(plans: Plans) -> None:
    listed = {caller for callers in MEANT.values() for caller in callers}
    assert listed <= plans.callers, "Take these out of tests/storage/meant_scans.py"
