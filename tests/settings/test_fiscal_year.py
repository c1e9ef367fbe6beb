"""The fiscal year: quarters follow its first month everywhere, and changing it shows its price."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.interviews import actions as interviews
from roadmap.models import Conversation, Tradeoff, User, Workspace
from roadmap.tradeoffs import present
from tests.support.client import CheckingClient
from tests.support.company import Company

FORM = "form#fiscal-year"


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


def begun_in(client: CheckingClient, month: int) -> str:
    shown = client.get(f"/settings/fiscal-year?month={month}").submit(FORM)
    if shown.has("#commit-form"):
        why = {"reason": "Our year begins then"} if shown.has("[name=reason]") else {}
        shown = shown.submit("#commit-form", **why)
    assert shown.status_code == 200, shown.text
    return shown.text


def test_it_shows_which_capacity_would_belong_to_which_quarter(
    company: Company, priya: CheckingClient
) -> None:
    company.team("Core", people={"2026Q4": 2, "2027Q2": 3})

    page = priya.get("/settings/fiscal-year?month=2")

    assert [list(row.values()) for row in page.rows_of("table")[:2]] == [
        ["Q1 2027", "FY28 Q1", "1 Feb 2027", "2"],
        ["Q2 2027", "FY28 Q2", "1 May 2027", "3"],
    ]
    assert not priya.get("/settings/fiscal-year").has(FORM), "it begins in January already"


def test_people_typed_into_other_quarters_are_not_stored_in_these(
    company: Company, priya: CheckingClient
) -> None:
    address = f"/teams/{company.team('Core', people=3)}/people"
    opened, form = priya.get(address), "form:has([name=people-1])"
    begun_in(priya, 2)
    clash = opened.submit(form, **{"people-1": "5"})
    assert clash.status_code == 409
    assert clash.value_of(f"{form} [name=people-1]") == "5"
    assert clash.texts_of(".field-theirs")
    assert priya.get(address).value_of(f"{form} [name=people-1]") != "5"


def test_quarters_follow_it_everywhere(company: Company, app: Flask, priya: CheckingClient) -> None:
    core = company.team("Core", people={"2026Q4": 2, "2027Q2": 2})
    company.initiative("SSO", work=[(core, 20)])

    begun_in(priya, 2)

    assert "FY27 Q4" in priya.get("/board").text
    assert "Q1 2027" not in priya.get("/board").text
    page = priya.get("/teams")
    assert "FY27 Q4" in page.text
    assert "Q1 2027" not in page.text
    assert "2027Q4" in priya.get("/teams.csv").text
    assert "FY27 Q4" in priya.get(f"/teams/{core}/people").text
    with app.app_context():
        assert db.session.get_one(Workspace, 1).fiscal_start == 2
        assert present.capacity(core) == {date(2026, 11, 1): 10, date(2027, 5, 1): 10}
        assert db.session.scalar(select(Tradeoff.id).where(Tradeoff.kind != "entry")) is None


def test_what_delays_something_is_a_trade_off_that_can_be_reverted(
    company: Company, app: Flask, priya: CheckingClient
) -> None:
    core = company.team("Core", people={"2026Q4": 4, "2027Q1": 0, "2027Q2": 4})
    company.initiative("SSO", work=[(core, 20)])
    before = company.finish(1)

    begun_in(priya, 2)

    with app.app_context():
        entry = db.session.scalars(select(Tradeoff).where(Tradeoff.kind == "fiscal year")).one()
        assert entry.sentence.startswith("Beginning the fiscal year in February brings 1")
    assert company.finish(1) != before

    shown = priya.get(f"/tradeoffs/{entry.id}/reversal")
    assert "delays 1 initiative" in shown.text
    shown.submit("#commit-form", reason="After all not")

    assert company.finish(1) == before
    with app.app_context():
        assert db.session.get_one(Workspace, 1).fiscal_start == 1
        assert set(present.capacity(core)) == {
            date(2026, 10, 1),
            date(2027, 1, 1),
            date(2027, 4, 1),
        }


def test_a_customer_who_was_asked_in_the_new_quarter_is_not_asked_again(
    company: Company, app: Flask, priya: CheckingClient
) -> None:
    company.team("Core")
    acme = company.account("Acme")
    deals = [company.deal(name, status="lost", account=acme) for name in ("One", "Two")]
    with app.app_context():
        by = db.session.get_one(User, company.people["product"])
        for deal, asked_on in zip(deals, (date(2026, 12, 20), date(2027, 1, 11)), strict=True):
            made = interviews.begin(deal, by)
            made.asked_on, made.ask_quarter = (
                asked_on,
                date(asked_on.year, 1 + (asked_on.month - 1) // 3 * 3, 1),
            )
            db.session.commit()

    begun_in(priya, 2)

    with app.app_context():
        kept = db.session.execute(
            select(Conversation.deal_id, Conversation.ask_quarter).order_by(Conversation.id)
        ).all()
    assert [tuple(row) for row in kept] == [(deals[0], None), (deals[1], date(2026, 11, 1))]


@pytest.mark.parametrize("month", ["0", "13", "x", ""])
def test_only_another_month_is_one(company: Company, priya: CheckingClient, month: str) -> None:
    page = priya.get("/settings/fiscal-year?month=3")

    refused = priya.post(
        "/settings/fiscal-year",
        data={"month": month, "csrf_token": page.value_of("main form [name=csrf_token]")},
    )

    assert refused.status_code == 400
