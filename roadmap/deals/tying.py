"""How somebody ties a deal to a problem: the tie keeps what the deal was worth at that moment,
where it stood, and how well its account fitted."""

from __future__ import annotations

from typing import Any

from roadmap.extensions import db
from roadmap.models import Blocker, Deal
from roadmap.workspace import clock


def tied(
    deal: Deal, problem_id: int, source: str, by_id: int | None, note: str = "", **more: Any
) -> Blocker:
    """A new tie, which counts for nothing until the deal's reasons are counted again; `more` are
    further columns. Raises IntegrityError where the source has tied them already."""
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
