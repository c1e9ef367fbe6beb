"""Where a request stands: its problem, when that is solved, whether that is in time, the price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from roadmap.domain.deals import BEFORE_ALL, IN_TIME, LATE, OPEN, in_time
from roadmap.domain.triage import CONFIRMED, WAITING
from roadmap.extensions import db
from roadmap.market.solvers import Solution, Solver, is_uncovered, solution, solvers
from roadmap.models import Deal, Problem, Request, RequestDeal
from roadmap.planning.evidence import holding_problems
from roadmap.planning.picture import Picture

from . import prices
from .prices import Price
from .settling import survivor

UNDATED, CLOSED, UNKNOWN = "undated", "closed", "unknown"
#: Whose a date is: the request states it, the deal's list of dates has it, or it is CRM's.
ASKED, OWN, CLOSE = "as asked", "the customer's date", "the expected close"

#: So many dates are priced; a request with more of them is about more than one thing.
MOST_DATES = 3


class Named(NamedTuple):
    """A deal that a request names, as it is now. `amount` is in cents, None while unknown."""

    id: int
    name: str
    status: str
    amount: int | None
    amount_source: str | None
    stage: str
    close_date: date | None
    own_needed_by: date | None
    date_holds: bool | None = None
    """Whether the request's own date is the deal's, once somebody said so."""


class Rival(NamedTuple):
    """Another date than the one that is judged first, with a verdict of its own."""

    by: date | None
    source: str
    verdict: str
    overdue: bool


class Target(NamedTuple):
    """A date that the solution should make: the one that the request states or, where it states
    none or somebody says that another holds, the deal's.

    `verdict` is in time, late, undated, closed (won or lost), or unknown while no problem is named.
    `source` says whose date it is. `rival` is the other of the two dates, where its verdict
    differs. `also` are other problems that hold the deal and are not solved by then.
    """

    deal: Named | None
    by: date | None
    source: str
    verdict: str
    overdue: bool = False
    rival: Rival | None = None
    also: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Standing:
    """`head` is the request that speaks for this one: itself, unless it was merged."""

    head: Request
    problem: Problem | None
    pending: bool
    solution: Solution | None
    uncovered: bool
    solvers: Sequence[Solver]
    targets: Sequence[Target]
    prices: Sequence[Price]

    @property
    def late(self) -> list[Target]:
        return [target for target in self.targets if target.verdict == LATE]

    @property
    def in_time(self) -> list[Target]:
        return [target for target in self.targets if target.verdict == IN_TIME]

    @property
    def dated(self) -> list[Target]:
        """Those that are still to be made."""
        return [target for target in self.targets if target.verdict not in (CLOSED, UNKNOWN)]

    @property
    def waits(self) -> bool:
        """Whether triage has still to say what it is."""
        return self.head.state in WAITING


def standing(request: Request, picture: Picture) -> Standing:
    """Three queries at most, besides those for who speaks for it."""
    head = survivor(request)
    problem = head.problem
    deals = named_deals([request.id]).get(request.id, [])
    found = targets(problem.id if problem else None, deals, request.needed_by, picture)
    return Standing(
        head=head,
        problem=problem,
        pending=problem is not None and head.state != CONFIRMED,
        solution=solution(picture, problem.id) if problem else None,
        uncovered=problem is not None and is_uncovered(picture, problem.id),
        solvers=solvers(picture).get(problem.id, []) if problem else [],
        targets=_with_other_problems(found, problem, picture),
        prices=_prices(problem, found, picture),
    )


def named_deals(request_ids: Iterable[int]) -> dict[int, list[Named]]:
    """The deals that requests name, by request, largest first, in one query."""
    rows = db.session.execute(
        select(
            RequestDeal.request_id, Deal.id, Deal.name, Deal.status, Deal.amount,
            Deal.amount_source, Deal.stage, Deal.close_date, Deal.own_needed_by,
            RequestDeal.date_holds,
        )
        .join(Deal, Deal.id == RequestDeal.deal_id)
        .where(RequestDeal.request_id.in_(list(request_ids)))
        .order_by(Deal.amount.is_(None), Deal.amount.desc(), Deal.id)
    )  # fmt: skip
    found: dict[int, list[Named]] = {}
    for request_id, *columns in rows:
        found.setdefault(request_id, []).append(Named._make(columns))
    return found


def targets(
    problem_id: int | None, deals: Sequence[Named], needed_by: date | None, picture: Picture
) -> list[Target]:
    """Each named deal against the date when the problem is solved; without deals, the request."""
    solved = None if problem_id is None else picture.solved.get(str(problem_id))
    if not deals:
        if needed_by is None:
            return []
        said = _verdict(problem_id, solved, needed_by)
        return [Target(None, needed_by, ASKED, said, needed_by < picture.today)]
    found = []
    for deal in deals:
        first, *others = (
            Rival(
                by, source, _verdict(problem_id, solved, by), by is not None and by < picture.today
            )
            for by, source in _dates(deal, needed_by)
        )
        if deal.status != OPEN:
            found.append(Target(deal, first.by, first.source, CLOSED))
            continue
        rivals = [other for other in others if other.verdict != first.verdict]
        found.append(Target(deal, *first, rivals[0] if rivals else None))
    return found


def _dates(deal: Named, asked: date | None) -> list[tuple[date | None, str]]:
    """The dates that a deal of a request is judged by, with whose they are; the one that holds, or
    is taken to hold until somebody says otherwise, comes first.
    """
    if deal.status != OPEN:
        return [(deal.close_date, "closed" if deal.close_date else "")]
    own: tuple[date | None, str] = (deal.own_needed_by, OWN)
    if deal.own_needed_by is None:
        own = (deal.close_date, CLOSE) if deal.close_date else (None, "")
    if asked is None:
        return [own]
    stated = (asked, ASKED)
    if own[0] is None:
        return [stated]
    return [own, stated] if deal.date_holds is False else [stated, own]


def _verdict(problem_id: int | None, solved: date | None, by: date | None) -> str:
    if problem_id is None:
        return UNKNOWN
    if solved == BEFORE_ALL:
        return IN_TIME
    if by is None:
        return UNDATED
    return IN_TIME if in_time(solved, by) else LATE


def _with_other_problems(
    found: Sequence[Target], problem: Problem | None, picture: Picture
) -> list[Target]:
    """Add what else stands in a deal's way by then: in time for this is not yet in time."""
    ids = [target.deal.id for target in found if target.deal and target.deal.status == OPEN]
    if problem is None or not ids:
        return list(found)
    blockers = holding_problems(ids)
    titles = _titles({id for each in blockers.values() for id in each} - {str(problem.id)})

    def others(target: Target) -> tuple[tuple[int, str], ...]:
        if target.deal is None or target.by is None:
            return ()
        waits = [id for id in blockers.get(target.deal.id, ()) if id in titles]
        late = [id for id in waits if not in_time(picture.solved.get(id), target.by)]
        return tuple(sorted((int(id), titles[id]) for id in late))

    return [target._replace(also=others(target)) for target in found]


def _titles(ids: Iterable[str]) -> Mapping[str, str]:
    wanted = [int(id) for id in ids]
    if not wanted:
        return {}
    rows = db.session.execute(select(Problem.id, Problem.title).where(Problem.id.in_(wanted)))
    return {str(id): title for id, title in rows}


def _prices(problem: Problem | None, found: Sequence[Target], picture: Picture) -> list[Price]:
    """For each date that is missed, each initiative on the board that has to be done and is late.

    One that would make an earlier date makes the later ones as well, so the earliest come first.
    """
    if problem is None:
        return []
    solving = [
        solver
        for solver in solvers(picture).get(problem.id, [])
        if solver.kind == "solves" and solver.rank is not None
    ]
    missed = {t.by for t in found if t.verdict == LATE and t.by and not t.overdue}
    priced = (
        prices.price(picture, str(solver.id), by)
        for by in sorted(missed)[:MOST_DATES]
        for solver in solving
    )
    return [each for each in priced if each is not None]
