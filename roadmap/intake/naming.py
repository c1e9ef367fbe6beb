"""The deals that a request names, each with its figures of that moment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from roadmap.domain.errors import Refused
from roadmap.extensions import db
from roadmap.models import Deal, Request


def deals_of(request: Request) -> list[int]:
    """The ids of the deals that it names."""
    return sorted(named.deal_id for named in request.deals)


def of_account(account_id: int | None, ids: Iterable[int]) -> list[int]:
    """The chosen deals, sorted. Raises Refused where one is not this account's."""
    chosen = sorted(set(ids))
    if not chosen:
        return []
    own = set(
        db.session.scalars(
            select(Deal.id).where(Deal.id.in_(chosen), Deal.account_id == account_id)
        )
    )
    if account_id is None or own != set(chosen):
        raise Refused("Choose among the deals of this account.")
    return chosen


def named_deal(id: int) -> dict[str, Any]:
    """What a request keeps of a deal: its amount, stage and fit as they are now."""
    deal = db.session.get_one(Deal, id)
    return {
        "deal_id": id,
        "amount_then": deal.amount,
        "stage_then": deal.stage,
        "fit_then": deal.account.fit if deal.account else 0,
    }
