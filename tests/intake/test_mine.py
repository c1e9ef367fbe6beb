"""The page before a customer call, and the list of everybody's requests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.intake import steps, triaging
from roadmap.models import Notice, Request, User
from tests.support import cast
from tests.support.client import CheckingClient
from tests.support.company import Company
from tests.support.queries import count_queries

pytestmark = pytest.mark.either


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


@pytest.fixture
def act(company: Company) -> Iterator[Callable[..., Any]]:
    """Do something as somebody: `act(triaging.confirm, id, problem)`, by the product manager."""

    def act(what: Callable[..., Any], *args: Any, by: str = "product", **kwargs: Any) -> Any:
        with company.app.app_context():
            user = db.session.get_one(User, company.people[by])
            return what(*args, by=user, **kwargs)

    return act


def unread(company: Company) -> tuple[int, int]:
    """The rep's unread notices, as they are and as the bell counts them."""
    with company.app.app_context():
        rows = select(Notice).where(
            Notice.user_id == company.people["rep"], Notice.read_at.is_(None)
        )
        counted = db.session.get_one(User, company.people["rep"]).unread_notices
        return len(db.session.scalars(rows).all()), counted


# --- mine -----------------------------------------------------------------------------------------


def test_whoever_asked_for_nothing_is_told_how_to_begin(rosa: CheckingClient) -> None:
    page = rosa.get("/requests/mine")
    assert "Nothing of yours yet" in page.text_of(".empty-state")
    assert page.one(".empty-state a[href='/requests/new']")


def test_mine_has_by_account_my_requests_and_deals_with_problem_forecast_and_whether_in_time(
    company: Company, rosa: CheckingClient
) -> None:
    mine = company.owner("R. Quintero", company.people["rep"])
    theirs = company.owner("Somebody else")
    pain, other = company.problem("Manual sign-in"), company.problem("No audit log")
    company.initiative("SSO", work=[(company.team(people=1), 5)], solves=[pain])
    acme, helios, zeta = (company.account(name) for name in ("Acme", "Helios", "Zeta"))
    renewal = company.deal("Renewal", 300_000_00, account=acme, owner=mine,
                           needed_by="2027-06-30", blockers=[pain])  # fmt: skip
    company.deal("Blocked", None, account=acme, owner=mine, needed_by="2027-02-01",
                 blockers=[other, pain])  # fmt: skip
    company.deal("Waits for nothing", account=acme, owner=mine)
    company.deal("Lost", status="lost", account=acme, owner=mine, blockers=[pain])
    company.deal("Theirs", account=helios, owner=theirs, blockers=[pain])
    company.deal("Undated", account=zeta, owner=mine, needed_by=None, blockers=[pain])
    asked = company.request("They sign in by hand.", deals=[renewal], problem=pain)
    company.request("Not mine to see here", account=helios, by="executive")
    company.request("Prospect wants it", prospect="Nordwind")

    page = rosa.get("/requests/mine")
    assert [words.split(" not in")[0] for words in page.texts_of("h2")] == [
        "Acme",
        "Nordwind",
        "Zeta",
    ]
    section = page.all(".account-page")[0]
    assert "They sign in by hand." in section.get_text()
    assert "forecast: 15 Jan 2027" in page.text_of(".account-page:first-of-type .asked-facts")
    assert page.rows_of("table:has(caption:-soup-contains('Deals with Acme'))") == [
        {"Deal": "Renewal", "Amount": "$300K", "Needed by": "30 Jun 2027",
         "Waits for": "Manual sign-in", "In time?": "in time ready 15 Jan 2027"},
        {"Deal": "Blocked", "Amount": "unknown", "Needed by": "1 Feb 2027",
         "Waits for": "Manual sign-in No audit log", "In time?": "too late"},
    ]  # fmt: skip
    (undated,) = page.rows_of("table:has(caption:-soup-contains('Deals with Zeta'))")
    assert undated["In time?"] == "no date ready 15 Jan 2027"
    assert "Not mine to see here" not in page.text

    one = rosa.get(f"/requests/mine?account={acme}")
    assert one.texts_of("h2") == ["Acme"]
    assert page.follow("They sign in by hand.").path == f"/requests/{asked}"


