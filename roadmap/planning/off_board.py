"""An initiative that is off the board, in full: the plan holds no more than its title and state.

Without its work, needs, promises and ties nobody could say what its coming back would delay.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from roadmap.domain.plan import SOLVES, Initiative, Plan, Problem
from roadmap.extensions import db
from roadmap.models import Initiative as InitiativeRow
from roadmap.models import ProblemTie

from .gather import needs_and_promises, owner_of, work_items


def known(plan: Plan, id: str) -> Plan:
    """The plan with that initiative whole, and with the problems that it solves knowing of it."""
    row = db.session.get(InitiativeRow, int(id)) if id.isdigit() else None
    if row is None or row.position is not None:
        return plan
    this = InitiativeRow.id == row.id
    needs, promises, needed = needs_and_promises(this, this)
    work, _ = work_items(this)
    whole = Initiative(
        id, row.title, row.state, owner_of(row), row.not_before,
        tuple(needs[id]), tuple(promises[id]), tuple(work[id]),
    )  # fmt: skip
    stubs = {
        need: Initiative(need, title, state)
        for need, (title, state) in needed.items()
        if need not in plan.initiatives
    }
    return replace(
        plan,
        initiatives={**plan.initiatives, **stubs, id: whole},
        problems={**plan.problems, **_solved(plan, id)},
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
