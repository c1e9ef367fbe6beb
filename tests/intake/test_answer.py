"""A request's page: where it stands, in time or late, what it would take, and who may read what."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.deals import actions as deals
from roadmap.domain.changes import Move
from roadmap.extensions import db
from roadmap.intake import answers, steps, triaging
from roadmap.models import Request, RequestWatcher, User
from roadmap.planning import picture as pictures
from roadmap.tradeoffs import actions as tradeoffs
from tests.support import cast
from tests.support.client import HTMX, CheckingClient
from tests.support.company import Company
from tests.support.queries import count_queries

#: The first week's Friday after the tests' today, 2027-01-11.
FRIDAY = date(2027, 1, 15)
ASK_UNTIL = date(2027, 1, 20)


def friday(weeks: int) -> date:
    return FRIDAY + timedelta(weeks=weeks)


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


class Case:
    """SSO is third behind two others of one team, so it comes too late for Acme's deal."""

    def __init__(self, company: Company) -> None:
        self.core = company.team("Core", people=1)
        self.pain = company.problem("Sign-in is manual work", workaround="Import users by CSV.")
        self.log = company.problem("Auditors refuse the export")
        self.others = [
            company.deal(f"Audited {n}", 800_000_00, blockers=[self.log], needed_by=friday(4))
            for n in range(3)
        ]
        self.audit = company.initiative("Audit log", work=[(self.core, 20)], solves=[self.log])
        self.theme = company.initiative("Dark theme", work=[(self.core, 10)])
        self.sso = company.initiative("SSO", work=[(self.core, 20)], solves=[self.pain])
        self.acme = company.account("Acme")
        self.deal = company.deal("Renewal", 300_000_00, account=self.acme, needed_by=friday(7))


@pytest.fixture
def case(company: Company) -> Case:
    return Case(company)


def reply(company: Company, id: int) -> str:
    with company.app.app_context():
        return answers.prefilled_reply(db.session.get_one(Request, id), pictures.current())


# --- where it stands ------------------------------------------------------------------------------


def test_a_late_deal_is_told_what_making_its_date_would_take(
    company: Company, case: Case, rosa: CheckingClient
) -> None:
    id = company.request(deals=[case.deal], problem=case.pain)
    page = rosa.get(f"/requests/{id}")
    assert f"Solved {friday(9):%-d %b %Y}: too late for “Renewal”." in page.text_of("#answer .note")
    (row,) = page.rows_of("table:has(caption:-soup-contains('Deals against'))")
    assert "too late" in row["In time?"]
    assert "the customer's date" in row["Needed by"]
    price = page.text_of(".price-list li")
    assert price.startswith(
        "Doing this by 5 Mar 2027 means moving “SSO” from 3 to 2: that delays 1"
    )
    assert "out of reach" not in price
    preview = page.follow("See what it delays")
    assert preview.path == f"/board/preview?initiative={case.sso}&by=2027-03-05"
    assert "from 3 to 2" in preview.text_of(".preview-sentence")


def test_a_price_names_the_money_that_falls_out_of_reach(
    company: Company, case: Case, rosa: CheckingClient
) -> None:
    id = company.request(deals=[case.deal], problem=case.pain)
    with company.app.app_context():
        deals.need_by(case.deal, friday(4), company.people["product"])
    price = rosa.get(f"/requests/{id}").text_of(".price-list li")
    assert "from 3 to 1: that delays 2 initiatives and puts $2.4M (3 deals) out of reach." in price


def test_a_price_follows_the_board(
    company: Company, case: Case, rosa: CheckingClient, act: Callable[..., Any]
) -> None:
    deal = company.deal("Sooner", account=case.acme, needed_by=friday(4))
    id = company.request(deals=[deal], problem=case.pain)
    assert "from 3 to 1: that delays 2" in rosa.get(f"/requests/{id}").text_of(".price-list li")
    with company.app.app_context():
        by = db.session.get_one(User, company.people["product"])
        signed = tradeoffs.Signature(by, owner_id=by.id, reason="Tried")
        tradeoffs.commit(lambda _: Move(str(case.sso), 2), signed)
    assert "from 2 to 1: that delays 1" in rosa.get(f"/requests/{id}").text_of(".price-list li")


def test_where_no_position_is_enough_the_reason_stands_instead(
    company: Company, case: Case, rosa: CheckingClient
) -> None:
    deal = company.deal("Rush", account=case.acme, needed_by=friday(1))
    id = company.request(deals=[deal], problem=case.pain)
    assert rosa.get(f"/requests/{id}").text_of(".price-list li") == (
        "No position has “SSO” done by 22 Jan 2027: its own work takes longer, even with its "
        "teams to itself."
    )


