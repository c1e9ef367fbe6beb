"""Telling people, and their having read it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, update

from roadmap.extensions import db
from roadmap.models import Notice, User
from roadmap.workspace import clock


def tell(
    user_ids: Iterable[int],
    kind: str,
    text: str,
    *,
    request_id: int | None = None,
    initiative_id: int | None = None,
    urgent: bool = False,
) -> None:
    """Tell each of these people once, in the caller's transaction, which the caller commits."""
    ids = db.session.scalars(
        select(User.id).where(User.id.in_(set(user_ids)), User.active).order_by(User.id)
    ).all()
    if not ids:
        return
    db.session.add_all(
        Notice(
            user_id=id, at=clock.now(), kind=kind, text=text, urgent=urgent,
            request_id=request_id, initiative_id=initiative_id,
        )
        for id in ids
    )  # fmt: skip
    db.session.execute(
        update(User)
        .where(User.id.in_(ids))
        .values(unread_notices=User.unread_notices + 1)
        .execution_options(synchronize_session=False)
    )
