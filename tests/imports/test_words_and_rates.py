"""What CRM's words and currencies mean: decided once, and what is stored follows exactly."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.imports.split_reasons import Several
from roadmap.models import LossWords, Statement, User
from roadmap.patterns import undoing
from tests.imports.conftest import HEADER, Importing
from tests.imports.test_web import apply, check, upload
from tests.support.client import CheckingClient
from tests.support.company import Company

Stored = Callable[[], dict[str, Any]]

LOST = (
    f"{HEADER},Loss Reason\n"
    "D1,A,Acme,Closed Lost,100,2026-12-17,Missing SSO\n"
    "D2,B,Acme,Closed Lost,200,2026-12-18,missing  sso\n"
    "D3,C,Acme,Closed Lost,300,2026-12-18,Too expensive\n"
    "D4,D,Acme,Won,400,2026-12-18,\n"
)


def reasons(app: Flask) -> list[tuple[str, str]]:
    """What stands for CRM's words: the deal's name, and the problem's title or the bucket."""
    with app.app_context():
        said = db.session.scalars(select(Statement).where(Statement.origin_id.is_not(None)))
        return sorted((s.deal.name, s.root.title if s.root else s.bucket) for s in said)


def form(app: Flask, text: str) -> str:
    with app.app_context():
        id = db.session.scalar(select(LossWords.id).where(LossWords.text == text))
    return f"form.cluster[action='/imports/loss-reasons/{id}']"


