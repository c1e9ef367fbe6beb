"""Who are we losing? Won, lost and open by segment, or by any attribute.

Source: win-loss semantics, Segment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Subquery, func, select

from roadmap.domain.collation import sort_key
from roadmap.domain.deals import LOST, OPEN, WON
from roadmap.domain.money import half_up
from roadmap.domain.standing import (
    LOSING,
    WINNING,
    Interval,
    interval,
    loss_rate,
    verdict,
)
from roadmap.extensions import db
from roadmap.market import classify, figures
from roadmap.market.kept import kept
from roadmap.models import Account, Deal

from . import dimensions, facts, together
from .dimensions import Dimension, Key
from .facts import UNDATED, Coverage
from .filters import Filters, account_conditions
from .together import Alike


class Tally(NamedTuple):
    """Deals in one state: the amount in cents, unknown ones count 0 and are counted beside."""

    deals: int = 0
    amount: int = 0
    unknown: int = 0

    @property
    def known(self) -> bool:
        """Whether the amount says anything: not when there are deals and all lack theirs."""
        return not self.deals or self.unknown < self.deals


NOTHING = Tally()


@dataclass(frozen=True)
class Line:
    """One group. `fit` is the mean of its accounts' in percent, None without an account."""

    key: Key
    label: str
    won: Tally
    lost: Tally
    open: Tally
    undated: int
    fit: Fraction | None
    accounts: int
    overall: Fraction | None

    @property
    def closed(self) -> int:
        return self.won.deals + self.lost.deals

    @cached_property
    def rate(self) -> Fraction | None:
        return loss_rate(self.lost.deals, self.won.deals)

    @cached_property
    def amount_rate(self) -> Fraction | None:
        """By amount; none where no amount of what was won, or of what was lost, is known."""
        if not (self.won.known and self.lost.known):
            return None
        return loss_rate(self.lost.amount, self.won.amount)

    @cached_property
    def interval(self) -> Interval | None:
        return interval(self.lost.deals, self.won.deals)

    @cached_property
    def verdict(self) -> str:
        return verdict(self.lost.deals, self.won.deals, self.overall or Fraction(0))

    @property
    def fit_percent(self) -> int | None:
        return None if self.fit is None else half_up(self.fit)


@dataclass(frozen=True)
class Report:
    """`lines` in the order of the segments, or by closed deals; `total` counts each deal once."""

    asked: Filters
    by: Dimension
    since: date | None
    lines: tuple[Line, ...]
    total: Line
    coverage: Coverage
    profiled: bool
    """Whether there is an ideal customer profile: without one every fit is 0 and means nothing."""

    @property
    def losing(self) -> list[Line]:
        """Where we lose, the most lost deals first."""
        found = [line for line in self.lines if line.verdict == LOSING]
        return sorted(found, key=lambda line: (-line.lost.deals, sort_key(line.label)))

    @property
    def winning(self) -> list[Line]:
        found = [line for line in self.lines if line.verdict == WINNING]
        return sorted(found, key=lambda line: (-line.won.deals, sort_key(line.label)))


def report(asked: Filters, by: Dimension) -> Report:
    """Counted once while evidence and day stay; only names are read anew."""
    since = asked.since()
    counted, fits, every, covered = kept(
        ("segment report", figures.as_of(), asked, by.name),
        lambda: (
            _counted(asked, by, since),
            _fits(asked, by),
            _every_fit(asked, by),
            together.coverage(asked, since),
        ),
    )
    names = dimensions.labels(by)
    total = _line(None, "Total", _summed(counted), every, None)
    total = replace(total, overall=total.rate)
    lines = [
        _line(key, dimensions.label(by, names, key), states, fits.get(key, (0, 0)), total.rate)
        for key, states in counted.items()
        if states.keys() != {UNDATED}
    ]
    return Report(
        asked, by, since, tuple(_sorted(lines, by, names)), total, covered, bool(classify.profile())
    )


_States = Mapping[str, Tally]


def _counted(asked: Filters, by: Dimension, since: date | None) -> Mapping[Key, _States]:
    read = together.alike(asked, since) if by.name == dimensions.SEGMENT else None
    return _read(asked, by, since) if read is None else _added(read)


def _added(read: Sequence[Alike]) -> Mapping[Key, _States]:
    counted: dict[Key, dict[str, Tally]] = defaultdict(dict)
    for each in read:
        before = counted[each.segment].get(each.state, NOTHING)
        counted[each.segment][each.state] = Tally(
            before.deals + each.deals, before.amount + each.amount, before.unknown + each.unknown
        )
    return counted


def _read(asked: Filters, by: Dimension, since: date | None) -> Mapping[Key, _States]:
    found = facts.from_deals(
        asked,
        by.column.label("key"),
        facts.state_at(asked.as_of, since).label("state"),
        Deal.amount,
    ).subquery()
    rows = db.session.execute(
        select(
            found.c.key,
            found.c.state,
            func.count(),
            func.coalesce(func.sum(found.c.amount), 0),
            func.count(found.c.amount),
        )
        .where(found.c.state.is_not(None))
        .group_by(found.c.key, found.c.state)
    )
    counted: dict[Key, dict[str, Tally]] = defaultdict(dict)
    for key, state, count, amount, known in rows:
        counted[key][state] = Tally(count, int(amount), count - known)
    return dict(counted)


def _fits(asked: Filters, by: Dimension) -> dict[Key, tuple[int, int]]:
    """Accounts and the sum of their fits by group: all accounts of it where it is the account that
    has the attribute, else those of its deals."""
    found = _accounts(asked, by, by.column.label("key"))
    rows = db.session.execute(
        select(found.c.key, func.count(), func.sum(found.c.fit)).group_by(found.c.key)
    )
    return {key: (count, int(total)) for key, count, total in rows}


def _every_fit(asked: Filters, by: Dimension) -> tuple[int, int]:
    """The same over all groups: each account once."""
    found = _accounts(asked, by)
    count, total = db.session.execute(select(func.count(), func.sum(found.c.fit))).one()
    return count, int(total or 0)


def _accounts(asked: Filters, by: Dimension, *more: Any) -> Subquery:
    if by.of_account:
        return select(Account.id, Account.fit, *more).where(*account_conditions(asked)).subquery()
    state = facts.state_at(asked.as_of, asked.since())
    return (
        facts.from_deals(asked, Account.id, Account.fit, *more)
        .where(state.is_not(None), Account.id.is_not(None))
        .distinct()
        .subquery()
    )


def _summed(counted: Mapping[Key, _States]) -> dict[str, Tally]:
    sums: dict[str, Tally] = {}
    for states in counted.values():
        for state, tally in states.items():
            before = sums.get(state, NOTHING)
            sums[state] = Tally(*(one + other for one, other in zip(before, tally, strict=True)))
    return sums


def _line(
    key: Key, label: str, states: _States, fits: tuple[int, int], overall: Fraction | None
) -> Line:
    accounts, total = fits
    return Line(
        key,
        label,
        states.get(WON, NOTHING),
        states.get(LOST, NOTHING),
        states.get(OPEN, NOTHING),
        states.get(UNDATED, NOTHING).deals,
        Fraction(total, accounts) if accounts else None,
        accounts,
        overall,
    )


def _sorted(lines: list[Line], by: Dimension, names: Mapping[Key, str]) -> list[Line]:
    if by.name == dimensions.SEGMENT:
        place = {key: number for number, key in enumerate(names)}
        return sorted(lines, key=lambda line: place.get(line.key, len(place)))
    return sorted(lines, key=lambda line: (line.key is None, -line.closed, sort_key(line.label)))
