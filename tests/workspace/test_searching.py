"""Every search box finds the same: folded, with words in any order, and by the glossary."""

import unicodedata

import pytest
from flask import Flask

from roadmap.extensions import db
from roadmap.models import Account, Deal, Request
from tests.support import cast
from tests.support.company import Company

pytestmark = pytest.mark.either

#: Boxes by address, what is searched for, and what is to be found.
BOXES = (
    ("/deals", "crew TOMORROW's", "Tomorrow’s crew"),
    ("/deals", "lodz crew", "Tomorrow’s crew"),
    ("/deals", "sso", "Single sign–on"),
    ("/accounts", unicodedata.normalize("NFD", "łódź ärzte"), "Ärzte in Łódź"),
    ("/accounts", "lodz", "Ärzte in Łódź"),
    ("/problems", "manual sso", "Sign-in is manual"),
    ("/board", "crew's plan", "Plan for the crew"),
    ("/board", "SSO", "SAML for all"),
    ("/initiatives", "single sign-on", "SAML for all"),
    ("/requests", "arzte cafe", "Their café needs an answer"),
    ("/intake", "AUDITORS reject", "Their café needs an answer"),
    ("/interviews", "lodz lost", "Lost in Łódź"),
)  # fmt: skip
MISSED = (
    ("/deals", "crew yesterday", "Tomorrow’s crew"), ("/accounts", "lodz paris", "Ärzte in Łódź"),
    ("/board", "crew zebra", "Plan for the crew"),
)  # fmt: skip


@pytest.fixture
def company(app: Flask) -> Company:
    company = Company(app)
    account = company.account("Ärzte in Łódź")
    sign_in = company.problem("Sign-in is manual", statement="No single sign-on for anybody")
    deal = company.deal("Tomorrow’s crew", account=account)
    company.deal("Single sign–on", account=company.account("Zebra"))
    company.deal("Lost in Łódź", account=account, status="lost", blockers=[sign_in])
    core = company.team()
    company.initiative("Plan for the crew", work=[(core, 5)])
    company.initiative("SAML for all", work=[(core, 5)])
    body = "Their café needs an answer. Auditors always reject the file."
    company.request(body, deals=[deal], title="Their café needs an answer")
    return company


def test_every_box_finds_by_folded_words_in_any_order_and_by_the_glossary(
    app: Flask, company: Company
) -> None:
    client = cast.visitor(app, "product")
    pages = {box: client.get(box[0], query_string={"q": box[1]}).text_of("main") for box in BOXES}
    assert [box for box, text in pages.items() if box[2] not in text] == []
    for address, words, name in MISSED:
        assert name not in client.get(address, query_string={"q": words}).text_of("main")


def test_what_was_said_of_others_requests_is_not_searched_by_reps(
    app: Flask, company: Company
) -> None:
    rep = cast.visitor(app, "rep")
    assert "Their café" in rep.get("/requests?q=cafe").text
    assert "Their café" not in rep.get("/requests?q=auditors").text_of("main")


def test_folded_texts_follow_what_they_are_of(app: Flask, company: Company) -> None:
    with app.app_context():
        deal = db.session.query(Deal).filter_by(name="Tomorrow’s crew").one()
        account = db.session.query(Account).filter_by(name="Zebra").one()
        request = db.session.query(Request).one()
        deal.name, account.name, request.body = "Ünë", "Größe", "It’s NEW"
        db.session.commit()
        assert (deal.search_text, account.search_text) == ("une", "grosse")
        assert (request.search_text, request.search_body) == (
            "their cafe needs an answer",
            "its new",
        )
