"""What several reports count, read once for the page that shows them all.

A report that is asked for alone reads what it shows and no more. The index shows six of them: there
two passes, over the lost deals and over all deals, give what would else be read eight times. What
comes of them is the same to the last cent, and nothing of it is kept after the request.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from flask import g
from sqlalchemy import case, func, select

from roadmap.domain.trend import month_of
from roadmap.extensions import db
from roadmap.models import Account, Deal
from roadmap.workspace.settings import workspace

from . import facts
from .dimensions import SEGMENT, Dimension
from .facts import Coverage, Lost
from .filters import Filters

_DAY = timedelta(days=1)
#: In place of a month: opened after the day that is asked for, which only wrong data are.
_LATER = -1


class Alike(NamedTuple):
    """Deals alike: the segment, the state as of the day, and the months of opening and closing,
    None while nobody knows. `later` were opened after the day."""

    segment: int | None
    state: str
    opened: int | None
    closed: int | None
    later: bool
    deals: int
    amount: int
    unknown: int


class _Reading:
    """The two passes, each made when it is first asked for. `since` begins the usual window."""

    def __init__(self, asked: Filters) -> None:
        self.asked = asked
        self.since = asked.since(workspace().window_months)

    @cached_property
    def lost(self) -> list[Lost]:
        segment = Account.segment_id.expression
        return facts.lost(self.asked, None, segment, monthly=True, recent=self.since)

    @cached_property
    def alike(self) -> list[Alike]:
        opened = case(
            (Deal.opened_on > self.asked.as_of, _LATER), else_=facts.month(Deal.opened_on)
        )
        found = facts.from_deals(
            self.asked,
            Account.segment_id,
            facts.state_at(self.asked.as_of, None).label("state"),
            opened.label("opened"),
            facts.closed_at(self.asked.as_of).label("closed"),
            Deal.amount,
        ).subquery()
        groups = list(found.c)[:4]
        rows: Any = db.session.execute(
            select(
                *groups,
                func.count(),
                func.coalesce(func.sum(found.c.amount), 0),
                func.count(found.c.amount),
            )
            .where(found.c.state.is_not(None))
            .group_by(*groups)
        )
        return [
            Alike(
                segment,
                state,
                None if opened in (None, _LATER) else int(opened),
                None if closed is None else int(closed),
                opened == _LATER,
                count,
                int(amount),
                count - known,
            )
            for segment, state, opened, closed, count, amount, known in rows
        ]


@contextmanager
def reading_all(asked: Filters) -> Iterator[None]:
    """Let the reports that ask for the same deals share what they read, within the block."""
    g.reports_together = _Reading(asked)
    try:
        yield
    finally:
        del g.reports_together


def lost(asked: Filters, since: date | None, by: Dimension | None, *, monthly: bool) -> list[Lost]:
    """As `facts.lost` reads them."""
    reading = _reading(asked)
    whole_months = since is None or (since + _DAY).day == 1
    if reading is None or not whole_months or (by is not None and by.name != SEGMENT):
        return facts.lost(asked, since, by and by.column, monthly=monthly)
    first = None if since is None else month_of(since + _DAY)
    found = [
        each
        for each in reading.lost
        if first is None or (each.month is not None and each.month >= first)
    ]
    return _merged(
        each._replace(
            key=each.key if by else None, month=each.month if monthly else None, recent=False
        )
        for each in found
    )


def coverage(asked: Filters, since: date | None) -> Coverage:
    """As `facts.coverage` counts it."""
    reading = _reading(asked)
    if reading is None or since not in (None, reading.since):
        return facts.coverage(asked, since)
    return covered([each for each in reading.lost if since is None or each.recent])


def covered(found: Sequence[Lost]) -> Coverage:
    """The same of deals that are read already."""
    heard = [each for each in found if each.said.is_verified]
    return Coverage(
        sum(each.deals for each in heard),
        sum(each.deals for each in found),
        sum(each.amount for each in heard),
        sum(each.amount for each in found),
        sum(each.unknown for each in found),
    )


def alike(asked: Filters, since: date | None) -> list[Alike] | None:
    """All deals of any time, in groups; None where they are to be read in another way."""
    reading = _reading(asked)
    return None if reading is None or since is not None else reading.alike


def _reading(asked: Filters) -> _Reading | None:
    reading: _Reading | None = g.get("reports_together")
    return reading if reading is not None and reading.asked == asked else None


def _merged(found: Iterator[Lost]) -> list[Lost]:
    """Those that are alike as one."""
    sums: dict[tuple[object, ...], Lost] = {}
    for each in found:
        alike = each.key, each.month, each.said
        before = sums.get(alike)
        sums[alike] = each if before is None else before._replace(
            deals=before.deals + each.deals,
            amount=before.amount + each.amount,
            unknown=before.unknown + each.unknown,
            largest=max(before.largest, each.largest),
        )  # fmt: skip
    return list(sums.values())
