"""People are told when the forecast of what they asked for moves, whoever moved it."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.intake import actions, telling, triaging
from roadmap.models import Notice, Request, User, Workspace
from tests.support.client import CheckingClient
from tests.support.company import Company

TODAY = date(2027, 1, 11)


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


def caught_up(company: Company, day: str | None = None) -> int:
    if day is not None:
        company.app.config["TODAY"] = day
    with company.app.app_context():
        return telling.catch_up()


def notices(company: Company, role: str = "rep") -> list[tuple[str, str, bool]]:
    with company.app.app_context():
        rows = db.session.scalars(
            select(Notice).where(Notice.user_id == company.people[role]).order_by(Notice.id)
        )
        return [(notice.kind, notice.text, notice.urgent) for notice in rows]


def unread(company: Company, role: str = "rep") -> int:
    with company.app.app_context():
        return db.session.get_one(User, company.people[role]).unread_notices


def waiting(company: Company) -> tuple[int, int]:
    """Two initiatives of one team; the second solves what a request for a deal asks."""
    core = company.team("Core", people=1)
    pain = company.problem("Sign-in is manual work")
    sso = company.initiative("SSO", work=[(core, 20)], solves=[pain])
    audit = company.initiative("Audit log", work=[(core, 60)])
    deal = company.deal("Acme renewal", 500_000_00, needed_by="2027-02-28")
    company.request(deals=[deal], problem=pain)
    assert caught_up(company) == 0, "a request that was just sent has no news"
    return sso, audit


def promote(client: CheckingClient, initiative: int, to: int) -> None:
    page = client.get(f"/board/preview?initiative={initiative}&to={to}")
    values = {"reason": "Somebody insists"}
    if page.has("#commit-form [name=sponsor]"):
        options = page.all("#commit-form [name=sponsor] option[value]")
        values["sponsor"] = next(str(o["value"]) for o in options if o["value"])
    page.submit("#commit-form", **values)


def test_a_rep_is_told_at_once_when_a_promotion_puts_the_deal_out_of_reach(
    company: Company, priya: CheckingClient
) -> None:
    _, audit = waiting(company)
    promote(priya, audit, 1)
    (told,) = notices(company)
    assert told[0] == "missed"
    assert told[2], "a missed date is urgent"
    assert "“Acme renewal” (needed by 28 Feb 2027) is out of reach" in told[1]
    assert "moved from 5 Feb 2027 (Q1) to 30 Apr 2027 (Q2)" in told[1]
    assert unread(company) == 1
    assert caught_up(company) == 0, "nothing is told twice"
    assert len(notices(company)) == 1


def test_who_watches_is_told_too_and_who_does_not_is_not(
    company: Company, priya: CheckingClient
) -> None:
    _, audit = waiting(company)
    with company.app.app_context():
        id = db.session.scalars(select(Request.id)).one()
        actions.watch(id, company.people["executive"], wanted=True)
    promote(priya, audit, 1)
    assert [kind for kind, _, _ in notices(company, "executive")] == ["missed"]
    assert notices(company, "admin") == []


def test_a_forecast_that_slips_by_itself_is_told_as_days_pass(company: Company) -> None:
    waiting(company)
    assert caught_up(company, "2027-01-18") == 0, "a week later it is still in time"
    assert caught_up(company, "2027-02-15") == 1
    assert [kind for kind, _, _ in notices(company)] == ["missed"]


def test_a_confirmed_and_a_merged_request_hear_of_their_problem_too(
    company: Company, priya: CheckingClient
) -> None:
    _, audit = waiting(company)
    deal = company.deal("Bolt renewal", needed_by="2027-02-28")
    twin = company.request(deals=[deal], by="executive")
    with company.app.app_context():
        by = db.session.get_one(User, company.people["product"])
        first = db.session.scalars(select(Request.id).order_by(Request.id)).first() or 0
        problem = db.session.get_one(Request, first).problem_id or 0
        triaging.confirm(first, problem, by)
        triaging.merge(twin, first, by)
    caught_up(company)
    promote(priya, audit, 1)
    assert [kind for kind, _, _ in notices(company)] == ["triaged", "missed"]
    assert [kind for kind, _, _ in notices(company, "executive")] == ["merged", "missed"]
    assert "“Bolt renewal”" in notices(company, "executive")[1][1]


def test_a_question_that_nobody_answers_is_asked_again_after_a_week_and_not_before(
    company: Company,
) -> None:
    id = company.request()
    with company.app.app_context():
        by = db.session.get_one(User, company.people["product"])
        triaging.ask(id, "rep", date(2027, 1, 13), by, "Which directory?")
    caught_up(company)
    assert [kind for kind, _, _ in notices(company)] == ["asked"]
    for day, told in (("2027-01-13", 1), ("2027-01-14", 0), ("2027-01-20", 1)):
        assert caught_up(company, day) == told, day
    assert [kind for kind, _, _ in notices(company)] == ["asked", "reminder", "reminder"]


def test_the_date_that_a_request_names_itself_counts_where_it_names_no_deal(
    company: Company, priya: CheckingClient
) -> None:
    core = company.team("Core", people=1)
    pain = company.problem("Pain")
    company.initiative("SSO", work=[(core, 20)], solves=[pain])
    audit = company.initiative("Audit log", work=[(core, 60)])
    company.request("Their auditors wait.", problem=pain, needed_by=date(2027, 2, 20))
    caught_up(company)
    promote(priya, audit, 1)
    (told,) = notices(company)
    assert "“Their auditors wait.” (needed by 20 Feb 2027) is out of reach" in told[1]


def test_another_problem_starts_anew(company: Company) -> None:
    """What was told of one problem says nothing about another."""
    waiting(company)
    never = company.problem("Nobody works on this")
    with company.app.app_context():
        id = db.session.scalars(select(Request.id)).one()
        by = db.session.get_one(User, company.people["rep"])
        actions.join(id, never, by)
    assert caught_up(company) == 0
    with company.app.app_context():
        assert db.session.get_one(Request, id).told["problem"] == never


def test_what_was_told_is_marked_so_that_a_look_costs_one_query(company: Company) -> None:
    waiting(company)
    with company.app.app_context():
        row = db.session.scalars(select(Workspace)).one()
        assert (row.told_revision, row.told_as_of) == (telling.mark(row), TODAY)


def test_who_asked_twice_for_one_problem_hears_of_its_forecast_once(
    company: Company, priya: CheckingClient
) -> None:
    core = company.team("Core", people=1)
    pain = company.problem("Pain")
    company.initiative("SSO", work=[(core, 20)], solves=[pain])
    audit = company.initiative("Audit log", work=[(core, 60)])
    for words in ("Their auditors wait.", "Their buyers wait."):
        company.request(words, problem=pain)
    caught_up(company)
    promote(priya, audit, 1)
    assert [kind for kind, _, _ in notices(company)] == ["later"]


def test_whoever_asked_for_a_conversation_is_reminded_of_it(company: Company) -> None:
    id = company.request()
    with company.app.app_context():
        by = db.session.get_one(User, company.people["product"])
        triaging.ask(id, "customer", date(2027, 1, 13), by, "Who signs?")
    caught_up(company)
    assert caught_up(company, "2027-01-13") == 1
    assert [kind for kind, _, _ in notices(company, "product")] == ["reminder"]
