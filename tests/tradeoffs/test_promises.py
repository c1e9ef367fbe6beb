"""Taking a commitment back, or moving it later, is a trade-off; giving one is not."""

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.checks.queries import CHECKS
from roadmap.extensions import db
from roadmap.models import Commitment, MovedDeal, MovedPromise, Tradeoff
from tests.support.client import CheckingClient, Page
from tests.support.company import Company
from tests.support.tables import everything

WITHDRAWAL = "form[action$='/withdrawal']"


@dataclass
class Promised:
    """SSO is promised to Acme for 26 March; Acme, Globex and others wait for it."""

    company: Company
    sso: int
    sponsor: int
    owner: int


@pytest.fixture
def promised(app: Flask) -> Promised:
    company = Company(app)
    pain, other = company.problem("Sign-in is manual"), company.problem("Exports fail")
    acme, globex = company.account("Acme", fit=0), company.account("Globex", fit=0)
    for name, amount, day, account, blockers in (
        ("Too early", 10_000_00, "2027-03-25", acme, [pain]),
        ("In spring", 200_000_00, "2027-03-26", acme, [pain, (pain, "crm")]),
        ("In June", None, "2027-06-11", acme, [pain]),
        ("Not for this", 40_000_00, "2027-06-11", acme, [other]),
        ("Somebody else's", 70_000_00, "2027-06-11", globex, [pain]),
    ):
        company.deal(name, amount, needed_by=day, account=account, blockers=blockers)
    owner = company.people["product"]
    sso = company.initiative(
        "SSO", work=[(company.team(), 20)], solves=[pain], owner=owner,
        promised=[("2027-03-26", "Acme")],
    )  # fmt: skip
    return Promised(company, sso, company.people["executive"], owner)


def faults(app: Flask) -> list[str]:
    with app.app_context():
        return [line for check in CHECKS.values() for line in check()]