def test_what_changed_since_one_last_looked_is_marked_until_it_was_seen(
    company: Company, rosa: CheckingClient, act: Callable[..., Any]
) -> None:
    pain = company.problem("Manual sign-in")
    acme, helios = company.account("Acme"), company.account("Helios")
    first = company.request("They sign in by hand.", account=acme)
    second = company.request("They cannot export.", account=helios)
    act(triaging.confirm, first, pain)
    act(triaging.reply, first, text="In March, if nothing moves.")
    act(triaging.decline, second, text="Not this year.")
    assert unread(company) == (3, 3)

    page = rosa.get("/requests/mine")
    assert page.texts_of("h2") == ["Acme 2 new", "Helios 1 new"]
    assert "part of the problem “Manual sign-in” now" in page.text_of(
        ".account-page:first-of-type .asked-news"
    )
    replies = page.texts_of(".quotation")
    assert replies[0] == "In March, if nothing moves. Priya Nair, 11 Jan 2027"
    # Looking alone marks nothing: somebody else may hold the phone.
    assert unread(company) == (3, 3)
    page = rosa.get(f"/requests/mine?account={acme}").submit("form[action$=seen]")
    assert "2 notices marked as seen" in page.text_of("#flashes")
    assert unread(company) == (1, 1)
    page = rosa.get("/requests/mine").submit("form[action$=seen]")
    assert unread(company) == (0, 0)
    assert not page.has(".asked-news")
    assert len(page.all(".quotation")) == 2


def test_a_merged_request_shows_the_problem_of_the_one_that_speaks_for_it(
    company: Company, rosa: CheckingClient, act: Callable[..., Any]
) -> None:
    pain = company.problem("Manual sign-in")
    acme = company.account("Acme")
    mine = company.request("They sign in by hand.", account=acme)
    middle = company.request("Signing in is slow", account=acme, by="executive")
    head = company.request("Sign-in takes an hour", account=acme, by="executive")
    act(triaging.merge, mine, middle)
    act(triaging.merge, middle, head)
    act(triaging.confirm, head, pain)
    facts = rosa.get("/requests/mine").text_of(".asked-facts")
    assert "merged" in facts
    assert "Manual sign-in : uncovered" in facts


def test_a_reply_that_was_taken_back_is_no_reply(
    company: Company, rosa: CheckingClient, act: Callable[..., Any]
) -> None:
    id = company.request("They sign in by hand.")
    act(triaging.decline, id, text="Not this year.")
    assert rosa.get("/requests/mine").has(".quotation")
    act(steps.undo, id)
    assert not rosa.get("/requests/mine").has(".quotation")


def test_mine_can_be_taken_along_and_no_spreadsheet_runs_it(
    company: Company, rosa: CheckingClient
) -> None:
    mine = company.owner("R. Quintero", company.people["rep"])
    pain = company.problem("Manual sign-in")
    acme = company.account("Acme")
    deal = company.deal("Renewal", 300_000_00, account=acme, owner=mine, blockers=[pain])
    company.request("=HYPERLINK(1) is what they typed", deals=[deal], problem=pain)
    lines = rosa.get("/requests/mine.csv").lines()
    assert lines[0].startswith("Account,Kind,Title,Amount,State")
    assert lines[1].startswith("Acme,request,'=HYPERLINK(1) is what they typed (Renewal),300000.00")
    assert lines[2].startswith("Acme,deal,Renewal,300000.00,,Manual sign-in,,2027-12-31,late")
    assert len(lines) == 3


