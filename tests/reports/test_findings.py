"""A finding never says more than its own table: no rise, leader or share that is not there."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import literal

from roadmap.domain import cohorts as domain_cohorts
from roadmap.domain.cohorts import Outcome
from roadmap.domain.splits import COLUMNS, Said, Weights
from roadmap.domain.trend import Part, period, series
from roadmap.domain.winloss import BUCKETS
from roadmap.market.solvers import Solver
from roadmap.reports import (
    cohorts,
    false_losses,
    findings,
    reasons,
    segments,
    selection,
    tables,
    together,
    trends,
    wording,
)
from roadmap.reports.dimensions import Dimension
from roadmap.reports.facts import Coverage, Lost
from roadmap.reports.filters import Filters
from roadmap.reports.segments import Tally
from tests.reports.companies import TODAY
from tests.support.company import Company

BY = Dimension("industry", "Industry", literal(1), True)
NAMES = {"product": "Product", "price": "Price", "process": "Process", "presence": "Presence"}
COUNTS = st.one_of(st.integers(0, 30), st.integers(0, 3_000))
CENTS = st.one_of(st.just(0), st.integers(0, 10**12))
NOTHING = Coverage(0, 0, 0, 0, 0)

each_company = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def currency(app: Flask, company: Company) -> Iterator[None]:
    """Amounts are written in the workspace's currency."""
    with app.test_request_context("/reports"):
        yield


Row = dict[str, Any]


def rows_of(table: tables.Table) -> tuple[list[Row], Row]:
    """The table's lines, and its total."""
    *lines, total = [dict(zip(table.header, row, strict=True)) for row in table.rows]
    return lines, total


def number(text: str) -> int:
    return int(text.replace(",", ""))


# --- how shares are written


@given(st.fractions(0, 1))
def test_only_nothing_is_0_and_only_all_is_100_per_cent(share: Fraction) -> None:
    text = wording.percent(share)
    assert (text == "0 %") == (share == 0)
    assert (text == "100 %") == (share == 1)
    if text == "under 1 %":
        assert share < Fraction(1, 100)
    elif text == "over 99 %":
        assert share > Fraction(99, 100)
    else:
        assert abs(Fraction(text.removesuffix(" %")) / 100 - share) <= Fraction(1, 200)


# --- segments


@st.composite
def segment_reports(draw: st.DrawFn) -> segments.Report:
    rows = draw(st.lists(st.tuples(COUNTS, COUNTS, st.integers(0, 100)), min_size=1, max_size=6))
    won, lost = sum(row[0] for row in rows), sum(row[1] for row in rows)
    overall = Fraction(lost, won + lost) if won + lost else None

    def line(key: str | None, label: str, one: int, other: int, fit: Fraction) -> segments.Line:
        return segments.Line(
            key, label, Tally(one, one), Tally(other, other), Tally(), 0, fit, 1, overall
        )

    lines = [
        line(None if place == 5 else f"G{place}", f"G{place}", *row[:2], Fraction(row[2] * 2, 2))
        for place, row in enumerate(rows)
    ]
    total = line(None, "Total", won, lost, Fraction(50))
    profiled = draw(st.booleans())
    return segments.Report(Filters(TODAY), BY, None, tuple(lines), total, NOTHING, profiled)


@given(segment_reports())
def test_a_segment_is_said_to_lose_or_win_as_its_verdict_has_it(report: segments.Report) -> None:
    said = findings.of_segments(report)
    lines, total = rows_of(tables.of_segments(report))
    by_name = {row["Industry"]: row for row in lines}
    verdicts = {row["Verdict"] for row in lines}
    for name, share in re.findall(r"(G\d) \(([^)]*%)\)", said):
        assert by_name[name]["Verdict"] == "losing here"
        assert share == wording.percent(rate(by_name[name]))
    losing = re.match(r"(G\d): (.*) lost over ([\d,]+) deals, (.*) overall", said)
    if losing:
        row = by_name[losing[1]]
        assert row["Verdict"] == "losing here"
        assert losing[2] == wording.percent(rate(row))
        assert number(losing[3]) == row["Lost deals"] + row["Won deals"]
        assert wording.percent(rate(total)) in losing[4]
        shown_apart = losing[2] != wording.percent(rate(total))
        assert losing[4].startswith(("above", "far above")) == shown_apart
        if "inside the profile" in said:
            assert report.profiled
            assert Fraction(row["Mean ICP fit (%)"]) >= 50
    elif total["Lost deals"] + total["Won deals"] >= 10:
        assert "losing here" not in verdicts
        assert ("Nowhere" in said) == ("winning here" in verdicts)
    if "no group stands out" in said:
        assert verdicts <= {"no clear difference", "too few to tell"}
        assert sum(row["Lost deals"] + row["Won deals"] > 0 for row in lines) > 1
    check_counted(said, total)


