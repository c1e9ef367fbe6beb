"""Every figure of every report is what plain loops over the deals find, whatever the filters."""

import random
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from flask import Flask

from roadmap.market import kept
from roadmap.planning import picture
from roadmap.reports import (
    cohorts,
    dimensions,
    false_losses,
    reasons,
    segments,
    selection,
    together,
    trends,
)
from roadmap.reports.catalogue import KINDS
from roadmap.reports.filters import Filters
from tests.reports import companies, naive
from tests.support.client import CheckingClient

KEYS: dict[str, naive.Key] = {
    "segment": lambda deal: deal.account and deal.account.segment,
    "industry": lambda deal: (deal.account and deal.account.industry) or None,
    "region": lambda deal: deal.account and deal.account.region,
    "product": lambda deal: deal.product,
    "rep": lambda deal: deal.owner,
    "route": lambda deal: deal.account and deal.account.attributes.get("route"),
    "campaign": lambda deal: deal.attributes.get("campaign"),
}
DAYS = (companies.TODAY, date(2026, 8, 31), date(2026, 2, 28), date(2025, 11, 1))


class Question(NamedTuple):
    asked: Filters
    by: str

    @property
    def since(self) -> date | None:
        window = self.asked.window
        if not isinstance(window, int):
            return None
        return naive.months_earlier(self.asked.as_of, window)

    def passes(self, deal: naive.Deal) -> bool:
        asked, account = self.asked, deal.account
        wanted = {"none": None}.get(str(asked.segment), asked.segment)
        return (
            (not asked.segment or (account and account.segment) == wanted)
            and (not asked.product or deal.product == asked.product)
            and (not asked.rep or deal.owner == {"none": None}.get(str(asked.rep), asked.rep))
            and (not asked.fit or (account is not None and account.fit >= asked.fit))
            and all(KEYS[name](deal) == value for name, value in asked.attributes)
        )

    def deals(self, company: list[naive.Deal]) -> list[naive.Deal]:
        """Those that pass, with the reasons from the source that is asked for alone."""
        source = self.asked.source
        return [
            naive.Deal(
                **{
                    **vars(deal),
                    "reasons": [r for r in deal.reasons if not source or r.source == source],
                }
            )
            for deal in company
            if self.passes(deal)
        ]


def question(chance: random.Random) -> Question:
    attributes = chance.choice(
        [(), (), (("region", "Europe"),), (("route", "partner"),), (("campaign", "spring"),)]
    )
    asked = Filters(
        chance.choice(DAYS),
        segment=chance.choice([None, None, None, None, 1, "none"]),
        product=chance.choice(["", "", "", "", "Platform"]),
        rep=chance.choice([None, None, None, None, 2, "none"]),
        fit=chance.choice([None, None, None, 50]),
        window=chance.choice([None, None, "all", 3, 12]),
        source=chance.choice(["", "", "rep", "interview"]),
        attributes=attributes,
    )
    return Question(asked, chance.choice(list(KEYS)))


def check_segments(company: list[naive.Deal], q: Question) -> None:
    dimension = dimensions.dimension(q.by)
    if dimension is None:
        return
    report = segments.report(q.asked, dimension)
    expected = naive.by_state(q.deals(company), q.asked.as_of, q.since, KEYS[q.by])
    found = {
        (line.key, state): (tally.deals, tally.amount, tally.unknown)
        for line in report.lines
        for state, tally in (("won", line.won), ("lost", line.lost), ("open", line.open))
        if tally.deals
    }
    assert found == {k: s.figures for k, s in expected.items() if k[1] != "undated"}
    lost, won = report.total.lost.deals, report.total.won.deals
    assert (lost, won) == tuple(
        sum(s.deals for (_, state), s in expected.items() if state == which)
        for which in ("lost", "won")
    )
    for line in report.lines:
        if line.closed:
            assert line.interval is not None
            ends = naive.wilson(line.lost.deals, line.closed)
            assert (float(line.interval.low), float(line.interval.high)) == pytest.approx(ends)
        if lost + won:
            overall = lost / (lost + won)
            assert line.verdict == naive.verdict(line.lost.deals, line.won.deals, overall)
    check_coverage(report.coverage, naive.lost_deals(q.deals(company), q.asked.as_of, q.since))


