"""How much of a report's money is no amount of CRM's, but a list price or an average.

Sums do not say which of their parts stand in for an unknown amount: a report says once how many of
its deals do, and how much of its money that is.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select

from roadmap.domain.deals import LOST
from roadmap.extensions import db
from roadmap.market import figures
from roadmap.market.kept import kept
from roadmap.models import Deal

from . import beneath, cohorts
from .cells import BLOCKED, FALSE, Cell, month_text
from .filters import Filters


class StandIns(NamedTuple):
    """Deals whose amount stands in, of all deals that a question is about; amounts in cents."""

    cell: dict[str, object]
    deals: int
    amount: int
    of_deals: int
    of_amount: int


def stand_ins(asked: Filters, cell: Cell) -> StandIns | None:
    """Those among the deals of a cell; None where there are none. Counted once per evidence."""
    now = figures.as_of()
    if not kept(("any stand-in", now), _any):
        return None
    found, whole = kept(
        ("stand-ins", now, asked, cell),
        lambda: (beneath.sums(asked, cell._replace(stand_in="1")), beneath.sums(asked, cell)),
    )
    if not found.deals:
        return None
    said = {name: value for name, value in cell._asdict().items() if value}
    return StandIns(
        {**said, "stand_in": "1"}, found.deals, int(found.amount), whole.deals, int(whole.amount)
    )


def question(name: str, asked: Filters) -> Cell:
    """All deals whose amounts a report adds up."""
    if name in ("reasons", "trend"):
        return Cell(report=name, state=LOST)
    if name == "revenue-at-risk":
        return Cell(report=name, state=BLOCKED)
    if name == "false-losses":
        return Cell(report=name, state=LOST, kind=FALSE)
    if name == "cohorts":
        first = cohorts.first_month(asked)
        last = asked.as_of.year * 12 + asked.as_of.month - 1
        start = "1900-01" if first is None else month_text(first)
        return Cell(report=name, opened=start, until=month_text(last))
    return Cell(report=name)


def _any() -> bool:
    found = select(Deal.id).where(Deal.amount_source.is_not(None)).limit(1)
    return db.session.scalar(found) is not None
