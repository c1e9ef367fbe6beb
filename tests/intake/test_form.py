"""A rep's form: about whom, in whose words, joined to what; refused in words, and nothing lost."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.intake.actions import MOST_A_MINUTE
from roadmap.models import Request
from tests.support import cast
from tests.support.client import HTMX, CheckingClient, Page
from tests.support.company import Company
from tests.support.queries import count_queries
from tests.support.tables import everything

pytestmark = pytest.mark.either

FORM = "#request-form"
BODY = "Their auditors reject our export every quarter, so they copy it by hand."
SEND = "Send request"
HOSTILE = "<script>alert(1)</script> شركة الطاقة 🏗️ “quoted” & 'more' ﷽"


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


def stored(company: Company) -> list[Request]:
    with company.app.app_context():
        found = list(db.session.scalars(select(Request).order_by(Request.id)))
        for request in found:
            assert request.deals is not None  # read now: the session ends here
        return found


def deals_of(request: Request) -> list[int]:
    return [named.deal_id for named in request.deals]


def begin(client: CheckingClient, account: int) -> Page:
    return client.get(f"/requests/new?account={account}")


# --- whom it is about ----------------------------------------------------------------------------


def test_the_accounts_of_a_reps_own_open_deals_are_offered_before_anything_is_typed(
    company: Company, rosa: CheckingClient
) -> None:
    mine = company.owner("R. Quintero", company.people["rep"])
    theirs = company.owner("Somebody else")
    helios, acme, later = (company.account(name) for name in ("Helios", "Acme", "Later"))
    renewal = company.deal("Renewal", 300_000_00, account=helios, owner=mine,
                           close_date="2027-02-01")  # fmt: skip
    company.deal("Old", status="lost", account=acme, owner=mine)
    company.deal("Won", status="won", account=acme, owner=mine)
    company.deal("Not mine", account=acme, owner=theirs)
    for name in ("First", "Second"):
        company.deal(name, account=later, owner=mine, close_date="2027-05-01")

    page = rosa.get("/requests/new")
    assert page.texts_of(".request-choice") == [
        "Helios Renewal · $300K · closes 1 Feb 2027",
        "Later 2 open deals, the next closes 1 May 2027",
    ]
    chosen = page.submit(FORM, press=str(helios), body=BODY)
    assert chosen.text_of("#subject") == "Helios"
    assert chosen.value_of(f"#deal-{renewal}") == str(renewal)
    assert chosen.value_of("#body") == BODY
    sent = chosen.submit(FORM, press=SEND)
    assert sent.path.startswith("/requests/")
    (request,) = stored(company)
    assert (request.account_id, deals_of(request)) == (helios, [renewal])


def test_an_account_is_found_by_part_of_its_name_or_the_beginning_of_its_crm_id(
    company: Company, rosa: CheckingClient
) -> None:
    company.account("Nordwind Energie")
    company.account("Südwind")
    company.account("50% off_x")

    def found(words: str) -> list[str]:
        page = rosa.fragment("/requests/accounts", query_string={"company": words})
        return page.texts_of(".request-choices strong")

    assert found("WIND") == ["Nordwind Energie", "Südwind"]
    assert found("südw") == ["Südwind"]
    assert found("a1") == ["Nordwind Energie"]
    assert found("% off_") == ["50% off_x"]
    assert found("_") == found("\0") == found("' OR 1=1 --") == []


def test_no_more_accounts_are_offered_than_a_phone_shows(
    company: Company, rosa: CheckingClient
) -> None:
    for number in range(12):
        company.account(f"Wind {number:02}")
    company.account("Wind")
    page = rosa.fragment("/requests/accounts?company=wind")
    names = page.texts_of(".request-choices strong")
    assert len(names) == 8
    assert names[0] == "Wind"


def test_a_deals_own_page_leads_to_a_request_about_it(
    company: Company, rosa: CheckingClient
) -> None:
    acme = company.account("Acme")
    deal = company.deal("Renewal", account=acme)
    company.deal("Other", account=acme)
    page = rosa.get(f"/deals/{deal}").follow("Request")
    assert page.value_of(f"#deal-{deal}") == str(deal)
    page.submit(FORM, body=BODY)
    assert deals_of(stored(company)[0]) == [deal]
    assert rosa.get(f"/accounts/{acme}").follow("Request").text_of("#subject") == "Acme"


def test_a_deal_that_was_won_is_nothing_to_ask_about(
    company: Company, rosa: CheckingClient
) -> None:
    won = company.deal("Won", status="won")
    assert not rosa.get(f"/requests/new?deal={won}").has("#subject")
    assert not rosa.get(f"/deals/{won}").has("a[href*='requests/new?']")


def test_ones_own_deals_come_first_won_ones_never_and_lost_ones_folded(
    company: Company, rosa: CheckingClient
) -> None:
    mine = company.owner("R. Quintero", company.people["rep"])
    acme = company.account("Acme")
    company.deal("Theirs", account=acme, close_date="2027-01-20")
    company.deal("Mine", account=acme, owner=mine, close_date="2027-03-20")
    company.deal("Mine too", None, account=acme, owner=mine)
    company.deal("Won", status="won", account=acme, owner=mine)
    company.deal("Lost", status="lost", account=acme, owner=mine)
    page = begin(rosa, acme)
    assert page.texts_of("label[for^=deal-]") == [
        "Mine $100K · closes 20 Mar 2027",
        "Mine too amount unknown · no close date",
        "Theirs $100K · closes 20 Jan 2027 · no owner",
        "Lost $100K · lost 15 Dec 2026",
    ]
    assert page.texts_of("details.fold:not(.request-more) label") == [
        "Lost $100K · lost 15 Dec 2026"
    ]
    assert not page.all("[name=deals][checked]")


def test_a_company_that_crm_does_not_know_is_a_prospect_and_flagged(
    company: Company, rosa: CheckingClient
) -> None:
    company.account("Acme Corporation")
    sent = rosa.get("/requests/new").submit(FORM, press=SEND, company="Zweifel & Söhne", body=BODY)
    assert "not in CRM yet" in sent.text_of("#answer")

    # One that is like a known one is asked about, never guessed.
    page = rosa.get("/requests/new").submit(FORM, press=SEND, company="Acme", body=BODY)
    assert page.status_code == 422
    assert "Choose one of these accounts" in page.text_of("#company-errors")
    assert page.texts_of(".request-choices strong") == ["Acme Corporation"]
    assert page.value_of("#company") == "Acme"
    page = page.submit(FORM, press="prospect")
    assert "Not in CRM yet" in page.text_of("#about")
    page.submit(FORM, press=SEND)

    # A name that is typed to the letter is no guess.
    rosa.get("/requests/new").submit(FORM, press=SEND, company="ACME corporation", body=BODY)
    assert [(r.prospect, r.account_id is None) for r in stored(company)] == [
        ("Zweifel & Söhne", True), ("Acme", True), (None, False),
    ]  # fmt: skip


def test_another_account_can_be_chosen_after_all(company: Company, rosa: CheckingClient) -> None:
    acme, helios = company.account("Acme"), company.account("Helios")
    company.deal("Renewal", account=acme)
    page = begin(rosa, acme).submit(FORM, press="other", body=BODY)
    assert not page.has("#subject")
    page = page.submit(FORM, press="find", company="heli").submit(FORM, press=str(helios))
    assert (page.text_of("#subject"), page.value_of("#body")) == ("Helios", BODY)
    assert stored(company) == []


def test_senseless_words_find_no_account_and_break_nothing(
    company: Company, rosa: CheckingClient
) -> None:
    for words in ("\0", "a\0b", "%", "_", "\\", "x" * 5000, HOSTILE):
        page = rosa.get("/requests/new").submit(FORM, press="find", company=words, body=BODY)
        assert page.status_code == 200
        assert not page.has(".request-choices")
        assert page.value_of("#body") == BODY
        # As a prospect it is taken if it can be shown, and refused in words otherwise.
        refused = "\0" in words or len(words) > 200
        assert page.submit(FORM, press=SEND).status_code == (422 if refused else 200)


def test_an_account_with_very_many_deals_says_how_many_it_leaves_out(
    company: Company, rosa: CheckingClient
) -> None:
    acme = company.account("Acme")
    ids = [company.deal(account=acme, close_date="2027-02-01") for _ in range(32)]
    page = begin(rosa, acme)
    assert len(page.all("[name=deals]")) == 30
    assert "and 2 more open deals" in page.text_of("#about")
    # The one that the address names is on the list, wherever it would stand.
    assert rosa.get(f"/requests/new?deal={ids[-1]}").has(f"#deal-{ids[-1]}[checked]")


# --- the words -----------------------------------------------------------------------------------


def test_only_who_and_what_have_to_be_said_and_the_rest_stays_unknown(
    company: Company, rosa: CheckingClient
) -> None:
    page = begin(rosa, company.account("Acme"))
    assert not page.one("details.request-more").has_attr("open")
    assert page.value_of("#said_by") == "unknown"
    assert page.value_of("[name=severity][checked]") == "deal breaker"
    assert page.value_of("#said_by_layer") == ""
    page.submit(FORM, body=BODY)
    (request,) = stored(company)
    assert (request.said_by, request.severity, request.said_by_layer) == (
        "unknown", "deal breaker", None,
    )  # fmt: skip
    assert request.said_on == date(2027, 1, 11)
    assert request.requester_id == request.submitted_by_id == company.people["rep"]


def test_all_that_is_told_is_kept_word_for_word(company: Company, rosa: CheckingClient) -> None:
    told: dict[str, Any] = {
        "body": f"{HOSTILE}\nThey cannot sign off.", "quote": "No audit log, no deal",
        "said_by": "customer", "said_by_name": "Ingrid Aas", "said_by_role": "CISO",
        "said_by_layer": "executive", "said_on": "2027-01-08", "workaround": "Screenshots",
        "severity": "nice to have", "needed_by": "2027-03-01", "competitor": "Nimbus",
        "note": "She is leaving in May.",
    }  # fmt: skip
    page = begin(rosa, company.account("Acme")).submit(FORM, **told)
    (request,) = stored(company)
    for name, value in told.items():
        assert str(getattr(request, name)) == value, name
    assert page.text_of("h1") == HOSTILE
    assert "<script>alert" not in page.text
    assert "She is leaving in May." in page.text


def test_what_is_missing_is_said_beside_its_field_and_all_else_stays(
    company: Company, rosa: CheckingClient
) -> None:
    page = rosa.get("/requests/new").submit(FORM, press=SEND, quote="No audit log, no deal")
    assert page.status_code == 422
    assert "trying to do" in page.text_of("#body-errors")
    assert "Choose the account" in page.text_of("#company-errors")
    assert page.value_of("#quote") == "No audit log, no deal"
    assert page.has(".note-danger[data-takes-focus]")
    assert stored(company) == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("needed_by", "2027-01-10", "That day has passed"),
        ("said_on", "2027-01-13", "still to come"),
        ("needed_by", "0027-03-01", "between 2000 and 2199"),
        ("needed_by", "soon", "Not a valid date"),
        ("body", "x" * 102_400, "At most 10,000 characters; this has 102,400."),
        ("competitor", "x" * 201, "At most 200 characters; this has 201."),
        ("body", "A\0B", "Remove the control characters"),
        ("note", "\x1b[31mred", "Remove the control characters"),
    ],
)
def test_bad_input_is_answered_in_words_and_kept(
    company: Company, rosa: CheckingClient, field: str, value: str, words: str
) -> None:
    page = begin(rosa, company.account("Acme")).submit(FORM, **{"body": BODY, field: value})
    assert page.status_code == 422
    assert words in page.text_of(f"#{field}-errors")
    if "\0" not in value:
        assert page.value_of(f"#{field}") == value
    assert page.text_of("#subject") == "Acme"
    assert stored(company) == []


def test_today_and_a_zone_where_it_is_tomorrow_already_are_no_mistakes(
    company: Company, rosa: CheckingClient
) -> None:
    page = begin(rosa, company.account("Acme"))
    sent = page.submit(FORM, body=BODY, needed_by="2027-01-11", said_on="2027-01-12")
    assert sent.status_code == 200
    assert len(stored(company)) == 1


def test_a_deal_of_another_account_is_refused_and_nothing_is_lost(
    company: Company, rosa: CheckingClient
) -> None:
    acme, other = company.account("Acme"), company.deal("Elsewhere")
    form = begin(rosa, acme)
    data = {"csrf_token": form.value_of(f"{FORM} [name=csrf_token]"), "account": acme, "body": BODY}
    for deals in ([other], ["x"], [999_999], [2**40]):
        page = rosa.post("/requests", data={**data, "deals": deals})
        assert page.status_code == 422
        assert "Choose among the deals of this account." in page.text_of(".note-danger")
        assert page.value_of("#body") == BODY
    page = rosa.post("/requests", data={**data, "account": "999999"})
    assert page.status_code == 422
    assert "There is no such account." in page.text_of(".note-danger")
    assert stored(company) == []


# --- one question back ---------------------------------------------------------------------------


def test_a_request_that_only_names_a_feature_gets_one_question_and_then_passes(
    company: Company, rosa: CheckingClient
) -> None:
    acme = company.account("Acme")
    asked = begin(rosa, acme).submit(FORM, body="Dark mode", note="Boss likes it")
    assert asked.status_code == 200
    assert "What would they do with it?" in asked.text_of("#question")
    assert (asked.value_of("#body"), asked.value_of("#note")) == ("Dark mode", "Boss likes it")
    assert stored(company) == []

    asked.submit(FORM, press="Send", purpose="Read plans in the cab at night")
    (request,) = stored(company)
    assert (request.body, request.purpose) == ("Dark mode", "Read plans in the cab at night")

    asked = begin(rosa, acme).submit(FORM, body="Webhooks")
    sent = asked.submit(FORM, press="Send without an answer")
    assert sent.text_of("h1") == "Webhooks"
    assert len(stored(company)) == 2


def test_whoever_says_which_problem_it_is_or_what_stops_them_is_not_asked(
    company: Company, rosa: CheckingClient
) -> None:
    acme, pain = company.account("Acme"), company.problem("Screens blind drivers at night")
    page = begin(rosa, acme).submit(FORM, press="similar", body="Dark mode at night")
    page.submit(FORM, press=SEND, problem_id=str(pain))
    begin(rosa, acme).submit(FORM, body="Dark mode", quote="We cannot read it at night")
    assert [request.problem_id for request in stored(company)] == [pain, None]


# --- problems that look the same -----------------------------------------------------------------


def test_while_typing_problems_that_look_the_same_are_shown_with_what_stands_behind_them(
    company: Company, rosa: CheckingClient
) -> None:
    pain = company.problem("Sign-in is manual work")
    company.initiative("SSO", work=[(company.team(), 5)], solves=[pain])
    company.deal("Renewal", 300_000_00, blockers=[pain])
    company.deal("Other", None, blockers=[pain])
    company.problem("Something else")
    form = begin(rosa, company.account("Acme"))
    typed = {
        "csrf_token": form.value_of(f"{FORM} [name=csrf_token]"),
        "body": "They do sign-in manually, manual work",
    }
    before = everything(company.app)
    page = rosa.post("/requests/similar", data=typed, headers=HTMX)
    label = page.text_of(f"label[for=problem-{pain}]")
    assert (
        "Sign-in is manual work 2 open deals, $300K and 1 without amount · forecast: 15 Jan 2027"
        in label
    )
    assert page.value_of("#problem-none") == ""
    # What was chosen stays, whatever is typed since.
    page = rosa.post(
        "/requests/similar",
        data={**typed, "body": "Nothing alike", "problem_id": pain},
        headers=HTMX,
    )
    assert page.has(f"#problem-{pain}[checked]")
    assert everything(company.app) == before


def test_this_is_it_joins_the_problem_and_it_is_pending(
    company: Company, rosa: CheckingClient
) -> None:
    pain = company.problem("Sign-in is manual work", workaround="Export by hand.")
    form = begin(rosa, company.account("Acme")).submit(
        FORM, press="similar", body="Manual sign-in, by hand"
    )
    page = form.submit(FORM, press=SEND, problem_id=str(pain))
    (request,) = stored(company)
    assert (request.state, request.problem_id) == ("new", pain)
    assert "It joins the problem “Sign-in is manual work”" in page.text_of("#answer .note")
    assert "Export by hand." in page.text_of("#answer")


# --- sending twice, too often, or without a session ----------------------------------------------


def test_the_same_form_twice_is_one_request(company: Company, rosa: CheckingClient) -> None:
    form = begin(rosa, company.account("Acme"))
    first = form.submit(FORM, body=BODY)
    second = form.submit(FORM, body=BODY)
    assert first.path == second.path
    assert len(stored(company)) == 1


def test_what_was_changed_after_it_had_arrived_is_neither_lost_nor_sent_by_itself(
    company: Company, rosa: CheckingClient
) -> None:
    form = begin(rosa, company.account("Acme"))
    form.submit(FORM, body=BODY)
    page = form.submit(FORM, body=f"{BODY} And every month.")
    assert page.status_code == 409
    assert "An earlier version had arrived" in page.text_of(".note-info[role=alert]")
    assert page.value_of("#body") == f"{BODY} And every month."
    assert len(stored(company)) == 1
    page.submit(FORM, press=SEND)
    assert len(stored(company)) == 2


def test_nobody_takes_over_the_form_of_somebody_else(
    company: Company, rosa: CheckingClient, ada: CheckingClient
) -> None:
    acme = company.account("Acme")
    form = begin(rosa, acme)
    form.submit(FORM, body=BODY)
    token = form.value_of("[name=token]")
    page = begin(ada, acme).submit(FORM, token=token, body="Something else that stops them")
    assert page.status_code == 422
    assert "sent by somebody else" in page.text_of(".note-danger")
    assert len(stored(company)) == 1


def test_more_than_a_person_types_in_a_minute_waits_with_everything_kept(
    company: Company, rosa: CheckingClient
) -> None:
    acme = company.account("Acme")
    for number in range(100):
        page = begin(rosa, acme).submit(FORM, body=f"{BODY} No. {number}")
        assert page.status_code == (200 if number < MOST_A_MINUTE else 429)
        if page.status_code == 429:
            break
    assert "wait a minute" in page.text_of(".note-warn:not(#lost)")
    assert page.value_of("#body") == f"{BODY} No. {MOST_A_MINUTE}"
    assert len(stored(company)) == MOST_A_MINUTE


@pytest.mark.parametrize("token", ["", "x" * 65, "a\0b", "a\nb"])
def test_a_token_that_no_form_wrote_is_none(
    company: Company, rosa: CheckingClient, token: str
) -> None:
    form = begin(rosa, company.account("Acme"))
    sent = form.submit(FORM, body=BODY, token=token)
    assert sent.text_of("h1") == BODY
    assert stored(company)[0].form_token is None


def test_a_form_of_an_ended_session_leads_to_signing_in_and_back(
    app: Flask, company: Company, rosa: CheckingClient
) -> None:
    form = rosa.get("/requests/new")
    rosa.delete_cookie("roadmap")
    data = {"csrf_token": form.value_of(f"{FORM} [name=csrf_token]"), "body": BODY}
    for headers in (
        {**HTMX, "HX-Current-URL": "http://localhost/requests/new#body"},
        {"Referer": "http://localhost/requests/new"},
    ):
        rosa.delete_cookie("roadmap")
        asked = rosa.post("/requests", data=data, headers=headers)
        assert asked.status_code == 401
        assert asked.text_of("h1") == "Please sign in again"
        back = asked.submit(
            "main form:has([type=password])",
            email=cast.person("rep").email, password=cast.PASSWORD,
        )  # fmt: skip
        assert back.value_of(f"{FORM} [name=body]") == BODY
    rosa.delete_cookie("roadmap")
    stranger = rosa.post("/requests", data=data, headers={"Referer": "http://elsewhere.example/"})
    assert BODY not in stranger.text
    assert stored(company) == []


# --- on behalf of a rep --------------------------------------------------------------------------


def test_a_product_manager_asks_on_a_reps_behalf_and_nobody_else_does(
    company: Company, rosa: CheckingClient, priya: CheckingClient
) -> None:
    acme, jonas = company.account("Acme"), company.user("rep", "Jonas Weber")
    page = begin(priya, acme).submit(FORM, body=BODY, requester=str(jonas))
    assert "Jonas Weber, typed by Priya Nair" in page.text_of("#answer")
    form = begin(rosa, acme)
    assert not form.has("#requester")
    data = {"csrf_token": form.value_of(f"{FORM} [name=csrf_token]"), "account": acme, "body": BODY}
    rosa.post("/requests", data={**data, "requester": jonas})
    first, second = stored(company)
    assert (first.requester_id, first.submitted_by_id) == (jonas, company.people["product"])
    assert second.requester_id == company.people["rep"]
    token = begin(priya, acme).value_of(f"{FORM} [name=csrf_token]")
    for nobody in (company.people["admin"], "999999", "x"):
        page = priya.post("/requests", data={**data, "csrf_token": token, "requester": nobody})
        assert page.status_code == 422
        assert "Choose one of the sales reps." in page.text_of(".note-danger")


# --- what it costs -------------------------------------------------------------------------------


def test_the_form_and_its_parts_cost_a_few_queries_however_many_accounts_there_are(
    company: Company, app: Flask
) -> None:
    mine = company.owner("R. Quintero", company.people["rep"])
    for number in range(10):
        company.deal(account=company.account(f"Wind {number}"), owner=mine)
    rosa = cast.visitor(app, "rep")
    rosa.get("/requests/new")
    for address, most in (("/requests/new", 3), ("/requests/accounts?company=wind", 3)):
        with count_queries(app, ignoring=["users"]) as statements:
            rosa.fragment(address) if "accounts" in address else rosa.get(address)
        assert len(statements) <= most, "\n".join(statements)
