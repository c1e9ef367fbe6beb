"""What splitting a problem would do, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, or_, select

from roadmap.domain.differences import Evidence, difference, rerooted
from roadmap.domain.statements import REQUEST
from roadmap.evidence.recording import STANDING
from roadmap.extensions import db
from roadmap.market.asked import Asked, requests
from roadmap.market.solvers import Solution, solution_in
from roadmap.models import Account, Deal, Problem, Statement
from roadmap.planning.picture import Picture
from roadmap.workspace.searching import has

from . import consequences, splitting
from .consequences import Reached
from .splitting import Choice

#: How many deals the form offers at once: the rest is found by words.
OFFERED = 60


class Offered(NamedTuple):
    """A deal that somebody besides requests ties to the problem: it can go without one."""

    id: int
    name: str
    account: str | None
    status: str
    amount: int | None
    amount_source: str | None
    chosen: bool


class Offer(NamedTuple):
    """`more` deals are not named here. `resting` ones go with their requests alone."""

    deals: list[Offered]
    more: int
    resting: int
    requests: list[Asked]


@dataclass(frozen=True)
class SplitPreview:
    """Evidence that goes, what stays, and how many deals speak for both afterwards."""

    going: Evidence
    staying: Evidence
    both: int
    requests: int
    here: Solution
    there: Solution
    reached: Reached


def offer(problem: Problem, words: str, chosen: Collection[int]) -> Offer:
    """Chosen deals first, then those that hold the words, the largest first."""
    asked = Statement.origin == REQUEST
    tied = select(Statement.deal_id).where(
        Statement.root_id == problem.id, Statement.deal_id.is_not(None), STANDING
    )
    free = tied.where(~asked)
    fits = has(words, Deal.search_text, Account.search_text)
    picked = Deal.id.in_(chosen)
    rows = db.session.execute(
        select(
            Deal.id, Deal.name, Account.name, Deal.status, Deal.amount, Deal.amount_source,
            func.count().over(),
        )
        .outerjoin(Account, Account.id == Deal.account_id)
        .where(Deal.id.in_(free), or_(picked, fits))
        .order_by(picked.desc(), Deal.status.desc(), Deal.amount.is_(None), Deal.amount.desc(),
                  Deal.id)
        .limit(OFFERED + len(chosen))
    ).all()  # fmt: skip
    deals = [Offered(*row[:6], row[0] in chosen) for row in rows]
    resting = db.session.scalar(
        select(func.count()).select_from(tied.where(asked).distinct().subquery())
    )
    found = requests(problem.id)
    total = rows[0][-1] if rows else 0
    return Offer(deals, total - len(deals), resting or 0, [*found.confirmed, *found.pending])


def preview(picture: Picture, problem: Problem, choice: Choice) -> SplitPreview:
    going = splitting.requests_going(problem.id, choice.requests)
    taken = splitting.chosen(problem.id, choice, going)
    now = consequences.present(problem.id)
    found = difference(now.deals, now.said, rerooted(now.said, problem.id, NEW, taken))
    leaving = found.evidence(NEW, after=True)
    staying = found.evidence(problem.id, after=True)
    old, new = str(problem.id), str(NEW)
    known = picture.plan.problems
    solving = known[old].initiatives if choice.same_initiatives and old in known else ()
    plan = consequences.with_solvers(picture, {new: solving})
    days = consequences.solved(picture, plan)
    return SplitPreview(
        going=leaving,
        staying=staying,
        both=len(leaving.deals & staying.deals),
        requests=len(going),
        here=solution_in(plan, days, problem.id),
        there=solution_in(plan, days, NEW),
        reached=consequences.reached(picture, found, days),
    )


#: What the new problem is called in a plan before it has an id.
NEW = 0
