"""Where several people do, or ask for, what may be one thing."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import Any, NamedTuple

from sqlalchemy import func, select

from roadmap import similar
from roadmap.domain.collation import sort_key
from roadmap.domain.deals import OPEN
from roadmap.domain.triage import CONFIRMED, WAITING
from roadmap.extensions import db
from roadmap.market import figures
from roadmap.market.figures import NOTHING, Figures
from roadmap.market.solvers import Solver, solvers
from roadmap.models import Account, Deal, Problem, Request, RequestDeal, User
from roadmap.planning.picture import Picture

#: How many of each kind a page shows; all of them are counted.
SHOWN = 25


class Shared(NamedTuple):
    """A problem that initiatives of different products address; on the board, in rank order."""

    id: int
    title: str
    figures: Figures
    solvers: list[Solver]


class Crowded(NamedTuple):
    """An account where several people, or for several products, ask for different things.

    `people` are names with how often each asks; `things` the titles of problems, or of requests
    that belong to none. `amount` is of the open deals that they speak of, each once.
    """

    id: int
    account: str
    people: list[tuple[str, int]]
    products: list[str]
    things: list[tuple[str, int | None]]
    requests: int
    amount: int


class Pair(NamedTuple):
    """Two problems that say nearly the same; `score` is 1.0 for the same words."""

    first_id: int
    first: str
    second_id: int
    second: str
    score: float


def shared(picture: Picture) -> list[Shared]:
    """The problem before which most money waits first."""
    titles = {tied.id: tied.title for card in picture.cards.values() for tied in card.problems}
    counted = figures.by_problem()
    found = [
        Shared(id, titles[id], counted.get(id, NOTHING), on_board)
        for id, addressed in solvers(picture).items()
        if _differ(on_board := [solver for solver in addressed if solver.rank])
    ]
    found.sort(key=lambda one: (-one.figures.open_weighted, sort_key(one.title)))
    return found


def crowded() -> list[Crowded]:
    """The accounts with the most people first. One query."""
    busy = (
        select(Request.account_id)
        .where(Request.state.in_((CONFIRMED, *WAITING)))
        .group_by(Request.account_id)
        .having(func.count() > 1)
    )
    rows = db.session.execute(
        select(
            Request.account_id, Account.name, Request.id, Request.title, Request.problem_id,
            Problem.title, Request.requester_id, User.name, Deal.id, Deal.product, Deal.status,
            Deal.amount,
        )
        .join(Account, Account.id == Request.account_id)
        .outerjoin(Problem, Problem.id == Request.problem_id)
        .outerjoin(User, User.id == Request.requester_id)
        .outerjoin(RequestDeal, RequestDeal.request_id == Request.id)
        .outerjoin(Deal, Deal.id == RequestDeal.deal_id)
        .where(Request.account_id.in_(busy), Request.state.in_((CONFIRMED, *WAITING)))
        .order_by(Request.account_id, Request.id)
    )  # fmt: skip
    by_account: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_account[row[0] or 0].append(row)
    found = [one for listed in by_account.values() if (one := _crowd(listed)) is not None]
    found.sort(key=lambda one: (-len(one.people), -one.amount, sort_key(one.account)))
    return found


def near_identical(limit: int) -> list[Pair]:
    """Problems that say nearly the same, the nearest first; one query beside the comparison."""
    pairs = similar.near_identical_problems()[:limit]
    ids = {id for pair in pairs for id in (pair.first, pair.second)}
    rows = db.session.execute(select(Problem.id, Problem.title).where(Problem.id.in_(ids)))
    titles = {row.id: row.title for row in rows}
    return [
        Pair(pair.first, titles[pair.first], pair.second, titles[pair.second], pair.score)
        for pair in pairs
    ]


def _differ(addressed: list[Solver]) -> bool:
    """Whether two of them are for products of which none is the same."""
    sets = [{id for id, _ in solver.products} for solver in addressed if solver.products]
    return any(one.isdisjoint(other) for one, other in combinations(sets, 2))


def _crowd(rows: list[Any]) -> Crowded | None:
    things: dict[tuple[str, int], tuple[str, int | None]] = {}
    people: dict[int, tuple[str, set[int]]] = {}
    products: dict[str, None] = {}
    amounts: dict[int, int] = {}
    requests = set()
    for _, _, id, title, problem, problem_title, who, name, deal, product, status, amount in rows:
        requests.add(id)
        key = ("request", id) if problem is None else ("problem", problem)
        things[key] = (title if problem is None else problem_title, problem)
        if who is not None:
            people.setdefault(who, (name, set()))[1].add(id)
        if product:
            products[product] = None
        if deal is not None and status == OPEN:
            amounts[deal] = amount or 0
    if len(things) < 2 or (len(people) < 2 and len(products) < 2):
        return None
    names = sorted((name, len(asked)) for name, asked in people.values())
    return Crowded(
        rows[0][0], rows[0][1], names, sorted(products), list(things.values()), len(requests),
        sum(amounts.values()),
    )  # fmt: skip
