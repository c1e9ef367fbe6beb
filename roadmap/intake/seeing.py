"""Having looked: what was new about somebody's requests is not new any more."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult

from roadmap.extensions import db
from roadmap.models import Notice, Request, User
from roadmap.workspace import clock, revision


def see(user_id: int, account_id: int | None = None) -> int:
    """Mark the notices about somebody's requests as read, of one account or all; how many."""
    revision.lock()
    mine = select(Request.id).where(Request.requester_id == user_id)
    if account_id is not None:
        mine = mine.where(Request.account_id == account_id)
    marked: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        update(Notice)
        .where(Notice.user_id == user_id, Notice.read_at.is_(None), Notice.request_id.in_(mine))
        .values(read_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if marked.rowcount:
        db.session.execute(
            update(User)
            .where(User.id == user_id)
            .values(unread_notices=User.unread_notices - marked.rowcount)
            .execution_options(synchronize_session=False)
        )
    db.session.commit()
    return marked.rowcount
