"""The requests that speak for a problem: confirmed ones count, pending ones stand beside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import current_app, url_for
from sqlalchemy import CTE, case, select

from roadmap.domain.deals import LOST, OPEN
from roadmap.domain.triage import CONFIRMED, WAITING
from roadmap.extensions import db
from roadmap.models import Account, Blocker, Deal, Request, RequestDeal, User, requests_about

#: How many a page lists at most; all are counted.
SHOWN = 50


class Asked(NamedTuple):
    """A request as everybody may see it, except for who asked, which not everybody may.

    `deals` are its own and those of the requests merged into it, each once; amounts are cents.
    """

    id: int
    title: str
    account_id: int | None
    account: str | None
    requester_id: int | None
    requester: str | None
    merged: int
    deals: int
    amount: int
    unknown: int


@dataclass(frozen=True)
class Requests:
    """`pending` ones speak of `more` deals that do not count for the problem yet."""

    confirmed: list[Asked]
    pending: list[Asked]
    more: int
    more_amount: int
    more_unknown: int

    @property
    def confirmed_merged(self) -> int:
        return sum(asked.merged for asked in self.confirmed)


def requests(problem_id: int) -> Requests:
    """Two queries."""
    family = standing_for(problem_id, (CONFIRMED, *WAITING))
    deals, merged = _deals(problem_id, family)
    listed: dict[bool, list[Asked]] = {True: [], False: []}
    more: dict[int, int | None] = {}
    for root, state, *words in _roots(problem_id):
        own = {id: amount for id, amount, _ in deals[root]}
        amounts = list(own.values())
        known = sum(amount or 0 for amount in amounts)
        listed[state == CONFIRMED].append(
            Asked._make((root, *words, merged[root], len(own), known, amounts.count(None)))
        )
        if state != CONFIRMED:
            more |= {id: amount for id, amount, counts in deals[root] if not counts}
    total = sum(amount or 0 for amount in more.values())
    unknown = list(more.values()).count(None)
    return Requests(listed[True], listed[False], len(more), total, unknown)


def standing_for(problem_id: int, states: Sequence[str]) -> CTE:
    """Columns `root` and `id`: requests of a problem, and with them all that are merged into
    them, whatever problem those once belonged to.
    """
    roots = (
        select(Request.id.label("root"), Request.id.label("id"))
        .where(Request.id.in_(requests_about([problem_id])), Request.state.in_(states))
        .cte("standing", recursive=True)
    )
    return roots.union(select(roots.c.root, Request.id).where(Request.merged_into_id == roots.c.id))


def address(request_id: int) -> str | None:
    """The request's own page; None while the product has no such page."""
    if "intake.show" not in current_app.view_functions:
        return None
    return url_for("intake.show", id=request_id)


def _roots(problem_id: int) -> Iterable[Any]:
    return db.session.execute(
        select(
            Request.id, Request.state, Request.title, Request.account_id,
            case((Account.id.is_(None), Request.prospect), else_=Account.name),
            Request.requester_id, User.name,
        )
        .outerjoin(Account, Account.id == Request.account_id)
        .outerjoin(User, User.id == Request.requester_id)
        .where(Request.state.in_((CONFIRMED, *WAITING)))
        .where(Request.id.in_(requests_about([problem_id])))
        .order_by(Request.created_at.desc(), Request.id.desc())
    )  # fmt: skip


def _deals(
    problem_id: int, family: CTE
) -> tuple[dict[int, list[tuple[int, int | None, bool]]], dict[int, int]]:
    """By root: its open and lost deals with whether they count for the problem already; and how
    many requests are merged into it."""
    counts = (
        select(Blocker.id)
        .where(Blocker.deal_id == Deal.id, Blocker.problem_id == problem_id, Blocker.counts)
        .exists()
    )
    rows = db.session.execute(
        select(family.c.root, family.c.id, Deal.id, Deal.amount, counts)
        .outerjoin(RequestDeal, RequestDeal.request_id == family.c.id)
        .outerjoin(Deal, (Deal.id == RequestDeal.deal_id) & Deal.status.in_((OPEN, LOST)))
    )
    deals: dict[int, list[tuple[int, int | None, bool]]] = defaultdict(list)
    members: dict[int, set[int]] = defaultdict(set)
    for root, id, deal, amount, counting in rows:
        members[root].add(id)
        if deal is not None:
            deals[root].append((deal, amount, counting))
    return deals, defaultdict(int, {root: len(ids) - 1 for root, ids in members.items()})
