"""What the demo company's reports tell, whatever day it is loaded on."""

from datetime import date

import pytest
from flask import Flask

from roadmap.demo import company
from roadmap.domain.standing import LOSING, NEITHER, TOO_FEW, WINNING
from roadmap.reports import answers
from roadmap.reports.catalogue import KINDS
from roadmap.reports.filters import Filters
from tests.demo.test_story import DAYS, sqlite, told_on
from tests.support import databases
from tests.support.client import CheckingClient

__all__ = ["sqlite"]


@pytest.mark.parametrize("day", DAYS[::3])
def test_the_reports_tell_the_same_on_every_day(day: str, sqlite: databases.SQLite) -> None:
    with told_on(day, sqlite) as app, app.test_request_context("/reports"):
        asked = Filters(date.fromisoformat(day))
        segments = KINDS["segments"].report(asked, "segment")
        found = {line.label: line for line in segments.lines}
        assert {name: found[name].verdict for name in LINES} == LINES
        grids = found[company.UTILITIES]
        assert grids.closed >= 10
        assert grids.interval.low > segments.total.rate
        finding = KINDS["segments"].finding(segments)
        assert finding.startswith("Utilities and networks: 74 % lost over 38 deals, far above 53 %")
        assert "inside the profile: pivot or double down?" in finding
        trend = KINDS["trend"].report(asked, "segment")
        whole = trend.total.by_count
        assert whole.difference**2 > 4 * (whole.now + whole.before), "the rise may be chance"
        assert not trend.total.by_amount.rests_on_one_deal
        assert any(line.series.by_amount.rests_on_one_deal for line in trend.lines)
        grown = {line.label: line.series.by_count for line in trend.lines}[company.UTILITIES]
        assert grown.difference > grown.largest
        cohorts = KINDS["cohorts"].report(asked, "quarter").cohorts
        at_six = [each.lost_at(6, asked.as_of) for each in cohorts]
        shares = [share for share in at_six if share is not None]
        assert shares[-1] > shares[-2] + 0.1
        assert min(shares) < 0.5 < shares[-1]


LINES = {
    company.UTILITIES: LOSING, company.MANUFACTURING: WINNING, company.FACILITIES: NEITHER,
    company.CLINICS: TOO_FEW,
}  # fmt: skip


def test_one_answer_stands_and_another_is_asked_for_again(demo_app: Flask) -> None:
    with demo_app.test_request_context("/reports"):
        again = {each.row.segment_name: each.again for each in answers.latest().values()}
    assert again == {
        company.UTILITIES: "it was “no clear difference” then and is “losing here” now",
        company.MIDMARKET: "",
    }


def test_the_page_opens_with_the_segment_that_is_lost(demo_client: CheckingClient) -> None:
    page = demo_client.sign_in("elias@demo.example").get("/reports/segments")
    assert page.text_of("#finding").startswith("Utilities and networks: 74 % lost over 38 deals")
    rows = {row["Segment"]: row for row in page.rows_of("table.sheet")}
    assert rows["Utilities and networks"]["Verdict"] == "losing here"
    assert "Ask again" in rows["Utilities and networks"]["Decision"]
    assert rows["Clinics and care homes"]["Verdict"] == "too few to tell"
