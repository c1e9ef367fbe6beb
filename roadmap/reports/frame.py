"""What stands around every report: its finding, its filters, and links to the deals beneath."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flask import request, url_for
from flask_login import current_user

from roadmap.domain.errors import Refused
from roadmap.domain.winloss import SOURCES
from roadmap.market import figures
from roadmap.market.kept import kept
from roadmap.market.verdicts import SOURCE_NAMES
from roadmap.web import arguments
from roadmap.workspace import clock
from roadmap.workspace.settings import workspace

from . import cells, dimensions, filters, findings
from .catalogue import KINDS, Kind
from .filters import ALL, NONE, Filters
from .standing_in import StandIns, question, stand_ins

T = TypeVar("T")

WINDOWS = (3, 6, 12, 24, 36)


#: How many lines a table shows: at first, and where all are asked for. Its CSV has every one.
MOST_LINES, ALL_LINES = 30, 1_000


@dataclass(frozen=True)
class Frame:
    """A report as a page shows it. `by` is what it is grouped by, "" where it cannot be; `most`
    is how many lines a table shows.
    """

    kind: Kind
    asked: Filters
    by: str
    choices: list[tuple[str, str]]
    report: Any
    most: int = MOST_LINES

    @property
    def finding(self) -> str:
        return self.kind.finding(self.report)

    @property
    def coverage(self) -> str:
        said = findings.of_coverage(self.report.coverage)
        # A false loss is what two sources say differently: that report heeds no such filter.
        narrowed = self.asked.source and self.kind.name != "false-losses"
        return f"{said}; other sources are left out" if narrowed else said

    @property
    def stand_ins(self) -> StandIns | None:
        """Of the report's deals, those whose amount is none of CRM's."""
        return stand_ins(self.asked, question(self.kind.name, self.asked))

    @property
    def words(self) -> list[tuple[str, str, str]]:
        said = filters.in_words(self.asked)
        if self.kind.name != "cohorts":
            return said
        # Here the window picks deals by their opening.
        return [(name, "Opened" if name == "window" else label, text) for name, label, text in said]

    @property
    def narrows(self) -> bool:
        """Whether it leaves something out: a filter, or what came after an earlier day."""
        return self.asked.narrowed or self.asked.as_of != clock.today()

    @property
    def tabs(self) -> list[tuple[str, str, bool]]:
        """All reports, with the same filters."""
        return [
            (kind.title, self.address(kind.endpoint, by=""), kind is self.kind)
            for kind in KINDS.values()
        ]

    @property
    def path(self) -> str:
        """Of the report without any filter."""
        return url_for(self.kind.endpoint)

    @property
    def by_label(self) -> str:
        return dict(self.choices).get(self.by, self.by)

    def address(self, endpoint: str = "", **changes: object) -> str:
        """Of a report with these filters and some changes."""
        usual = self.choices[0][0] if self.choices else ""
        values = {**self.asked.as_address(), "by": "" if self.by == usual else self.by}
        return arguments.address(endpoint or self.kind.endpoint, values, **changes)

    def whole(self) -> str:
        """This report with all its lines, as it is printed."""
        return self.address("", lines="all")

    def csv(self) -> str:
        return self.address(f"{self.kind.endpoint}_csv")

    def narrowed(self, key: dimensions.Key) -> str | None:
        """This report of one group alone."""
        changes = filters.narrowed_to(self.by, key)
        return None if changes is None else self.address("", **changes)

    def deals(self, **cell: object) -> str:
        """The list of the deals beneath a number: `cells.Cell` says which."""
        return arguments.address(
            "reports.deals", {**self.asked.as_address(), "report": self.kind.name}, **cell
        )

    def group(self, key: dimensions.Key, **cell: object) -> str:
        """The deals of one group, or of a cell in its row."""
        return self.deals(by=self.by, group=cells.written(key), **cell)

    def kept(self, what: str, make: Callable[[], T]) -> T:
        """What is made of this report for people of one role, while nothing is written."""
        return kept_for_role((what, self.kind.name, self.asked, self.by, self.most), make)


def kept_for_role(what: Hashable, make: Callable[[], T]) -> T:
    """What is made of reports for people of one role, while nothing is written."""
    key = ("report", what, workspace().revision, figures.as_of(), current_user.role)
    return kept(key, make)


def frame(name: str) -> Frame:
    """As the address asks for it; a grouping that makes no sense counts as not given."""
    kind = KINDS[name]
    try:
        by = kind.grouping(request.args.get("by", ""))
    except Refused:
        by = kind.grouping("")
    shown = _framed(kind, filters.from_address(), by)
    return replace(shown, most=ALL_LINES) if request.args.get("lines") == "all" else shown


def usual(asked: Filters) -> list[Frame]:
    """All reports, each grouped as usual."""
    return [_framed(kind, asked, kind.grouping("")) for kind in KINDS.values()]


def _framed(kind: Kind, asked: Filters, by: str) -> Frame:
    return Frame(kind, asked, by, kind.choices(), kind.report(asked, by))


@dataclass(frozen=True)
class Offer:
    """What the filters' selects offer: (value, text) pairs."""

    segments: list[tuple[object, str]]
    products: list[tuple[object, str]]
    regions: list[tuple[object, str]]
    reps: list[tuple[object, str]]
    windows: list[tuple[object, str]]
    sources: list[tuple[object, str]]


def offer(asked: Filters) -> Offer:
    def ids(name: str) -> list[tuple[object, str]]:
        return [*_labels(name).items()]

    windows = sorted({*WINDOWS, *([asked.window] if isinstance(asked.window, int) else [])})
    return Offer(
        [*ids(dimensions.SEGMENT), (NONE, "Unassigned")],
        _texts(dimensions.PRODUCT),
        _texts("region"),
        [*ids(dimensions.REP), (NONE, "Nobody")],
        [*((months, f"{months} months") for months in windows), (ALL, "All")],
        [(source, SOURCE_NAMES[source]) for source in SOURCES],
    )


def _labels(name: str) -> dict[Any, str]:
    by = dimensions.dimension(name)
    return {} if by is None else dict(dimensions.labels(by))


def _texts(name: str) -> list[tuple[object, str]]:
    by = dimensions.dimension(name)
    return [] if by is None else [(text, text) for text in dimensions.values(by)]