def check_coverage(covered: Any, lost: list[naive.Deal]) -> None:
    heard = [deal for deal in lost if naive.verified(deal)]
    amounts = [sum(deal.amount or 0 for deal in some) for some in (heard, lost)]
    unknown = sum(deal.amount is None for deal in lost)
    assert tuple(covered) == (len(heard), len(lost), *amounts, unknown)


def check_reasons(company: list[naive.Deal], q: Question) -> None:
    dimension = dimensions.dimension(q.by)
    if dimension is None:
        return
    report = reasons.report(q.asked, dimension)
    lost = naive.lost_deals(q.deals(company), q.asked.as_of, q.since)
    found = {
        (line.key, column): (cell.shares, cell.amount, cell.unknown)
        for line in report.lines
        for column, cell in line.cells.items()
        if cell.deals
    }
    assert found == {k: s.figures for k, s in naive.by_bucket(lost, KEYS[q.by]).items()}
    table = {
        pair: (cell.shares, cell.amount, cell.unknown)
        for pair, cell in report.agreement.items()
        if cell.deals
    }
    assert table == {pair: s.figures for pair, s in naive.agreement(lost).items()}
    assert sum(cell.shares for cell in report.agreement.values()) == report.both.deals
    assert sum(cell.shares for cell in report.total.cells.values()) == len(lost)
    assert report.false.deals == sum(map(naive.is_false_loss, lost))
    assert report.hidden.deals == sum(map(naive.is_hidden, lost))
    check_coverage(report.coverage, lost)


def check_selection(company: list[naive.Deal], q: Question) -> None:
    asked = q.asked
    report = selection.report(asked, picture.current())
    since = naive.months_earlier(asked.as_of, asked.window or 6) if (
        asked.window != "all") else None  # fmt: skip
    # Which ties count is decided by all reasons, whatever source is asked for.
    deals = [deal for deal in company if q.passes(deal)]
    rows, total = naive.at_risk(deals, asked.as_of, since, asked.source)
    assert {line.id: figures(line.sums) for line in report.lines} == {
        problem: expected(risk) for problem, risk in rows.items()
    }
    assert figures(report.total) == expected(total)


def figures(sums: selection.Sums) -> tuple[Any, ...]:
    return (
        (sums.open_count, sums.open_amount, sums.open_unknown), sums.open_weighted,
        (sums.lost_count, sums.lost_amount, sums.lost_unknown), sums.lost_weighted,
        sums.sole_count, sums.sole_amount, sums.heard, sums.accounts,
    )  # fmt: skip


def expected(risk: naive.Risk) -> tuple[Any, ...]:
    return (
        risk.open.figures, risk.open_weighted, risk.lost.figures, risk.lost_weighted,
        risk.sole.deals, risk.sole.amount, risk.heard, len(risk.accounts),
    )  # fmt: skip


def check_trend(company: list[naive.Deal], q: Question) -> None:
    asked = q.asked
    months = asked.window if isinstance(asked.window, int) else 6
    lost = [
        deal
        for deal in q.deals(company)
        if naive.state(deal, asked.as_of, None) == "lost" and deal.closed is not None
    ]
    whole = Fraction(1)
    by_bucket = naive.trend(lost, asked.as_of, months, lambda d: naive.split(naive.effective(d)))
    check_lines(trends.report(asked, "bucket"), by_bucket, months)
    if dimensions.dimension(q.by) is not None:
        by_key = naive.trend(lost, asked.as_of, months, lambda d: {KEYS[q.by](d): whole})
        check_lines(trends.report(asked, q.by), by_key, months)
    every = {deal.id: deal for deal in company}
    by_problem = naive.trend(
        lost,
        asked.as_of,
        months,
        lambda d: {
            problem: whole
            for problem, sources in naive.counting_problems(every[d.id], "lost").items()
            if not asked.source or asked.source in sources
        },
    )
    check_lines(trends.report(asked, "problem"), by_problem, months)


def check_lines(report: trends.Report, lines: dict[Any, list[naive.Sum]], months: int) -> None:
    assert len(report.period.months) == months == len(report.total.counts)
    assert {line.key for line in report.lines} == set(lines)
    for line in report.lines:
        sums = lines[line.key]
        assert list(line.series.counts) == [each.deals for each in sums[months:]]
        assert list(line.series.amounts) == [each.amount for each in sums[months:]]
        assert line.series.by_count.before == sum(each.deals for each in sums[:months])
        assert line.series.by_amount.before == sum(each.amount for each in sums[:months])


