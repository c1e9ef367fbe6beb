"""What whoever asks chooses from: accounts, and an account's deals, their own first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, or_, select

from roadmap.domain.deals import LOST, OPEN
from roadmap.domain.folding import folded
from roadmap.extensions import db
from roadmap.models import Account, CrmOwner, Deal, Segment
from roadmap.web.fields import has_controls
from roadmap.workspace.account_names import account_has, accounts_called

#: As many accounts as a phone shows without scrolling.
MATCHES = 8
MOST_OPEN = 30
MOST_LOST = 10


class Match(NamedTuple):
    """An account to choose. `deals` are the person's own open ones there; with a single one, it is
    named and goes with the choice.
    """

    id: int
    name: str
    external_id: str
    segment: str | None
    deals: int = 0
    deal_id: int | None = None
    deal: str = ""
    amount: int | None = None
    amount_source: str | None = None
    close_date: date | None = None


class Offered(NamedTuple):
    """A deal to tick. `amount` is in cents, None while unknown."""

    id: int
    name: str
    status: str
    amount: int | None
    amount_source: str | None
    close_date: date | None
    owner: str | None
    own: bool


@dataclass(frozen=True)
class Chosen:
    """The account that was chosen, and its deals: own open ones, others' open ones, lost ones."""

    id: int
    name: str
    segment: str | None
    fit: int
    own: Sequence[Offered]
    others: Sequence[Offered]
    lost: Sequence[Offered]
    more: int
    """How many open deals are left out."""

    @property
    def offered(self) -> list[Offered]:
        return [*self.own, *self.others, *self.lost]


def own_accounts(user_id: int) -> list[Match]:
    """The accounts of somebody's own open deals, the next to close first."""
    soonest = func.min(Deal.close_date)
    rows = db.session.execute(
        select(
            Account.id, Account.name, Account.external_id, Segment.name,
            func.count(), func.min(Deal.id), func.min(Deal.name), func.min(Deal.amount),
            func.min(Deal.amount_source), soonest,
        )
        .join(Deal, Deal.account_id == Account.id)
        .join(CrmOwner, CrmOwner.id == Deal.crm_owner_id)
        .outerjoin(Segment, Segment.id == Account.segment_id)
        .where(CrmOwner.user_id == user_id, Deal.status == OPEN)
        .group_by(Account.id, Account.name, Account.external_id, Segment.name)
        .order_by(soonest.is_(None), soonest, Account.id)
        .limit(MATCHES)
    )  # fmt: skip
    return [_with_its_only_deal(Match._make(row)) for row in rows]


def matching_accounts(words: str) -> list[Match]:
    """Accounts whose name holds these words or whose CRM id begins with them, the closest first."""
    sought, named = words.casefold(), folded(words)
    if not sought or has_controls(sought):
        return []
    crm_id = func.lower(Account.external_id)
    closeness = case(
        (Account.search_text == named, 0),
        (crm_id == sought, 0),
        (Account.search_text.startswith(named), 1),
        else_=2,
    )
    rows = db.session.execute(
        select(Account.id, Account.name, Account.external_id, Segment.name)
        .outerjoin(Segment, Segment.id == Account.segment_id)
        .where(
            or_(
                account_has(words),
                crm_id.startswith(sought, autoescape=True),
            )
        )
        .order_by(closeness, Account.sort_key, Account.id)
        .limit(MATCHES)
    )
    return [Match(*row) for row in rows]


def the_account_called(words: str) -> int | None:
    """The one account with exactly this name or CRM id; None where there is none, or several."""
    found = accounts_called(words)
    return found[0] if len(found) == 1 else None


def chosen_account(id: int | None, user_id: int, ticked: Collection[int] = ()) -> Chosen | None:
    """An account with the deals to tick: those that are ticked already stay on the list."""
    row = None if id is None else db.session.execute(
        select(Account.id, Account.name, Segment.name, Account.fit)
        .outerjoin(Segment, Segment.id == Account.segment_id)
        .where(Account.id == id)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    ours = _deals(row.id, user_id, ticked, OPEN, MOST_OPEN)
    open_deals = db.session.scalar(
        select(func.count()).where(Deal.account_id == row.id, Deal.status == OPEN)
    )
    return Chosen(
        *row,
        own=[deal for deal in ours if deal.own],
        others=[deal for deal in ours if not deal.own],
        lost=_deals(row.id, user_id, ticked, LOST, MOST_LOST),
        more=max(0, (open_deals or 0) - len(ours)),
    )


def account_of(deal_id: int) -> int | None:
    """The account of a deal that may be asked about: a won one has nothing in its way."""
    return db.session.scalar(
        select(Deal.account_id).where(Deal.id == deal_id, Deal.status.in_((OPEN, LOST)))
    )


def _with_its_only_deal(match: Match) -> Match:
    if match.deals == 1:
        return match
    return match._replace(deal_id=None, deal="", amount=None, amount_source=None)


def _deals(
    account_id: int, user_id: int, ticked: Collection[int], status: str, most: int
) -> list[Offered]:
    own: ColumnElement[Any] = case((CrmOwner.user_id == user_id, 1), else_=0)
    first = Deal.close_date.desc() if status == LOST else Deal.close_date.asc()
    rows = db.session.execute(
        select(
            Deal.id, Deal.name, Deal.status, Deal.amount, Deal.amount_source, Deal.close_date,
            CrmOwner.name, own,
        )
        .outerjoin(CrmOwner, CrmOwner.id == Deal.crm_owner_id)
        .where(Deal.account_id == account_id, Deal.status == status)
        .order_by(
            case((Deal.id.in_(ticked), 0), else_=1), own.desc(), Deal.close_date.is_(None), first,
            Deal.id,
        )
        .limit(most)
    )  # fmt: skip
    return [Offered._make((*row[:7], bool(row[7]))) for row in rows]
