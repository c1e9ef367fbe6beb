"""How an origin's statements are put on a deal, and ended: its own, and nobody else's.

Neither counts anything, nor commits: whoever calls it keeps the totals and recounts the deals.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update

from roadmap.domain.statements import DEAL_BREAKER, REQUEST
from roadmap.domain.winloss import PRODUCT, REP
from roadmap.extensions import db
from roadmap.models import Deal, Request, Statement
from roadmap.models.base import chunks
from roadmap.workspace import clock

from .roots import root

STANDING: ColumnElement[bool] = Statement.ended_at.is_(None)


def name_problem(request: Request, problem_id: int | None, by_id: int | None) -> None:
    """Let a request be about a problem, or about none. It is a statement of no deal: what it says
    of its deals follows once it is confirmed (see `intake.settling`).
    """
    if request.problem_id == (None if problem_id is None else root(problem_id)):
        return
    own = and_(Statement.origin == REQUEST, Statement.origin_id == request.id, STANDING)
    end(db.session.scalars(select(Statement.id).where(own, Statement.deal_id.is_(None))).all())
    if problem_id is not None:
        say(
            None, REQUEST, request.id, REP, by_id, problem_id=problem_id, words=request.title,
            severity=request.severity,
        )  # fmt: skip
    db.session.expire(request, ["problem_id", "problem"])


def say(
    deal: Deal | None,
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
        deal_id=deal.id if deal else None,
        problem_id=problem_id,
        root_id=None if problem_id is None else root(problem_id),
        bucket=bucket,
        source=source,
        severity=severity,
        weight=weight,
        words=words,
        said_at=clock.now(),
        by_id=by_id,
        amount_then=deal.amount if deal else None,
        stage_then=deal.stage if deal else "",
        fit_then=deal.account.fit if deal and deal.account else 0,
    )
    db.session.add(statement)
    db.session.flush()
    return statement


def store(ids: Collection[int], values: Mapping[str, Any]) -> None:
    """Give statements, by id, these values, in portions; loaded rows do not follow."""
    for some in chunks(ids):
        db.session.execute(
            update(Statement)
            .where(Statement.id.in_(some))
            .values(values)
            .execution_options(synchronize_session=False)
        )


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
