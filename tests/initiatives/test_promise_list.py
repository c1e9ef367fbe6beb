"""All promises: whether they hold, and the deals that rest on them."""

import pytest
from flask import Flask

from tests.support.client import CheckingClient
from tests.support.company import Company
from tests.support.queries import count_queries

from .test_edits import FORM


@pytest.fixture
def second(company: Company) -> int:
    """First is done on 22 January, Second, whose id this is, two weeks later."""
    pain, core = company.problem("Sign-in is manual"), company.team("Core", people=2)
    acme, globex = company.account("Acme"), company.account("Globex")
    for amount, account in ((100_000_00, acme), (None, acme), (50_000_00, globex)):
        company.deal("", amount, account=account, blockers=[pain, (pain, "crm")])
    company.initiative(
        "First", work=[(core, 20)], solves=[pain],
        promised=[("2027-06-25", "ACME"), ("2027-01-29", "Everybody")],
    )  # fmt: skip
    return company.initiative("Second", work=[(core, 20)], promised=[("2027-06-25", "Globex")])


def test_each_promise_says_whether_it_holds_and_what_rests_on_it(
    rosa: CheckingClient, second: int
) -> None:
    rows = rosa.get("/promises.csv").table()
    kept = ("promised_to", "margin_weeks", "state", "open_deals", "open_amount",
            "deals_of_unknown_amount")  # fmt: skip
    assert [tuple(row[name] for name in kept) for row in rows] == [
        ("Everybody", "1", "in danger", "3", "150000.00", "1"),
        ("ACME", "22", "holds", "2", "100000.00", "1"),
        ("Globex", "20", "holds", "0", "0.00", "0"),
    ]
    assert [row["account_id"] != "" for row in rows] == [False, True, True]


def test_a_broken_one_leads_to_the_trade_off_that_broke_it(
    priya: CheckingClient, company: Company, second: int
) -> None:
    priya.get(f"/board/preview?initiative={second}&to=1").submit(
        "#commit-form", sponsor=company.people["executive"], reason="They asked first"
    )
    page = priya.get("/promises?state=broken")
    assert [row["To"] for row in page.rows_of("table")] == ["Everybody"]
    broke_it = priya.get(str(page.one("td a[href^='/tradeoffs/']")["href"]))
    assert "They asked first" in broke_it.text

    first = priya.get("/initiatives/1")
    first.submit("form[action$='/promises/2/withdrawal']").submit(
        "#commit-form", sponsor=company.people["executive"], reason="They can wait"
    )
    asked = priya.get("/initiatives/1/promises").submit(FORM, day="2027-01-29", to="Everybody")
    asked.submit(FORM, knowing=True)
    again = priya.get("/promises?state=broken")
    assert [row["To"] for row in again.rows_of("table")] == ["Everybody by Priya Nair"]
    assert not again.has("td a[href^='/tradeoffs/']"), "it was given again, missed from the start"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Everybody", "ACME", "Globex"]),
        ("order=latest", ["Globex", "ACME", "Everybody"]),
        ("state=in+danger", ["Everybody"]),
        ("account=1", ["ACME"]),
        ("initiative=2", ["Globex"]),
        ("since=2027-01-29&until=2027-01-29", ["Everybody"]),
        ("owner=1", []),
    ],
)
def test_the_list_is_narrowed_and_sorted_and_so_is_its_file(
    rosa: CheckingClient, second: int, query: str, expected: list[str]
) -> None:
    rows = rosa.get(f"/promises.csv?{query}").table()
    assert [row["promised_to"] for row in rows] == expected
    page = rosa.get(f"/promises?{query}")
    assert all(name in page.text for name in expected or ["No promise fits these filters"])


def test_more_promises_are_no_more_queries(
    app: Flask, rosa: CheckingClient, company: Company, second: int
) -> None:
    rosa.get("/promises")
    with count_queries(app) as few:
        rosa.get("/promises")
    core = company.team("Web", people=2)
    for _ in range(4):
        company.initiative(work=[(core, 5)], promised=[("2027-06-25", "Acme")])
    rosa.get("/promises")
    with count_queries(app) as many:
        rosa.get("/promises")
    assert len(many) == len(few)


def test_without_a_promise_the_page_says_where_one_is_made(rosa: CheckingClient) -> None:
    assert "Nothing is promised to anybody" in rosa.get("/promises").text
