"""What a merge or a split would do to evidence, dates and deals: shown before it is done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select

from roadmap.domain.deals import LOST, OPEN, Reach, Solutions, reach_between, ready_date, solutions
from roadmap.domain.plan import Deal, Plan, Problem
from roadmap.evidence.recording import STANDING
from roadmap.extensions import db
from roadmap.models import Account, Statement
from roadmap.models import Deal as DealRow
from roadmap.planning.evidence import holding_problems
from roadmap.planning.picture import Picture
from roadmap.tradeoffs.consequences import ReachedDeal, deal_rows

#: How many deals a preview names.
SHOWN = 40


class Row(NamedTuple):
    """A statement that counts, with its deal: an open or a lost one."""

    statement: int
    problem: int
    deal: int
    status: str
    amount: int | None
    fit: int
    needed_by: date | None


class Evidence(NamedTuple):
    """Deals, each once; amounts in cents, unknown ones count 0 and are counted beside."""

    open_count: int
    open_amount: int
    lost_count: int
    lost_amount: int
    unknown: int
    deals: frozenset[int]


@dataclass(frozen=True)
class Reached:
    """The open deals that fall out of reach and come within it, the largest named."""

    reach: Reach
    pushed: list[ReachedDeal]
    brought: list[ReachedDeal]


def rows(problem_ids: Collection[int]) -> list[Row]:
    """All that is said and counts for these problems, with their open and lost deals."""
    found: Any = db.session.execute(
        select(
            Statement.id, Statement.root_id, DealRow.id, DealRow.status, DealRow.amount,
            func.coalesce(Account.fit, 0), DealRow.needed_by,
        )
        .join(DealRow, DealRow.id == Statement.deal_id)
        .outerjoin(Account, Account.id == DealRow.account_id)
        .where(
            Statement.root_id.in_(problem_ids), STANDING, Statement.counts,
            DealRow.status.in_((OPEN, LOST)),
        )
    )  # fmt: skip
    return [Row(*row) for row in found]


def evidence(found: Iterable[Row]) -> Evidence:
    deals = {row.deal: row for row in found}
    of: dict[str, list[int | None]] = {OPEN: [], LOST: []}
    for row in deals.values():
        of[row.status].append(row.amount)
    return Evidence(
        len(of[OPEN]), sum(amount or 0 for amount in of[OPEN]),
        len(of[LOST]), sum(amount or 0 for amount in of[LOST]),
        of[OPEN].count(None) + of[LOST].count(None), frozenset(deals),
    )  # fmt: skip


def with_solvers(picture: Picture, solvers: Mapping[str, Collection[str]]) -> Plan:
    """The plan with other initiatives solving these problems; none takes the problem away."""
    problems = {id: one for id, one in picture.plan.problems.items() if id not in solvers}
    problems |= {id: Problem(id, tuple(by)) for id, by in solvers.items() if by}
    return replace(picture.plan, problems=problems)


def solved(picture: Picture, plan: Plan) -> dict[str, date | None]:
    """The solution dates of a plan that differs from the picture's in its problems alone."""
    return solutions(plan, picture.schedule)


def reached(
    picture: Picture,
    found: Sequence[Row],
    after: Solutions,
    moved: Callable[[int, list[str]], Iterable[str]],
) -> Reached:
    """What a change of blockers and of dates does to the open deals among the rows.

    `moved` gives the problems that block a deal afterwards, of its id and those that do now.
    """
    now = {row.deal: row for row in found if row.status == OPEN}
    blockers = holding_problems(sorted(now))
    before = {
        str(id): Deal(str(id), OPEN, row.amount, row.fit, row.needed_by, tuple(blockers[id]))
        for id, row in now.items()
    }
    then = {
        id: replace(deal, blockers=tuple(dict.fromkeys(moved(int(id), list(deal.blockers)))))
        for id, deal in before.items()
    }
    reach = reach_between(before, picture.solved, then, after)

    def named(ids: Sequence[str]) -> list[ReachedDeal]:
        shown = [int(id) for id in ids[:SHOWN]]
        details = {row[0]: row for row in deal_rows(shown)}
        return [
            ReachedDeal._make(
                (
                    *details[id],
                    ready_date(before[str(id)].blockers, picture.solved),
                    ready_date(then[str(id)].blockers, after),
                )
            )
            for id in shown
            if id in details
        ]

    return Reached(reach, named(reach.pushed), named(reach.brought))
