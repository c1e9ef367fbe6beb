"""Teams: their people per quarter, how full they are, and changing that at a price."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Team, Tradeoff
from roadmap.tradeoffs import present
from tests.support import cast
from tests.support.client import CheckingClient
from tests.support.company import Company
from tests.support.queries import count_queries

pytestmark = pytest.mark.either

FORM = "main form[method=post]"
Q1_2026, Q1_2027, Q2_2027 = date(2026, 1, 1), date(2027, 1, 1), date(2027, 4, 1)


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


@pytest.fixture
def core(company: Company) -> int:
    return company.team("Core", people={"2026Q1": 2, "2027Q2": 3})


@pytest.mark.parametrize("role", ["rep", "product", "executive", "admin"])
def test_every_role_at_every_address(app: Flask, company: Company, core: int, role: str) -> None:
    visitor = cast.visitor(app, role)
    may = role in ("product", "admin")
    for address in ("/teams", "/teams.csv", f"/teams/{core}", f"/teams/{core}.csv"):
        assert visitor.get(address).status_code == 200
    token = visitor.get("/teams").value_of("form[action='/sign-out'] [name=csrf_token]")
    for address in (f"/teams/{core}/name", f"/teams/{core}/people"):
        assert visitor.get(address).status_code == (200 if may else 403)
    for address in ("/teams", f"/teams/{core}/name", f"/teams/{core}/people"):
        answer = visitor.post(address, data={"csrf_token": token})
        assert (answer.status_code != 403) == may, address
    assert visitor.get(f"/teams/{core}").has("a[href$='/people']") == may


def test_a_quarter_without_a_figure_takes_the_latest_earlier_one(
    company: Company, core: int, rosa: CheckingClient
) -> None:
    row = rosa.get("/teams").rows_of("table.sheet")[0]
    assert [row[f"Q{n} 2027"] for n in (1, 2, 3, 4)] == ["2", "3", "3", "3"]
    listed = rosa.get("/teams.csv").table()
    assert (listed[0]["quarter"], listed[0]["people"], listed[0]["person_days"]) == (
        "2027Q1", "2", "120",
    )  # fmt: skip


def test_the_page_shows_who_draws_on_it_and_when(
    company: Company, core: int, rosa: CheckingClient
) -> None:
    company.initiative("<i>First</i>", work=[(core, 20)], kind="strategic")
    company.initiative("Second", work=[(core, 10)])
    page = rosa.get(f"/teams/{core}")
    rows = page.rows_of("table.sheet:has(tfoot)")
    assert [(row["Initiative"], row["From"], row["To"], row["Q1 2027"]) for row in rows] == [
        ("<i>First</i>", "11 Jan 2027", "22 Jan 2027", "20"),
        ("Second", "25 Jan 2027", "29 Jan 2027", "10"),
    ]
    assert "30 of 120 days" in page.text
    assert "strategic: 20 person-days" in page.text
    listed = rosa.get(f"/teams/{core}.csv").table()
    assert [row["2027Q1"] for row in listed] == ["20", "10"]


def test_more_people_are_shown_and_need_no_owner(
    company: Company, core: int, ada: CheckingClient
) -> None:
    first = company.initiative("First", work=[(core, 20)])
    shown = ada.get(f"/teams/{core}/people").submit(FORM, people__0="4")
    assert "brings 1 initiative forward" in shown.text
    shown.submit("#commit-form")
    assert company.finish(first) == date(2027, 1, 15)
    with company.looking():
        assert present.capacity(core) == {Q1_2026: 10, Q1_2027: 20, Q2_2027: 15}


def test_fewer_people_are_a_trade_off(
    company: Company, core: int, priya: CheckingClient, ada: CheckingClient
) -> None:
    first = company.initiative("First", work=[(core, 20)], promised=[("2027-01-22", "Acme")])
    assert "has to commit it" in ada.get(f"/teams/{core}/people").submit(FORM, people__0="1").text
    shown = priya.get(f"/teams/{core}/people").submit(FORM, people__0="1")
    assert "1 promise breaks" in shown.text
    with company.looking():
        assert present.capacity(core) == {Q1_2026: 10, Q2_2027: 15}
    people = company.people
    done = shown.submit(
        "#commit-form", owner=people["product"], sponsor=people["executive"], reason="Leave"
    )
    assert done.request.path == f"/teams/{core}"
    assert company.finish(first) == date(2027, 2, 5)
    with company.looking():
        entry = db.session.scalars(select(Tradeoff).order_by(Tradeoff.id.desc())).first()
        assert (entry.kind, entry.team_id, entry.delayed_count, entry.broken_count) == (
            "capacity", core, 1, 1,
        )  # fmt: skip


def test_people_that_nobody_works_for_change_at_once(
    company: Company, core: int, priya: CheckingClient
) -> None:
    page = priya.get(f"/teams/{core}/people").submit(FORM, people__0="5.4", people__1="")
    assert "Saved. No forecast moved." in page.text
    with company.looking():
        assert present.capacity(core) == {Q1_2026: 10, Q1_2027: 27}


@pytest.mark.parametrize("typed", ["0.3", "-1", "many", "1001", "1,5", "٣"])
def test_people_come_in_steps_of_a_fifth(
    company: Company, core: int, priya: CheckingClient, typed: str
) -> None:
    page = priya.get(f"/teams/{core}/people").submit(FORM, people__0=typed)
    assert page.status_code == 422
    assert page.has("#people-0-errors")
    assert page.value_of("[name=people-0]") == typed
    with company.looking():
        assert present.capacity(core) == {Q1_2026: 10, Q2_2027: 15}


def test_a_form_that_was_opened_before_a_change_does_not_overwrite_it(
    company: Company, core: int, priya: CheckingClient, ada: CheckingClient
) -> None:
    old = priya.get(f"/teams/{core}/people")
    ada.get(f"/teams/{core}/people").submit(FORM, people__0="4")
    page = old.submit(FORM, people__1="1")
    assert page.status_code == 409
    assert "4" in page.text_of(".field-theirs")
    assert page.value_of("[name=people-1]") == "1"
    with company.looking():
        assert present.capacity(core)[Q2_2027] == 15


def test_a_team_is_added_renamed_and_asked_for_its_people(
    company: Company, priya: CheckingClient
) -> None:
    page = priya.get("/teams").submit(FORM, name="<b>Mobile</b>")
    assert page.text_of("h1") == "People of <b>Mobile</b>"
    assert "no people yet" in priya.get("/teams").text
    with company.looking():
        id = db.session.scalars(select(Team.id)).one()
    page = priya.get(f"/teams/{id}")
    assert "Nobody knows how many people it has" in page.text
    assert priya.get("/teams").submit(FORM, name="<b>Mobile</b>").status_code == 422
    renamed = priya.get(f"/teams/{id}/name").submit(FORM, name="Mobile")
    assert renamed.text_of("h1") == "Mobile"
    with company.looking() as picture:
        assert picture.teams == {str(id): "Mobile"}


def test_no_teams_at_all_is_said(company: Company, rosa: CheckingClient) -> None:
    page = rosa.get("/teams")
    assert "No team yet" in page.text
    assert not page.has(FORM)


def test_many_teams_cost_no_more_queries(
    company: Company, core: int, rosa: CheckingClient, app: Flask
) -> None:
    def cost() -> int:
        rosa.get("/teams")
        with count_queries(app, ignoring=["users"]) as statements:
            rosa.get("/teams")
        return len(statements)

    few = cost()
    for name in "abcdef":
        company.initiative(work=[(company.team(name), 5)])
    assert cost() == few <= 2
