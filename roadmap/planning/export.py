"""The whole plan, on and off the board and with all deals, as a plan file needs it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Executable, func, select

from roadmap.domain.plan import SOLVES, Deal, Initiative, Plan, Problem, Promise, WorkItem
from roadmap.extensions import db
from roadmap.models import Account, Blocker, Commitment, Need, ProblemTie, Product, User
from roadmap.models import Deal as DealRow
from roadmap.models import Initiative as InitiativeRow
from roadmap.models import Problem as ProblemRow
from roadmap.models import WorkItem as WorkItemRow

from .evidence import waiting_deals
from .gather import gather


def plan_with_deals(today: date) -> Plan:
    """The plan with the deals that may be in time or late: all that a preview looks at."""
    plan = gather(today).plan
    known = dict(plan.problems)
    deals = {deal.id: deal for deal in waiting_deals()}
    for deal in deals.values():
        for problem in deal.blockers:
            known.setdefault(problem, Problem(problem))
    return replace(plan, problems=known, deals=deals)


def whole_plan(today: date) -> Plan:
    """Everything that a plan file can hold: what has left the board and closed deals, too.

    Owners and products are named, because a file has no other place that says who they are.
    """
    board = gather(today).plan
    return Plan(
        today=today,
        teams=board.teams,
        initiatives=_initiatives(),
        order=board.order,
        problems=_problems(),
        deals={deal.id: deal for deal in _deals()},
    )


def _initiatives() -> dict[str, Initiative]:
    work, needs, promises = _work(), _needs(), _promises()
    rows = db.session.execute(
        select(
            InitiativeRow.id,
            InitiativeRow.title,
            InitiativeRow.state,
            User.name,
            InitiativeRow.not_before,
        )
        .outerjoin(User, User.id == InitiativeRow.owner_id)
        .order_by(InitiativeRow.position.is_(None), InitiativeRow.position, InitiativeRow.id)
    )
    return {
        str(id): Initiative(
            str(id),
            title,
            state,
            owner,
            not_before,
            tuple(needs[id]),
            tuple(promises[id]),
            tuple(work[id]),
        )
        for id, title, state, owner, not_before in rows
    }


def _work() -> dict[int, list[WorkItem]]:
    return _listed(
        select(
            WorkItemRow.initiative_id,
            WorkItemRow.team_id,
            WorkItemRow.person_days,
            WorkItemRow.max_days,
            Product.name,
        )
        .join(Product, Product.id == WorkItemRow.product_id)
        .order_by(WorkItemRow.initiative_id, WorkItemRow.position, WorkItemRow.id),
        lambda team, days, most, product: WorkItem(str(team), days, most, product),
    )


def _needs() -> dict[int, list[str]]:
    return _listed(
        select(Need.initiative_id, Need.needed_id).order_by(Need.initiative_id, Need.needed_id), str
    )


def _promises() -> dict[int, list[Promise]]:
    return _listed(
        select(Commitment.initiative_id, Commitment.date, Commitment.to).order_by(
            Commitment.initiative_id, Commitment.date, Commitment.to
        ),
        Promise,
    )


def _problems() -> dict[str, Problem]:
    solvers = _listed(
        select(ProblemTie.problem_id, ProblemTie.initiative_id)
        .where(ProblemTie.kind == SOLVES)
        .order_by(ProblemTie.problem_id, ProblemTie.initiative_id),
        str,
    )
    ids = db.session.scalars(
        select(ProblemRow.id).where(ProblemRow.merged_into_id.is_(None)).order_by(ProblemRow.id)
    )
    return {str(id): Problem(str(id), tuple(solvers[id])) for id in ids}


def _deals() -> Iterator[Deal]:
    """Every deal, with the problems that count as its blockers."""
    rows = db.session.execute(
        select(
            DealRow.id,
            DealRow.status,
            DealRow.amount,
            func.coalesce(Account.fit, 0),
            DealRow.needed_by,
            Blocker.problem_id,
        )
        .outerjoin(Account, Account.id == DealRow.account_id)
        .outerjoin(Blocker, (Blocker.deal_id == DealRow.id) & Blocker.counts)
        .order_by(DealRow.id, Blocker.problem_id)
    ).yield_per(5000)
    for id, group in groupby(rows, itemgetter(0)):
        ties: list[Any] = list(group)
        _, status, amount, fit, needed_by, _ = ties[0]
        blockers = dict.fromkeys(str(tie[5]) for tie in ties if tie[5] is not None)
        yield Deal(str(id), status, amount, fit, needed_by, tuple(blockers))


def _listed(statement: Executable, make: Callable[..., Any]) -> dict[int, list[Any]]:
    """What `make` makes of the columns after the first, in lists by the first."""
    found: dict[int, list[Any]] = defaultdict(list)
    for id, *columns in db.session.execute(statement):
        found[id].append(make(*columns))
    return found
