"""What is no deal breaker weighs less, and no date hangs on it."""

import json

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.deals import actions
from roadmap.domain.winloss import REP
from roadmap.extensions import db
from roadmap.intake import consequence, steps, triaging
from roadmap.models import Statement, User
from tests.support.client import CheckingClient
from tests.support.company import Company

pytestmark = pytest.mark.either


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


def plan(app: Flask) -> dict[str, list[str]]:
    """The problems that hold each deal, by deal, as the plan file has them."""
    out = app.test_cli_runner().invoke(args=["plan", "export"]).output
    return {deal["id"]: deal["blockers"] for deal in json.loads(out)["deals"]}


def severities(company: Company) -> list[str]:
    with company.app.app_context():
        standing = select(Statement.severity).where(
            Statement.ended_at.is_(None), Statement.deal_id.is_not(None)
        )
        return list(db.session.scalars(standing.order_by(Statement.id)))


def test_a_hindrance_weighs_half_and_holds_no_deal(
    app: Flask, company: Company, priya: CheckingClient
) -> None:
    pain, deal = company.problem("Exports are slow"), company.deal("Acme", 100_000_00)
    fast = company.initiative("Fast exports", work=[(company.team(), 10)], solves=[pain])
    page = priya.get(f"/deals/{deal}")
    page = page.submit("#tie-problem", problem=pain, source=REP, severity="hindrance")
    (row,) = page.rows_of("table")
    assert "does not hold it" in row["Counts?"]
    assert "Sales rep: hindrance" in row["Source, severity"]
    assert "What stands in its way is no deal breaker" in page.text_of("main")
    assert plan(app) == {str(deal): []}
    with company.looking() as picture:
        card = picture.cards[str(fast)]
        # $100,000 at a rep's 0.5 and a hindrance's 0.5; the deal itself is whole.
        assert (card.open_amount, card.open_value) == (100_000_00, f"{25_000_00 * 10_000}/1")
    parts = priya.get(f"/initiatives/{fast}/deals").text_of("main")
    assert "held by nothing $100K 100 % 50 % sales rep × 50 % hindrance whole $25K" in parts
    table = priya.get(f"/initiatives/{fast}/deals.csv").text.splitlines()
    assert table[0].endswith(",severity,severity_percent")
    assert table[1].endswith(",hindrance,50")
    for query, listed in (("holding", 0), ("counting", 1)):
        found = priya.get(f"/deals?ties={query}").rows_of("table") if listed else []
        assert len(found) == listed
    problem = priya.get(f"/problems/{pain}").text_of("main")
    assert "Open pipeline blocked $0" in problem
    assert company.wrong_totals() == []


def test_the_strongest_source_says_how_severe_it_is(app: Flask, company: Company) -> None:
    pain = company.problem("Exports are slow")
    deal = company.deal(blockers=[(pain, "rep")])
    assert plan(app) == {str(deal): [str(pain)]}
    with app.app_context():
        by = company.people["product"]
        said = actions.tie(deal, pain, "customer", by, severity="nice to have").id
    assert plan(app) == {str(deal): []}
    with app.app_context():
        actions.untie(deal, said)
    assert plan(app) == {str(deal): [str(pain)]}


def test_a_request_says_it_when_it_is_confirmed_and_no_longer_when_that_is_undone(
    app: Flask, company: Company
) -> None:
    pain, deal = company.problem("Exports are slow"), company.deal("Acme")
    request = company.request("Exports take an hour.", deals=[deal], severity="nice to have")
    with company.looking() as picture:
        says = consequence.named([request]).joining(picture, pain, "Exports are slow").sentence
    assert says.startswith("Ties 1 open deal worth ")
    assert says.endswith("1 held by nothing.")
    with app.app_context():
        by = db.session.get_one(User, company.people["product"])
        triaging.confirm(request, pain, by, quote=False)
    assert severities(company) == ["nice to have"]
    with app.app_context():
        steps.undo(request, db.session.get_one(User, company.people["product"]))
    assert severities(company) == []


def test_a_deals_page_asks_whether_they_would_sign_and_offers_answers_to_that(
    company: Company, priya: CheckingClient
) -> None:
    company.problem("Exports are slow")
    page = priya.get(f"/deals/{company.deal('Acme')}")
    assert "Would they sign without it?" in page.texts_of("label")
    offered = page.texts_of("[name=severity] option")
    assert [each.split(",")[0] for each in offered] == ["No", "Yes", "Yes"]


def test_an_interview_says_it_and_shows_it_again(
    app: Flask, company: Company, priya: CheckingClient
) -> None:
    company.problem("Exports are slow")
    deal = company.deal("Acme", status="lost", close_date="2026-12-01")
    talk = company.interview(deal)
    typed = {
        "name": "Dana Osei", "role": "CIO", "layer": "executive", "held_on": "2027-01-08",
        "reasons-0-bucket": "product", "reasons-0-problem": "Exports are slow",
        "reasons-0-severity": "hindrance",
    }  # fmt: skip
    priya.get(f"/interviews/{talk}/log").submit("#log", press="save", **typed)
    assert severities(company) == ["hindrance"]
    assert priya.get(f"/interviews/{talk}/log").value_of("[name=reasons-0-severity]") == "hindrance"
    assert "Loss interview: hindrance" in priya.get(f"/deals/{deal}").text_of("main")


def test_other_factors_show_what_they_reorder_before_they_are_saved(
    app: Flask, company: Company, ada: CheckingClient, priya: CheckingClient
) -> None:
    core = company.team()
    for title, amount, severity in (("Big", 300, "hindrance"), ("Small", 200, "deal breaker")):
        pain = company.problem(title)
        deal = company.deal(title, amount * 100)
        company.initiative(title, work=[(core, 10)], solves=[pain])
        page = priya.get(f"/deals/{deal}")
        page.submit("#tie-problem", problem=pain, source=REP, severity=severity)
    shown = ada.get("/settings").submit("form#settings", factor_hindrance="90")
    assert "2 initiatives would change places" in shown.text_of(".note-warn")
    shown.submit("form#settings")
    assert company.wrong_totals() == []
    assert ada.get("/board").texts_of(".row-rank small") == ["score 1", "score 2"]
    assert "At most 100." in ada.get("/settings").submit(
        "form#settings", factor_hindrance="101"
    ).text_of("main")
