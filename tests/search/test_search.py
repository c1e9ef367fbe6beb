"""The search that every page leads to: what it finds, for whom, and what it says of nothing."""

import pytest
from flask import Flask

from roadmap.extensions import db
from roadmap.intake import triaging
from roadmap.models import User
from tests.support import cast
from tests.support.client import CheckingClient
from tests.support.company import Company

pytestmark = pytest.mark.either


@pytest.fixture
def company(app: Flask) -> Company:
    company = Company(app)
    account = company.account("Müller & Sons")
    deal = company.deal("Harbour – phase 2", account=account)
    company.problem("Harbour crews sign in by hand", statement="Single sign-on is missing")
    company.initiative("Harbour SAML", work=[(company.team(), 5)])
    company.user("product", "Hannah Harbour")
    body = "The harbour master wants it. Secretly they would pay double."
    company.request(body, deals=[deal], by="product", title="The harbour master wants it")
    return company


def found(client: CheckingClient, words: str) -> dict[str, list[str]]:
    page = client.get("/search", query_string={"q": words})
    cards = page.all(".box:has(.search-hits)")
    return {
        str(card.h2.get_text(strip=True) if card.h2 else ""): [
            link.get_text(strip=True) for link in card.select(".search-hits a")
        ]
        for card in cards
    }


def test_every_kind_is_found_by_folded_words_in_any_order(company: Company, app: Flask) -> None:
    client = cast.visitor(app, "product")
    assert found(client, "HARBOUR") == {
        "Problems": ["Harbour crews sign in by hand"], "Initiatives": ["Harbour SAML"],
        "Deals": ["Harbour – phase 2"], "Requests": ["The harbour master wants it"],
        "People": ["Hannah Harbour"],
    }  # fmt: skip
    assert found(client, "sons muller's")["Accounts"] == ["Müller & Sons"]
    assert found(client, "muller harbour") == {
        "Deals": ["Harbour – phase 2"], "Requests": ["The harbour master wants it"],
    }  # fmt: skip
    assert found(client, "sso harbour") == {
        "Problems": ["Harbour crews sign in by hand"], "Initiatives": ["Harbour SAML"],
    }  # fmt: skip


def test_what_was_said_is_found_by_whoever_may_read_it(company: Company, app: Flask) -> None:
    assert found(cast.visitor(app, "product"), "secretly") == {
        "Requests": ["The harbour master wants it"]
    }
    assert found(cast.visitor(app, "rep"), "secretly") == {}
    company.request("Mine, and secretly so.", by="rep")
    assert found(cast.visitor(app, "rep"), "secretly") == {"Requests": ["Mine, and secretly so."]}


def test_a_tradeoff_is_found_by_its_number(company: Company, app: Flask) -> None:
    client = cast.visitor(app, "executive")
    assert found(client, "#1")["Trade-offs"] == ["Trade-off 1"]
    assert "Trade-offs" not in found(client, "999999999") | found(client, "9" * 50)


def test_nothing_found_says_what_was_searched_for(company: Company, app: Flask) -> None:
    client = cast.visitor(app, "rep")
    for words in ("zebra <b>", "%", "' OR 1=1"):
        assert f"Nothing has “{words}”" in client.get("/search", query_string={"q": words}).text_of(
            "main"
        )
    assert not client.get("/search").has(".empty-state")


def test_a_long_list_leads_on_to_all_of_it(company: Company, app: Flask) -> None:
    for number in range(9):
        company.account(f"Quay {number}")
    page = cast.visitor(app, "rep").get("/search?q=quay")
    assert len(page.all(".search-hits a")) == 8
    assert page.link("All accounts with these words") == "/accounts?q=quay"


def test_the_glossary_is_edited_and_learns_from_confirmed_requests(
    company: Company, app: Flask
) -> None:
    problem = company.problem("Badges at the gate")
    asked = [company.request(f"Turnstile, {number}", problem=problem) for number in range(3)]
    with app.app_context():
        by = db.session.get_one(User, company.people["product"])
        triaging.confirm_many(asked, problem, by)
    product, rep = cast.visitor(app, "product"), cast.visitor(app, "rep")
    assert found(rep, "turnstile")["Requests"]
    assert "Problems" not in found(rep, "turnstile")
    page = product.get("/glossary")
    assert "turnstile = Badges at the gate" in page.texts_of(".search-hits li")[0]

    added = product.get(page.link("Add"))
    assert "turnstile = Badges at the gate" in added.value_of("#glossary")
    refused = added.submit("#glossary-form", glossary="SSO = SAML\nalone")
    assert (refused.status_code, "Line 2" in refused.text_of(".field-errors")) == (422, True)
    added.submit("#glossary-form")

    assert found(rep, "turnstile")["Problems"] == ["Badges at the gate"]
    assert product.get("/glossary").texts_of(".search-hits li") == []
    assert not rep.get("/glossary").has("#glossary-form button")
