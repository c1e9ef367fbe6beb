"""A segment's answer: kept with the figures of its moment, and asked for again when they move."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import SegmentAnswer
from tests.reports.test_pages import enterprise_loses
from tests.support.client import CheckingClient, Page
from tests.support.company import Company

ANSWER = {"answer": "double down", "reason": "They are who we build for.", "until": "2027-06-30"}


def decision(page: Page) -> str:
    return page.rows_of("table.sheet")[0]["Decision"]


def kept(app: Flask) -> list[SegmentAnswer]:
    with app.app_context():
        return list(db.session.scalars(select(SegmentAnswer).order_by(SegmentAnswer.id)))


def test_an_answer_stands_beside_the_figures_that_it_was_given_on(
    app: Flask, elias: CheckingClient, company: Company
) -> None:
    enterprise_loses(company)
    form = elias.get("/reports/segments").follow("Pivot or double down? on Enterprise")
    page = form.submit("#answer-form", **ANSWER)
    assert page.path == "/reports/segments"
    assert decision(page).startswith("Double down Elias Berg, until 30 Jun 2027")
    assert "Ask again" not in decision(page)
    (row,) = kept(app)
    assert (row.won_count, row.lost_count, row.verdict, row.fit) == (4, 16, "losing here", 80)
    assert (row.lost_amount, row.as_of) == (16 * 100_000_00, date(2027, 1, 11))


def test_a_later_answer_takes_its_place_and_the_earlier_one_stays(
    app: Flask, elias: CheckingClient, company: Company
) -> None:
    segment = enterprise_loses(company)
    for answer in ("pivot", "leave"):
        elias.get(f"/reports/segments/{segment}/answer").submit(
            "#answer-form", **{**ANSWER, "answer": answer}
        )
    assert [row.answer for row in kept(app)] == ["pivot", "leave"]
    page = elias.get(f"/reports/segments/{segment}/answer")
    assert page.texts_of("tbody th") == ["Leave", "Pivot"]


def test_it_asks_again_when_the_figures_have_moved(elias: CheckingClient, company: Company) -> None:
    segment = enterprise_loses(company)
    elias.get(f"/reports/segments/{segment}/answer").submit("#answer-form", **ANSWER)
    better = company.account("Bigger", 80, segment)
    for _ in range(30):
        company.deal(account=better, status="won", close_date="2027-01-05")
    said = decision(elias.get("/reports/segments"))
    assert "Ask again" in said
    assert "it was “losing here” then" in said


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("answer", None, "Choose one."),
        ("reason", " ", "Say why"),
        ("until", "2027-01-10", "Choose a day that is still to come."),
        ("until", "", "Choose the day on which to ask again."),
    ],
)
def test_an_answer_without_its_parts_is_refused(
    app: Flask, elias: CheckingClient, company: Company, field: str, value: str | None,
    complaint: str,
) -> None:  # fmt: skip
    segment = enterprise_loses(company)
    form = elias.get(f"/reports/segments/{segment}/answer")
    page = form.submit("#answer-form", **{**ANSWER, field: value})
    assert page.status_code == 422
    assert complaint in page.text_of("main")
    assert kept(app) == []


def test_a_rep_reads_the_answer_and_has_no_form(rosa: CheckingClient, company: Company) -> None:
    segment = enterprise_loses(company)
    page = rosa.get(f"/reports/segments/{segment}/answer")
    assert not page.has("#answer-form")
    assert decision(rosa.get("/reports/segments")) == "not decided"


def test_a_segment_that_is_removed_leaves_what_was_decided(
    app: Flask, priya: CheckingClient, company: Company
) -> None:
    segment = company.segment("Short-lived")
    priya.get(f"/reports/segments/{segment}/answer").submit("#answer-form", **ANSWER)
    page = priya.get("/segments")
    page.submit(f"form[action='/segments/{segment}/removal']")
    (row,) = kept(app)
    assert (row.segment_id, row.segment_name) == (None, "Short-lived")
    assert priya.get("/reports/segments").status_code == 200
