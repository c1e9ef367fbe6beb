"""Having looked: what was new about somebody's requests is not new any more."""

from __future__ import annotations

from sqlalchemy import select

from roadmap.models import Request
from roadmap.notices.actions import read_about


def see(user_id: int, account_id: int | None = None) -> int:
    """Mark the notices about somebody's requests as read, of one account or all; how many."""
    mine = select(Request.id).where(Request.requester_id == user_id)
    if account_id is not None:
        mine = mine.where(Request.account_id == account_id)
    return read_about(user_id, mine)