def rate(row: Row) -> Fraction | None:
    closed = row["Lost deals"] + row["Won deals"]
    return Fraction(row["Lost deals"], closed) if closed else None


def check_counted(said: str, total: Row) -> None:
    found = re.match(r"(.*) of ([\d,]+) closed deals were lost", said)
    if found:
        assert found[1] == wording.percent(rate(total))
        assert number(found[2]) == total["Lost deals"] + total["Won deals"]


# --- reasons

WEIGHTS = st.tuples(*[st.integers(0, 3)] * len(BUCKETS)).map(Weights)


@st.composite
def reason_reports(draw: st.DrawFn) -> reasons.Report:
    total = reasons.Line(None, "Total")
    found = [
        Lost("A", None, Said(*said), deals, 0 if unknown else amount, deals * unknown, amount)
        for *said, deals, amount, unknown in draw(
            st.lists(st.tuples(WEIGHTS, WEIGHTS, st.integers(1, 8), CENTS, st.booleans()))
        )
    ]
    for lost in found:
        total.add(lost)
    source = draw(st.sampled_from(["", "", "rep", "customer"]))
    return reasons.Report(
        Filters(TODAY, source=source), BY, None, [], total, reasons._agreement(found),
        reasons.summed(lost for lost in found if lost.said.has_both), Tally(), Tally(),
        together.covered(found), 0,
    )  # fmt: skip


@each_company
@given(reason_reports())
def test_the_most_frequent_reasons_are_those_of_the_total(report: reasons.Report) -> None:
    said = findings.of_reasons(report)
    _, total = rows_of(tables.of_reasons(report))
    shares = {name: report.total.cells[column].shares for column, name in NAMES.items()}
    leader = re.match(r"(.*) (?:is|are) the most frequent reasons?: (.*) of ([\d,]+) lost", said)
    if leader:
        named = set(re.split(r", | and ", leader[1]))
        most = max(shares.values())
        assert named == {name for name, share in shares.items() if share == most}
        assert {total[f"{name} deals"] for name in named} == {tables.number(most)}
        assert leader[2] == wording.percent(most / total["Lost deals"])
        assert number(leader[3]) == total["Lost deals"]
        if "$0" in said:
            assert sum(Fraction(total[f"{name} amount"]) for name in named) < 1
            assert total["Lost deals without amount"] < total["Lost deals"]
    elif total["Lost deals"] >= 10:
        part = re.match(r"For (.*) of [\d,]+ lost deals nobody gave a reason", said)
        assert part
        assert Fraction(total["Not given deals"]) >= max(shares.values())
        nothing = report.total.cells[COLUMNS[-1]].shares
        assert part[1] == wording.percent(nothing / total["Lost deals"])
    if "No customer confirmed" in said:
        assert not report.asked.source
        assert total["Deals with a verified reason"] == 0


# --- revenue at risk


@st.composite
def selection_reports(draw: st.DrawFn) -> selection.Report:
    solver = Solver(1, "SSO", "solves", "candidate", 3, date(2027, 6, 4), "")
    shipped = solver._replace(state="shipped", finish=None, forecast="shipped")
    choices = [(), (solver,), (solver._replace(finish=None, forecast="blocked"),), (shipped,)]
    lines = []
    for place in range(draw(st.integers(0, 6))):
        opened, lost = draw(st.integers(0, 3)), draw(st.integers(0, 3))
        unknown = draw(st.integers(0, opened))
        amount = draw(st.sampled_from([0, 100, 5_000_000, 123_456_789])) if unknown < opened else 0
        found = draw(st.sampled_from(choices))
        sums = selection.Sums(
            open_count=opened, open_amount=amount, open_unknown=unknown, lost_count=lost
        )
        lines.append(selection.Line(place, f"P{place}", sums, (), found, not found))
    lines.sort(key=lambda line: (-line.sums.open_amount, line.title))
    total = selection.Sums(*(sum(column) for column in zip(*(x.sums for x in lines), strict=True)))
    return selection.Report(Filters(TODAY), None, tuple(lines), total, NOTHING, 0)


