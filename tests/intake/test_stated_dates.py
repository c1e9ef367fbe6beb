"""The date that a request states is judged first, and becomes the deal's when it is confirmed."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.evidence import dates
from roadmap.extensions import db
from roadmap.intake import steps, triaging
from roadmap.models import Deal, DealDate, User
from tests.support.client import CheckingClient
from tests.support.company import Company

pytestmark = pytest.mark.either

#: SSO is done on Friday, 12 February.
EARLY, LATE = "2027-02-05", "2027-03-26"


class Case:
    def __init__(self, app: Flask, *, close: str = EARLY) -> None:
        self.app, self.company = app, Company(app)
        self.pain = self.company.problem("Sign-in is manual work")
        core = self.company.team("Core", people=1)
        self.company.initiative("Audit log", work=[(core, 15)])
        self.sso = self.company.initiative("SSO", work=[(core, 10)], solves=[self.pain])
        self.deal = self.company.deal("Renewal", needed_by=None, close_date=close)

    def request(self, needed_by: str) -> int:
        return self.company.request(
            "They type every joiner in.", deals=[self.deal], problem=self.pain,
            needed_by=date.fromisoformat(needed_by),
        )  # fmt: skip

    def triage(self, id: int, *, undo: bool = False) -> None:
        with self.app.app_context():
            by = db.session.get_one(User, self.company.people["product"])
            if undo:
                steps.undo(id, by)
            else:
                triaging.confirm(id, self.pain, by, quote=False)

    def own(self) -> date | None:
        with self.app.app_context():
            assert list(db.session.scalars(dates.wrong())) == []
            return db.session.get_one(Deal, self.deal).own_needed_by


@pytest.mark.parametrize(
    ("stated", "close", "says", "tone"),
    [
        (LATE, EARLY, ("For 26 Mar 2027, as asked: in time. "
         "CRM expects to close on 5 Feb 2027: too late."), "note-warn"),
        (EARLY, LATE, ("For 5 Feb 2027, as asked: too late. "
         "CRM expects to close on 26 Mar 2027: in time."), "note-danger"),
        (LATE, LATE, "in time for “Renewal”", "note-ok"),
        (EARLY, EARLY, "too late for “Renewal”", "note-danger"),
    ],
)  # fmt: skip
def test_the_stated_date_is_judged_first_and_crms_beside_it_where_it_says_otherwise(
    app: Flask, rosa: CheckingClient, stated: str, close: str, says: str, tone: str
) -> None:
    case = Case(app, close=close)
    page = rosa.get(f"/requests/{case.request(stated)}")
    note = page.one("#answer > .note")
    assert says in page.text_of("#answer > .note")
    assert ("CRM expects" in page.text_of("#answer > .note")) == (stated != close)
    assert tone in note["class"]
    (row,) = page.rows_of("table:has(caption:-soup-contains('Deals against'))")
    first = "too late" if stated == EARLY else "in time"
    assert row["In time?"].startswith(first)
    assert "as asked" in row["Needed by"]
    # What making a date would delay is offered for the one that holds, and for no other.
    assert page.has(".price-list") == (stated == EARLY)


def test_one_tap_says_which_date_holds_and_another_goes_back(
    app: Flask, rosa: CheckingClient
) -> None:
    case = Case(app)
    id = case.request(LATE)
    page = rosa.get(f"/requests/{id}")
    page = page.submit("form:has([name=holds])", press="deal")
    (row,) = page.rows_of("table:has(caption:-soup-contains('Deals against'))")
    assert row["Needed by"] == "5 Feb 2027 the expected close"
    assert row["In time?"].startswith("too late")
    assert "See what it delays" in page.text_of(".price-list")
    case.triage(id)
    assert case.own() is None
    page = rosa.get(f"/requests/{id}").submit("form:has([name=holds])", press="asked")
    (row,) = page.rows_of("table:has(caption:-soup-contains('Deals against'))")
    assert row["Needed by"] == "26 Mar 2027 as asked"
    assert case.own() == date(2027, 3, 26)


def test_confirming_makes_it_the_deals_own_with_who_said_it_and_undoing_takes_it_back(
    app: Flask, priya: CheckingClient
) -> None:
    case = Case(app)
    id = case.request(LATE)
    assert case.own() is None
    case.triage(id)
    assert case.own() == date(2027, 3, 26)
    listed = priya.get(f"/deals/{case.deal}").text_of("#dates")
    assert "26 Mar 2027 holds Rosa Quintero, 11 Jan 2027, in They type every joiner in." in listed
    assert "CRM expects to close on 5 Feb 2027" in listed
    case.triage(id, undo=True)
    assert case.own() is None
    assert "26 Mar 2027 taken back" in priya.get(f"/deals/{case.deal}").text_of("#dates")


def test_undoing_leaves_what_others_named_alone(app: Flask) -> None:
    case = Case(app)
    id = case.request(LATE)
    with app.app_context():
        dates.say(case.deal, date(2027, 2, 1), case.company.people["product"])
        db.session.commit()
    case.triage(id)
    assert case.own() == date(2027, 3, 26)
    case.triage(id, undo=True)
    assert case.own() == date(2027, 2, 1)
    with app.app_context():
        standing = select(DealDate.origin).where(dates.STANDING)
        assert db.session.scalars(standing).all() == ["hand"]


def test_whoever_may_not_speak_for_a_request_says_nothing_about_its_date(
    app: Flask, elias: CheckingClient
) -> None:
    case = Case(app)
    page = elias.get(f"/requests/{case.request(LATE)}")
    assert not page.has("[name=holds]")
