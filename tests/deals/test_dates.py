"""A deal keeps who named which date for it; the newest that stands is its own."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.evidence import dates
from roadmap.extensions import db
from roadmap.models import Deal, DealDate
from tests.support.client import CheckingClient
from tests.support.company import Company

pytestmark = pytest.mark.either


def own(app: Flask, deal: int) -> date | None:
    with app.app_context():
        return db.session.get_one(Deal, deal).own_needed_by


def test_the_newest_date_that_stands_holds_and_one_taken_back_gives_way(
    app: Flask, priya: CheckingClient
) -> None:
    deal = Company(app).deal("Acme", needed_by=None, close_date="2027-06-30")
    page = priya.get(f"/deals/{deal}")
    for day in ("2027-03-01", "2027-04-01"):
        page = page.submit("#needed-by", needed_by=day)
    assert own(app, deal) == date(2027, 4, 1)
    listed = page.text_of("#dates")
    assert "1 Apr 2027 holds Priya Nair, 11 Jan 2027" in listed
    assert "1 Mar 2027 said before Priya Nair, 11 Jan 2027" in listed
    assert "CRM expects to close on 30 Jun 2027" in listed
    page = page.submit("#dates li:first-child form")
    assert own(app, deal) == date(2027, 3, 1)
    assert "1 Apr 2027 taken back" in page.text_of("#dates")
    page = page.submit("#needed-by", needed_by="")
    assert own(app, deal) is None
    assert "No date of its own holds" in page.text_of("#dates")
    with app.app_context():
        assert list(db.session.scalars(dates.wrong())) == []


def test_saving_the_date_that_holds_already_says_nothing_new(
    app: Flask, priya: CheckingClient
) -> None:
    deal = Company(app).deal("Acme", needed_by="2027-03-01")
    priya.get(f"/deals/{deal}").submit("#needed-by", needed_by="2027-03-01")
    with app.app_context():
        assert len(db.session.scalars(select(DealDate)).all()) == 1


def test_a_date_is_taken_back_once_and_only_by_whoever_may_report(
    app: Flask, priya: CheckingClient, rosa: CheckingClient
) -> None:
    deal = Company(app).deal("Acme", needed_by="2027-03-01")
    page, stale = priya.get(f"/deals/{deal}"), priya.get(f"/deals/{deal}")
    assert not rosa.get(f"/deals/{deal}").has("#dates form")
    page.submit("#dates li:first-child form")
    again = stale.submit("#dates li:first-child form")
    assert "gone already" in again.text
    assert own(app, deal) is None


def test_a_date_that_is_stored_otherwise_is_found(app: Flask) -> None:
    deal = Company(app).deal("Acme", needed_by="2027-03-01")
    with app.app_context():
        db.session.get_one(Deal, deal).own_needed_by = date(2027, 5, 1)
        db.session.commit()
        assert list(db.session.scalars(dates.wrong())) == [deal]
