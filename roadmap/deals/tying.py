"""How what somebody says of a deal is put on it: as a tie to a problem, which keeps what the deal
was worth at that moment, where it stood, and how well its account fitted, or as a loss reason.

Both count for nothing until the deal's reasons are counted again.
"""

from __future__ import annotations

from typing import Any

from roadmap.extensions import db
from roadmap.models import Blocker, Deal, LossReason
from roadmap.workspace import clock


def tied(
    deal: Deal, problem_id: int, source: str, by_id: int | None, note: str = "", **more: Any
) -> Blocker:
    """A new tie; `more` are further columns. Raises IntegrityError where the source has tied them
    already."""
    blocker = Blocker(
        deal_id=deal.id,
        problem_id=problem_id,
        source=source,
        counts=False,
        note=note,
        tied_at=clock.now(),
        tied_by_id=by_id,
        amount_then=deal.amount,
        stage_then=deal.stage,
        fit_then=deal.account.fit if deal.account else 0,
        **more,
    )
    db.session.add(blocker)
    db.session.flush()
    return blocker


def given(
    deal_id: int, bucket: str | None, source: str, by_id: int | None, note: str = "", **more: Any
) -> LossReason:
    """A new loss reason that names no problem; `more` are further columns."""
    reason = LossReason(
        deal_id=deal_id,
        bucket=bucket,
        source=source,
        note=note,
        recorded_at=clock.now(),
        recorded_by_id=by_id,
        **more,
    )
    db.session.add(reason)
    db.session.flush()
    return reason
