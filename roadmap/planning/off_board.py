"""An initiative that is off the board, in full: the plan holds no more than its title and state.

Without its work, needs, promises and ties nobody could say what its coming back would delay.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from roadmap.domain.plan import SOLVES, Initiative, Plan, Problem, Promise, WorkItem
from roadmap.extensions import db
from roadmap.models import Commitment, Need, ProblemTie
from roadmap.models import Initiative as InitiativeRow
from roadmap.models import WorkItem as WorkItemRow


def known(plan: Plan, id: str) -> Plan:
    """The plan with that initiative whole, and with the problems that it solves knowing of it."""
    row = db.session.get(InitiativeRow, int(id)) if id.isdigit() else None
    if row is None or row.position is not None:
        return plan
    needs = _needs(row.id)
    whole = Initiative(
        id,
        row.title,
        row.state,
        None if row.owner_id is None else str(row.owner_id),
        row.not_before,
        tuple(needs),
        _promises(row.id),
        _work(row.id),
    )
    stubs = {need: stub for need, stub in needs.items() if need not in plan.initiatives}
    return replace(
        plan,
        initiatives={**plan.initiatives, **stubs, id: whole},
        problems={**plan.problems, **_solved(plan, id)},
    )


def _needs(number: int) -> dict[str, Initiative]:
    rows = db.session.execute(
        select(InitiativeRow.id, InitiativeRow.title, InitiativeRow.state)
        .join(Need, Need.needed_id == InitiativeRow.id)
        .where(Need.initiative_id == number)
        .order_by(InitiativeRow.id)
    )
    return {str(need): Initiative(str(need), title, state) for need, title, state in rows}


def _promises(number: int) -> tuple[Promise, ...]:
    rows = db.session.execute(
        select(Commitment.date, Commitment.to)
        .where(Commitment.initiative_id == number)
        .order_by(Commitment.date, Commitment.to)
    )
    return tuple(Promise(date, to) for date, to in rows)


def _work(number: int) -> tuple[WorkItem, ...]:
    rows = db.session.execute(
        select(
            WorkItemRow.team_id,
            WorkItemRow.person_days,
            WorkItemRow.max_days,
            WorkItemRow.product_id,
        )
        .where(WorkItemRow.initiative_id == number)
        .order_by(WorkItemRow.position, WorkItemRow.id)
    )
    return tuple(
        WorkItem(str(team), days, most, str(product)) for team, days, most, product in rows
    )


def _solved(plan: Plan, id: str) -> dict[str, Problem]:
    numbers = db.session.scalars(
        select(ProblemTie.problem_id).where(
            ProblemTie.initiative_id == int(id), ProblemTie.kind == SOLVES
        )
    )
    found = {}
    for number in numbers:
        problem = str(number)
        solvers = plan.problems[problem].initiatives if problem in plan.problems else ()
        others = tuple(other for other in solvers if other != id)
        found[problem] = Problem(problem, (*others, id))
    return found
