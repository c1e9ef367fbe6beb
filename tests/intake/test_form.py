"""A rep's form: about whom, in whose words, joined to what; refused in words, and nothing lost."""

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Request
from tests.support.client import CheckingClient
from tests.support.company import Company

FORM = "#request-form"
BODY = "Their auditors reject our export every quarter, so they copy it by hand."


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


def stored(company: Company) -> list[Request]:
    with company.app.app_context():
        return list(db.session.scalars(select(Request).order_by(Request.id)))


def test_a_request_is_sent_and_answered_at_once(company: Company, rosa: CheckingClient) -> None:
    account = company.account("Helios Bank")
    rosa.get("/requests/new")
    page = rosa.get(f"/requests/new?account={account}").submit(FORM, body=BODY)
    assert page.status_code == 200
    (request,) = stored(company)
    assert (request.account_id, request.body) == (account, BODY)
    assert page.text_of("h1") == BODY