def test_of_several_initiatives_each_one_that_is_late_has_its_price(
    company: Company, case: Case, rosa: CheckingClient
) -> None:
    company.initiative("Directory sync", work=[(case.core, 5)], solves=[case.pain])
    id = company.request(deals=[case.deal], problem=case.pain)
    prices = rosa.get(f"/requests/{id}").texts_of(".price-list li")
    assert ["“SSO”" in prices[0], "“Directory sync”" in prices[1]] == [True, True]
    assert len(prices) == 2


def test_a_deal_in_time_has_no_price_and_one_without_a_date_takes_the_requests(
    company: Company, case: Case, rosa: CheckingClient
) -> None:
    undated = company.deal("Undated", None, account=case.acme, needed_by=None)
    early = company.deal("Early", account=case.acme, needed_by=None, close_date=friday(20))
    won = company.deal("Won", account=case.acme, status="won")
    id = company.request(deals=[undated, early, won], problem=case.pain)
    page = rosa.get(f"/requests/{id}")
    rows = page.rows_of("table:has(caption:-soup-contains('Deals against'))")
    said = {row["Deal"].split()[0]: (row["Needed by"], row["In time?"]) for row in rows}
    assert said == {
        "Early": ("4 Jun 2027 the expected close", "in time"),
        "Won": ("not known", "won"),
        "Undated": ("not known", "no date"),
    }
    assert not page.has(".price-list")
    asked = company.request(deals=[undated], problem=case.pain, needed_by=friday(8))
    (row,) = rosa.get(f"/requests/{asked}").rows_of("table:has(caption:-soup-contains('Deals'))")
    assert (row["Needed by"], row["In time?"]) == ("12 Mar 2027 as asked", "too late")
    bare = company.request(account=case.acme, problem=case.pain, needed_by=friday(12))
    assert "in time for 9 Apr 2027, as asked" in rosa.get(f"/requests/{bare}").text_of(
        "#answer .note"
    )


def test_the_very_day_is_in_time(company: Company, case: Case, rosa: CheckingClient) -> None:
    for day, said in ((friday(9), "in time"), (friday(9) - timedelta(days=1), "too late")):
        deal = company.deal("On the day", account=case.acme, needed_by=day)
        page = rosa.get(f"/requests/{company.request(deals=[deal], problem=case.pain)}")
        assert page.text_of("#answer td[data-label='In time?']") == said


def test_what_else_a_deal_waits_for_is_named(
    company: Company, case: Case, rosa: CheckingClient
) -> None:
    hard = company.problem("Data must stay in the country")
    deal = company.deal("Both", account=case.acme, needed_by=friday(30), blockers=[hard])
    page = rosa.get(f"/requests/{company.request(deals=[deal], problem=case.pain)}")
    assert "in time, with other problems left, for “Both”" in page.text_of("#answer > .note")
    assert "in time also waits for Data must stay in the country" in page.text_of(
        "#answer td[data-label='In time?']"
    )


def test_a_problem_that_nobody_solves_says_so(
    company: Company, case: Case, rosa: CheckingClient
) -> None:
    pain = company.problem("Nobody's problem")
    id = company.request(deals=[case.deal], problem=pain)
    page = rosa.get(f"/requests/{id}")
    assert "Uncovered: nothing on the board solves it: too late for “Renewal”." in page.text_of(
        "#answer .note"
    )
    assert "nothing to move up" in page.text_of("#answer")


def test_a_day_that_has_passed_is_named_and_not_priced(
    company: Company, case: Case, rosa: CheckingClient
) -> None:
    deal = company.deal("Overdue", account=case.acme, needed_by=friday(-2))
    page = rosa.get(f"/requests/{company.request(deals=[deal], problem=case.pain)}")
    assert "that day has passed" in page.text_of("#answer td[data-label='In time?']")
    assert "no order of the board makes it" in page.text_of("#answer")