def test_mine_costs_the_same_few_queries_however_much_it_shows(
    app: Flask, company: Company, act: Callable[..., Any]
) -> None:
    mine = company.owner("R. Quintero", company.people["rep"])
    pain = company.problem("Manual sign-in")
    for n in range(6):
        deal = company.deal(account=company.account(f"Account {n}"), owner=mine, blockers=[pain])
        act(triaging.confirm, company.request(f"They sign in by hand, {n}", deals=[deal]), pain)
    rosa = cast.visitor(app, "rep")
    rosa.get("/requests/mine")
    with count_queries(app, ignoring=["users"]) as statements:
        page = rosa.get("/requests/mine")
    assert len(page.all(".asked")) == 6
    # Those that join users for a name are left out of the count: the replies.
    assert len(statements) <= 8, "\n".join(statements)


# --- everybody's ----------------------------------------------------------------------------------


def test_everybody_sees_all_requests_as_title_account_state_problem_and_figures(
    company: Company, elias: CheckingClient
) -> None:
    assert "No requests yet" in elias.get("/requests").text_of(".empty-state")
    pain = company.problem("Manual sign-in")
    acme = company.account("Acme")
    deals = [company.deal(amount=amount, account=acme) for amount in (300_000_00, None)]
    company.request("They sign in by hand.\nSECRET", deals=deals, problem=pain, quote="QUOTE")
    company.request("Prospect wants it", prospect="Ñordwind")
    page = elias.get("/requests")
    newest, oldest = page.rows_of("table")
    assert newest["Account"] == "Ñordwind not in CRM yet"
    assert oldest == {
        "Request": "They sign in by hand. Rosa Quintero, 11 Jan 2027", "Account": "Acme",
        "State": "waits for triage", "Problem": "Manual sign-in", "Deals": "2",
        "Amount": "$300K 1 without amount",
    }  # fmt: skip
    assert "SECRET" not in page.text
    assert "QUOTE" not in page.text
    assert "SECRET" not in elias.get("/requests.csv").text


def test_the_list_is_narrowed_by_words_state_account_and_problem(
    company: Company, elias: CheckingClient, act: Callable[..., Any]
) -> None:
    pain = company.problem("Manual sign-in")
    acme, helios = company.account("Acme"), company.account("Hélios")
    first = company.request("They sign in by hand.", account=acme, problem=pain)
    company.request("They cannot export.", account=helios)
    act(triaging.confirm, first, pain)

    def found(query: str) -> list[str]:
        return [
            row["Request"].split(" Rosa")[0]
            for row in elias.get(f"/requests?{query}").rows_of("table")
        ]

    assert found("q=EXPORT") == found("q=hélios") == found("state=new") == ["They cannot export."]
    assert found(f"problem={pain}") == found(f"account={acme}") == ["They sign in by hand."]
    assert found("state=nonsense&account=x") == ["They cannot export.", "They sign in by hand."]
    assert "No request fits" in elias.get("/requests?q=nowhere").text_of(".empty-state")
    assert len(elias.get("/requests.csv?state=new").lines()) == 2
    assert "Account: Acme" in elias.get(f"/requests?account={acme}").text_of(".page-content")


def test_the_list_has_pages_that_can_be_walked_both_ways(
    company: Company, elias: CheckingClient
) -> None:
    with company.app.app_context():
        db.session.add_all(Request(title=f"Request {n:03}") for n in range(120))
        db.session.commit()
    page, seen = elias.get("/requests"), []
    while True:
        seen += [row["Request"].split(" imported")[0] for row in page.rows_of("table")]
        if not page.has("a[rel=next]"):
            break
        page = page.follow("Next")
    assert seen == [f"Request {n:03}" for n in reversed(range(120))]
    assert "101 to 120 of 120 requests" in page.text_of(".pages")
    assert (
        page.follow("Previous")
        .follow("Previous")
        .rows_of("table")[0]["Request"]
        .startswith("Request 119")
    )
