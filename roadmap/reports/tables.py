"""Each report as a table: plain heads, full precision, a total that counts each deal once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from roadmap.domain import cohorts as domain_cohorts
from roadmap.domain.cohorts import AGES, Cohort, Outcome
from roadmap.domain.deals import LOST, OPEN, WON
from roadmap.domain.money import half_up
from roadmap.domain.splits import COLUMNS
from roadmap.domain.trend import Change, Series, month_label
from roadmap.web.csv import cents

from . import cohorts, false_losses, reasons, segments, selection, trends
from .segments import Tally
from .trends import COLUMN_NAMES

_MILLION = 1_000_000


class Table(NamedTuple):
    """The last row is the total. None is an empty cell."""

    filename: str
    header: Sequence[str]
    rows: Sequence[Sequence[object]]


def rate(value: Fraction | Decimal | None) -> str:
    """A share of 1 with six decimals, rounded half up: "0.800000"."""
    if value is None:
        return ""
    exact = half_up(Fraction(value) * _MILLION)
    sign = "-" if exact < 0 else ""
    return f"{sign}{abs(exact) // _MILLION}.{abs(exact) % _MILLION:06d}"


def number(value: Fraction | int) -> str:
    """As it is, with at most six decimals: "3", "0.5", "0.333333"."""
    return rate(Fraction(value)).rstrip("0").rstrip(".")


def money(value: Fraction | int | None) -> str:
    """Cents as a decimal: two decimals, or up to six where a split leaves parts of a cent."""
    if value is None:
        return ""
    if Fraction(value).denominator == 1:
        return cents(int(value))
    text = rate(Fraction(value) / 100)
    return text[:-4] + text[-4:].rstrip("0")


def of_segments(report: segments.Report) -> Table:
    header = (
        report.by.label,
        *_tally_head("Won"), *_tally_head("Lost"), *_tally_head("Open"),
        "Loss rate", "Interval from", "Interval to", "Verdict", "Loss rate by amount",
        "Mean ICP fit (%)", "Accounts", "Closed deals left out, without close date",
    )  # fmt: skip
    rows = [_segment_row(line, line.verdict) for line in report.lines]
    return Table("loss-by-segment.csv", header, [*rows, _segment_row(report.total, None)])


def of_reasons(report: reasons.Report) -> Table:
    header = [report.by.label, *_tally_head("Lost")]
    for column in COLUMNS:
        header += [f"{COLUMN_NAMES[column]} deals", f"{COLUMN_NAMES[column]} amount"]
    header += ["Deals with a verified reason"]
    rows = [_reason_row(line) for line in (*report.lines, report.total)]
    return Table("loss-reasons.csv", header, rows)


def of_selection(report: selection.Report) -> Table:
    header = (
        "Problem", "Open deals", "Open amount", "Open deals without amount", "Open amount × fit",
        "Lost deals", "Lost amount", "Lost deals without amount", "Lost amount × fit",
        "Open deals blocked by this alone", "Open amount blocked by this alone",
        "Open deals shared with other problems", "Open amount shared with other problems",
        "Accounts", "Segments", "Deals with a verified tie", "Verified share", "Initiatives",
        "Forecasts", "Uncovered",
    )  # fmt: skip
    rows: list[Sequence[object]] = [
        (
            line.title, *_selection_sums(line.sums)[:-2], "; ".join(line.segments),
            *_selection_sums(line.sums)[-2:],
            "; ".join(solver.title for solver in line.solvers),
            "; ".join(
                solver.finish.isoformat() if solver.finish else solver.forecast
                for solver in line.solvers
            ),
            "yes" if line.uncovered else "no",
        )
        for line in report.lines
    ]  # fmt: skip
    sums = _selection_sums(report.total)
    return Table(
        "revenue-at-risk.csv",
        header,
        [*rows, ("Total", *sums[:-2], None, *sums[-2:], None, None, None)],
    )


def of_trend(report: trends.Report) -> Table:
    labels = [month_label(month) for month in report.period.months]
    header = (
        report.by_label,
        *(f"{label} {what}" for label in labels for what in ("deals", "amount")),
        "Deals", "Deals before", "Change in deals", "Rise in deals rests on one deal",
        "Amount", "Amount before", "Change in amount", "Rise in amount rests on one deal",
    )  # fmt: skip
    rows = [_trend_row(line.label, line.series) for line in report.lines]
    return Table("loss-trend.csv", header, [*rows, _trend_row("Total", report.total)])


def of_false_losses(report: false_losses.Report) -> Table:
    header = (
        "CRM owner", *_tally_head("False"), "Claimed by the rep",
        "Amount claimed by the rep", "Claimed by CRM alone", "Amount claimed by CRM alone",
    )  # fmt: skip
    rows: list[Sequence[object]] = [
        (
            claim.owner, claim.deals, cents(claim.amount), claim.unknown,
            claim.by_rep.deals, cents(claim.by_rep.amount),
            claim.by_crm.deals, cents(claim.by_crm.amount),
        )
        for claim in report.claims
    ]  # fmt: skip
    total = (
        "Total", *_tally(report.total), report.by_rep.deals, cents(report.by_rep.amount),
        report.by_crm.deals, cents(report.by_crm.amount),
    )  # fmt: skip
    return Table("false-losses.csv", header, [*rows, total])


def of_cohorts(report: cohorts.Report) -> Table:
    header = (
        "Opened in", "Deals", *_tally_head("Won"), *_tally_head("Lost"), *_tally_head("Open"),
        "Loss rate of closed deals", *(f"Share lost within {age} months" for age in AGES),
    )  # fmt: skip
    rows = [_cohort_row(report, domain_cohorts.label(each), each) for each in report.cohorts]
    total = whole(report.cohorts)
    row = _cohort_row(report, "Total", total)
    return Table("cohorts.csv", header, [*rows, (*row[: -len(AGES)], *[None] * len(AGES))])


def whole(found: Sequence[Cohort]) -> Cohort:
    """All cohorts as one: it has an outcome, but no age."""
    total = Cohort(0, 1)
    for cohort in found:
        for state, one in ((WON, cohort.won), (LOST, cohort.lost), (OPEN, cohort.open)):
            into = {WON: total.won, LOST: total.lost, OPEN: total.open}[state]
            into.add(Outcome(0, state, None, one.deals, one.amount, one.unknown))
    return total


def _segment_row(line: segments.Line, verdict: str | None) -> Sequence[object]:
    interval = line.interval
    return (
        line.label, *_tally(line.won), *_tally(line.lost), *_tally(line.open),
        rate(line.rate), rate(interval and interval.low), rate(interval and interval.high),
        verdict, rate(line.amount_rate), None if line.fit is None else number(line.fit),
        line.accounts, line.undated,
    )  # fmt: skip


def _reason_row(line: reasons.Line) -> Sequence[object]:
    row: list[object] = [line.label, *_tally(line.whole)]
    for column in COLUMNS:
        row += [number(line.cells[column].shares), money(line.cells[column].amount)]
    return [*row, line.verified.deals]


def _selection_sums(sums: selection.Sums) -> Sequence[object]:
    return (
        sums.open_count, cents(sums.open_amount), sums.open_unknown,
        money(Fraction(sums.open_weighted, 100)),
        sums.lost_count, cents(sums.lost_amount), sums.lost_unknown,
        money(Fraction(sums.lost_weighted, 100)),
        sums.sole_count, cents(sums.sole_amount), sums.shared_count, cents(sums.shared_amount),
        sums.accounts, sums.heard, rate(sums.heard_share),
    )  # fmt: skip


def _trend_row(label: str, found: Series) -> Sequence[object]:
    months = zip(found.counts, found.amounts, strict=True)
    row: list[object] = [label]
    for deals, amount in months:
        row += [number(deals), money(amount)]
    return [*row, *_change(found.by_count, number), *_change(found.by_amount, money)]


def _change(change: Change, written: Callable[[Fraction], str]) -> Sequence[object]:
    return (
        written(change.now),
        written(change.before),
        written(change.difference),
        "yes" if change.rests_on_one_deal else "no",
    )


def _cohort_row(report: cohorts.Report, label: str, each: Cohort) -> Sequence[object]:
    closed = each.won.deals + each.lost.deals
    return (
        label, each.opened, *_tally(each.won), *_tally(each.lost), *_tally(each.open),
        rate(Fraction(each.lost.deals, closed) if closed else None),
        *(rate(each.lost_at(age, report.asked.as_of)) for age in AGES),
    )  # fmt: skip


def _tally_head(state: str) -> tuple[str, str, str]:
    return f"{state} deals", f"{state} amount", f"{state} deals without amount"


def _tally(tally: Tally | domain_cohorts.Tally) -> tuple[object, ...]:
    return tally.deals, cents(tally.amount), tally.unknown
