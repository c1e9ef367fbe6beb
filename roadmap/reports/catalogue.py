"""The reports by name: what each asks, what it may be grouped by, its finding and its table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from roadmap.domain.cohorts import MONTH, QUARTER
from roadmap.domain.errors import Refused
from roadmap.market import figures
from roadmap.market.kept import kept
from roadmap.planning import picture
from roadmap.workspace.settings import workspace

from . import (
    cohorts,
    dimensions,
    false_losses,
    findings,
    reasons,
    segments,
    selection,
    tables,
    trends,
)
from .filters import Filters
from .tables import Table

PERIODS = [(QUARTER, "Quarter"), (MONTH, "Month")]


class Kind(NamedTuple):
    """`choices` are what it may be grouped by, the usual first; none where it cannot be."""

    name: str
    title: str
    question: str
    icon: str
    choices: Callable[[], list[tuple[str, str]]]
    make: Callable[[Filters, str], Any]
    finding: Callable[[Any], str]
    table: Callable[[Any], Table]

    @property
    def endpoint(self) -> str:
        return f"reports.{self.name.replace('-', '_')}"

    def report(self, asked: Filters, by: str) -> Any:
        """Made once per revision and day; what it rests on is counted once per evidence."""
        now = workspace()
        key = ("report", self.name, now.revision, figures.as_of(), asked, by)
        return kept(key, lambda: self.make(asked, by))

    def grouping(self, wanted: str) -> str:
        """What it is grouped by. Raises Refused for what it cannot be."""
        known = [name for name, _ in self.choices()]
        if not wanted:
            return known[0] if known else ""
        if wanted not in known:
            raise Refused(f"by: “{wanted}” is nothing that this report can be grouped by")
        return wanted


def _dimension(name: str) -> dimensions.Dimension:
    found = dimensions.dimension(name)
    assert found is not None, name  # noqa: S101 (`grouping` lets through what there is)
    return found


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "segments", "Segments", "Who are we losing?", "sitemap", dimensions.choices,
            lambda asked, by: segments.report(asked, _dimension(by)),
            findings.of_segments, tables.of_segments,
        ),
        Kind(
            "reasons", "Reasons", "Why did they say no?", "message", dimensions.choices,
            lambda asked, by: reasons.report(asked, _dimension(by)),
            findings.of_reasons, tables.of_reasons,
        ),
        Kind(
            "revenue-at-risk", "Revenue at risk", "What is worth closing?", "currency-dollar",
            list, lambda asked, _: selection.report(asked, picture.current()),
            findings.of_selection, tables.of_selection,
        ),
        Kind(
            "trend", "Trend", "Is it getting better?", "trending-down", trends.choices,
            trends.report, findings.of_trend, tables.of_trend,
        ),
        Kind(
            "false-losses", "False losses", "What would no feature have won?", "shield-check",
            list, lambda asked, _: false_losses.report(asked, picture.current()),
            findings.of_false_losses, tables.of_false_losses,
        ),
        Kind(
            "cohorts", "Cohorts", "More losses, or just more deals?", "chart-bar",
            lambda: PERIODS, cohorts.report, findings.of_cohorts, tables.of_cohorts,
        ),
    )
}  # fmt: skip
