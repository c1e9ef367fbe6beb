"""Deals by when they were opened, and how each cohort turned out: see `domain.cohorts`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select

from roadmap.domain.cohorts import AGES, LENGTHS, Cohort, Outcome, cohorts
from roadmap.domain.standing import FEWEST
from roadmap.domain.trend import first_of, month_of
from roadmap.extensions import db
from roadmap.market import figures
from roadmap.market.kept import kept
from roadmap.models import Deal
from roadmap.workspace import clock
from roadmap.workspace.settings import workspace

from . import facts, together
from .facts import Coverage
from .filters import ALL, Filters
from .together import Alike

#: Cohorts older than this are history, unless they are asked for.
USUAL_MONTHS = 24


class Part(NamedTuple):
    """Some cohorts as one, from the first to the last of them: so many of its deals were lost by an
    age that all of them have reached."""

    first: Cohort
    last: Cohort
    opened: int
    lost: int

    @property
    def share(self) -> Fraction:
        return Fraction(self.lost, self.opened)


class Compared(NamedTuple):
    """The youngest cohort of some age, in months, and all those before it."""

    age: int
    now: Part
    before: Part


@dataclass(frozen=True)
class Report:
    """`unopened` are deals that nobody knows when they were opened: they are in no cohort."""

    asked: Filters
    period: str
    cohorts: tuple[Cohort, ...]
    unopened: int
    coverage: Coverage

    @property
    def compared(self) -> Compared | None:
        """At six months, else at three; None where too few deals are that old."""
        for age in (AGES[1], AGES[0]):
            old = [each for each in self.cohorts if each.age_reached(age, self.asked.as_of)]
            if len(old) > 1:
                now, before = _part(old[-1:], age), _part(old[:-1], age)
                if min(now.opened, before.opened) >= FEWEST:
                    return Compared(age, now, before)
        return None


def report(asked: Filters, period: str) -> Report:
    """By "month" or "quarter" of opening, oldest first; the window says how far back."""
    outcomes, unopened, covered = kept(
        ("cohort report", figures.as_of(), asked), lambda: (*_read(asked), _coverage(asked))
    )
    found = cohorts(outcomes, LENGTHS[period], workspace().fiscal_start)
    return Report(asked, period, tuple(found), unopened, covered)


def first_month(asked: Filters) -> int | None:
    """The month of the oldest cohort: the first of a quarter, so that no cohort is cut in two."""
    if asked.window == ALL:
        return None
    months = asked.window if isinstance(asked.window, int) else USUAL_MONTHS
    first = month_of(asked.as_of) - months + 1
    return month_of(clock.quarter(first_of(first)))


def everything(asked: Filters) -> Filters:
    """Here the window picks cohorts by their opening, so it says nothing about the closing."""
    return asked._replace(window=None)


def _part(found: Sequence[Cohort], age: int) -> Part:
    return Part(
        found[0],
        found[-1],
        sum(each.opened for each in found),
        sum(each.lost_by_age[age] for each in found),
    )


def _read(asked: Filters) -> tuple[list[Outcome], int]:
    asked, first = everything(asked), first_month(asked)
    read = together.alike(asked, None)
    return _counted(asked, first) if read is None else _added(read, first)


def _added(read: Sequence[Alike], first: int | None) -> tuple[list[Outcome], int]:
    outcomes = [
        Outcome(each.opened, each.state, each.closed, each.deals, each.amount, each.unknown)
        for each in read
        if each.opened is not None and (first is None or each.opened >= first)
    ]
    unopened = sum(each.deals for each in read if each.opened is None and not each.later)
    return outcomes, unopened


def _counted(asked: Filters, first: int | None) -> tuple[list[Outcome], int]:
    known: ColumnElement[bool] = Deal.opened_on <= asked.as_of
    if first is not None:
        known = and_(known, Deal.opened_on >= first_of(first))
    closed = facts.closed_at(asked.as_of)
    found = (
        facts.from_deals(
            asked,
            facts.month(Deal.opened_on).label("opened"),
            facts.state_at(asked.as_of, None).label("state"),
            closed.label("closed"),
            Deal.amount,
        )
        .where(or_(known, Deal.opened_on.is_(None)))
        .subquery()
    )
    rows = db.session.execute(
        select(
            found.c.opened,
            found.c.state,
            found.c.closed,
            func.count(),
            func.coalesce(func.sum(found.c.amount), 0),
            func.count(found.c.amount),
        )
        .where(found.c.state.is_not(None))
        .group_by(found.c.opened, found.c.state, found.c.closed)
    )
    outcomes, unopened = [], 0
    for opened, state, month, count, amount, amounts in rows:
        if opened is None:
            unopened += count
            continue
        ended = None if month is None else int(month)
        outcomes.append(Outcome(int(opened), state, ended, count, int(amount), count - amounts))
    return outcomes, unopened


def _coverage(asked: Filters) -> Coverage:
    return together.coverage(everything(asked), None)
