"""Everything on one request that a product manager needs to decide what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from roadmap.domain.deals import WON
from roadmap.extensions import db
from roadmap.models import Account, Deal, Request, RequestDeal
from roadmap.planning.picture import Picture
from roadmap.web import arguments

from . import candidates, consequence, history, inbox, suggestions
from .candidates import Candidate, Other
from .consequence import Consequence
from .history import Step
from .inbox import Filters, Neighbours
from .settling import swallowed
from .steps import is_theirs, last_steps

#: Of an account with more deals the newest are offered; its others can be tied on their own pages.
MOST_DEALS = 50


class NamedDeal(NamedTuple):
    """A deal that a request names, as it is and as it was when it was named. Cents."""

    id: int
    name: str
    status: str
    stage: str
    amount: int | None
    amount_source: str | None
    close_date: date | None
    amount_then: int | None
    stage_then: str
    fit_then: int


class Swallowed(NamedTuple):
    """A request that was merged into this one, or into one of those. `step` is the merge where it
    is that one's last step, so that it can be taken out.
    """

    id: int
    title: str
    requester: str | None
    account: str | None
    revision: int
    directly: bool
    step: int | None


class DealChoice(NamedTuple):
    id: int
    name: str
    status: str
    amount: int | None
    amount_source: str | None
    close_date: date | None


@dataclass(frozen=True)
class Linking:
    """Which account a request may be linked to, and which deals that has."""

    words: str
    matches: list[tuple[int, str]]
    account: Account | None
    deals: list[DealChoice]


@dataclass(frozen=True)
class TriagePage:
    """One request, what it may join, what may swallow it, and what happened to it."""

    request: Request
    deals: list[NamedDeal]
    family_deals: int
    """How many it names together with what was merged into it, won ones aside."""
    swallowed: list[Swallowed]
    words: str
    suggested: list[Candidate]
    found: list[Candidate]
    starting: Consequence
    request_words: str
    alike: list[Other]
    linking: Linking
    history: list[Step]
    undoes: str
    """What undoing would take back; empty where there is nothing."""
    undo_ends: str
    """What whoever asked did last, where undoing ends at it; else empty."""
    beside: Neighbours
    total: int


def find(id: int) -> Request | None:
    """A request with all that it points to, in one query."""
    return db.session.scalar(
        select(Request)
        .where(Request.id == id)
        .options(
            joinedload(Request.account).joinedload(Account.segment),
            joinedload(Request.requester),
            joinedload(Request.submitted_by),
            joinedload(Request.handed_to),
            joinedload(Request.problem),
            joinedload(Request.merged_into),
        )
    )


def gather(request: Request, asked: Filters, picture: Picture, reader_id: int) -> TriagePage:
    """As the address asks, for this reader: `find`, `find_request` and `find_account` are words to
    search by.
    """
    alike = suggestions.beside(request)
    own = candidates.pending(request)
    named = {(each.kind, each.id) for each in own}
    offered = [*own, *(each for each in alike if (each.kind, each.id) not in named)]
    deals = consequence.named([request.id])
    words, request_words = arguments.text("find"), arguments.text("find_request")
    known = [each.id for each in offered if each.kind == "problem"]
    found = candidates.found_by(words, known) if words else []
    inside = swallowed([request.id])
    entries = history.history(request, readable=True)[::-1]
    last = last_steps([request.id, *(one.id for one in inside)])
    mine = last.get(request.id)
    theirs = mine is not None and is_theirs(mine, reader_id)
    step = next((e for e in entries if mine and e.id == mine.id), None)
    return TriagePage(
        request=request,
        deals=named_deals(request.id),
        family_deals=sum(deal.status != WON for deal in deals.deals),
        swallowed=[
            Swallowed(
                one.id, one.title, one.requester.name if one.requester else None,
                one.account.name if one.account else one.prospect, one.revision,
                one.merged_into_id == request.id,
                last[one.id].id if one.id in last and last[one.id].kind == "merged" else None,
            )
            for one in inside
        ],
        words=words,
        suggested=candidates.candidates(offered, deals, picture, keys=True),
        found=candidates.candidates(found, deals, picture),
        starting=deals.starting(picture),
        request_words=request_words,
        alike=candidates.requests_found_by(
            request_words, [request.id, *(one.id for one in inside)]
        ) if request_words else candidates.others(alike),
        linking=_linking(request),
        history=entries,
        undoes=step.says if step and not theirs else "",
        undo_ends=f"{step.who} {step.says}" if step and theirs else "",
        beside=inbox.neighbours(asked, request),
        total=inbox.counts(asked).by_view[asked.view],
    )  # fmt: skip


def named_deals(request_id: int) -> list[NamedDeal]:
    """The largest first."""
    rows = db.session.execute(
        select(
            Deal.id, Deal.name, Deal.status, Deal.stage, Deal.amount,
            Deal.amount_source, Deal.close_date, RequestDeal.amount_then,
            RequestDeal.stage_then, RequestDeal.fit_then,
        )
        .join(Deal, Deal.id == RequestDeal.deal_id)
        .where(RequestDeal.request_id == request_id)
        .order_by(Deal.amount.is_(None), Deal.amount.desc(), Deal.id)
    )  # fmt: skip
    return [NamedDeal._make(row) for row in rows]


def _linking(request: Request) -> Linking:
    words = arguments.text("find_account")
    chosen = arguments.number("link")
    account = db.session.get(Account, chosen) if chosen else request.account
    if not words and account is None:
        words = request.prospect or ""
    matches = list(candidates.accounts_found_by(words)) if words and not chosen else []
    return Linking(words, matches, account, deals_of(account.id) if account else [])


def deals_of(account_id: int) -> list[DealChoice]:
    """An account's deals: open ones first, then the latest."""
    rows = db.session.execute(
        select(Deal.id, Deal.name, Deal.status, Deal.amount, Deal.amount_source, Deal.close_date)
        .where(Deal.account_id == account_id)
        .order_by(Deal.status != "open", Deal.close_date.is_(None), Deal.close_date.desc(), Deal.id)
        .limit(MOST_DEALS)
    )
    return [DealChoice(*row) for row in rows]
