"""CRM's owners as reps: names that one user goes by are one rep, wherever deals are grouped."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case, select

from roadmap.extensions import db
from roadmap.models import CrmOwner, Deal, User
from roadmap.web.filters import first_name_first

from . import figures
from .kept import kept


def same() -> dict[int, int]:
    """By the id of an owner who is another one's user: that other one, who stands for both."""
    return kept(("reps", figures.as_of()[0]), _same)


def _same() -> dict[int, int]:
    rows: Any = db.session.execute(
        select(CrmOwner.id, CrmOwner.user_id)
        .where(CrmOwner.user_id.is_not(None))
        .order_by(CrmOwner.id)
    ).all()
    first: dict[int, int] = {}
    for id, user in rows:
        first.setdefault(user, id)
    return {id: first[user] for id, user in rows if first[user] != id}


def of_deal() -> ColumnElement[Any]:
    """The rep of a deal, by the owner who stands for them."""
    others = same()
    owner = Deal.crm_owner_id.expression
    return case(others, value=owner, else_=owner) if others else owner


def names() -> dict[Any, str]:
    """Each rep's name by the owner who stands for them: the user's, where that has several."""
    others = same()
    several = set(others.values())
    rows: Any = db.session.execute(
        select(CrmOwner.id, CrmOwner.name, User.name)
        .outerjoin(User, User.id == CrmOwner.user_id)
        .order_by(CrmOwner.sort_key)
    )
    return {
        id: user if id in several else first_name_first(name)
        for id, name, user in rows
        if id not in others
    }