@each_company
@given(selection_reports())
def test_only_problems_with_open_deals_are_waited_for(report: selection.Report) -> None:
    said = findings.of_selection(report)
    lines, total = rows_of(tables.of_selection(report))
    waiting = [row for row in lines if row["Open deals"]]
    waits = re.match(r"(.*) in ([\d,]+) open deals? waits? for ([\d,]+) problems?\.", said)
    assert bool(waits) == bool(waiting)
    if waits:
        assert number(waits[2]) == total["Open deals"]
        assert number(waits[3]) == len(waiting)
        unknown = total["Open deals"] == total["Open deals without amount"]
        assert (waits[1] == "An unknown amount") == unknown
    top = re.search(r"(The|One of the) largest (?:is) “(P\d)”", said)
    if top:
        amounts = {row["Problem"]: Fraction(row["Open amount"]) for row in waiting}
        most = max(amounts.values())
        assert amounts[top[2]] == most > 0
        assert (top[1] == "The") == (list(amounts.values()).count(most) == 1)
        row = next(row for row in lines if row["Problem"] == top[2])
        assert ("which nothing on the board solves" in said) == (row["Uncovered"] == "yes")
        forecast = re.search(r"forecast for (\d+) Jun 2027", said)
        assert bool(forecast) == (row["Forecasts"] == "2027-06-04")
    others = re.search(r"(\d+) (other )?problems? with open deals", said)
    bare = {row["Problem"] for row in waiting if row["Uncovered"] == "yes"}
    counted = number(others[1]) if others else 0
    assert counted == len(bare - ({top[2]} if top else set()))


# --- trend

DAYS = st.sampled_from([TODAY, date(2027, 1, 31), date(2026, 2, 28), date(2026, 12, 1)])


@st.composite
def trend_reports(draw: st.DrawFn) -> trends.Report:
    day = draw(DAYS)
    shown = period(day, draw(st.sampled_from([3, 6])))
    months = st.sampled_from((*shown.before, *shown.months))
    shares = st.sampled_from([Fraction(1), Fraction(1, 3), Fraction(1, 2)])
    amounts = st.sampled_from([0, 100, 5_000_000, 5_000_100, 900_000_000])
    deals = draw(st.lists(st.tuples(months, shares, amounts), max_size=60))
    parts: dict[str, list[Part]] = {"Product": [], "Price": [], "Process": []}
    whole = []
    for month, share, amount in deals:
        one, other = draw(st.sampled_from([("Product", "Price"), ("Price", "Process")]))
        for name, part in ((one, share), (other, 1 - share)):
            if part:
                parts[name].append(Part(month, part, amount * part, part, amount * part))
        whole.append(Part(month, Fraction(1), Fraction(amount), Fraction(1), Fraction(amount)))
    lines = [trends.Line(name, name, series(some, shown)) for name, some in parts.items()]
    unknown = len(deals) if draw(st.booleans()) and not any(deal[2] for deal in deals) else 0
    return trends.Report(
        Filters(day), draw(st.sampled_from(["bucket", "problem"])), "Reason", shown, tuple(lines),
        series(whole, shown), NOTHING, unknown, 0,
    )  # fmt: skip


@each_company
@given(trend_reports())
def test_a_trend_rises_and_is_led_as_in_its_table(report: trends.Report) -> None:
    said = findings.of_trend(report)
    lines, total = rows_of(tables.of_trend(report))
    if Fraction(total["Deals"]) + Fraction(total["Deals before"]) < 10:
        assert "too few to call a trend" in said
        return
    counts = re.match(r"Losses (rose|fell|stayed)(?: from ([\d,]+))?(?: to| at) ([\d,]+)", said)
    assert counts
    change = Fraction(total["Change in deals"])
    assert counts[1] == ("rose" if change > 0 else "fell" if change else "stayed")
    assert number(counts[3]) == Fraction(total["Deals"])
    assert number(counts[2] or counts[3]) == Fraction(total["Deals before"])
    for verb, sign, share in re.findall(r"(rose|fell) from \S+ to \S+ \((.)([\d,]+) %\)", said):
        assert number(share) > 0
        assert sign == {"rose": "+", "fell": "−"}[verb]
    one_deal = total["Rise in deals rests on one deal"] == "yes"
    assert (", and that rests on a single deal" in said) == one_deal
    most = max(Fraction(row["Change in deals"]) for row in lines)
    leaders = {row["Reason"] for row in lines if Fraction(row["Change in deals"]) == most}
    led = re.search(r"; ([^;]*) rose most, by ([\d.]+)", said)
    if led:
        assert set(led[1].replace("“", "").replace("”", "").split(" and ")) == leaders
        assert most > 0
        assert ("“" in led[1]) == (report.by == "problem")
    else:
        assert most <= 0 or len(leaders) > 2
    if report.asked.as_of.month != (report.asked.as_of + timedelta(days=1)).month:
        assert "is not over" not in said
    amounts = re.search(r"By amount they (rose|fell|stayed|hardly changed)", said)
    assert bool(amounts) == ("amounts are unknown" not in said)
    if amounts and amounts[1] in ("rose", "fell"):
        assert (Fraction(total["Change in amount"]) > 0) == (amounts[1] == "rose")
    loud = "That rise rests on a single deal" in said
    rose = bool(amounts) and "By amount they rose" in said
    assert loud == (rose and total["Rise in amount rests on one deal"] == "yes")


