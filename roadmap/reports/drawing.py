"""The reports' charts: places in per cent, levels of heat, texts. Charts decide nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from roadmap.domain.cohorts import AGES, Cohort
from roadmap.domain.cohorts import label as cohort_label
from roadmap.domain.deals import LOST
from roadmap.domain.money import half_up
from roadmap.domain.splits import COLUMNS
from roadmap.domain.standing import FEWEST, LOSING, WINNING
from roadmap.domain.trend import month_label
from roadmap.domain.winloss import BUCKETS
from roadmap.web.filters import money_short
from roadmap.workspace.settings import workspace

from . import cells, findings, tables, trends
from .frame import Frame
from .reasons import Cell as ReasonCell
from .reasons import Line as ReasonLine
from .reasons import Report as Reasons
from .segments import Line as SegmentLine
from .segments import Report as Segments
from .trends import COLUMN_NAMES
from .trends import Report as Trend
from .wording import percent, shares

MOST_LEVEL = 5
#: So many lines are shown, and so many bars; the CSV has them all.
MOST_BARS = 12


class HeatCell(NamedTuple):
    text: str
    level: int
    title: str
    href: str | None


class HeatRow(NamedTuple):
    label: str
    href: str | None
    cells: list[HeatCell]


class Bar(NamedTuple):
    """A group's loss rate with its interval, in per cent of the width."""

    label: str
    href: str
    low: float
    high: float
    rate: float
    text: str
    verdict: str


class Point(NamedTuple):
    """`label` names it beneath the line where it is `named`, `value` is written over it."""

    x: float
    y: float
    label: str
    text: str
    value: str
    named: bool


class Stretch(NamedTuple):
    """From point to point; `unfinished` leads to a month that is not over."""

    x1: float
    y1: float
    x2: float
    y2: float
    unfinished: bool = False


def segments(frame: Frame) -> Mapping[str, Any]:
    """What the page of segments draws."""
    report: Segments = frame.report
    return {
        "title": findings.of_chart(report),
        "bars": bars(frame, report, MOST_BARS),
        "closed": sum(line.closed > 0 for line in report.lines),
        "overall": place(report.total.rate),
        "lines": telling(report.lines, frame.most),
    }


def reasons(frame: Frame) -> Mapping[str, Any]:
    report: Reasons = frame.report
    currency = workspace().currency
    return {
        "title": findings.of_heat(report) if report.lines else "",
        "columns": list(COLUMN_NAMES.values()),
        "heat": buckets(frame, report.lines[: frame.most], currency),
        "agreement": agreement(frame, report, currency),
        "fewest": FEWEST,
    }


def trend(frame: Frame) -> Mapping[str, Any]:
    report: Trend = frame.report
    points, stretches = curve(report)
    return {
        "title": findings.of_curve(report),
        "points": points,
        "stretches": stretches,
        "heat": months(frame, report, workspace().currency),
        "line_cell": line_cell,
        "now": span(report.period.months),
        "before": span(report.period.before),
        "span": span,
    }


def cohorts(frame: Frame) -> Mapping[str, Any]:
    return {
        "total": tables.whole(frame.report.cohorts),
        "ages": AGES,
        "cohort_label": cohort_label,
        "outcomes": outcomes,
        "opening": opening,
    }


def bars(frame: Frame, report: Segments, most: int) -> list[Bar]:
    """The most telling groups with a closed deal: interval, rate and verdict."""
    closed = [line for line in report.lines if line.closed]
    return [
        Bar(
            line.label,
            frame.group(line.key, state=cells.CLOSED),
            _place(line.interval.low),
            _place(line.interval.high),
            _place(line.rate or Fraction(0)),
            f"{percent(line.rate)} of {line.closed:,}, {line.verdict}",
            line.verdict,
        )
        for line in telling(closed, most)
        if line.interval is not None
    ]


def telling(lines: Sequence[SegmentLine], most: int) -> list[SegmentLine]:
    """In their own order, as many as there is room for: where we lose or win before all others,
    then those with the most closed deals."""
    first = sorted(lines, key=lambda line: (line.verdict not in (LOSING, WINNING), -line.closed))
    kept = {line.key for line in first[:most]}
    return [line for line in lines if line.key in kept]


def place(rate: Fraction | None) -> float | None:
    return None if rate is None else _place(rate)


def buckets(frame: Frame, lines: Sequence[ReasonLine], currency: str) -> list[HeatRow]:
    """Bucket by group: the colour is the column's share of the group's lost deals, where they are
    enough for a share to mean something."""
    return [
        HeatRow(
            line.label,
            frame.narrowed(line.key),
            [
                _heat(
                    line.cells[column],
                    _telling(line.cells[column].shares, line.whole.deals),
                    currency,
                    frame.group(line.key, state=LOST, bucket=column),
                    f"{percent(line.cells[column].shares / line.whole.deals)} of {line.label}",
                )
                for column in COLUMNS
            ],
        )
        for line in lines
    ]


