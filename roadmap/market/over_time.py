"""How the evidence for a problem grew: deals tied to it until the end of each month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from roadmap.domain.calendar import month_text, months_before
from roadmap.domain.deals import LOST, OPEN
from roadmap.domain.money import half_up
from roadmap.extensions import db
from roadmap.models import Account, Blocker, Deal
from roadmap.web.filters import money_short, plural
from roadmap.workspace import clock

from . import figures
from .kept import kept

MONTHS = 12
#: Every so manyth month is named beneath the chart.
NAMED = 3


class Month(NamedTuple):
    """What was tied until the end of a month, in cents at today's amounts; unknown ones count 0.

    `alone` is the part of it that no other problem blocks, `weighted` each amount by its fit.
    """

    end: date
    deals: int
    accounts: int
    amount: int
    alone: int
    weighted: int


class Growth(NamedTuple):
    """Thirteen month ends, the last of them today, drawn; `lost` of the deals are lost ones."""

    months: list[Month]
    lost: int
    unknown: int
    title: str
    points: list[dict[str, Any]]
    segments: list[dict[str, float]]


def growth(problem_id: int, currency: str) -> Growth:
    """Over the open deals that it blocks and all deals lost over it. One query, none when warm."""
    rows = kept(("over time", *figures.as_of(), problem_id), lambda: _tied(problem_id))
    ends = month_ends(figures.as_of()[1])
    months = [_month(end, rows) for end in ends]
    lost = sum(row[5] == LOST for row in rows)
    unknown = sum(row[2] is None for row in rows)
    return Growth(months, lost, unknown, finding(months, currency), *_drawn(months, currency))


def month_ends(today: date) -> list[date]:
    """The ends of the twelve months before this one, and today."""
    first = today.replace(day=1)
    ends = [months_before(first, back) - timedelta(days=1) for back in range(MONTHS - 1, -1, -1)]
    return [*ends, today]


def finding(months: Sequence[Month], currency: str) -> str:
    """What the chart shows, in a sentence."""
    was, now = months[0], months[-1]
    total = f"{plural(now.deals, 'deal')}, {money_short(now.amount, currency)}"
    if not now.deals:
        return "No deal speaks for it so far"
    if was.deals == now.deals:
        return f"No deal was added in twelve months: {total}"
    if not was.deals:
        return f"All of it came in the last twelve months: {total}"
    before = f"{plural(was.deals, 'deal')}, {money_short(was.amount, currency)}"
    return f"From {before} to {total} in twelve months"


def _tied(problem_id: int) -> list[Any]:
    """Deal, account, amount, fit, whether it is not this alone that holds it, status, day first
    tied.
    """
    another = aliased(Blocker)
    held = func.max(case((Blocker.holds, 1), else_=0))
    of_another = and_(another.deal_id == Deal.id, another.holds, another.problem_id != problem_id)
    rows = db.session.execute(
        select(
            Deal.id, Deal.account_id, Deal.amount, func.coalesce(Account.fit, 0),
            or_(held == 0, func.count(another.id) > 0), Deal.status, func.min(Blocker.said_at),
        )
        .join(Blocker, Blocker.deal_id == Deal.id)
        .outerjoin(Account, Account.id == Deal.account_id)
        .outerjoin(another, of_another)
        .where(Blocker.problem_id == problem_id, Blocker.counts, Deal.status.in_((OPEN, LOST)))
        .group_by(Deal.id, Account.id)
    )  # fmt: skip
    return [(*row[:6], clock.day_of(row[6])) for row in rows]


def _month(end: date, rows: Sequence[Any]) -> Month:
    tied = [row for row in rows if row[6] <= end]
    return Month(
        end,
        len(tied),
        len({account for _, account, *_ in tied if account is not None}),
        sum(amount or 0 for _, _, amount, *_ in tied),
        sum(amount or 0 for _, _, amount, _, other, *_ in tied if not other),
        half_up(sum((amount or 0) * fit for _, _, amount, fit, *_ in tied), 100),
    )


def _drawn(
    months: Sequence[Month], currency: str
) -> tuple[list[dict[str, Any]], list[dict[str, float]]]:
    most = max(month.amount for month in months) or 1
    places = [
        (round(100 * n / (len(months) - 1), 2), round(100 - 100 * month.amount / most, 2))
        for n, month in enumerate(months)
    ]
    points = [
        {
            "x": x, "y": y, "label": month_text(month.end), "named": n % NAMED == 0,
            "text": f"{plural(month.deals, 'deal')}, {money_short(month.amount, currency)}",
        }
        for n, (month, (x, y)) in enumerate(zip(months, places, strict=True))
    ]  # fmt: skip
    lines = [
        {"x1": left[0], "y1": left[1], "x2": right[0], "y2": right[1]}
        for left, right in pairwise(places)
    ]
    return points, lines
