"""The board's revision: lock, polling tag and cache key in one row.

Every write that the board shows bumps it first thing in its transaction, so writers queue here and
nowhere else.
"""

from __future__ import annotations

from sqlalchemy import select, update

from roadmap.extensions import db
from roadmap.models import Workspace


class Stale(Exception):
    """The plan or its evidence changed after the revision that was looked at."""


def current() -> Workspace:
    """The workspace as one fresh row; its numbers are those of this transaction's snapshot."""
    return db.session.execute(select(Workspace).execution_options(populate_existing=True)).scalar_one()


def bump(*, plan: bool = False, evidence: bool = False) -> int:
    """Take the lock and count one more revision.

    Say `plan` when dates may change (order, effort, capacity, needs, states, solving ties) and
    `evidence` when money may (deals, blockers, fit, settings of the value).
    """
    return _bump(plan=plan, evidence=evidence)


def bump_if_unchanged(since: int, *, plan: bool = True, evidence: bool = True) -> int:
    """As `bump`, but raises Stale when plan or evidence changed after revision `since`."""
    number = _bump(plan=plan, evidence=evidence, since=since)
    return number


def _bump(*, plan: bool, evidence: bool, since: int | None = None) -> int:
    following = Workspace.revision + 1
    values = {Workspace.revision: following}
    if plan:
        values[Workspace.plan_revision] = following
    if evidence:
        values[Workspace.evidence_revision] = following
    statement = update(Workspace).values(values).returning(Workspace.revision)
    if since is not None:
        statement = statement.where(
            Workspace.plan_revision <= since, Workspace.evidence_revision <= since
        )
    number = db.session.execute(
        statement.execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if number is None:
        db.session.rollback()
        raise Stale
    return number