def test_every_state_is_told_in_plain_words(
    company: Company, case: Case, rosa: CheckingClient, act: Callable[..., Any]
) -> None:
    id = company.request(deals=[case.deal])

    def head() -> str:
        return rosa.get(f"/requests/{id}").text_of("#answer > .note .note-title")

    assert head() == "It waits for triage"
    act(triaging.ask, id, "rep", ASK_UNTIL, text="How many users?")
    assert head() == "It waits for an answer"
    act(triaging.ask, id, "customer", ASK_UNTIL, text="May we call them?")
    assert head() == "It waits for a conversation with the customer"
    act(triaging.confirm, id, case.pain, quote=True)
    assert head() == "It is part of the problem “Sign-in is manual work”"
    act(triaging.decline, id, text="Not this year.")
    assert head() == "It is declined"
    act(triaging.hand_over, id, "price", company.people["executive"], text="Ask Elias.")
    assert head() == "It is about Price, not the product"
    survivor = company.request("Signing in takes every admin an hour a day", problem=case.pain)
    act(triaging.confirm, survivor, case.pain)
    act(triaging.merge, id, survivor)
    page = rosa.get(f"/requests/{id}")
    assert "answered together with “Signing in takes" in page.text_of("#answer > .note")
    # A merged request stands where its survivor does, with its own deals.
    assert "too late for “Renewal”" in page.text_of("#answer > .note")
    assert page.follow("Open it").path == f"/requests/{survivor}"
    history = page.texts_of(".history li > p:first-child")
    assert history[0] == "Priya Nair merged it into “Signing in takes every admin an hour a day”"
    assert history[-1] == "Rosa Quintero sent it"
    act(steps.undo, id)
    taken = rosa.get(f"/requests/{id}").texts_of(".history li > p:first-child")
    assert taken[0].startswith("Priya Nair took back: merged it into")
    assert taken[1].endswith("(taken back)")


# --- what whoever asked does ----------------------------------------------------------------------


def test_a_question_is_answered_on_the_page_and_triage_goes_on(
    company: Company, case: Case, rosa: CheckingClient, act: Callable[..., Any]
) -> None:
    id = company.request(deals=[case.deal])
    act(triaging.ask, id, "rep", ASK_UNTIL, text="How many users?\nAnd when?")
    page = rosa.get(f"/requests/{id}")
    assert "How many users?" in page.text_of("#answer > .box .words")
    empty = page.submit("#answer-form", text=" ")
    assert empty.status_code == 422
    assert "Write the answer." in empty.text_of("#text-errors")
    page = page.submit("#answer-form", text="400 <b>users</b>")
    assert not page.has("#answer-form")
    assert "400 <b>users</b>" in page.text_of(".history")
    with company.app.app_context():
        assert db.session.get_one(Request, id).state == "new"


def test_this_is_it_is_offered_while_it_waits_and_can_be_taken_back(
    company: Company, case: Case, rosa: CheckingClient
) -> None:
    id = company.request("Every sign-in is manual work for their admins.", deals=[case.deal])
    page = rosa.get(f"/requests/{id}").submit("#join", press=str(case.pain))
    assert "It joins the problem" in page.text_of("#answer > .note")
    page = page.submit("#answer form[action$=removal]")
    assert "It waits for triage" in page.text_of("#answer > .note")
    token = page.value_of("#join [name=csrf_token]")
    for nonsense in ("", "x", "999999"):
        again = rosa.post(
            f"/requests/{id}/problem", follow_redirects=True,
            data={"csrf_token": token, "problem_id": nonsense},
        )  # fmt: skip
        assert again.has("#flashes .note-warn")


def test_others_see_title_account_and_figures_and_nothing_that_was_written(
    company: Company, case: Case, elias: CheckingClient, priya: CheckingClient,
    act: Callable[..., Any],
) -> None:  # fmt: skip
    said = {"quote": "QUOTE", "note": "NOTE", "workaround": "TODAY", "competitor": "NIMBUS",
            "purpose": "PURPOSE", "said_by_name": "INGRID"}  # fmt: skip
    id = company.request("First line.\nBODY", deals=[case.deal], **said)
    act(triaging.ask, id, "rep", ASK_UNTIL, text="QUESTION")
    secrets = [*said.values(), "BODY", "QUESTION"]
    page = elias.get(f"/requests/{id}")
    assert page.text_of("h1") == "First line."
    assert "$300K" in page.text_of("#answer")
    assert "Acme" in page.text_of("#answer")
    assert [secret for secret in secrets if secret in page.text] == []
    assert not page.has("#answer-form")
    assert [secret for secret in secrets if secret not in priya.get(f"/requests/{id}").text] == []
    # Whom it was handed to reads it, too, but not the private note.
    act(triaging.hand_over, id, "price", company.people["executive"], text="Yours")
    page = elias.get(f"/requests/{id}")
    assert "BODY" in page.text
    assert "NOTE" not in page.text


def test_another_rep_may_follow_a_request_and_not_speak_for_it(
    app: Flask, company: Company, case: Case, rosa: CheckingClient
) -> None:
    company.user("rep", "Jonas Weber")
    with app.app_context():
        email = db.session.scalar(select(User.email).where(User.name == "Jonas Weber"))
    jonas = app.test_client().sign_in(str(email))
    id = company.request(deals=[case.deal])
    page = jonas.get(f"/requests/{id}").submit("form[action$=watching]")
    with app.app_context():
        assert db.session.scalar(select(RequestWatcher.user_id)) is not None
    token = page.value_of("form[action$=watching] [name=csrf_token]")
    for step in ("problem", "problem/removal", "answer"):
        answer = jonas.post(f"/requests/{id}/{step}", data={"csrf_token": token, "text": "x"})
        assert answer.status_code == 403
    page.submit("form[action$=watching]")
    with app.app_context():
        assert db.session.scalar(select(RequestWatcher.user_id)) is None
    assert not rosa.get(f"/requests/{id}").has("form[action$=watching]")