def dates(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        rows = db.session.execute(select(Commitment.date, Commitment.to).order_by(Commitment.date))
        return [(day.isoformat(), to) for day, to in rows]


def last(app: Flask) -> Tradeoff:
    with app.app_context():
        return db.session.scalars(select(Tradeoff).order_by(Tradeoff.id.desc())).first() or (
            pytest.fail("no trade-off")
        )


def take_back(priya: CheckingClient, promised: Promised) -> Page:
    return priya.get(f"/initiatives/{promised.sso}").submit(WITHDRAWAL)


def test_what_counted_on_it_is_shown_before_it_is_taken_back(
    app: Flask, priya: CheckingClient, promised: Promised
) -> None:
    before = everything(app)
    page = take_back(priya, promised)
    assert page.text_of(".preview-sentence") == (
        "Taking back the promise of “SSO” to Acme for 26 Mar 2027: $200K (2 open deals) counted "
        "on it."
    )
    part = ".preview-part:has(h3:-soup-contains('counted on it'))"
    assert page.texts_of(f"{part} li a") == ["In spring", "In June"]
    assert "1 deal of unknown amount counts as 0" in page.text_of(part)
    assert "was promised “SSO”" in page.text
    assert "a promise is taken back or made for later" in page.text_of("#commit-form")
    assert everything(app) == before


def test_nobody_takes_it_back_without_owner_sponsor_and_reason(
    app: Flask, priya: CheckingClient, promised: Promised
) -> None:
    page = take_back(priya, promised)
    before = everything(app)
    for given, lacks in (
        ({"reason": "They asked for less"}, "Name the executive who sponsors this."),
        ({"sponsor": promised.sponsor}, "Say why, for those who will ask."),
    ):
        answer = page.submit("#commit-form", **given)
        assert answer.status_code == 422
        assert lacks in answer.text
    assert everything(app) == before


def test_the_ledger_keeps_who_took_what_back_and_what_had_counted_on_it(
    app: Flask, priya: CheckingClient, promised: Promised
) -> None:
    take_back(priya, promised).submit(
        "#commit-form", reason="They asked for less", sponsor=promised.sponsor
    )
    assert dates(app) == []
    entry = last(app)
    assert (entry.kind, entry.owner_id, entry.sponsor_id, entry.reason) == (
        "promise", promised.owner, promised.sponsor, "They asked for less",
    )  # fmt: skip
    assert (entry.withdrawn_count, entry.relied_count, entry.relied_amount) == (1, 2, 200_000_00)
    with app.app_context():
        kept = db.session.scalars(select(MovedPromise)).one()
        assert (kept.direction, kept.to, kept.title) == ("withdrawn", "Acme", "SSO")
        deals = db.session.scalars(select(MovedDeal).order_by(MovedDeal.deal_id)).all()
        assert [(deal.name, deal.direction) for deal in deals] == [
            ("In spring", "relied"), ("In June", "relied"),
        ]  # fmt: skip
    assert faults(app) == []
    ledger = priya.get("/tradeoffs")
    (row,) = ledger.rows_of("table")
    assert row["Promises broken"] == "1"
    assert "counted on it" in row["What it did"]
    page = priya.get(f"/tradeoffs/{entry.id}")
    assert "Acme" in page.text_of("table:has(caption:-soup-contains('Promises taken back'))")
    assert "In June" in page.text_of("table:has(caption:-soup-contains('Counted on'))")
    assert "Nothing got worse" not in page.text
    table = priya.get("/tradeoffs.csv").lines()
    assert table[0].endswith(
        "commitments_taken_back,deals_that_counted_on_them,amount_that_counted_on_them,"
        "commitments_worsened"
    )
    assert table[1].endswith(",1,2,200000.00,0")


def test_reverting_promises_it_again_as_the_same_person(
    app: Flask, priya: CheckingClient, promised: Promised
) -> None:
    with app.app_context():
        db.session.scalars(select(Commitment)).one().by_id = promised.sponsor
        db.session.commit()
    take_back(priya, promised).submit("#commit-form", reason="No", sponsor=promised.sponsor)
    taken = last(app).id
    page = priya.get(f"/tradeoffs/{taken}").follow("Preview reverting it")
    assert "Promising “SSO” to Acme for 26 Mar 2027" in page.text_of(".preview-sentence")
    page.submit("#commit-form")
    assert last(app).reverts_id == taken
    assert dates(app) == [("2027-03-26", "Acme")]
    with app.app_context():
        assert db.session.scalars(select(Commitment.by_id)).one() == promised.sponsor
    assert faults(app) == []
    again = priya.get(f"/tradeoffs/{last(app).id}").follow("Preview reverting it")
    assert "$200K (2 open deals) counted on it" in again.text_of(".preview-sentence")


def change(priya: CheckingClient, promised: Promised, **values: object) -> Page:
    page = priya.get(f"/initiatives/{promised.sso}").follow("Change the promise to Acme")
    return page.submit("main form[method=post]", **values)


def test_an_earlier_date_is_saved_at_once_and_leaves_no_entry(
    app: Flask, priya: CheckingClient, promised: Promised
) -> None:
    number = last(app).id
    page = change(priya, promised, day="2027-03-19")
    assert page.path == f"/initiatives/{promised.sso}"
    assert dates(app) == [("2027-03-19", "Acme")]
    assert last(app).id == number
    page = priya.get(f"/initiatives/{promised.sso}/promises")
    page.submit("main form[method=post]", day="2027-05-28", to="Globex")
    assert last(app).id == number


def test_a_later_date_is_a_trade_off_for_those_who_need_it_before(
    app: Flask, priya: CheckingClient, promised: Promised
) -> None:
    page = change(priya, promised, day="2027-05-28")
    assert page.text_of(".preview-sentence") == (
        "Moving the date of “SSO” that Acme was promised from 26 Mar 2027 to 28 May 2027: $200K "
        "(1 open deal) counted on it."
    )
    assert dates(app) == [("2027-03-26", "Acme")]
    page.submit("#commit-form", reason="They move in June", sponsor=promised.sponsor)
    assert dates(app) == [("2027-05-28", "Acme")]
    assert (last(app).withdrawn_count, last(app).relied_count) == (1, 1)
    page = priya.get(f"/tradeoffs/{last(app).id}").follow("Preview reverting it")
    page.submit("#commit-form")
    assert dates(app) == [("2027-03-26", "Acme")]
    assert faults(app) == []


def test_another_holder_takes_it_from_the_first(
    app: Flask, priya: CheckingClient, promised: Promised
) -> None:
    page = change(priya, promised, to="Globex")
    assert "instead of to Acme" in page.text_of(".preview-sentence")
    page.submit("#commit-form", reason="Acme left", sponsor=promised.sponsor)
    assert dates(app) == [("2027-03-26", "Globex")]


def test_one_that_was_changed_meanwhile_is_not_taken_back(
    app: Flask, priya: CheckingClient, promised: Promised
) -> None:
    page = take_back(priya, promised)
    change(priya, promised, day="2027-03-19")
    before = everything(app)
    answer = page.submit("#commit-form", reason="No", sponsor=promised.sponsor)
    assert answer.status_code == 409
    assert everything(app) == before


def test_who_may_not_commit_sees_the_price_alone(
    app: Flask, ada: CheckingClient, promised: Promised
) -> None:
    page = take_back(ada, promised)
    assert "$200K" in page.text_of(".preview-sentence")
    assert not page.has("#commit-form")
    assert dates(app) == [("2027-03-26", "Acme")]


def test_calling_it_a_candidate_again_is_owned_while_it_promises_a_date(
    app: Flask, priya: CheckingClient, promised: Promised
) -> None:
    number = last(app).id
    page = priya.get(f"/initiatives/{promised.sso}")
    page.submit("form[action$='/state']", state="committed")
    assert last(app).id == number
    page = priya.get(f"/initiatives/{promised.sso}")
    page = page.submit("form[action$='/state']", state="candidate")
    assert "1 date that it promised still stands" in page.text_of(".preview-sentence")
    assert not page.has("#commit-form [name=sponsor]")
    assert page.submit("#commit-form", reason="").status_code == 422
    page.submit("#commit-form", reason="Nobody works on it")
    entry = last(app)
    assert (entry.kind, entry.reason) == ("state", "Nobody works on it")
    assert faults(app) == []
