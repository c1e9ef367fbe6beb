"""What the database adds to likeness: what is shared with the account, and the figures to show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select

from roadmap.extensions import db
from roadmap.market import figures
from roadmap.market.figures import NOTHING, Figures
from roadmap.market.kept import kept
from roadmap.market.solvers import Solution, Solver, solution, solvers
from roadmap.models import Account, Blocker, Deal, RequestDeal
from roadmap.planning import picture as pictures
from roadmap.planning.picture import Picture

from .corpus import PROBLEM, REQUEST, Entry
from .sought import Key

#: An account's deals are few; more than these were not ticked by a person.
MOST_DEALS = 200
#: A larger number is no id, and PostgreSQL refuses to look for it.
MOST_ID = 2**31 - 1


class Shared(NamedTuple):
    account: bool
    product: bool
    segment: bool


class Customer(NamedTuple):
    """The account that a text is about, and the problems in its deals' way."""

    id: int | None = None
    name: str = ""
    segment_id: int | None = None
    problems: frozenset[int] = frozenset()

    def knows(self, entry: Entry) -> bool:
        """Whether its deals wait for this problem, or it made this request."""
        if entry.kind == PROBLEM:
            return entry.id in self.problems
        return self.id is not None and entry.account_id == self.id


@dataclass(frozen=True)
class Surroundings:
    """The account that a text is about, its segment, the problems in its deals' way, and which
    problems and requests are about the same products."""

    customer: Customer
    segment_id: int | None = None
    same_product: frozenset[Key] = frozenset()

    def shared_with(self, entry: Entry) -> Shared:
        return Shared(
            self.customer.knows(entry),
            (entry.kind, entry.id) in self.same_product,
            self.segment_id in entry.segments,
        )


def customer(account_id: int | None) -> Customer:
    """Two queries; nothing is known of no account."""
    if account_id is None or account_id > MOST_ID:
        return Customer()
    row = db.session.execute(
        select(Account.name, Account.segment_id).where(Account.id == account_id)
    ).one_or_none()
    problems = db.session.scalars(
        select(Blocker.problem_id)
        .join(Deal, Deal.id == Blocker.deal_id)
        .where(Deal.account_id == account_id, Blocker.counts)
        .distinct()
    )
    name, segment_id = row or ("", None)
    return Customer(account_id, name, segment_id, frozenset(problems))


def surroundings(
    customer: Customer,
    deal_ids: Sequence[int],
    products: Sequence[str],
    segment_id: int | None,
    request_ids: Sequence[int],
) -> Surroundings:
    """At most two queries, where products are known."""
    if segment_id is None:
        segment_id = customer.segment_id
    names = {*products, *_products(deal_ids)} if deal_ids else set(products)
    same = _about(names, request_ids) if names else frozenset()
    return Surroundings(customer, segment_id, same)


class Shown(NamedTuple):
    """A problem's deals with their money, when it is solved, and by what."""

    figures: Figures
    solution: Solution
    solvers: tuple[Solver, ...]


def shown(problem_ids: Iterable[int]) -> Mapping[int, Shown]:
    """What a page says of these few problems: two queries cold, one warm."""
    ids = frozenset(problem_ids)
    if not ids:
        return {}
    picture = pictures.current()
    counted, addressed = figures.of_problems(ids), solvers(picture)
    return {
        id: Shown(
            counted.get(id, NOTHING), solution(picture, id), tuple(addressed.get(id, ()))
        )
        for id in ids
    }  # fmt: skip


def _products(deal_ids: Sequence[int]) -> Iterable[str]:
    """The names of these deals' products, as CRM has them."""
    ids = [id for id in deal_ids if id <= MOST_ID][:MOST_DEALS]
    return db.session.scalars(
        select(Deal.product).where(Deal.id.in_(ids), Deal.product.is_not(None)).distinct()
    ).all()  # type: ignore[return-value]


def _about(names: Iterable[str], request_ids: Sequence[int]) -> frozenset[Key]:
    """Problems whose initiatives are for these products, and requests whose deals are."""
    wanted = {name.casefold() for name in names}
    picture = pictures.current()
    by_problem = kept(
        ("products of problems", picture.revision, picture.today),
        lambda: _products_of_problems(picture),
    )
    found: set[Key] = {(PROBLEM, id) for id, held in by_problem.items() if held & wanted}
    rows = db.session.execute(
        select(RequestDeal.request_id, Deal.product)
        .join(Deal, Deal.id == RequestDeal.deal_id)
        .where(RequestDeal.request_id.in_(request_ids), Deal.product.is_not(None))
    )
    found.update((REQUEST, id) for id, name in rows if name and name.casefold() in wanted)
    return frozenset(found)


def _products_of_problems(picture: Picture) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for card in picture.cards.values():
        names = {name.casefold() for _, name in card.products}
        for tied in card.problems:
            found.setdefault(tied.id, set()).update(names)
    return found
