"""Lost deals by close month, by bucket, problem, segment or any attribute.

Source: win-loss semantics, Trend.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import func, select

from roadmap.domain.collation import sort_key
from roadmap.domain.splits import COLUMNS
from roadmap.domain.trend import (
    FEWEST_MONTHS,
    MOST_MONTHS,
    USUAL_MONTHS,
    Part,
    Period,
    Series,
    period,
    series,
)
from roadmap.extensions import db
from roadmap.market import figures
from roadmap.market.kept import kept
from roadmap.market.verdicts import BUCKET_NAMES
from roadmap.models import Blocker, Deal, Problem

from . import dimensions, facts, together
from .dimensions import Key
from .facts import Coverage, Lost
from .filters import Filters

BUCKET, PROBLEM = "bucket", "problem"
COLUMN_NAMES = {**BUCKET_NAMES, COLUMNS[-1]: "Not given"}

#: Zero months before the first day that people may set would leave the calendar.
_DAY = timedelta(days=1)


class Line(NamedTuple):
    key: Key
    label: str
    series: Series


@dataclass(frozen=True)
class Report:
    """`unknown` and `undated` are lost deals of the period without an amount, and of any time
    without a close date; neither is in the sums."""

    asked: Filters
    by: str
    by_label: str
    period: Period
    lines: tuple[Line, ...]
    total: Series
    coverage: Coverage
    unknown: int
    undated: int

    @property
    def unfinished(self) -> bool:
        """Whether the last month is not over."""
        return (self.asked.as_of + _DAY).month == self.asked.as_of.month

    @property
    def amounts_known(self) -> bool:
        """Whether amounts say anything: not when all losses of the period lack theirs."""
        deals = self.total.by_count
        return self.unknown < deals.now + deals.before or not self.unknown


def months(asked: Filters) -> int:
    """How many are shown: the window where it is one of 3 to 24 months, else 6."""
    window = asked.window
    fits = isinstance(window, int) and FEWEST_MONTHS <= window <= MOST_MONTHS
    return window if fits and isinstance(window, int) else USUAL_MONTHS


def choices() -> list[tuple[str, str]]:
    return [(BUCKET, "Reason"), (PROBLEM, "Problem"), *dimensions.choices()]


def report(asked: Filters, by: str) -> Report:
    """`by` is "bucket", "problem" or the name of a dimension; the largest lines come first."""
    shown = period(asked.as_of, months(asked))
    key = ("trend report", figures.as_of(), asked, by)
    lines, total, covers, unknown, undated = kept(key, lambda: _counted(asked, by, shown))
    names = _names(by)
    named = [Line(each, names(each), found) for each, found in lines.items()]
    named.sort(key=_largest_first)
    labels = dict(choices())
    return Report(
        asked, by, labels.get(by, by), shown, tuple(named), total, covers, unknown, undated
    )


_Counted = tuple[Mapping[Key, Series], Series, Coverage, int, int]


def _counted(asked: Filters, by: str, shown: Period) -> _Counted:
    since = shown.first_day - _DAY
    dimension = None if by in (BUCKET, PROBLEM) else dimensions.dimension(by)
    found = together.lost(asked, since, dimension, monthly=True)
    parts: dict[Key, list[Part]] = defaultdict(list)
    if by == PROBLEM:
        parts.update(_by_problem(asked, since))
    for lost in found if by != PROBLEM else ():
        shares = lost.said.split() if by == BUCKET else {lost.key: Fraction(1)}
        for name, share in shares.items():
            parts[name].append(_part(lost, share))
    whole = series((_part(lost, Fraction(1)) for lost in found), shown)
    recent = [lost for lost in found if lost.month in shown.months]
    return (
        {key: series(each, shown) for key, each in parts.items()},
        whole,
        together.covered(recent),
        sum(lost.unknown for lost in found),
        facts.undated_losses(asked, since),
    )


def _by_problem(asked: Filters, since: date) -> Mapping[Key, list[Part]]:
    """A deal counts whole, and once, for each problem that it was lost over."""
    tied = (
        facts.from_deals(
            asked,
            Deal.id,
            Blocker.problem_id,
            Deal.amount,
            facts.month(Deal.close_date).label("month"),
        )
        .join(Blocker, Blocker.deal_id == Deal.id)
        .where(facts.lost_at(asked.as_of, since), Blocker.counts)
        .distinct()
    )
    if asked.source:
        tied = tied.where(Blocker.source == asked.source)
    found = tied.subquery()
    rows = db.session.execute(
        select(
            found.c.problem_id,
            found.c.month,
            func.count(),
            func.coalesce(func.sum(found.c.amount), 0),
            func.coalesce(func.max(found.c.amount), 0),
        ).group_by(found.c.problem_id, found.c.month)
    )
    parts: dict[Key, list[Part]] = defaultdict(list)
    for problem, month, count, amount, largest in rows:
        parts[problem].append(
            Part(
                int(month),
                Fraction(count),
                Fraction(int(amount)),
                Fraction(1),
                Fraction(int(largest)),
            )
        )
    return parts


def _part(lost: Lost, share: Fraction) -> Part:
    assert lost.month is not None  # noqa: S101 (what closed after a day has a month)
    return Part(lost.month, lost.deals * share, lost.amount * share, share, lost.largest * share)


def _names(by: str) -> Callable[[Key], str]:
    if by == BUCKET:
        return lambda key: COLUMN_NAMES[str(key)]
    if by == PROBLEM:
        rows: Any = db.session.execute(select(Problem.id, Problem.title))
        titles: Mapping[Key, str] = dict(rows.all())
        return lambda key: titles[key]
    dimension = dimensions.dimension(by)
    if dimension is None:
        return str
    names = dimensions.labels(dimension)
    return lambda key: dimensions.label(dimension, names, key)


def _largest_first(line: Line) -> tuple[bool, Fraction, Fraction, bytes]:
    found = line.series
    return line.key is None, -found.by_count.now, -found.by_count.before, sort_key(line.label)
