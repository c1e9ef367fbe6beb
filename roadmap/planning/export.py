"""The whole plan, on and off the board and with all deals, as a plan file needs it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date

from sqlalchemy import select, true

from roadmap.domain.plan import SOLVES, Initiative, Plan, Problem
from roadmap.extensions import db
from roadmap.models import Initiative as InitiativeRow
from roadmap.models import Problem as ProblemRow
from roadmap.models import ProblemTie, User

from .evidence import all_deals, waiting_deals
from .gather import gather, needs_and_promises, work_items


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
        fiscal_start=board.fiscal_start,
        teams=board.teams,
        initiatives=_initiatives(),
        order=board.order,
        problems=_problems(),
        deals={deal.id: deal for deal in all_deals()},
    )


def _initiatives() -> dict[str, Initiative]:
    work, products = work_items(true())
    needs, promises, _ = needs_and_promises(true(), true())
    named = {str(id): name for found in products.values() for id, name in found}
    rows = db.session.execute(
        select(
            InitiativeRow.id, InitiativeRow.title, InitiativeRow.state, User.name.label("owner"),
            InitiativeRow.not_before,
        )
        .outerjoin(User, User.id == InitiativeRow.owner_id)
        .order_by(InitiativeRow.position.is_(None), InitiativeRow.position, InitiativeRow.id)
    )  # fmt: skip
    return {
        (id := str(row.id)): Initiative(
            id, row.title, row.state, row.owner, row.not_before,
            tuple(needs[id]), tuple(promises[id]),
            tuple(replace(item, product=named[item.product]) for item in work[id]),
        )
        for row in rows
    }  # fmt: skip


def _problems() -> dict[str, Problem]:
    solvers: dict[int, list[str]] = defaultdict(list)
    for problem, initiative in db.session.execute(
        select(ProblemTie.problem_id, ProblemTie.initiative_id)
        .where(ProblemTie.kind == SOLVES)
        .order_by(ProblemTie.problem_id, ProblemTie.initiative_id)
    ):
        solvers[problem].append(str(initiative))
    ids = db.session.scalars(
        select(ProblemRow.id).where(ProblemRow.merged_into_id.is_(None)).order_by(ProblemRow.id)
    )
    return {str(id): Problem(str(id), tuple(solvers[id])) for id in ids}
