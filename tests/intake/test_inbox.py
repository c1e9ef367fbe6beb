"""The inbox: what waits, for how long, with how much money; joining several at once."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from roadmap.extensions import db
from roadmap.intake import triaging
from roadmap.models import Blocker, Request, RequestDeal, User
from roadmap.workspace import clock
from tests.support.client import CheckingClient, Page
from tests.support.company import Company
from tests.support.queries import count_queries

ACME = 300_000_00


def titles(page: Page) -> list[str]:
    return page.texts_of("#inbox a.inbox-open")


def sent(company: Company, id: int, days_ago: int) -> int:
    with company.app.app_context():
        moment = clock.now() - timedelta(days=days_ago)
        db.session.execute(update(Request).where(Request.id == id).values(created_at=moment))
        db.session.commit()
    return id


def triaged(company: Company, what: str, *args: object, **kwargs: object) -> None:
    with company.app.app_context():
        by = db.session.get_one(User, company.people["product"])
        getattr(triaging, what)(*args, by=by, **kwargs)


def state(company: Company, id: int) -> str:
    with company.app.app_context():
        return db.session.get_one(Request, id).state


def test_an_empty_inbox_says_that_nothing_waits(priya: CheckingClient) -> None:
    page = priya.get("/intake")
    assert page.text_of(".empty-state h2") == "Nothing waits"
    assert page.text_of(".nav-main [aria-current]") == "Inbox"


def test_what_waits_is_listed_oldest_first_with_its_age_its_people_and_what_is_at_stake(
    company: Company, priya: CheckingClient
) -> None:
    banks = company.segment("Banks")
    account = company.account("Acme", fit=80, segment=banks)
    big = company.deal("Big", ACME, account=account)
    unknown = company.deal("Unknown", None, account=account)
    lost = company.deal("Lost", 900_000_00, status="lost", account=account)
    pain = company.problem("Sign-in is manual work")
    sent(company, company.request("New one.", deals=[big]), 1)
    old = company.request("Old one. More.", deals=[big, unknown, lost], problem=pain)
    sent(company, old, 12)
    sent(company, company.request("A prospect's.", prospect="Nordwind"), 3)

    page = priya.get("/intake")
    assert titles(page) == ["Old one.", "A prospect's.", "New one."]
    first, second, _ = page.rows_of("#inbox")
    assert first["Age"] == "12 days"
    assert first["Account"] == "Acme ICP fit 80 % 80 % Banks"
    assert first["At stake"] == "$300K 2 deals, 1 without amount"
    assert first["Problem"] == "Sign-in is manual work pending"
    assert first["Asked by"] == "Rosa Quintero"
    assert second["Account"] == "Nordwind to link"
    assert second["At stake"] == "no open deal"
    # The big deal is named twice, and counts once.
    assert "3 requests, $300K in 2 open deals" in page.text_of("#totals")
    assert "1 without amount; the oldest is from" in page.text_of("#totals")


def test_a_question_leaves_the_inbox_and_comes_back_on_the_day_of_its_reminder(
    company: Company, priya: CheckingClient
) -> None:
    asked, due = company.request("Asked."), company.request("Due.")
    triaged(company, "ask", asked, "rep", clock_today(company) + timedelta(days=1), text="Who?")
    triaged(company, "ask", due, "customer", clock_today(company), text="May we talk?")
    page = priya.get("/intake")
    assert titles(page) == ["Due."]
    assert "reminder due" in page.text_of("#inbox tbody tr")
    assert titles(priya.get("/intake?view=asking")) == ["Asked.", "Due."]
    assert titles(priya.get("/intake?view=due")) == ["Due."]
    assert "Asked (2)" in page.texts_of(".tabs a")


def clock_today(company: Company) -> date:
    with company.app.app_context():
        return clock.today()


def test_filters_keep_to_the_address_and_the_csv_has_the_same_rows(
    company: Company, priya: CheckingClient
) -> None:
    banks = company.segment("Banks")
    acme = company.account("Acme ÄG", fit=80, segment=banks)
    other = company.account("Other", fit=20)
    pain = company.problem("Pain")
    company.request("Sign-in for Acme.", account=acme)
    declined = company.request("An export.", account=other, by="executive")
    joined = company.request("Ünbearable =SUM(A1).", account=acme)
    company.request("Nobody's.", prospect="Prospect")
    triaged(company, "decline", declined, text="No.")
    triaged(company, "confirm", joined, pain)

    def shown(query: str) -> list[str]:
        return titles(priya.get(f"/intake?{query}"))

    assert shown("") == ["Sign-in for Acme.", "Nobody's."]
    assert shown("view=declined") == ["An export."]
    assert shown("view=confirmed") == ["Ünbearable =SUM(A1)."]
    assert shown("view=unlinked") == ["Nobody's."]
    for query in (f"segment={banks}", f"account={acme}", "fit=50", "q=sign-IN"):
        assert shown(query) == ["Sign-in for Acme."]
    assert shown("q=acme+%C3%A4g") == ["Sign-in for Acme."]
    assert shown("view=all&q=%C3%9Cnbear") == ["Ünbearable =SUM(A1)."]
    assert shown(f"view=all&requester={company.people['executive']}") == ["An export."]
    assert shown("view=nonsense&segment=x&fit=999") == ["Sign-in for Acme.", "Nobody's."]
    page = priya.get(f"/intake?view=all&account={acme}")
    rows = priya.get(page.link("CSV")).text.splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["Sign-in for Acme.", "Ünbearable =SUM(A1)."]
    assert "confirmed" in rows[2]


def test_an_inbox_of_any_size_takes_the_same_queries(
    app: Flask, company: Company, priya: CheckingClient
) -> None:
    deal = company.deal("Deal", ACME)
    company.request(deals=[deal])
    costs = []
    for _ in range(2):
        with app.app_context():
            for _ in range(100):
                request = Request(title="More", requester_id=company.people["rep"])
                request.deals = [RequestDeal(deal_id=deal, amount_then=ACME)]
                db.session.add(request)
            db.session.commit()
        with count_queries(app, ignoring=["users"]) as statements:
            page = priya.get("/intake")
        costs.append(len(statements))
        assert len(titles(page)) == 50
    assert costs[0] == costs[1] <= 7, statements
    second = page.follow("Next")
    assert len(titles(second)) == 50
    assert "101 to 150 of 201" in second.follow("Next").text_of(".pages")


def test_several_are_joined_to_one_problem_with_the_consequence_stated_first(
    company: Company, priya: CheckingClient
) -> None:
    pain = company.problem("Sign-in is manual work", statement="Every joiner is typed in.")
    company.initiative("SSO", work=[(company.team(), 5)], solves=[pain])
    acme = company.account("Acme")
    one, two = company.deal("One", ACME, account=acme), company.deal("Two", ACME, account=acme)
    first = company.request("Okta for all.", deals=[one])
    second = company.request("Entra for all.", deals=[one, two])
    third = company.request("Something else.")
    page = priya.get("/intake").submit("#ticked", request=[first, second])
    assert page.text_of("h1") == "Join 2 requests to one problem"
    page = page.submit("form[role=search]", find="JOINER typed")
    assert "Ties 2 open deals worth $600K to “Sign-in is manual work”; they wait for “SSO”" in (
        page.text_of(".candidate-then")
    )
    assert "2 in time" in page.text_of(".candidate-then")
    page = page.submit("#joins", press="Join 2 “Sign-in is manual work”")
    assert page.path == "/intake"
    assert "2 requests are part of “Sign-in is manual work” now." in page.text_of("#flashes")
    assert [state(company, id) for id in (first, second, third)] == [
        "confirmed", "confirmed", "new",
    ]  # fmt: skip
    with company.app.app_context():
        ties = db.session.execute(select(Blocker.deal_id, Blocker.problem_id)).all()
    assert sorted(map(tuple, ties)) == [(one, pain), (two, pain)]


def test_what_somebody_triaged_meanwhile_is_not_joined_with_the_rest(
    company: Company, priya: CheckingClient
) -> None:
    pain = company.problem("Pain")
    first, second = company.request("One."), company.request("Two.")
    page = priya.get(f"/intake/joins?request={first}&request={second}&find=pain")
    triaged(company, "decline", second, text="No.")
    answer = page.submit("#joins", press="Join 2 “Pain”")
    assert answer.status_code == 409
    assert "Somebody took a step with one of them meanwhile" in answer.text_of(".note-warn")
    assert (state(company, first), state(company, second)) == ("new", "declined")
    assert pain


@pytest.mark.parametrize("count", [0, 201, 9_990])
def test_no_request_and_very_many_are_refused_in_words(
    company: Company, priya: CheckingClient, count: int
) -> None:
    pain, id = company.problem("Pain"), company.request()
    page = priya.get(f"/intake/joins?request={id}&find=pain")
    data = {
        "csrf_token": page.value_of("#joins [name=csrf_token]"), "problem": pain, "seen": 99,
        "request": [str(number) for number in range(1, count + 1)],
    }  # fmt: skip
    answer = priya.post("/intake/joins", data=data)
    assert answer.status_code == 422
    assert "Choose from 1 to 200 requests. Nothing was changed." in answer.text_of("[role=alert]")
    assert state(company, id) == "new"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"problem": "999999"}, "There is no such problem."),
        ({"problem": "9" * 30}, "There is no such problem."),
        ({"problem": "\x00"}, "There is no such problem."),
        ({"request": ["999999"]}, "There is no such request."),
    ],
)
def test_ids_of_nothing_are_refused_in_words(
    company: Company, priya: CheckingClient, changes: dict[str, object], said: str
) -> None:
    pain, id = company.problem("Pain"), company.request()
    page = priya.get(f"/intake/joins?request={id}&find=pain")
    data = {
        "csrf_token": page.value_of("#joins [name=csrf_token]"), "problem": pain,
        "seen": page.value_of("#joins [name=seen]"), "request": [id], **changes,
    }  # fmt: skip
    answer = priya.post("/intake/joins", data=data)
    assert answer.status_code == 422
    assert said in answer.text
    assert state(company, id) == "new"


def test_without_having_seen_them_nobody_joins_them(
    company: Company, priya: CheckingClient
) -> None:
    pain, id = company.problem("Pain"), company.request()
    page = priya.get(f"/intake/joins?request={id}&find=pain")
    token = page.value_of("#joins [name=csrf_token]")
    data = {"csrf_token": token, "problem": pain, "request": [id]}
    assert priya.post("/intake/joins", data=data).status_code == 409
    assert state(company, id) == "new"
