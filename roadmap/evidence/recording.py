"""How an origin's statements are put on a deal, and ended: its own, and nobody else's.

Neither counts anything, nor commits: whoever calls it keeps the totals and recounts the deals.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update

from roadmap.domain.statements import DEAL_BREAKER
from roadmap.domain.winloss import PRODUCT
from roadmap.extensions import db
from roadmap.models import Deal, Statement
from roadmap.models.base import chunks
from roadmap.workspace import clock

from .roots import root

STANDING: ColumnElement[bool] = Statement.ended_at.is_(None)


def say(
    deal: Deal,
    origin: str,
    origin_id: int | None,
    source: str,
    by_id: int | None,
    *,
    problem_id: int | None = None,
    bucket: str | None = PRODUCT,
    words: str = "",
    weight: int = 1,
    severity: str = DEAL_BREAKER,
) -> Statement:
    """A new statement, which keeps what the deal was worth at this moment, where it stood, and how
    well its account fitted.
    """
    statement = Statement(
        origin=origin,
        origin_id=origin_id,
        deal_id=deal.id,
        problem_id=problem_id,
        root_id=None if problem_id is None else root(problem_id),
        bucket=bucket,
        source=source,
        severity=severity,
        weight=weight,
        words=words,
        said_at=clock.now(),
        by_id=by_id,
        amount_then=deal.amount,
        stage_then=deal.stage,
        fit_then=deal.account.fit if deal.account else 0,
    )
    db.session.add(statement)
    db.session.flush()
    return statement


def end(ids: Collection[int], at: datetime | None = None) -> None:
    """Let statements stand no longer: now, or as of a moment."""
    for some in chunks(ids):
        db.session.execute(
            update(Statement)
            .where(Statement.id.in_(some), STANDING)
            .values(
                ended_at=at or clock.now(), counts=False, reason_weight=None, problem_strength=None
            )
        )


def end_of(origin: str, origin_id: int, at: datetime | None = None) -> None:
    """The same of all that an origin says."""
    own = and_(Statement.origin == origin, Statement.origin_id == origin_id, STANDING)
    end(db.session.scalars(select(Statement.id).where(own)).all(), at)
