"""What the page of an upload offers: columns left out, one value for every row, and the like."""

import io
from datetime import date
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import insert, select

from roadmap.extensions import db
from roadmap.imports import keeping
from roadmap.imports.mapping import MappingError, parse
from roadmap.models import Import, SavedMapping
from roadmap.models.base import now
from tests.imports.conftest import Importing, Writing
from tests.imports.test_web import Stored, apply, check, counts, upload
from tests.support.client import CheckingClient

PEOPLE = "Deal ID,Deal Name,Stage,E-mail,Phone,Size\nD1,A,Won,ann@acme.com,+1 415 555 0101,XL\n"
LOST = "Deal ID,Deal Name,Amount\nD1,A,5\nD2,B,6\n"


def test_a_column_that_is_not_to_be_imported_is_no_attribute(
    app: Flask, priya: CheckingClient, deals: Stored
) -> None:
    page = upload(priya, PEOPLE)
    assert "E-mail, Phone: e-mail addresses or phone numbers" in page.text_of("main")
    page = page.submit("form#mapping", press="look", **{"deals-skip-3": "yes"})
    assert "Kept as attributes, for rules, filters and reports: Phone, Size" in page.text_of("main")
    apply(check(page, **{"deals-skip-4": "yes"}, save_as="Without people"))
    assert deals()["D1"].attributes == {"Size": "XL"}
    page = upload(priya, PEOPLE.replace("D1", "D2")).submit("form[action$='/saved-mapping']")
    apply(check(page))
    assert deals()["D2"].attributes == {"Size": "XL"}, "a saved mapping leaves them out as well"


def test_a_command_leaves_columns_out(importing: Importing, deals: Stored) -> None:
    answer = importing(PEOPLE, mapping={"ignore": {"deals": ["e-mail", "Phone", "Amount"]}})
    answer.has("Left out: E-mail, Phone")
    assert deals()["D1"].attributes == {"Size": "XL"}


def test_a_list_of_lost_deals_is_asked_what_they_are(
    priya: CheckingClient, importing: Importing, deals: Stored
) -> None:
    importing(LOST).has('"constants": {"deals": {"status": "lost"}}')
    page = check(upload(priya, LOST))
    assert "say what all of them are" in page.text_of("main")
    page = check(page, **{"deals-constant-status": "lost", "deals-constant-currency": "USD"})
    assert counts(page)[0] == "New 2"
    apply(page)
    assert {(deal.status, deal.amount) for deal in deals().values()} == {
        ("lost", 500), ("lost", 600),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("constants", "field", "value"),
    [
        ({"owner": "Ann Lee"}, "owner", "Ann Lee"),
        ({"account_name": "Acme"}, "account", "Acme"),
        ({"product": "Suite"}, "product", "Suite"),
        ({"close_date": "2026-05-01"}, "close_date", "2026-05-01"),
        ({"amount": "9", "name": "No column"}, "amount", 500),
    ],
)
def test_one_value_holds_for_every_row_of_a_field_without_a_column(
    importing: Importing, deals: Stored, constants: dict[str, str], field: str, value: Any
) -> None:
    answer = importing(LOST, mapping={"constants": {"deals": {"status": "won", **constants}}})
    answer.has("For every row: status = “won”")
    deal = deals()["D1"]
    found = getattr(deal, {"owner": "crm_owner"}.get(field, field))
    found = getattr(found, "name", found)
    found = str(found) if field == "close_date" else found
    assert found == value
    assert deal.name == "A", "a column goes before what holds for every row"


@pytest.mark.parametrize(
    ("mapping", "place"),
    [
        ({"ignore": {"deals": "E-mail"}}, "ignore.deals: give a column's name"),
        ({"ignore": {"deal": []}}, "ignore.deal: there is no such setting"),
        ({"constants": {"deals": {"colour": "red"}}}, "constants.deals.colour"),
        ({"constants": {"deals": {"status": " "}}}, "constants.deals.status: give a text"),
    ],
)
def test_a_wrong_mapping_names_its_place(mapping: dict[str, Any], place: str) -> None:
    with pytest.raises(MappingError, match=place):
        parse(mapping)


