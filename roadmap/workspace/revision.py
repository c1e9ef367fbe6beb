"""The board's revision: lock, polling tag and cache key in one row.

Every write that the board shows takes this row first, so writers queue here and nowhere else, and
counts one more revision before it commits.
"""

from __future__ import annotations

from flask import g
from sqlalchemy import select

from roadmap.domain.errors import Conflict
from roadmap.extensions import db
from roadmap.models import Workspace

#: The column has 64 bits.
MOST = 2**63 - 1


def lock(since: int | None = None) -> Workspace:
    """The workspace's row, held until this transaction ends.

    With `since`, raises Conflict when plan, order or evidence changed after it: what somebody was
    shown then is no longer what would happen.
    """
    statement = select(Workspace).with_for_update().execution_options(populate_existing=True)
    row = db.session.scalars(statement).one()
    g.workspace = row
    g.held_workspace = True
    if since is not None and since > row.revision:
        # Still to come, so nobody was shown it.
        db.session.rollback()
        raise Conflict
    if since is not None and since < max(
        row.plan_revision, row.order_revision, row.evidence_revision
    ):
        db.session.rollback()
        raise Conflict
    return row


def was_held() -> bool:
    """Whether this request took the row, as whoever writes does."""
    return bool(g.get("held_workspace"))


def count(
    row: Workspace, *, plan: bool = False, order: bool = False, evidence: bool = False
) -> int:
    """Count one more revision on the locked row and return it.

    Say `plan` when dates or what the plan's parts are called may change (effort, capacity, needs,
    states, solving ties, names of teams), `order` when only ranks do, and `evidence` when money may
    (deals, blockers, fit, weights). An initiative's own words need none: it carries the revision
    itself.
    """
    row.revision += 1
    if plan:
        row.plan_revision = row.revision
    if order:
        row.order_revision = row.revision
    if evidence:
        row.evidence_revision = row.revision
    return row.revision
