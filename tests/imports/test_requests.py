"""`flask import requests`: a backlog comes over once, whole, and gives way to what is done here."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.imports.markup import unmarked
from roadmap.intake import steps, triaging
from roadmap.models import Account, Request, RequestEvent, User, Workspace
from tests.imports.conftest import Answer, Writing
from tests.support.company import Company
from tests.support.tables import everything

HEADER = "External id,Title,Body,Account,Date,Status"

Bringing = Callable[..., Answer]
Stored = Callable[[], dict[str, Request]]


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


@pytest.fixture
def bringing(app: Flask, file: Writing) -> Bringing:
    """Run `flask import requests`. Content is written to a file; a mapping may be a dict."""

    def run(content: str | bytes | Path, *options: str, mapping: Any = None) -> Answer:
        path = content if isinstance(content, Path) else file(content, name="backlog.csv")
        arguments = [str(path), *options]
        if mapping is not None:
            arguments += ["--mapping", str(file(json.dumps(mapping), name="mapping.json"))]
        result = app.test_cli_runner().invoke(args=["import", "requests", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.output)

    return run


@pytest.fixture
def stored(app: Flask) -> Stored:
    """The requests by external id."""

    def found() -> dict[str, Request]:
        with app.app_context():
            rows = db.session.scalars(select(Request).order_by(Request.id))
            return {row.external_id or "": row for row in rows}

    return found


@pytest.fixture
def do(company: Company) -> Callable[..., None]:
    """Let the product manager take a step: `do(triaging.decline, "R1", text="No.")`."""

    def act(what: Callable[..., Any], external_id: str, *args: Any, **kwargs: Any) -> None:
        with company.app.app_context():
            id = db.session.scalars(
                select(Request.id).where(Request.external_id == external_id)
            ).one()
            what(id, *args, by=db.session.get_one(User, company.people["product"]), **kwargs)

    return act


def rows(*lines: list[str]) -> str:
    output = io.StringIO()
    csv.writer(output).writerows([HEADER.split(","), *lines])
    return output.getvalue()


def test_a_backlog_comes_over_and_the_same_file_again_changes_nothing(
    app: Flask, company: Company, bringing: Bringing, stored: Stored
) -> None:
    acme = company.account("ACME Industries")
    content = rows(
        ["R1", "Nobody can leave", "People who left\nkeep their access.", "acme industries",
         "2025-03-17", "Open"],
        ["R2", "", "We cannot export jobs. It takes a day.", "Newcomer Ltd", "2025-04-01",
         "Shipped"],
    )  # fmt: skip
    answer = bringing(content)
    assert answer.code == 0, answer.text
    answer.has("2 new, 0 changed, 0 unchanged, 0 skipped, 0 failed", "Imported.")
    answer.has("Statuses: Open is new (1), Shipped is declined (1)")
    answer.has("kept as prospects, to be linked: 1 (row 3): “Newcomer Ltd”")
    first, second = stored()["R1"], stored()["R2"]
    assert (first.account_id, first.prospect) == (acme, None)
    assert first.body == "People who left\nkeep their access."
    assert first.created_at.date().isoformat() == "2025-03-17"
    assert (first.state, second.state) == ("new", "declined")
    assert (second.title, second.prospect) == ("We cannot export jobs.", "Newcomer Ltd")
    with app.app_context():
        events = db.session.execute(
            select(RequestEvent.kind, RequestEvent.text).order_by(RequestEvent.id)
        ).all()
        assert [tuple(event) for event in events] == [("imported", "Open"), ("imported", "Shipped")]
        row = db.session.scalars(select(Workspace)).one()
        assert row.intake_revision == second.revision == 2

    before = everything(app)
    again = bringing(content)
    again.has("0 new, 0 changed, 2 unchanged", "Nothing had changed.")
    assert everything(app) == before


def test_a_dry_run_says_the_same_and_keeps_nothing(app: Flask, bringing: Bringing) -> None:
    before = everything(app)
    answer = bringing(rows(["R1", "Title", "", "", "", ""]), "--dry-run")
    answer.has("1 new", "Dry run: nothing was changed.")
    assert (answer.code, everything(app)) == (0, before)


def test_rows_that_cannot_be_taken_are_named_and_stop_no_others(
    bringing: Bringing, stored: Stored
) -> None:
    answer = bringing(
        rows(
            ["", "No id", "", "", "", ""],
            ["R1", " ", "", "", "", ""],
            ["R2", "First", "", "", "", ""],
            ["R2", "Second", "", "", "", ""],
            ["1.2E+10", "Rounded", "", "", "", ""],
            ["R3"],
        )
    )
    assert answer.code == 0
    answer.has(
        "1 new, 0 changed, 0 unchanged, 1 skipped, 4 failed",
        "row 2: it has no id",
        "row 3: it has neither a title nor a text",
        "Its id stands in an earlier row, which counts: skipped: 1 (row 5): “R2”",
        "row 6: the id 1.2E+10 is in scientific notation",
        "row 7: it has 1 columns, the header has 6",
    )
    assert {id: row.title for id, row in stored().items()} == {"R2": "First"}


def test_an_id_whose_first_row_says_nothing_is_taken_from_the_next(
    bringing: Bringing, stored: Stored
) -> None:
    bringing(rows(["R1", "", "", "", "", ""], ["R1", "Said", "", "", "", ""]))
    assert stored()["R1"].title == "Said"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Title,Body\nA,B\n", "no column with the request's id"),
        ("Id,Account\n1,Acme\n", "no column that says what is asked for"),
        (f"{HEADER}\n", "no rows below"),
        ("", "is empty"),
        (b"PK\x03\x04....", "Excel workbook"),
        (f"{HEADER}\nR1,A,,,03/04/2024,\n", "Day and month cannot be told apart: row 2"),
        (f"{HEADER}\n,A,,,,\n,B,,,,\n", "Every row of a file failed"),
    ],
)
def test_what_cannot_be_read_says_so_and_changes_nothing(
    app: Flask, bringing: Bringing, content: str | bytes, words: str
) -> None:
    before = everything(app)
    answer = bringing(content)
    assert answer.code == 2
    answer.has(words)
    assert everything(app) == before


def test_a_mapping_names_columns_and_what_statuses_mean(bringing: Bringing, stored: Stored) -> None:
    content = "Nr;What;Stage of it\n1;One;Icy\n2;Two;Over\n"
    answer = bringing(
        content,
        mapping={
            "requests": {"id": "Nr", "title": "What", "status": "Stage of it"},
            "states": {"Icy": "new", "over": "declined"},
        },
    )
    assert answer.code == 0, answer.text
    assert [row.state for row in stored().values()] == ["new", "declined"]
    wrong = bringing(content, mapping={"states": {"Icy": "won"}})
    assert wrong.code == 2
    wrong.has('states.Icy: give "new" or "declined", not "won"')
    missing = bringing(content, mapping={"requests": {"id": "Number"}})
    assert missing.code == 2
    missing.has("requests.id: the file has no column “Number”; it has Nr, What, Stage of it")


def test_an_unknown_status_waits_for_triage_and_is_named(
    bringing: Bringing, stored: Stored
) -> None:
    answer = bringing(rows(["R1", "A", "", "", "", "Wibble"], ["R2", "B", "", "", "", ""]))
    answer.has("Unknown status: waits for triage as new: 1 (row 2): “Wibble”")
    assert {row.state for row in stored().values()} == {"new"}


@pytest.mark.parametrize(
    "word",
    ["Done", "closed", "SHIPPED", "declined", "Rejected", "Won't do", "won’t do", "Duplicate"],
)
def test_what_a_backlog_was_done_with_is_declined_with_its_word(
    app: Flask, bringing: Bringing, stored: Stored, word: str
) -> None:
    bringing(rows(["R1", "A", "", "", "", word]))
    assert stored()["R1"].state == "declined"
    with app.app_context():
        assert db.session.scalars(select(RequestEvent.text)).one() == word


def test_nothing_of_a_long_text_is_lost(bringing: Bringing, stored: Stored) -> None:
    title, body = "Word " * 60, "Long text. " * 2_000
    answer = bringing(rows(["R1", title, body, "", "", ""]))
    answer.has("Title cut at 200 characters; all of it begins the text: 1 (row 2)")
    found = stored()["R1"]
    assert (len(found.title), found.title[-1]) == (200, "…")
    assert found.body == f"{title.strip()}\n\n{body.strip()}"


def test_control_characters_are_removed_and_named(bringing: Bringing, stored: Stored) -> None:
    answer = bringing(rows(["R1", "Be\x07ll", "<b>مرحبا</b> 🚲", "Ac\x1bme", "", ""]))
    answer.has("Control characters removed: Title: 1 (row 2)")
    answer.has("Control characters removed: Account: 1 (row 2)")
    found = stored()["R1"]
    assert (found.title, found.body, found.prospect) == ("Bell", "مرحبا 🚲", "Acme")


def test_an_account_is_known_by_crm_s_id_or_by_a_name_of_its_own(
    app: Flask, company: Company, bringing: Bringing, stored: Stored
) -> None:
    one, other = company.account("Acme"), company.account("Twice")
    company.account("twice")
    with app.app_context():
        names = dict(db.session.execute(select(Account.name, Account.external_id)).all())
    content = (
        "Key,Summary,Customer id,Customer\n"
        f"R1,A,{names['Acme']},\nR2,B,unknown,Acme\nR3,C,,{names['Acme']}\nR4,D,,TWICE\nR5,E,X-9,\n"
    )
    answer = bringing(content)
    answer.has("Several accounts have this name: kept as a prospect, to be linked: 1 (row 5)")
    found = {id: (row.account_id, row.prospect) for id, row in stored().items()}
    assert found == {
        "R1": (one, None), "R2": (one, None), "R3": (one, None), "R4": (None, "TWICE"),
        "R5": (None, "X-9"),
    }  # fmt: skip
    assert other not in {id for id, _ in found.values()}


def test_a_requester_is_a_user_or_stays_named(
    company: Company, bringing: Bringing, stored: Stored
) -> None:
    answer = bringing(
        "Id,Title,Reporter\n1,A,ROSA@demo.example\n2,B,rosa quintero\n3,C,Somebody Gone\n"
    )
    answer.has("Requesters that match no user: named in the note: 1 (row 4): “Somebody Gone”")
    found = {id: (row.requester_id, row.note) for id, row in stored().items()}
    rosa = company.people["rep"]
    assert found == {
        "1": (rosa, ""), "2": (rosa, ""), "3": (None, "Requested by Somebody Gone."),
    }  # fmt: skip


def test_a_date_that_cannot_be_meant_is_named_and_the_request_taken(
    bringing: Bringing, stored: Stored
) -> None:
    answer = bringing(
        "Id,Title,Created,Needed by\n1,A,2150-01-01,2027-03-01\n2,B,soon,later\n"
        "3,C,12/Mar/24 9:41 AM,\n"
    )
    answer.has("Dated in the future: the day of its first import counts: 1 (row 2)")
    answer.has("Created is no date: the day of its first import counts: 1 (row 3): “soon”")
    answer.has("Needed by is no date: left out: 1 (row 3): “later”")
    days = [row.created_at.date().isoformat() for row in stored().values()]
    assert days == ["2027-01-11", "2027-01-11", "2024-03-12"]
    assert [str(row.needed_by) for row in stored().values()] == ["2027-03-01", "None", "None"]


def test_what_changed_in_the_file_is_taken_while_nobody_has_triaged_it(
    app: Flask, bringing: Bringing, stored: Stored, do: Callable[..., None], company: Company
) -> None:
    bringing(rows(*([id, "Old", "Old text", "", "", "Open"] for id in ("R1", "R2", "R3"))))
    pain = company.problem("Pain")
    do(triaging.confirm, "R2", pain)
    do(triaging.decline, "R3", text="No.")
    answer = bringing(rows(*([id, "New", "New text", "", "", "Open"] for id in ("R1", "R2", "R3"))))
    answer.has(
        "0 new, 1 changed, 2 unchanged",
        "Changed in the file, kept here: it waits for triage no longer: 2 (rows 3, 4): “R2”, “R3”",
    )
    assert [(row.title, row.body) for row in stored().values()] == [
        ("New", "New text"), ("Old", "Old text"), ("Old", "Old text"),
    ]  # fmt: skip
    revision = stored()["R1"].revision
    with app.app_context():
        assert db.session.scalar(select(Workspace.intake_revision)) == revision
    result = app.test_cli_runner().invoke(args=["check"])
    assert result.exit_code == 0, result.output


def test_a_title_and_an_account_that_people_gave_it_stay(
    company: Company, bringing: Bringing, stored: Stored, do: Callable[..., None]
) -> None:
    content = rows(["R1", "Add SSO", "Text", "Acme Ltd", "", ""])
    bringing(content)
    acme = company.account("Acme")
    do(triaging.rename, "R1", title="Nobody can sign in")
    do(triaging.link, "R1", account_id=acme, deal_ids=[])
    bringing(content).has("0 new, 0 changed, 1 unchanged")
    assert (stored()["R1"].title, stored()["R1"].account_id) == ("Nobody can sign in", acme)


def test_a_prospect_that_crm_knows_by_now_is_linked(
    company: Company, bringing: Bringing, stored: Stored
) -> None:
    content = rows(["R1", "A", "Text", "Acme", "", ""])
    bringing(content)
    acme = company.account("Acme")
    bringing(content).has("0 new, 1 changed")
    assert (stored()["R1"].account_id, stored()["R1"].prospect) == (acme, None)


def test_a_status_counts_once_and_a_later_one_is_named(bringing: Bringing, stored: Stored) -> None:
    bringing(rows(["R1", "A", "", "", "", "Open"]))
    answer = bringing(rows(["R1", "A", "", "", "", "Done"]))
    answer.has("Status changed in the file, kept here: triage decides: 1 (row 2): “R1: Done”")
    answer.has("1 unchanged")
    assert stored()["R1"].state == "new"


def test_what_came_over_as_declined_can_still_be_taken_up(
    app: Flask, company: Company, bringing: Bringing, stored: Stored, do: Callable[..., None]
) -> None:
    bringing(rows(["R1", "A", "", "", "", "Done"]))
    do(triaging.confirm, "R1", company.problem("Pain"))
    assert stored()["R1"].state == "confirmed"
    do(steps.undo, "R1")
    assert stored()["R1"].state == "declined"
    assert app.test_cli_runner().invoke(args=["check"]).exit_code == 0


def test_more_requests_than_fit_into_one_statement(bringing: Bringing, stored: Stored) -> None:
    content = rows(*([f"R{n}", f"Title {n}", "", "", "", "Open"] for n in range(2_500)))
    bringing(content).has("2,500 new")
    assert len(stored()) == 2_500
    assert len({row.revision for row in stored().values()}) == 2_500
    bringing(content).has("0 new, 0 changed, 2,500 unchanged")


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("<p>One</p><p>Two &amp; <b>three</b></p>", "One\n\nTwo & three"),
        ("<ul><li>SSO</li><li>SAML</li></ul>", "- SSO\n- SAML"),
        ("Line<br/>next<br>last", "Line\nnext\nlast"),
        ('<div class="x">A&nbsp;b<script>alert("<p>")</script></div>', "A b"),
        ("AT&amp;T want it", "AT&T want it"),
        ("a < b and c > d", "a < b and c > d"),
        ("Dear <Name>,\n\n  hello", "Dear <Name>,\n\n  hello"),
        ("R&D & more", "R&D & more"),
    ],
)
def test_html_in_texts_becomes_text(html: str, plain: str) -> None:
    assert unmarked(html) == plain


@pytest.mark.parametrize("label", ["Post ID", "Card ID", "Story ID", "Suggestion Id", "post_id"])
def test_ids_of_other_systems_are_found(bringing: Bringing, stored: Stored, label: str) -> None:
    bringing(f"{label},Title,Description\n7,Export,<p>All of <i>it</i></p>\n")
    assert stored()["7"].body == "All of it"
