"""Whose voice a problem is: heard by us directly, or through sales alone."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import case, func, literal, select, union_all

from roadmap.domain.interviews import HELD
from roadmap.domain.money import half_up
from roadmap.domain.triage import CONFIRMED
from roadmap.domain.winloss import INTERVIEW
from roadmap.extensions import db
from roadmap.models import (
    Blocker,
    Conversation,
    Deal,
    Request,
    conversation_problems,
    requests_about,
)


class Voices(NamedTuple):
    """The customers who speak of a problem, each once; a deal without account is one, too.

    `direct` had a conversation with us, or an interview; the others reached us through sales.
    """

    direct: int
    through_sales: int
    conversations: int

    @property
    def total(self) -> int:
        return self.direct + self.through_sales

    @property
    def direct_percent(self) -> int:
        return half_up(100 * self.direct, self.total) if self.total else 0


def voices(problem_id: int) -> Voices:
    """Who speaks of a problem: ties of deals, confirmed requests and conversations."""
    heard_in = select(conversation_problems.c.conversation_id).where(
        conversation_problems.c.problem_id == problem_id
    )
    ties = (
        select(
            Deal.account_id.label("account"),
            Deal.id.label("own"),
            case((Blocker.source == INTERVIEW, 1), else_=0).label("direct"),
        )
        .join(Blocker, Blocker.deal_id == Deal.id)
        .where(Blocker.problem_id == problem_id)
    )
    requests = select(Request.account_id, -Request.id, literal(0)).where(
        Request.id.in_(requests_about([problem_id])), Request.state == CONFIRMED
    )
    talks = select(Conversation.account_id, Conversation.deal_id, literal(1)).where(
        Conversation.id.in_(heard_in), Conversation.state == HELD
    )
    said = union_all(ties, requests, talks).subquery()
    # An account is one voice whatever its deals; who has none is told apart by deal or request.
    own = func.coalesce(said.c.account, said.c.own)
    kind = said.c.account.is_(None)
    ever = func.max(said.c.direct).label("ever")
    each = select(ever).group_by(own, kind).subquery()
    direct, total = db.session.execute(
        select(func.coalesce(func.sum(each.c.ever), 0), func.count()).select_from(each)
    ).one()
    held = db.session.scalar(
        select(func.count()).where(Conversation.id.in_(heard_in), Conversation.state == HELD)
    )
    return Voices(int(direct), int(total) - int(direct), held or 0)
