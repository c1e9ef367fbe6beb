"""An import by its pages: upload, look, correct, dry run, apply, look again, take back."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import func, select

from roadmap.domain.errors import Conflict
from roadmap.extensions import db
from roadmap.imports.progress import Progress
from roadmap.models import Deal, Import, SavedMapping, StageWord
from tests.imports.conftest import HEADER
from tests.support.client import CheckingClient, Page
from tests.support.company import Company

Stored = Callable[[], dict[str, Any]]
Everything = Callable[[], dict[str, list[tuple[Any, ...]]]]

TWO = (
    f"{HEADER}\nD1,First,Acme,Closed Won,1200,2024-05-17\nD2,Second,Acme,Closed Lost,,2024-05-18\n"
)


def upload(
    client: CheckingClient, content: str | bytes = TWO, name: str = "deals.csv", **more: Any
) -> Page:
    """Choose a file on the page and press Upload."""
    raw = content if isinstance(content, bytes) else content.encode()
    files = {kind: (io.BytesIO(text.encode()), f"{kind}.csv") for kind, text in more.items()}
    page = client.get("/imports")
    return page.submit("form#upload", deals=(io.BytesIO(raw), name), **files)


def check(page: Page, **chosen: Any) -> Page:
    """Press “Check the whole file”."""
    return page.submit("form#mapping", press="check", **chosen)


def apply(page: Page) -> Page:
    return page.submit("form#apply")


def workbook(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def kept(app: Flask) -> list[Path]:
    """The folders of uploads that are there, of those that this database knows."""
    with app.app_context():
        known = [file for files in db.session.scalars(select(Import.files)) for file in files]
    folder = Path(app.instance_path) / "imports"
    return [folder / file["kept"] for file in known if (folder / file["kept"]).exists()]


def counts(page: Page) -> list[str]:
    return page.texts_of(".tile dl")[:5]


def test_the_whole_path_from_the_file_to_the_deals_and_back(
    app: Flask, priya: CheckingClient, deals: Stored, everything: Everything
) -> None:
    Company(app)
    page = upload(priya)
    assert page.text_of("h1") == "How is this read?"
    assert "UTF-8, comma" in page.text
    assert page.value_of("[name=deals-amount]") == "Amount"
    before = everything()

    page = check(page)
    assert page.text_of("h1") == "What this import would do"
    assert counts(page) == ["New 2", "Changed 0", "Unchanged 0", "Skipped 0", "Failed 0"]
    assert not deals()

    page = apply(page)
    assert page.text_of("h1") == "Import 1"
    assert "applied" in page.text_of(".page-actions")
    moments = [line for line in page.texts_of("dl.facts dd") if "UTC" in line]
    assert moments == ["11 Jan 2027, 10:00 UTC, Priya Nair"] * 2, "uploaded and applied"
    assert {id: deal.amount for id, deal in deals().items()} == {"D1": 120000, "D2": None}
    assert not kept(app), "the file is gone"

    page = page.submit("form#revert")
    assert "everything is as it was" in page.text
    after = everything()
    for name in ("deals", "accounts", "crm_owners", "loss_words", "statements"):
        assert after[name] == before[name], name


def test_what_is_noted_names_its_row_or_rows(priya: CheckingClient) -> None:
    page = check(upload(priya))
    assert "No amount: unknown (lost deals): 1 (row 3)" in page.text_of("main")
    page = check(upload(priya, TWO + "D3,Third,Acme,Closed Lost,,2024-05-19\n"))
    assert "No amount: unknown (lost deals): 2 (rows 3, 4)" in page.text_of("main")


def test_what_changes_is_shown_with_what_it_was(priya: CheckingClient, deals: Stored) -> None:
    apply(check(upload(priya)))
    again = TWO.replace("1200", "1500").replace("First", "First deal") + "D3,Third,Acme,Won,1,\n"
    page = check(upload(priya, again))
    assert counts(page) == ["New 1", "Changed 1", "Unchanged 1", "Skipped 0", "Failed 0"]
    page = page.follow("Changed")
    assert page.rows_of("#rows table") == [
        {"Row": "2", "Deal": "First",
         "What changes": "Name: First → First deal Amount: $1,200.00 → $1,500.00"}
    ] or "Amount: $1,200.00 → $1,500.00" in page.text_of("#rows table")  # fmt: skip
    page = apply(page)
    assert deals()["D1"].amount == 150000
    page.submit("form#revert")
    assert (deals()["D1"].amount, deals()["D1"].name) == (120000, "First")
    assert "D3" not in deals()


def test_the_same_file_again_changes_nothing_and_is_recognised(
    app: Flask, priya: CheckingClient, everything: Everything
) -> None:
    apply(check(upload(priya)))
    before = everything()
    page = upload(priya)
    assert "This very file was imported before" in page.text
    page = check(page)
    assert counts(page) == ["New 0", "Changed 0", "Unchanged 2", "Skipped 0", "Failed 0"]
    apply(page)
    after = everything()
    assert [n for n in before if before[n] != after[n]] == ["imports"]


def test_a_workbook_is_read_like_the_text_that_it_could_be(
    priya: CheckingClient, deals: Stored
) -> None:
    rows = [
        ["Pipeline report"], [], HEADER.split(","),
        ["D1", "First", "Acme", "Closed Won", 1200.5, date(2024, 5, 17)],
        ["D2", "Second", "Acme", "Closed Lost", None, date(2024, 5, 18)],
        ["Total", None, None, None, 1200.5],
    ]  # fmt: skip
    page = upload(priya, workbook(rows), name="report.xlsx")
    assert "Excel workbook, sheet Sheet" in page.text
    page = check(page)
    assert counts(page) == ["New 2", "Changed 0", "Unchanged 0", "Skipped 0", "Failed 0"]
    apply(page)
    stored = deals()
    assert (stored["D1"].amount, stored["D1"].close_date) == (120050, date(2024, 5, 17))
    assert stored["D2"].amount is None


def test_stages_that_nobody_explained_are_asked_once_and_remembered(
    app: Flask, priya: CheckingClient, deals: Stored
) -> None:
    content = f"{HEADER}\nD1,A,Acme,Negotiation,1,2024-05-17\nD2,B,Acme,Signed,1,2024-05-17\n"
    page = check(upload(priya, content))
    assert "Which of these stages are open, won or lost?" in page.text
    page = check(page, **{"stages-0": "open"})
    assert "Which of these stages" in page.text
    assert page.texts_of("#mapping fieldset legend.field-label") == ["Signed"]
    page = check(page, **{"stages-0": "won"})
    apply(page)
    assert {id: deal.status for id, deal in deals().items()} == {"D1": "open", "D2": "won"}
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(StageWord)) == 2
    page = check(upload(priya, content.replace("D1", "D3")))
    assert counts(page)[0] == "New 1"


def test_days_that_nothing_decides_are_asked_and_then_read_as_said(
    priya: CheckingClient, deals: Stored
) -> None:
    page = check(upload(priya, f"{HEADER}\nD1,A,Acme,Won,1,03/04/2024\n"))
    assert "Day and month cannot be told apart" in page.text
    assert "row 2 has 03/04/2024" in page.text
    page = check(page, date_order="dmy")
    apply(page)
    assert deals()["D1"].close_date == date(2024, 4, 3)


def test_columns_and_the_header_can_be_corrected_and_the_mapping_kept(
    app: Flask, priya: CheckingClient, deals: Stored
) -> None:
    content = "A,B,C,D\nNr,Titel,Phase,Wert\nD1,Erster,Won,12\n"
    page = upload(priya, content)
    page = page.submit("form#mapping", press="look", **{"deals-header_row": "2"})
    assert page.value_of("[name=deals-header_row]") == "2"
    page = check(
        page, save_as="Ours",
        **{"deals-id": "Nr", "deals-name": "Titel", "deals-stage": "Phase", "deals-amount": "Wert"},
    )  # fmt: skip
    apply(page)
    assert (deals()["D1"].name, deals()["D1"].amount) == ("Erster", 1200)
    page = upload(priya, content.replace("12", "13"))
    with app.app_context():
        assert db.session.scalar(select(SavedMapping.name)) == "Ours"
    page = page.submit("form#mapping", press="look", **{"deals-header_row": "2"})
    assert "The mapping “Ours” was saved for these columns" in page.text
    page = page.submit("form[action$='/saved-mapping']")
    page = check(page)
    assert counts(page)[1] == "Changed 1"


def test_a_mapping_does_not_replace_another_of_its_name_unless_one_says_so(
    app: Flask, priya: CheckingClient
) -> None:
    def saved() -> dict[str, str]:
        with app.app_context():
            return {row.name: row.mapping["deals"]["name"] for row in db.session.scalars(every)}

    every = select(SavedMapping)
    content = "Nr,Titel,Kurz,Phase\nD1,Erster,E,Won\n"
    chosen = {"deals-id": "Nr", "deals-name": "Titel", "deals-stage": "Phase"}
    upload(priya, content).submit("form#mapping", press="look", save_as="Ours", **chosen)
    other = chosen | {"deals-name": "Kurz"}
    page = upload(priya, content).submit("form#mapping", press="look", save_as="Ours", **other)
    assert page.status_code == 422
    assert "Another mapping is called “Ours”" in page.text_of("[data-takes-focus]")
    assert saved() == {"Ours": "Titel"}
    assert (page.value_of("[name=save_as]"), page.value_of("[name=deals-name]")) == ("Ours", "Kurz")
    again = page.submit("form#mapping", press="look", save_as="Ours, short")
    assert again.status_code == 200
    assert saved() == {"Ours": "Titel", "Ours, short": "Kurz"}
    page = page.submit("form#mapping", press="look", replaces=True)
    assert page.status_code == 200
    assert saved() == {"Ours": "Kurz", "Ours, short": "Kurz"}


def test_rows_that_fail_say_column_value_and_reason_and_can_be_taken_along(
    priya: CheckingClient,
) -> None:
    content = (
        f"{HEADER}\nD1,A,Acme,Won,-5,2024-05-17\nD2,B,Acme,Won,1,2024-02-31\nD3,C,Acme,Won,1,\n"
    )
    page = check(upload(priya, content)).follow("Failed")
    assert [row["Why"] for row in page.rows_of("#rows table")] == [
        "Amount : “-5” the amount -5 is negative",
        "Close Date : “2024-02-31” “2024-02-31” is no date",
    ]
    csv = priya.get(page.link("CSV"))
    assert csv.lines()[0] == "Row,Id,Name,Column,Before,After,Value,Reason"
    assert "2,D1,,Amount,,,-5,the amount -5 is negative" in csv.text


def test_a_deal_that_vanished_from_a_full_export_is_flagged_and_not_deleted(
    priya: CheckingClient, deals: Stored
) -> None:
    apply(check(upload(priya)))
    one = "\n".join(TWO.splitlines()[:2]) + "\n"
    page = check(upload(priya, one), full_export=True)
    assert "1 deal is not in this full export" in page.text
    page = apply(page)
    stored = deals()
    assert stored["D2"].vanished_on is not None
    assert stored["D1"].vanished_on is None
    shown = priya.get(f"/deals/{stored['D2'].id}")
    assert "vanished from CRM" in shown.text
    assert "vanished from CRM" in priya.get("/deals").text
    apply(check(upload(priya, TWO), full_export=True))
    assert deals()["D2"].vanished_on is None


def test_a_second_click_applies_nothing_twice(app: Flask, priya: CheckingClient) -> None:
    page = check(upload(priya))
    apply(page)
    with app.app_context():
        before = db.session.scalar(select(func.count()).select_from(Deal))
        revision = db.session.scalar(select(Import.applied_at))
    again = apply(page)
    assert again.text_of("h1") == "Import 1"
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Deal)) == before
        assert db.session.scalar(select(Import.applied_at)) == revision


def test_what_was_shown_is_what_is_applied_or_it_is_shown_anew(
    priya: CheckingClient, deals: Stored
) -> None:
    first, second = check(upload(priya)), check(upload(priya))
    apply(first)
    page = apply(second)
    assert "were changed in the meantime" in page.text
    assert counts(page) == ["New 0", "Changed 0", "Unchanged 2", "Skipped 0", "Failed 0"]
    apply(page)
    assert len(deals()) == 2


def test_reverting_names_what_rests_on_the_import(
    app: Flask, priya: CheckingClient, deals: Stored
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual work")
    first = apply(check(upload(priya)))
    apply(check(upload(priya, TWO.replace("1200", "1300"))))
    page = first.submit("form#revert")
    assert page.status_code == 409
    assert "Later imports touched its deals or accounts: 1 (import 2)" in page.text_of("main")
    assert deals()["D1"].amount == 130000
    page = priya.get("/imports/2").submit("form#revert")
    priya.get(f"/deals/{deals()['D2'].id}").submit("form#tie-problem", problem=pain, source="crm")
    page = priya.get("/imports/1").submit("form#revert")
    assert "Deals that it brought are tied to problems: 1 (Second)" in page.text_of("main")
    assert len(deals()) == 2
    assert company.wrong_totals() == []


def test_reverting_names_the_conversations_that_rest_on_the_import(
    app: Flask, priya: CheckingClient, deals: Stored
) -> None:
    company = Company(app)
    page = apply(check(upload(priya)))
    second = deals()["D2"]
    company.interview(second.id)
    company.conversation(second.account_id)
    priya.get(f"/deals/{second.id}/report").submit("#report", against="unknown", bucket="unknown")
    said = page.submit("form#revert").text_of("main")
    assert "Conversations are about deals that it brought: 1 (Second)" in said
    assert "Reps reported on deals that it brought: 1 (Second)" in said
    assert "Conversations are with accounts that it brought: 1 (Acme)" in said
    assert len(deals()) == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("deals.csv", b"", "is empty"),
        ("deals.xls", b"<html><table><tr><td>Id</td></tr></table>", "web page"),
        ("deals.xls", b"\xd0\xcf\x11\xe0rest", "old Excel workbook"),
        ("deals.xlsx", b"PK\x03\x04 no zip at all", "zipped file"),
        ("deals.csv", f"{HEADER}\n".encode(), "no rows below"),
        ("../../evil\x00.csv", b"\x00\x01\x02\x03" * 50, "not a text file"),
        ("deals.csv", f'{HEADER}\nD1,"{"x" * 1_000_001}'.encode(), "never closed"),
    ],
)
def test_hostile_and_broken_files_are_refused_in_plain_words(
    app: Flask, priya: CheckingClient, deals: Stored, name: str, content: bytes, words: str
) -> None:
    page = upload(priya, content, name=name)
    if "cannot be read" not in page.text.lower() and page.has("form#mapping"):
        page = check(page)
    assert words in page.text_of("main")
    assert not deals()
    assert page.submit("form#discard").text_of("h1") == "Imports"
    assert not kept(app)


def test_who_may_not_import_sends_no_files(rosa: CheckingClient, app: Flask) -> None:
    token = str(rosa.get("/tradeoffs").value_of("form[action='/sign-out'] [name=csrf_token]"))
    page = rosa.post(
        "/imports", data={"csrf_token": token, "deals": (io.BytesIO(b"a,b"), "deals.csv")}
    )
    assert page.status_code in (403, 415)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Import)) == 0


def test_what_is_known_of_the_export_is_shown_and_can_be_switched_off(
    priya: CheckingClient, deals: Stored
) -> None:
    content = (
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
        "A1,Zoe,Basic,Acme,Lost,31/12/2016,13/03/2017,0\n"
    )
    page = upload(priya, content)
    assert "Maven CRM sales opportunities" in page.text
    assert "The first rows write dates as day, month, year" in page.text
    assert page.has("[name=lost_zero_is_unknown][checked]")
    page = check(page, lost_zero_is_unknown=False)
    apply(page)
    assert deals()["A1"].amount == 0


def test_a_workbook_that_unpacks_to_more_than_is_read_is_refused(
    priya: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roadmap.imports.workbook.MOST_UNPACKED", 1_000)
    page = upload(priya, workbook([HEADER.split(","), ["D1"]]), name="bomb.xlsx")
    assert "more than is read of a workbook" in page.text_of("main")


def test_an_import_that_dies_while_it_is_applied_leaves_nothing_half(
    app: Flask, priya: CheckingClient, deals: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = check(upload(priya))

    def die(*_: object) -> None:
        raise RuntimeError("the power is gone")

    with monkeypatch.context() as broken:
        broken.setattr("roadmap.imports.reasons.meet", die)
        with pytest.raises(RuntimeError):
            apply(page)
    assert not deals()
    page = priya.get("/imports/1")
    assert "Something failed on our side. Nothing was changed." in page.text
    apply(page)
    assert len(deals()) == 2


def test_an_import_that_nobody_is_at_any_more_can_be_started_again(
    app: Flask, priya: CheckingClient, deals: Stored
) -> None:
    page = upload(priya)
    with app.app_context():
        made = db.session.scalars(select(Import)).one()
        made.state, made.attempt = "staging", 1
        made.beat_at = datetime(2026, 1, 1, tzinfo=UTC)
        db.session.commit()
    page = priya.get("/imports/1")
    assert "nobody is at it any more" in page.text
    page = page.submit("form[action$='/reading']")
    assert counts(page)[0] == "New 2"
    apply(page)
    assert len(deals()) == 2


def test_one_who_was_overtaken_stops(app: Flask, priya: CheckingClient) -> None:
    upload(priya)
    with app.app_context():
        made = db.session.scalars(select(Import)).one()
        made.state, made.attempt = "staging", 2
        db.session.commit()
        with pytest.raises(Conflict):
            Progress(made.id, attempt=1).begin(10)
