"""Whom to interview next: the order, one ask a quarter, plans, and the script."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from roadmap.domain.errors import Refused
from roadmap.extensions import db
from roadmap.interviews import actions
from roadmap.models import Conversation, Deal, ScriptQuestion, User
from tests.support.client import CheckingClient, Page
from tests.support.company import Company
from tests.support.queries import count_queries
from tests.support.tables import everything

TABLE = "table:has(caption:-soup-contains('Lost deals'))"


def listed(page: Page) -> list[str]:
    return [row["Deal"].split()[0] for row in page.rows_of(TABLE)]


def plan(app: Flask, company: Company, deal: int) -> int:
    with app.app_context():
        by = db.session.get_one(User, company.people["product"])
        return actions.plan(deal, by.id, date(2027, 1, 20), by).id


def test_money_at_the_best_fit_comes_first_and_what_is_verified_last(
    app: Flask, rosa: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    company.deal("Middle", 300_000_00, status="lost", fit=50)
    company.deal("First", 200_000_00, status="lost", fit=90)
    company.deal("Nameless", None, status="lost", fit=100)
    company.deal("Verified", 900_000_00, status="lost", blockers=[(pain, "customer")])
    company.deal("Claimed", 100_000_00, status="lost", fit=60, blockers=[(pain, "rep")])
    company.deal("Old", 900_000_00, status="lost", close_date="2026-07-11")
    company.deal("Undated", 900_000_00, status="lost", close_date=None)
    company.deal("Open", 900_000_00)
    page = rosa.get("/interviews")
    assert listed(page) == ["First", "Middle", "Claimed", "Nameless", "Verified"]
    assert page.rows_of(TABLE)[0]["Amount × fit"] == "$180K"
    assert page.rows_of(TABLE)[3]["Amount"] == "unknown"
    said = page.text_of("main [role=status].cluster")
    assert "5 lost deals, $1.5M" in said
    assert "4 of them have no verified reason; 1 has no amount and counts 0" in said
    assert "1 lost deal has no close date and is left out" in said
    rows = rosa.get("/interviews.csv").lines()
    assert rows[1].startswith("First,")
    assert ",180000.00,no," in rows[1]
    assert len(rows) == 6
    assert listed(rosa.get("/interviews?fit=90")) == ["First", "Nameless", "Verified"]
    assert listed(rosa.get("/interviews?q=FIRST")) == ["First"]
    assert rosa.get("/interviews?q=%25&fit=x&page=9999999&segment=none").status_code == 200


def test_a_customer_is_asked_once_a_quarter_and_the_page_says_so(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    acme = company.account("Acme")
    first = company.deal("First", 400_000_00, status="lost", account=acme)
    second = company.deal("Second", 300_000_00, status="lost", account=acme)
    page = priya.get("/interviews").follow("Plan an interview about First")
    page = page.submit("#plan", press="Plan", planned_on="2027-01-20")
    assert page.path == "/interviews"
    assert page.rows_of("table:has(caption:-soup-contains('Planned'))")[0]["When"] == "20 Jan 2027"
    rows = page.rows_of(TABLE)
    assert rows[0]["Ask"] == "planned"
    assert rows[1]["Ask"] == "asked on 11 Jan 2027, again from 1 Apr 2027"
    assert "No lost deal fits these filters" in priya.get("/interviews?ask=free").text
    refused = priya.get(f"/interviews/new?deal={second}").submit(
        "#plan", press="Plan", planned_on="2027-01-21"
    )
    assert refused.status_code == 422
    assert "asked on 11 Jan 2027; again from 1 Apr 2027" in refused.text_of(".field-errors")
    with app.app_context():
        assert len(db.session.scalars(select(Conversation)).all()) == 1
        interview = db.session.scalars(select(Conversation)).one()
        assert (interview.deal_id, interview.ask_quarter) == (first, date(2027, 1, 1))


def test_the_database_itself_refuses_a_second_ask(app: Flask) -> None:
    company = Company(app)
    acme = company.account("Acme")
    plan(app, company, company.deal("First", status="lost", account=acme))
    values = {
        "kind": "demo",
        "state": "planned",
        "account_id": acme,
        "ask_quarter": date(2027, 1, 1),
    }
    with app.app_context(), pytest.raises(IntegrityError):
        db.session.execute(insert(Conversation).values(values))


def test_a_cancelled_ask_frees_the_quarter(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    deal = company.deal("First", status="lost")
    page = priya.get(f"/interviews/{plan(app, company, deal)}").submit("#cancellation")
    assert "may be asked again" in page.text_of(".flashes")
    assert plan(app, company, deal)


def test_what_was_held_without_a_plan_is_logged_and_no_quarter_forbids_it(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    acme = company.account("Acme")
    plan(app, company, company.deal("First", status="lost", account=acme))
    other = company.deal("Second", status="lost", account=acme)
    page = priya.get(f"/interviews/new?deal={other}").submit(
        "#plan", press="held", planned_on="", assigned_to=company.people["admin"]
    )
    assert page.text_of("h1") == "Log a loss interview"
    with app.app_context():
        assert [each.ask_quarter for each in db.session.scalars(select(Conversation))] == [
            date(2027, 1, 1), None,
        ]  # fmt: skip


def test_one_form_sent_twice_is_one_interview(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    page = priya.get(f"/interviews/new?deal={company.deal('First', status='lost')}")
    for _ in range(2):
        assert page.submit("#plan", press="Plan", planned_on="2027-01-20").path == "/interviews"
    with app.app_context():
        assert len(db.session.scalars(select(Conversation)).all()) == 1


@pytest.mark.parametrize("token", ["x" * 65, "a\0b"])
def test_a_token_that_no_form_wrote_is_none(app: Flask, priya: CheckingClient, token: str) -> None:
    page = priya.get(f"/interviews/new?deal={Company(app).deal('First', status='lost')}")
    sent = page.submit("#plan", press="Plan", planned_on="2027-01-20", token=token)
    assert sent.path == "/interviews"
    with app.app_context():
        assert db.session.scalars(select(Conversation)).one().form_token is None


def test_only_lost_deals_and_product_managers_take_part(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    won = company.deal("Won", status="won")
    assert priya.get(f"/interviews/new?deal={won}").status_code == 404
    deal = company.deal("Lost", status="lost")
    with app.app_context():
        by = db.session.get_one(User, company.people["product"])
        for deal_id, who in ((won, by.id), (deal, company.people["rep"]), (9_999, by.id)):
            with pytest.raises(Refused):
                actions.plan(deal_id, who, date(2027, 1, 20), by)


def test_a_plan_can_be_given_to_somebody_else_and_is_overdue_when_its_day_is_past(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    id = plan(app, company, company.deal("First", status="lost"))
    page = priya.get(f"/interviews/{id}/plan").submit(
        "#plan", planned_on="2027-01-08", assigned_to=company.people["admin"]
    )
    assert "Overdue" in page.text
    assert "overdue" in priya.get("/interviews").text
    with app.app_context():
        assert db.session.get_one(Conversation, id).assigned_to_id == company.people["admin"]


def test_a_deal_reopened_meanwhile_is_not_logged(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    deal = company.deal("First", status="lost")
    page = priya.get(f"/interviews/{plan(app, company, deal)}/log")
    with app.app_context():
        db.session.get_one(Deal, deal).status = "open"
        db.session.commit()
    before = everything(app)
    answer = page.submit("#log", press="save", name="Dana Osei", **{"reasons-0-bucket": "price"})
    assert answer.status_code == 422
    assert "Only a lost deal" in answer.text
    assert everything(app) == before


def test_an_administrator_writes_the_questions_and_the_script_asks_them(
    app: Flask, priya: CheckingClient, ada: CheckingClient
) -> None:
    company = Company(app)
    id = plan(app, company, company.deal("First", status="lost"))
    script = priya.get(f"/interviews/{id}/script")
    assert "What did you compare our price with?" in script.text
    assert not priya.get("/interviews/questions").has("#questions button")
    page = ada.get("/interviews/questions")
    page.submit("#questions", about_price="What was <cheap>?\n\n  And why?  ")
    script = priya.get(f"/interviews/{id}/script")
    price = script.one(".script-part:has(h2:-soup-contains('Price'))")
    assert [item.get_text() for item in price.select("li")] == ["What was <cheap>?", "And why?"]
    empty = dict.fromkeys(
        ["about_general", "about_product", "about_price", "about_process", "about_presence"], ""
    )
    page = ada.get("/interviews/questions").submit("#questions", **empty)
    assert "own questions are back" in page.text_of(".flashes")
    assert "What did you compare our price with?" in priya.get(f"/interviews/{id}/script").text
    with app.app_context():
        assert db.session.scalars(select(ScriptQuestion)).all() == []


def test_more_deals_cost_no_more_queries(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    plan(app, company, company.deal("First", status="lost"))
    priya.get("/interviews")
    with count_queries(app, ignoring=["users"]) as few:
        priya.get("/interviews")
    for number in range(5):
        plan(app, company, company.deal(f"More {number}", status="lost"))
    priya.get("/interviews")
    with count_queries(app, ignoring=["users"]) as many:
        priya.get("/interviews")
    assert len(many) == len(few) <= 7, "\n".join(many)