def test_a_wording_is_decided_once_and_all_its_deals_follow(
    app: Flask, priya: CheckingClient, importing: Importing
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual work")
    company.initiative("SSO", work=[(company.team(), 20)], solves=[pain])
    importing(LOST)
    page = priya.get("/imports/loss-reasons")
    rows = page.rows_of("table")
    assert [(row["In CRM"], row["Lost deals"]) for row in rows] == [
        ("Missing SSO", "2"), ("Too expensive", "1"),
    ]  # fmt: skip
    page = page.submit(form(app, "Missing SSO"), bucket="product", problem=pain)
    assert "2 lost deals follow" in page.text
    page.submit(form(app, "Too expensive"), bucket="price")
    assert reasons(app) == [
        ("A", "Sign-in is manual work"), ("B", "Sign-in is manual work"), ("C", "price"),
    ]  # fmt: skip
    assert company.wrong_totals() == []
    with company.looking() as picture:
        assert picture.cards["1"].lost_amount == 300_00

    importing(LOST.replace("D1,A,Acme,Closed Lost", "D1,A,Acme,Won") + "D5,E,Acme,Closed Lost,50,"
              "2026-12-19,TOO EXPENSIVE\n")  # fmt: skip
    assert reasons(app) == [("B", "Sign-in is manual work"), ("C", "price"), ("E", "price")]
    assert company.wrong_totals() == []

    page = priya.get("/imports/loss-reasons").submit(form(app, "Missing SSO"), bucket="process")
    assert reasons(app) == [("B", "process"), ("C", "price"), ("E", "price")]
    page.submit(form(app, "Missing SSO"), bucket="")
    assert reasons(app) == [("C", "price"), ("E", "price")]
    assert company.wrong_totals() == []


def test_words_follow_their_problem_through_every_merge_and_back(
    app: Flask, priya: CheckingClient, importing: Importing
) -> None:
    company = Company(app)
    first, second, last = (company.problem(title) for title in ("First", "Second", "Last"))
    importing(LOST)
    page = priya.get("/imports/loss-reasons")
    page.submit(form(app, "Missing SSO"), bucket="product", problem=first)
    company.merged(first, second)
    step = company.merged(second, last)
    assert reasons(app) == [("A", "Last"), ("B", "Last")]
    more = "D5,E,Acme,Closed Lost,50,2026-12-19,MISSING SSO\n"
    importing(LOST + more)
    assert reasons(app) == [("A", "Last"), ("B", "Last"), ("E", "Last")]
    chosen = priya.get("/imports/loss-reasons").value_of(
        f"{form(app, 'Missing SSO')} [name=problem] option[selected]"
    )
    assert chosen == str(last)
    with app.app_context():
        undoing.undo(step, db.session.get_one(User, company.people["product"]))
    # The one that came while they were merged goes home with the others.
    assert reasons(app) == [("A", "Second"), ("B", "Second"), ("E", "Second")]
    importing(LOST + more.replace("50", "60"))
    assert reasons(app) == [("A", "Second"), ("B", "Second"), ("E", "Second")]
    assert company.wrong_totals() == []


def test_words_that_read_alike_are_suggested(
    app: Flask, priya: CheckingClient, importing: Importing
) -> None:
    Company(app)
    importing(LOST)
    page = priya.get("/imports/loss-reasons").submit(form(app, "Missing SSO"), bucket="product")
    importing(f"{HEADER},Loss Reason\nD9,Z,Acme,Closed Lost,1,2026-12-17,SSO is missing for us\n")
    page = priya.get("/imports/loss-reasons")
    assert "As “Missing SSO”: Product" in page.text
    page = page.submit("td[data-label=Alike] form")
    assert ("Z", "product") in reasons(app)


def test_reverting_takes_the_reasons_of_its_deals_along(
    app: Flask, priya: CheckingClient, importing: Importing, deals: Stored
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual work")
    page = apply(check(upload(priya, LOST)))
    priya.get("/imports/loss-reasons").submit(
        form(app, "Missing SSO"), bucket="product", problem=pain
    )
    assert len(reasons(app)) == 2
    page = page.submit("form#revert")
    assert "everything is as it was" in page.text
    assert not deals()
    assert reasons(app) == []
    assert company.wrong_totals() == []


def test_an_amount_in_another_currency_is_converted_at_the_rate_of_the_table(
    app: Flask, ada: CheckingClient, importing: Importing, deals: Stored
) -> None:
    content = f'{HEADER},Currency\nD1,A,Acme,Won,"1,000.00",2024-05-17,EUR\nD2,B,Acme,Won,10,,GBP\n'
    importing(content).has("Amount not in USD: left unknown: 2")
    page = ada.get("/settings/exchange-rates")
    wrong = page.submit("form#rate", currency="USD", rate="-1", as_of="2026-11-20")
    assert wrong.status_code == 422
    assert "own currency" in wrong.text
    page.submit("form#rate", currency="eur", rate="1.0853", as_of="2026-11-20", source="ECB")
    importing(content).has("Amount converted from EUR, at 1.0853 of 2026-11-20 (ECB): 1")
    stored = deals()
    assert stored["D1"].amount == 108530
    assert stored["D1"].attributes["Amount in CRM"] == "EUR 1000.00, at 1.0853 of 2026-11-20 (ECB)"
    assert stored["D2"].amount is None


def test_a_stand_in_is_marked_and_goes_when_it_is_switched_off(
    priya: CheckingClient, importing: Importing, deals: Stored
) -> None:
    head = f"{HEADER},Product\n"
    content = (
        f"{head}D1,A,Acme,Won,100,2024-05-17,Basic\nD2,B,Acme,Won,201,2024-05-17,Basic\n"
        "D3,C,Acme,Closed Lost,,2024-05-17,Basic\nD4,D,Acme,Closed Lost,,2024-05-17,Other\n"
    )
    importing(content, mapping={"stand_in": "average"}).has("stands in for the unknown amount: 1")
    stored = deals()
    assert (stored["D3"].amount, stored["D3"].amount_source) == (15050, "average")
    assert (stored["D4"].amount, stored["D4"].amount_source) == (None, None)
    assert "≈ average" in priya.get("/deals").text
    assert "≈ average" in priya.get(f"/deals/{stored['D3'].id}").text
    products = "product,sales_price\nBasic,99.5\n"
    importing(content, mapping={"stand_in": "list price"}, products=products).has("1 changed")
    assert (deals()["D3"].amount, deals()["D3"].amount_source) == (9950, "list price")
    importing(content).has("1 changed")
    assert (deals()["D3"].amount, deals()["D3"].amount_source) == (None, None)


SEVERAL = (
    f"{HEADER},Loss Reason\n"
    "D1,A,Acme,Closed Lost,100,2026-12-17,Price;Missing SSO\n"
    "D2,B,Acme,Closed Lost,200,2026-12-18,price\n"
)


def test_several_reasons_in_one_cell_are_asked_and_each_decided_by_itself(
    app: Flask, priya: CheckingClient, everything: Callable[[], dict[str, Any]]
) -> None:
    company = Company(app)
    before = everything()
    page = check(upload(priya, SEVERAL))
    assert "row 2 has “Price;Missing SSO”" in page.text
    apply(check(page, split_reasons="semicolon"))
    page = priya.get("/imports/loss-reasons")
    assert [(row["In CRM"], row["Lost deals"]) for row in page.rows_of("table")] == [
        ("price", "2"), ("Missing SSO", "1"),
    ]  # fmt: skip
    page = page.submit(form(app, "price"), bucket="price")
    assert "2 lost deals follow" in page.text
    page.submit(form(app, "Missing SSO"), bucket="product")
    assert reasons(app) == [("A", "price"), ("A", "product"), ("B", "price")]
    assert company.wrong_totals() == []
    page = priya.get("/imports/loss-reasons").submit(form(app, "Missing SSO"), bucket="")
    page.submit(form(app, "price"), bucket="")
    priya.get("/imports/1").submit("form#revert")
    after = everything()
    for table in ("deals", "loss_words", "loss_words_parts", "statements"):
        assert after[table] == before[table], table


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["Price;No SSO"], "semicolon"),
        (["Price | No SSO", "Price"], "bar"),
        (["Price, No SSO", "Price", "no sso"], "comma"),
        (["Too slow, and they had no budget", "Price"], None),
        (["Price/value", "Price/time"], None),
        (["Price / SSO", "SSO", "Price"], "slash"),
        (["Price;", "; "], None),
        (
            ["They wanted a long list; we could not promise any of it, so they went to another"],
            None,
        ),
    ],
)
def test_a_list_of_reasons_is_told_from_a_sentence(cells: list[str], found: str | None) -> None:
    several = Several()
    for row, cell in enumerate(cells, 2):
        several.see(row, cell)
    asked = several.found()
    assert (asked and asked[0]) == found
