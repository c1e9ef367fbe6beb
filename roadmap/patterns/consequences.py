"""What a merge or a split would do to evidence, dates and deals: shown before it is done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from roadmap.domain.deals import WON, Reach, Solutions, ready_date, solutions
from roadmap.domain.differences import Difference
from roadmap.domain.plan import Plan, Problem
from roadmap.evidence import counting
from roadmap.evidence.counting import Present
from roadmap.evidence.recording import STANDING
from roadmap.models import Deal, Statement
from roadmap.planning.picture import Picture
from roadmap.tradeoffs.consequences import ReachedDeal, deal_rows

#: How many deals a preview names.
SHOWN = 40


@dataclass(frozen=True)
class Reached:
    """The open deals that fall out of reach and come within it, the largest named."""

    reach: Reach
    pushed: list[ReachedDeal]
    brought: list[ReachedDeal]


def present(*problem_ids: int) -> Present:
    """The open and lost deals of which something stands that counts for one of these problems."""
    return counting.present(
        select(Deal.id)
        .join(Statement, Statement.deal_id == Deal.id)
        .where(Statement.root_id.in_(problem_ids), STANDING, Deal.status != WON)
    )


def with_solvers(picture: Picture, solvers: Mapping[str, Collection[str]]) -> Plan:
    """The plan with other initiatives solving these problems; none takes the problem away."""
    problems = {id: one for id, one in picture.plan.problems.items() if id not in solvers}
    problems |= {id: Problem(id, tuple(by)) for id, by in solvers.items() if by}
    return replace(picture.plan, problems=problems)


def solved(picture: Picture, plan: Plan) -> dict[str, date | None]:
    """The solution dates of a plan that differs from the picture's in its problems alone."""
    return solutions(plan, picture.schedule)


def reached(picture: Picture, found: Difference, days: Solutions) -> Reached:
    """What the change of statements and of solution dates does to the open deals."""
    reach = found.reach(picture.solved, days)
    changes = {each.deal.id: each for each in found.changes}

    def named(ids: Sequence[str]) -> list[ReachedDeal]:
        shown = ids[:SHOWN]
        details = {str(row[0]): row for row in deal_rows(list(map(int, shown)))}
        return [
            ReachedDeal._make(
                (
                    *details[id],
                    ready_date(changes[id].side(after=False).blockers, picture.solved),
                    ready_date(changes[id].side(after=True).blockers, days),
                )
            )
            for id in shown
            if id in details
        ]

    return Reached(reach, named(reach.pushed), named(reach.brought))