def check_false_losses(company: list[naive.Deal], q: Question) -> None:
    report = false_losses.report(q.asked, picture.current())
    deals = [deal for deal in company if q.passes(deal)]
    lost = naive.lost_deals(deals, q.asked.as_of, q.since)
    false = [deal for deal in lost if naive.is_false_loss(deal)]
    assert report.total.deals == len(false)
    assert report.total.amount == sum(deal.amount or 0 for deal in false)
    assert report.hidden.deals == sum(map(naive.is_hidden, lost))
    by_rep = [
        deal
        for deal in false
        if any(r.bucket == "product" and r.source == "rep" for r in deal.reasons)
    ]
    assert report.by_rep.deals == len(by_rep)
    assert {claim.owner_id: claim.deals for claim in report.claims} == {
        owner: sum(deal.owner == owner for deal in false) for owner in {d.owner for d in false}
    }


def check_cohorts(company: list[naive.Deal], q: Question) -> None:
    asked = q.asked._replace(window="all")
    report = cohorts.report(asked, "month")
    day = asked.as_of
    sums: dict[tuple[int, int], dict[str, list[naive.Deal]]] = {}
    for deal in q.deals(company):
        its_state = naive.state(deal, day, None)
        if its_state is not None and deal.opened is not None and deal.opened <= day:
            month = (deal.opened.year, deal.opened.month)
            sums.setdefault(month, {}).setdefault(its_state, []).append(deal)
    found = {
        (each.first // 12, each.first % 12 + 1): {
            state: (tally.deals, tally.amount)
            for state, tally in (("won", each.won), ("lost", each.lost), ("open", each.open))
            if tally.deals
        }
        for each in report.cohorts
    }
    assert found == {
        month: {
            state: (len(some), sum(deal.amount or 0 for deal in some))
            for state, some in states.items()
        }
        for month, states in sums.items()
    }
    for each in report.cohorts:
        states = sums[each.first // 12, each.first % 12 + 1]
        by_age = [
            deal
            for deal in states.get("lost", [])
            if deal.closed is not None and months_between(deal) <= 6
        ]
        assert each.lost_by_age[6] == len(by_age)


def months_between(deal: naive.Deal) -> int:
    assert deal.opened is not None
    assert deal.closed is not None
    years = deal.closed.year - deal.opened.year
    return years * 12 + deal.closed.month - deal.opened.month


CHECKS: list[Callable[[list[naive.Deal], Question], None]] = [
    check_segments, check_reasons, check_selection, check_trend, check_false_losses, check_cohorts,
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_all_reports_of_a_random_company_are_those_of_plain_loops(
    app: Flask, random_company: Callable[[int], list[naive.Deal]], seed: int
) -> None:
    company = random_company(seed)
    chance = random.Random(seed)
    for _ in range(10):
        asked = question(chance)
        with app.test_request_context("/reports"):
            picture.current()
        for check in CHECKS:
            with app.test_request_context("/reports"):
                check(company, asked)


@pytest.mark.parametrize("seed", range(3))
def test_the_index_reads_together_what_each_report_counts_alone(
    app: Flask, random_company: Callable[[int], list[naive.Deal]], seed: int
) -> None:
    company = random_company(seed)
    for day in DAYS:
        asked = Question(Filters(day), "segment")
        with app.test_request_context("/reports"), together.reading_all(asked.asked):
            for check in CHECKS:
                check(company, asked)


@pytest.mark.parametrize("address", ["", "?as_of=2026-08-31", "?region=Europe", "?window=12"])
def test_the_index_says_what_the_reports_say(
    app: Flask, elias: CheckingClient, random_company: Callable[[int], list[naive.Deal]],
    address: str,
) -> None:  # fmt: skip
    random_company(2)
    found = elias.get(f"/reports{address}").texts_of(".report-card-finding")
    app.extensions.pop(kept.KEY)
    alone = [elias.get(f"/reports/{name}{address}").text_of("#finding") for name in KINDS]
    assert found == alone


def test_the_index_groups_nothing_in_another_way(
    elias: CheckingClient, random_company: Callable[[int], list[naive.Deal]]
) -> None:
    """What the address of a report says of its grouping would mean another thing to each."""
    random_company(2)
    asked = elias.get("/reports?by=problem").texts_of(".report-card-finding")
    assert asked == elias.get("/reports").texts_of(".report-card-finding")
    assert not any("“" in finding for finding in asked if finding.startswith("Losses"))
