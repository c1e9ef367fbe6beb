"""Why did they say no? Bucket by segment, what was claimed against what was verified.

Source: win-loss semantics, Sentiment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from roadmap.domain.collation import sort_key
from roadmap.domain.splits import COLUMNS
from roadmap.domain.winloss import BUCKETS
from roadmap.market import figures
from roadmap.market.kept import kept

from . import dimensions, facts, together
from .dimensions import Dimension, Key
from .facts import Coverage, Lost
from .filters import Filters
from .segments import NOTHING, Tally

_ZERO = Fraction(0)


@dataclass
class Cell:
    """Shares of deals, and of their amounts in cents; unknown amounts count 0. `deals` are those
    that have a share in it."""

    shares: Fraction = _ZERO
    amount: Fraction = _ZERO
    deals: int = 0
    unknown: int = 0

    def add(self, lost: Lost, share: Fraction) -> None:
        self.shares += lost.deals * share
        self.amount += lost.amount * share
        self.deals += lost.deals
        self.unknown += lost.unknown


@dataclass
class Line:
    """One group's lost deals, split over the columns: its cells sum to `whole`."""

    key: Key
    label: str
    cells: Mapping[str, Cell] = field(default_factory=lambda: {name: Cell() for name in COLUMNS})
    whole: Tally = NOTHING
    verified: Tally = NOTHING

    def add(self, lost: Lost) -> None:
        for column, share in lost.said.split().items():
            self.cells[column].add(lost, share)
        self.whole = _plus(self.whole, lost)
        if lost.said.is_verified:
            self.verified = _plus(self.verified, lost)


@dataclass
class Report:
    """`agreement` is by (claimed, verified), over the `both` deals that have the two."""

    asked: Filters
    by: Dimension
    since: date | None
    lines: list[Line]
    total: Line
    agreement: Mapping[tuple[str, str], Cell]
    both: Tally
    false: Tally
    hidden: Tally
    coverage: Coverage
    undated: int

    @property
    def agreed(self) -> Fraction:
        """How many of the deals that have both are on the diagonal, in shares of deals."""
        return sum((self.agreement[each, each].shares for each in BUCKETS), _ZERO)


def report(asked: Filters, by: Dimension) -> Report:
    """Counted once while evidence and day stay; only names are read anew."""
    since = asked.since()
    found, undated = kept(
        ("reason report", figures.as_of(), asked, by.name),
        lambda: (
            together.lost(asked, since, by, monthly=False),
            facts.undated_losses(asked, since),
        ),
    )
    names = dimensions.labels(by)
    lines: dict[Key, Line] = {}
    total = Line(None, "Total")
    for lost in found:
        label = dimensions.label(by, names, lost.key)
        lines.setdefault(lost.key, Line(lost.key, label)).add(lost)
        total.add(lost)
    return Report(
        asked,
        by,
        since,
        _sorted(list(lines.values()), by, names),
        total,
        _agreement(found),
        summed(lost for lost in found if lost.said.has_both),
        summed(lost for lost in found if lost.said.false_loss),
        summed(lost for lost in found if lost.said.hidden_product_loss),
        together.covered(found),
        undated,
    )


def summed(found: Iterable[Lost]) -> Tally:
    tally = NOTHING
    for lost in found:
        tally = _plus(tally, lost)
    return tally


def _agreement(found: Iterable[Lost]) -> Mapping[tuple[str, str], Cell]:
    table: dict[tuple[str, str], Cell] = defaultdict(Cell)
    for lost in found:
        for pair, share in lost.said.agreement().items():
            table[pair].add(lost, share)
    return {(one, other): table[one, other] for one in BUCKETS for other in BUCKETS}


def _plus(tally: Tally, lost: Lost) -> Tally:
    return Tally(tally.deals + lost.deals, tally.amount + lost.amount, tally.unknown + lost.unknown)


def _sorted(lines: list[Line], by: Dimension, names: Mapping[Key, str]) -> list[Line]:
    if by.name == dimensions.SEGMENT:
        place = {key: number for number, key in enumerate(names)}
        return sorted(lines, key=lambda line: place.get(line.key, len(place)))
    return sorted(
        lines, key=lambda each: (each.key is None, -each.whole.deals, sort_key(each.label))
    )
