"""The deals that a problem blocks, each once, with all the ties that say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import case, func, select

from roadmap.domain.deals import LOST
from roadmap.evidence.recording import STANDING
from roadmap.extensions import db
from roadmap.models import Account, Blocker, Deal, Statement

from .verdicts import verdicts

FEW_DEALS = 20


class Tie(NamedTuple):
    """What ties a deal to the problem. `then` figures are those of the moment when it was tied,
    amounts in cents.
    """

    source: str
    bucket: str
    note: str
    tied_at: datetime
    amount_then: int | None
    fit_then: int
    counts: bool
    why: str


class TiedDeal(NamedTuple):
    """A deal on a problem's page, with its ties to that problem: those that count first."""

    id: int
    name: str
    account: str | None
    fit: int
    stage: str
    amount: int | None
    amount_source: str | None
    close_date: date | None
    ties: Sequence[Tie]


class TiedDeals(NamedTuple):
    """The first few deals that a problem blocks, how many there are in all, and of how many at
    least one tie counts.
    """

    deals: list[TiedDeal]
    total: int
    counting: int


def tied_deals(problem_id: int, status: str) -> TiedDeals:
    """The largest open deals, or the latest lost ones, that are tied to a problem."""
    order = (
        (Deal.close_date.is_(None), Deal.close_date.desc())
        if status == LOST
        else (Deal.amount.is_(None), Deal.amount.desc())
    )
    tied = (
        select(
            Blocker.deal_id.label("id"),
            func.max(case((Blocker.counts, 1), else_=0)).label("counts"),
        )
        .where(Blocker.problem_id == problem_id)
        .group_by(Blocker.deal_id)
        .subquery()
    )
    rows: Sequence[Any] = db.session.execute(
        select(
            Deal.id, Deal.name, Account.name, func.coalesce(Account.fit, 0), Deal.stage,
            Deal.amount, Deal.amount_source, Deal.close_date,
            func.count().over(), func.sum(tied.c.counts).over(),
        )
        .join(tied, tied.c.id == Deal.id)
        .outerjoin(Account, Account.id == Deal.account_id)
        .where(Deal.status == status)
        .order_by(tied.c.counts.desc(), *order, Deal.id)
        .limit(FEW_DEALS)
    ).all()  # fmt: skip
    if not rows:
        return TiedDeals([], 0, 0)
    ties = _ties(problem_id, status, [row[0] for row in rows])
    deals = [TiedDeal._make((*row[:-2], ties[row[0]])) for row in rows]
    return TiedDeals(deals, rows[0][-2], int(rows[0][-1]))


def _ties(problem_id: int, status: str, deal_ids: Sequence[int]) -> dict[int, list[Tie]]:
    """By deal, its ties to the problem: it takes all reasons of a deal to tell which count."""
    said: dict[int, list[Statement]] = defaultdict(list)
    for each in db.session.scalars(
        select(Statement).where(Statement.deal_id.in_(deal_ids), STANDING).order_by(Statement.id)
    ):
        said[each.deal_id or 0].append(each)
    found = {}
    for deal, every in said.items():
        ties = [
            Tie(s.source, s.bucket, s.words, s.said_at, s.amount_then, s.fit_then, *verdict)
            for s, verdict in zip(every, verdicts(status, every), strict=True)
            if s.root_id == problem_id
        ]
        found[deal] = sorted(ties, key=lambda tie: not tie.counts)
    return found
