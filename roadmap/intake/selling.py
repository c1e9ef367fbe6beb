"""The open deals that somebody sells and that wait for something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select

from roadmap.domain import plan
from roadmap.domain.deals import OPEN, Readiness, readiness
from roadmap.extensions import db
from roadmap.models import Account, Blocker, CrmOwner, Deal, Problem, Request, RequestDeal
from roadmap.planning.picture import Picture

#: As many as one person can sell, and more.
MOST_DEALS = 300


@dataclass(frozen=True)
class Selling:
    """An open deal of theirs, with the problems that it waits for. `amount` is in cents, None while
    unknown.
    """

    id: int
    name: str
    account_id: int | None
    account: str | None
    amount: int | None
    amount_source: str | None
    stage: str
    needed_by: date | None
    problems: Sequence[tuple[int, str]]
    ready: Readiness


def selling(user_id: int, picture: Picture, account_id: int | None = None) -> list[Selling]:
    """Those that a problem holds or with a request of theirs, the largest first; at most one more
    than `MOST_DEALS`, which says that there are more.
    """
    waiting = _waiting(user_id, account_id).subquery()
    statement = (
        select(
            Deal.id, Deal.name, Deal.account_id, Account.name.label("account"), Deal.amount,
            Deal.amount_source, Deal.stage,
            Deal.needed_by.label("needed_by"),
            func.coalesce(Account.fit, 0).label("fit"),
            Problem.id.label("problem_id"), Problem.title.label("problem"),
        )
        .join(waiting, waiting.c.id == Deal.id)
        .outerjoin(Account, Account.id == Deal.account_id)
        .outerjoin(Blocker, (Blocker.deal_id == Deal.id) & Blocker.holds)
        .outerjoin(Problem, Problem.id == Blocker.problem_id)
        .order_by(Deal.amount.is_(None), Deal.amount.desc(), Deal.id, Problem.sort_key)
    )  # fmt: skip
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(statement):
        grouped[row.id].append(row)
    return [_selling(rows, picture) for rows in grouped.values()]


def _waiting(user_id: int, account_id: int | None) -> Select[int]:
    blocked = select(Blocker.id).where(Blocker.deal_id == Deal.id, Blocker.holds).exists()
    asked = (
        select(RequestDeal.deal_id)
        .join(Request, Request.id == RequestDeal.request_id)
        .where(Request.requester_id == user_id)
    )
    statement = (
        select(Deal.id)
        .join(CrmOwner, CrmOwner.id == Deal.crm_owner_id)
        .where(CrmOwner.user_id == user_id, Deal.status == OPEN, or_(blocked, Deal.id.in_(asked)))
        .order_by(Deal.amount.is_(None), Deal.amount.desc(), Deal.id)
        .limit(MOST_DEALS + 1)
    )
    return statement if account_id is None else statement.where(Deal.account_id == account_id)


def _selling(rows: Sequence[Any], picture: Picture) -> Selling:
    row = rows[0]
    problems: Mapping[int, str] = {r.problem_id: r.problem for r in rows if r.problem_id}
    waits = tuple(str(id) for id in problems)
    deal = plan.Deal(str(row.id), OPEN, row.amount, row.fit, row.needed_by, waits)
    return Selling(
        row.id, row.name, row.account_id, row.account, row.amount, row.amount_source, row.stage,
        row.needed_by,
        tuple(problems.items()), readiness(deal, picture.solved, picture.today),
    )  # fmt: skip
