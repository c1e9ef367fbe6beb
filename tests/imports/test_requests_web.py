"""A backlog by the pages of imports: asked, shown, applied, looked at again, taken back."""

import csv
import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.imports import requests as backlog
from roadmap.intake import triaging
from roadmap.models import Import, Request, RequestEvent, User
from roadmap.similar import corpus
from tests.support.client import CheckingClient, Page
from tests.support.company import Company

HEADER = ["Post ID", "Title", "Details", "Company", "Created", "Status", "Author"]
ONE = ["P1", "Nobody can leave", "<p>People &amp; rights</p>", "Acme", "2025-03-17", "Open", ""]
TWO = ["P2", "Exports", "They take a day", "Newcomer", "2025-04-01", "Shipped", "sam@x.example"]


@pytest.fixture
def company(app: Flask) -> Company:
    made = Company(app)
    made.account("Acme")
    return made


def upload(client: CheckingClient, *rows: list[str]) -> Page:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    page = client.get("/imports")
    file = (io.BytesIO(text.getvalue().encode()), "backlog.csv")
    return page.submit("form#upload-backlog", requests=file)


def ready(client: CheckingClient, *rows: list[str]) -> Page:
    return upload(client, *rows).submit("form#mapping", press="check")


def counts(page: Page) -> list[str]:
    return page.texts_of(".tile dl")[:5]


def stored(app: Flask) -> dict[str, Request]:
    with app.app_context():
        rows = db.session.scalars(select(Request).order_by(Request.id))
        return {row.external_id or "": row for row in rows}


def test_a_backlog_is_shown_applied_and_taken_back(
    app: Flask, company: Company, priya: CheckingClient
) -> None:
    page = upload(priya, ONE, TWO)
    assert page.value_of("[name=requests-id]") == "Post ID"
    assert page.value_of("[name=requests-body]") == "Details"
    assert "full export" not in page.text, "that is for deals"
    page = page.submit("form#mapping", press="check")
    assert counts(page) == ["New 2", "Changed 0", "Unchanged 0", "Skipped 0", "Failed 0"]
    assert "Open is new (1), Shipped is declined (1)" in page.text
    assert "kept as prospects, to be linked" in page.text
    assert stored(app) == {}, "nothing is changed until it is applied"

    page = page.submit("form#apply")
    first, second = stored(app)["P1"], stored(app)["P2"]
    assert (first.body, first.state, first.prospect) == ("People & rights", "new", None)
    assert (second.state, second.prospect) == ("declined", "Newcomer")
    assert first.search_body == "people rights"

    changed = [*ONE[:1], "Leavers keep access", *ONE[2:]]
    again = ready(priya, changed, TWO)
    assert counts(again) == ["New 0", "Changed 1", "Unchanged 1", "Skipped 0", "Failed 0"]
    listed = priya.get("/imports/2?action=changed")
    assert "Title: Nobody can leave → Leavers keep access" in listed.text
    again = again.submit("form#apply")
    assert stored(app)["P1"].search_text == "leavers keep access"

    refused = page.submit("form#revert")
    assert "Later imports touched its requests: 1 (import 2)" in refused.text
    again.submit("form#revert")
    assert stored(app)["P1"].title == "Nobody can leave"
    assert stored(app)["P1"].search_text == "nobody can leave"
    page.submit("form#revert")
    assert stored(app) == {}
    with app.app_context():
        assert db.session.scalars(select(RequestEvent)).all() == []


def test_statuses_that_nobody_knows_are_asked_about_and_each_answer_counts(
    app: Flask, company: Company, priya: CheckingClient
) -> None:
    odd = [
        [f"P{n}", f"Title {n}", "", "", "", word, ""] for n, word in enumerate(("Zurich", "Ötzi"))
    ]
    page = ready(priya, *odd)
    assert "What does the status “Zurich” mean?" in page.text
    page = page.submit("form#mapping", press="check", **{"answer-0": "1"})
    assert "What does the status “Ötzi” mean?" in page.text
    assert "“Zurich”" not in page.text
    page.submit("form#mapping", press="check", **{"answer-0": "0"}).submit("form#apply")
    assert {id: row.state for id, row in stored(app).items()} == {"P0": "declined", "P1": "new"}


def test_rows_that_are_not_taken_are_listed_with_what_is_wrong(
    company: Company, priya: CheckingClient
) -> None:
    page = ready(priya, ONE, [ONE[0], "Twin", *ONE[2:]], ["", "No id", *ONE[2:]])
    assert counts(page) == ["New 1", "Changed 0", "Unchanged 0", "Skipped 1", "Failed 1"]
    rows = priya.get("/imports/1/rows.csv?kind=requests&action=failed").text
    assert "it has no id" in rows
    listed = priya.get("/imports/1?action=skipped")
    assert "Its id stands in an earlier row, which counts" in listed.text


def test_what_people_did_since_keeps_a_backlog_from_being_taken_back(
    app: Flask, company: Company, priya: CheckingClient
) -> None:
    page = ready(priya, ONE).submit("form#apply")
    id = stored(app)["P1"].id
    with app.app_context():
        by = db.session.get_one(User, company.people["product"])
        triaging.decline(id, text="Not our market.", by=by)
    refused = page.submit("form#revert")
    assert "People have worked on requests that it brought: 1 (Nobody can leave)" in refused.text
    assert stored(app)["P1"].state == "declined"


def test_rows_that_came_to_mean_something_else_are_shown_before_they_are_applied(
    app: Flask, company: Company, priya: CheckingClient
) -> None:
    first, second = ready(priya, ONE), ready(priya, ONE)
    first.submit("form#apply")
    page = second.submit("form#apply")
    assert "Requests were changed in the meantime: 1. Look again." in page.text
    assert counts(page) == ["New 0", "Changed 0", "Unchanged 1", "Skipped 0", "Failed 0"]
    page.submit("form#apply")
    assert list(stored(app)) == ["P1"]


def test_a_command_records_what_it_brought_and_suggestions_forget_what_was_taken_back(
    app: Flask, company: Company, priya: CheckingClient, tmp_path: Any
) -> None:
    file = tmp_path / "backlog.csv"
    file.write_text("Id,Title\nP1,Turbines freeze in winter\n", encoding="utf-8")
    with app.app_context():
        backlog.run(file)
        assert db.session.scalars(select(Import.state)).one() == "applied"
        known = corpus.keeper()
        assert [each.title for each in corpus.current(known).entries.values()] == [
            "Turbines freeze in winter"
        ]
    priya.get("/imports/1").submit("form#revert")
    with app.app_context():
        assert corpus.current(known).entries == {}