@given(trend_reports())
def test_the_busiest_months_are_all_named_or_none(report: trends.Report) -> None:
    title = findings.of_curve(report)
    counts = report.total.counts
    named = re.findall(r"[A-Z][a-z]{2} \d{4}", title)
    busiest = [count for count in counts if count == max(counts)]
    assert len(named) in (0, len(busiest))


# --- false losses


@st.composite
def false_loss_reports(draw: st.DrawFn) -> false_losses.Report:
    deals = draw(st.integers(0, 4))
    unknown = draw(st.integers(0, deals))
    total = Tally(deals, 0 if unknown == deals else draw(CENTS), unknown)
    weeks = st.sampled_from([None, Fraction(0), Fraction(1), Fraction(7, 5)])
    states = st.sampled_from(["candidate", "shipped"])
    initiatives = tuple(
        false_losses.Relieved(place, f"I{place}", draw(states), Tally(1), left, draw(weeks))
        for place, left in enumerate(draw(st.lists(st.integers(0, 2), max_size=3)))
    ) if deals else ()  # fmt: skip
    lost = draw(st.integers(deals, 9))
    covered = Coverage(draw(st.integers(deals, lost)), lost, 0, 0, 0)
    claim = false_losses.Claim(None, "Nobody", total, Tally())
    return false_losses.Report(
        Filters(TODAY), None, total, total, Tally(), (claim,) if deals else (), initiatives,
        Tally(), covered, 0,
    )  # fmt: skip


@each_company
@given(false_loss_reports())
def test_what_was_spared_is_what_no_deal_asks_for(report: false_losses.Report) -> None:
    said = findings.of_false_losses(report)
    _, total = rows_of(tables.of_false_losses(report))
    counted = re.match(r"(\d+) loss(?:es were| was) claimed as Product", said)
    assert bool(counted) == (total["False deals"] > 0)
    if not counted:
        return
    assert int(counted[1]) == total["False deals"]
    all_unknown = total["False deals"] == total["False deals without amount"]
    assert ("an unknown amount" in said) == all_unknown
    spared = [
        each for each in report.initiatives if not each.deals_left and each.state != "shipped"
    ]
    weeks = re.search(r"([\d.]+) person-weeks", said)
    if weeks:
        assert wording.shares(sum(each.weeks or 0 for each in spared)) == weeks[1]
    if "still has other deals" in said:
        assert all(each.deals_left for each in report.initiatives)
        assert report.initiatives
    assert ("spared" in said) == bool(spared)


# --- cohorts

OUTCOMES = st.lists(
    st.builds(
        Outcome,
        opened=st.integers(TODAY.year * 12 - 18, TODAY.year * 12),
        state=st.sampled_from(["won", "lost", "open"]),
        closed=st.integers(TODAY.year * 12 - 12, TODAY.year * 12),
        deals=st.integers(1, 12), amount=st.just(0), unknown=st.just(0),
    ),
    max_size=25,
)  # fmt: skip


@given(OUTCOMES, st.sampled_from([1, 3]))
def test_cohorts_are_compared_with_all_before_them_at_one_age(
    outcomes: list[Outcome], length: int
) -> None:
    made = domain_cohorts.cohorts(outcomes, length)
    report = cohorts.Report(Filters(TODAY), "month", tuple(made), 0, NOTHING)
    said = findings.of_cohorts(report)
    lines, _ = rows_of(tables.of_cohorts(report)) if made else ([], {})
    found = re.match(
        r"Of the ([\d,]+) deals opened in (.*), (.*) were lost within (\d+) months, against (.*) "
        r"of the ([\d,]+) opened (?:in|from) (.*?)(: .*)?\.$", said,
    )  # fmt: skip
    if not found:
        assert said.startswith("Too few deals")
        return
    column = f"Share lost within {found[4]} months"
    old = [row for row in lines if row[column]]
    newest, earlier = old[-1], old[:-1]
    assert (newest["Opened in"], newest["Deals"]) == (found[2], number(found[1]))
    assert found[3] == wording.percent(share_of([newest], column))
    assert found[5] == wording.percent(share_of(earlier, column))
    assert sum(row["Deals"] for row in earlier) == number(found[6])
    assert number(found[1]) >= 10
    assert number(found[6]) >= 10
    assert {earlier[0]["Opened in"], earlier[-1]["Opened in"]} == set(found[7].split(" to "))


def share_of(rows: list[Row], column: str) -> Fraction:
    """The share of all their deals that the table's shares come to."""
    lost = sum(round(Fraction(row[column]) * row["Deals"]) for row in rows)
    return Fraction(lost, sum(row["Deals"] for row in rows))