def test_accounts_may_be_a_mere_list_of_names(importing: Importing, accounts: Stored) -> None:
    answer = importing(
        LOST,
        accounts="Account Name\nAcme, Inc.\nBeta\nGamma\n",
        mapping={"constants": {"deals": {"status": "lost"}}},
    )
    answer.has("3 new, 0 changed")
    assert set(accounts()) == {"Acme, Inc.", "Beta", "Gamma"}


def test_a_mapping_s_name_that_another_takes_in_the_same_moment_is_told(
    app: Flask, priya: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite writes one after the other: there the name is merely there twice."""
    page = upload(priya, PEOPLE)
    row = {"name": "Ours", "mapping": {}, "header": [], "saved_at": now()}
    met: list[object] = []

    def in_between() -> Any:
        if not met:
            met.append(row)
            if db.engine.dialect.name == "postgresql":
                with db.engine.begin() as other:
                    other.execute(insert(SavedMapping), [row])
            else:
                db.session.execute(insert(SavedMapping), [row])
        return now()

    monkeypatch.setattr(keeping, "now", in_between)
    chosen = {"deals-skip-3": "yes", "save_as": "Ours"}
    page = page.submit("form#mapping", press="look", **chosen)
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            assert "Another mapping is called “Ours”" in page.text_of("main")
        made = db.session.scalars(select(Import)).one()
        assert made.mapping["ignore"] == {"deals": ["E-mail"]}, "all the rest is kept"
        assert db.session.scalars(select(SavedMapping.name)).all() == ["Ours"]


def test_an_account_that_some_deals_call_otherwise_keeps_its_name(
    importing: Importing, accounts: Stored
) -> None:
    content = "Deal ID,Deal Name,Stage,Account ID,Account Name\nD1,A,Won,C1,Acme\n"
    importing(content)
    answer = importing(content + "D2,B,Won,C1,Acme Holding\n")
    answer.has("Accounts that deals call otherwise: they keep their name: 1: “Acme (C1): Acme Hol")
    assert "call otherwise" not in importing(content.replace("Acme", "ACME")).text
    assert accounts()["C1"].name == "Acme"


def sheets(**content: str) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, text in content.items():
        sheet = book.create_sheet(title)
        for line in text.strip().split("\n"):
            sheet.append(line.split(","))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_second_sheet_of_the_same_columns_is_offered(
    priya: CheckingClient, importing: Importing, file: Writing, deals: Stored
) -> None:
    one = "Deal ID,Deal Name,Stage\nD1,A,Won"
    book = sheets(Notes="hello", Q1=one, Q2=one.replace("D1", "D2"), Q3="Deal ID,Stage\nD3,Won")
    page = upload(priya, book, name="deals.xlsx")
    assert page.texts_of("select[name=deals-sheet] option") == ["Notes", "Q1", "Q2", "Q3"]
    assert "Q2: the same columns, and not read" in page.text_of("main")
    apply(check(page.submit("form#mapping", press="look", **{"deals-sheet": "Q2"})))
    assert set(deals()) == {"D2"}
    path = file(book, name="deals.xlsx")
    importing(path, "--dry-run").has("Sheets with the same columns that are not read: Q2")
    assert importing(path, "--sheet", "Q3").code == 0
    assert set(deals()) == {"D2", "D3"}
    importing(path, "--sheet", "Q9").has("no sheet “Q9”; it has Notes, Q1, Q2, Q3")


def test_a_command_flags_the_deals_that_a_full_export_lacks(
    importing: Importing, deals: Stored
) -> None:
    content = "Deal ID,Deal Name,Stage\nD1,A,Won\nD2,B,Won\n"
    importing(content)
    importing(content.replace("D2,B,Won\n", ""), "--full")
    assert [id for id, deal in deals().items() if deal.vanished_on] == ["D2"]


FACTS = (
    "Deal ID,Deal Name,Stage,Account ID,Branch,Staff,Turnover\n"
    "D1,A,Won,C1,Steel,120,5000\nD2,B,Won,C1,Paper,,\nD3,C,Lost,C2,,9,\n"
)
OF_ACCOUNT = {
    "deals": {
        "account_industry": "Branch", "account_employees": "Staff", "account_revenue": "Turnover",
    }
}  # fmt: skip


@pytest.mark.parametrize("known", [None, "Id,Name,Industry\nC1,Acme,Steel\nC2,Beta,\n"])
def test_what_deals_say_of_their_accounts_is_the_accounts(
    priya: CheckingClient, importing: Importing, accounts: Stored, known: str | None
) -> None:
    if known:
        importing("Deal ID,Deal Name,Stage\nD0,Z,Won\n", accounts=known)
    answer = importing(FACTS, mapping=OF_ACCOUNT)
    answer.has("Accounts of which rows say different things: 1 (row 3): “C1: Steel, Paper”")
    found = {id: (each.industry, each.employees, each.revenue) for id, each in accounts().items()}
    assert found == {"C1": ("Steel", 120, 500_000), "C2": (None, 9, None)}
    assert accounts()["C1"].name == ("Acme" if known else "C1")
    again = importing(FACTS, mapping=OF_ACCOUNT)
    again.has("Nothing had changed")
    page = priya.get("/imports").follow("Import 2" if known else "Import 1")
    page.submit("form#revert")
    left = {id: (each.industry, each.employees) for id, each in accounts().items()}
    assert left == ({"C1": ("Steel", None), "C2": (None, None)} if known else {})


def test_what_an_accounts_file_says_goes_before_what_deals_say(
    importing: Importing, accounts: Stored
) -> None:
    file = "Id,Name,Industry\nC1,Acme,Glass\nC2,Beta,\n"
    importing(FACTS, mapping=OF_ACCOUNT, accounts=file).has("“C1: Glass, Steel”")
    assert {each.name: (each.industry, each.employees) for each in accounts().values()} == {
        "Acme": ("Glass", 120), "Beta": (None, 9),
    }  # fmt: skip


LINES = (
    "Deal ID,Deal Name,Stage,Product,Amount\n"
    "D1,A,Won,Core,100\nD2,B,Won,Core,7\nD1,A,Won,Add-on,50\nD3,C,Won,Core,\nD3,C,Won,Plus,1\n"
    "D4,Old,Won,Core,1\nD4,New,Won,Plus,2\nD5,E,Won,Core,1\nD5,E,Won,Core,2\n"
)


@pytest.mark.parametrize(
    ("how", "amounts"),
    [
        ("sum", {"D1": 150_00, "D2": 7_00, "D3": None}),
        ("whole", {"D1": 100_00, "D2": 7_00, "D3": None}),
        ("contradict", {"D2": 7_00}),
    ],
)
def test_several_lines_of_a_deal_are_asked_about(
    priya: CheckingClient, deals: Stored, how: str, amounts: dict[str, int | None]
) -> None:
    page = check(upload(priya, LINES))
    assert "Deals have several lines each: 2 of them, the first in rows 2, 4" in page.text_of(
        "main"
    )
    page = check(page, several_lines=how)
    assert counts(page)[-1] == f"Failed {9 - (1 if how == 'contradict' else 5)}"
    apply(page)
    assert {id: deal.amount for id, deal in deals().items()} == amounts
    assert how == "contradict" or deals()["D1"].product == "Core, Add-on"


def test_what_a_file_leaves_open_is_answered_by_a_tap(priya: CheckingClient, deals: Stored) -> None:
    page = check(upload(priya, "Id,Name,Stage,Close Date,Amount\nD1,A,Won,2024-02,12 kr\n"))
    asked = page.text_of("main")
    assert "Which currency is kr (row 2: 12 kr)?" in asked
    assert "a month without a day. Which day is meant?" in asked
    page = check(page, **{"answer-0": "3", "answer-1": "1"})
    assert "SEK" in page.text_of("main")
    apply(page)
    assert deals()["D1"].close_date == date(2024, 2, 29)