def agreement(frame: Frame, report: Reasons, currency: str) -> list[HeatRow]:
    """Claimed by verified: the colour is the share of all deals that have both."""
    return [
        HeatRow(
            COLUMN_NAMES[claimed],
            None,
            [
                _heat(
                    report.agreement[claimed, verified],
                    Fraction(report.agreement[claimed, verified].shares, report.both.deals),
                    currency,
                    frame.deals(state=LOST, kind=cells.BOTH, claimed=claimed, verified=verified),
                    f"Claimed {COLUMN_NAMES[claimed]}, verified {COLUMN_NAMES[verified]}",
                )
                for verified in BUCKETS
            ],
        )
        for claimed in BUCKETS
        if report.both.deals
    ]


def curve(report: Trend) -> tuple[list[Point], list[Stretch]]:
    """All lost deals by month."""
    counts = report.total.counts
    most = max(*counts, Fraction(1))
    last = len(counts) - 1
    every = 1 + last // 8
    points = [
        Point(
            round(100 * number / last, 2),
            round(100 - float(100 * count / most), 2),
            _month_name(month, first=number == 0),
            f"{shares(count)} lost in {month_label(month)}",
            shares(count),
            (last - number) % every == 0,
        )
        for number, (month, count) in enumerate(zip(report.period.months, counts, strict=True))
    ]
    stretches = [Stretch(one.x, one.y, other.x, other.y) for one, other in pairwise(points)]
    if report.unfinished:
        stretches[-1] = stretches[-1]._replace(unfinished=True)
        points[-1] = points[-1]._replace(label=f"{points[-1].label[:3]} so far")
    return points, stretches


def months(frame: Frame, report: Trend, currency: str) -> Mapping[Any, list[HeatCell]]:
    """Per line, a cell for each month: the colour is its share of the busiest cell."""
    most = max((count for line in report.lines for count in line.series.counts), default=0)
    return {
        line.key: [
            _month(frame, line, month, place, most, currency)
            for place, month in enumerate(report.period.months)
        ]
        for line in report.lines
    }


def line_cell(frame: Frame, line: trends.Line | None, **cell: object) -> str:
    """The lost deals of a line of the trend."""
    if line is None:
        return frame.deals(state=LOST, **cell)
    if frame.by == trends.BUCKET:
        return frame.deals(state=LOST, bucket=line.key, **cell)
    if frame.by == trends.PROBLEM:
        return frame.deals(state=LOST, problem=line.key, **cell)
    return frame.group(line.key, state=LOST, **cell)


def outcomes(cohort: Cohort) -> list[Stretch]:
    """A cohort's bar: lost, won and still open, from left to right."""
    left, parts = Fraction(0), []
    for tally in (cohort.lost, cohort.won, cohort.open):
        right = left + Fraction(tally.deals, cohort.opened)
        parts.append(Stretch(_place(left), 0, _place(right), 0))
        left = right
    return parts


def opening(cohort: Cohort, until: Cohort | None = None) -> dict[str, str]:
    """The months of a cohort, or of all until another, as the list of deals is asked for them."""
    end = until or cohort
    last = end.first + end.length - 1
    return {"opened": cells.month_text(cohort.first), "until": cells.month_text(last)}


def span(months: Sequence[int]) -> dict[str, str]:
    return {"start": cells.month_text(months[0]), "end": cells.month_text(months[-1])}


def _month_name(month: int, *, first: bool) -> str:
    """ "Nov"; with its year at the beginning of the line and of a year."""
    return month_label(month) if first or month % 12 == 0 else month_label(month)[:3]


def _month(
    frame: Frame, line: trends.Line, month: int, place: int, most: Fraction | int, currency: str
) -> HeatCell:
    count, amount = line.series.counts[place], line.series.amounts[place]
    return HeatCell(
        shares(count),
        _level(count / most if most else Fraction(0)),
        f"{month_label(month)}, {line.label}: {money_short(half_up(amount), currency)}",
        line_cell(frame, line, **span([month])) if count else None,
    )


def _heat(cell: ReasonCell, share: Fraction, currency: str, href: str, title: str) -> HeatCell:
    if not cell.deals:
        return HeatCell("–", 0, title, None)
    amount = money_short(half_up(cell.amount), currency)
    if cell.unknown == cell.deals:
        amount = "amount unknown"
    return HeatCell(f"{shares(cell.shares)} · {amount}", _level(share), title, href)


def _telling(shares: Fraction, deals: int) -> Fraction:
    """The share that colours a cell: of few deals, at most the palest."""
    share = shares / deals
    return share if deals >= FEWEST else min(share, Fraction(1, MOST_LEVEL))


def _level(share: Fraction) -> int:
    """0 for nothing; else 1 to 5, the share of the whole in fifths."""
    return min(MOST_LEVEL, -(-share * MOST_LEVEL // 1)) if share else 0


def _place(value: Any) -> float:
    return round(float(value) * 100, 2)