def test_the_page_follows_what_happens_and_costs_nothing_while_nothing_does(
    company: Company, case: Case, rosa: CheckingClient, act: Callable[..., Any]
) -> None:
    id = company.request(deals=[case.deal])
    tag = rosa.get(f"/requests/{id}").one("#request-poll")["hx-ptag"]
    ask = {"headers": {**HTMX, "HX-PTag": tag}}
    assert rosa.get(f"/requests/{id}", **ask).status_code == 304
    act(triaging.confirm, id, case.pain)
    page = rosa.get(f"/requests/{id}", **ask)
    assert "It is part of the problem" in page.text_of("hx-partial #answer")
    assert page.one("#request-poll")["hx-ptag"] != tag


def test_the_draft_of_what_arrived_is_named_to_whoever_typed_it_alone(
    company: Company, case: Case, rosa: CheckingClient, priya: CheckingClient
) -> None:
    id = company.request(deals=[case.deal], token="drafted")
    assert rosa.get(f"/requests/{id}").one("[data-stored]")["data-stored"] == "drafted"
    assert not priya.get(f"/requests/{id}").has("[data-stored]")
    assert rosa.get("/requests/999999").status_code == 404


# --- a reply that may be sent ---------------------------------------------------------------------


def test_a_reply_says_the_price_the_money_that_waits_and_what_helps_meanwhile(
    company: Company, case: Case
) -> None:
    id = company.request(deals=[case.deal], problem=case.pain)
    assert reply(company, id) == (
        "“SSO” is forecast for 19 Mar 2027. Doing this by 5 Mar 2027 would delay “Dark theme” by "
        "4 weeks, which no open deal waits for. Could they import users by CSV meanwhile?"
    )
    with company.app.app_context():
        deals.need_by(case.deal, friday(4), company.people["product"])
    assert reply(company, id) == (
        "“SSO” is forecast for 19 Mar 2027. Doing this by 12 Feb 2027 would delay “Audit log” by "
        "4 weeks (and 1 other initiative), which 3 deals worth $2.4M wait for. Could they import "
        "users by CSV meanwhile?"
    )


def test_a_reply_fits_whatever_the_answer_is(
    company: Company, case: Case, act: Callable[..., Any]
) -> None:
    bare = company.request(account=case.acme)
    assert (
        reply(company, bare) == "Thank you. What would they do with it, and what stops them today?"
    )
    nobodys = company.problem("Nobody's problem")
    assert reply(company, company.request(deals=[case.deal], problem=nobodys)) == (
        "Nothing on the board solves “Nobody's problem” yet. Could they … meanwhile?"
    )
    rush = company.deal("Rush", account=case.acme, needed_by=friday(1))
    assert "No position on the board has “SSO” done by 22 Jan 2027" in reply(
        company, company.request(deals=[rush], problem=case.pain)
    )
    calm = company.deal("Calm", account=case.acme, needed_by=friday(30))
    assert reply(company, company.request(deals=[calm], problem=case.pain)).endswith(
        "That is in time for “Calm”."
    )
    assert reply(company, company.request(account=case.acme, problem=case.pain)).endswith(
        "By when do they need it?"
    )
    overdue = company.deal("Overdue", account=case.acme, needed_by=friday(-2))
    assert "They needed it by 1 Jan 2027, which has passed." in reply(
        company, company.request(deals=[overdue], problem=case.pain)
    )


# --- what it costs --------------------------------------------------------------------------------


def test_the_page_costs_the_same_few_queries_however_much_it_shows(
    app: Flask, company: Company, case: Case, act: Callable[..., Any]
) -> None:
    named = [
        company.deal(account=case.acme, needed_by=friday(n), blockers=[case.log]) for n in range(8)
    ]
    id = company.request(deals=named, problem=case.pain)
    for n in range(6):
        act(triaging.reply, id, text=f"Reply {n}")
    rosa = cast.visitor(app, "rep")
    rosa.get(f"/requests/{id}")
    with count_queries(app, ignoring=["users"]) as statements:
        page = rosa.get(f"/requests/{id}")
    assert len(page.rows_of("table:has(caption:-soup-contains('Deals against'))")) == 8
    assert len(statements) <= 10, "\n".join(statements)
