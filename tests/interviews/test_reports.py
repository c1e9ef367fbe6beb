"""A rep's own report: short, on their own closed deals, and kept."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Blocker, Deal, DealReport, LossReason
from tests.support.client import CheckingClient
from tests.support.company import Company
from tests.support.tables import everything


def lost(app: Flask, **columns: Any) -> tuple[Company, int, int]:
    company = Company(app)
    owner = company.owner("Quintero, Rosa", company.people["rep"])
    pain = company.problem("Sign-in is manual")
    deal = company.deal("Acme", status="lost", owner=owner, **columns)
    return company, deal, pain


def claims(app: Flask) -> list[tuple[Any, ...]]:
    with app.app_context():
        ties = db.session.execute(
            select(Blocker.problem_id, Blocker.source, Blocker.words, Blocker.counts)
        )
        others = db.session.execute(select(LossReason.bucket, LossReason.source, LossReason.words))
        return [*map(tuple, ties), *map(tuple, others)]


def test_four_questions_after_a_loss_make_a_claim(app: Flask, rosa: CheckingClient) -> None:
    company, deal, pain = lost(app, lost_to="unknown")
    page = rosa.get(f"/deals/{deal}").follow("Report on it")
    assert page.text_of("h1") == "How we lost it"
    page = page.submit(
        "#report", against="competitor", competitor="Globex", bucket="product",
        problem="Sign-in is manual", quote="“No SAML.”", decided_by="A date in writing",
    )  # fmt: skip
    assert page.path == f"/deals/{deal}"
    assert "a competitor: Globex" in page.text_of("#interviews")
    assert "unknown" in page.text_of("#interviews")
    assert claims(app) == [(pain, "rep", "“No SAML.”", True)]
    assert company.wrong_totals() == []
    with app.app_context():
        assert db.session.get_one(Deal, deal).lost_to == "unknown"


def test_three_questions_after_a_win_claim_nothing(app: Flask, rosa: CheckingClient) -> None:
    company = Company(app)
    owner = company.owner("Quintero, Rosa", company.people["rep"])
    deal = company.deal("Acme", status="won", owner=owner)
    page = rosa.get(f"/deals/{deal}/report")
    assert page.text_of("h1") == "How we won it"
    assert not page.has("[name=quote]")
    page.submit("#report", against="nobody", bucket="price", decided_by="The pilot")
    assert claims(app) == []
    with app.app_context():
        kept = db.session.scalars(select(DealReport)).one()
        assert (kept.outcome, kept.against, kept.bucket) == ("won", "nobody", "price")


def test_not_knowing_is_an_answer_and_no_answer_is_none(app: Flask, rosa: CheckingClient) -> None:
    _, deal, _ = lost(app)
    page = rosa.get(f"/deals/{deal}/report")
    before = everything(app)
    assert page.submit("#report").status_code == 422
    assert everything(app) == before
    assert page.submit("#report", against="unknown", bucket="unknown").path == f"/deals/{deal}"
    assert claims(app) == []


def test_a_new_report_replaces_the_claim_and_keeps_the_old_words(
    app: Flask, rosa: CheckingClient
) -> None:
    company, deal, _pain = lost(app)
    first = rosa.get(f"/deals/{deal}/report")
    first.submit(
        "#report", against="unknown", bucket="product", problem="Sign-in is manual", quote="First"
    )
    page = rosa.get(f"/deals/{deal}").follow("Change the report")
    assert page.value_of("[name=bucket][checked]") == "product"
    page.submit("#report", bucket="price", problem="", quote="Second")
    assert claims(app) == [("price", "rep", "Second")]
    assert "First" in rosa.get(f"/deals/{deal}/report").text_of("details.fold")
    late = first.submit("#report", against="unknown", bucket="process", decided_by="Late")
    assert late.status_code == 409
    assert str(late.value_of("[name=decided_by]")).strip() == "Late"
    assert claims(app) == [("price", "rep", "Second")]
    assert company.wrong_totals() == []


def test_what_was_claimed_before_by_hand_is_not_claimed_twice(
    app: Flask, rosa: CheckingClient
) -> None:
    _, deal, _pain = lost(app)
    page = rosa.get(f"/deals/{deal}")
    page.submit("#claimed", bucket="price", note="By hand")
    report = {"against": "unknown", "quote": "Again"}
    rosa.get(f"/deals/{deal}/report").submit("#report", bucket="price", **report)
    assert claims(app) == [("price", "rep", "By hand")]
    rosa.get(f"/deals/{deal}/report").submit(
        "#report", bucket="product", problem="Sign-in is manual", **report
    )
    assert ("price", "rep", "By hand") in claims(app)


def test_a_rep_reports_on_their_own_closed_deals_alone(
    app: Flask, rosa: CheckingClient, elias: CheckingClient
) -> None:
    company, deal, _ = lost(app)
    other = company.deal("Other", status="lost")
    mine = company.deal("Open", owner=company.owner("Quintero, Rosa"))
    assert rosa.get(f"/deals/{other}/report").status_code == 403
    assert rosa.get(f"/deals/{mine}/report").status_code == 404
    assert rosa.get("/deals/999/report").status_code == 404
    assert elias.get(f"/deals/{deal}/report").status_code == 403
