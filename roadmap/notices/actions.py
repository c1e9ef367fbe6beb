"""Telling people, and marking what they have read.

`users.unread_notices` is kept in step with the notices, so that the bell on every page costs no
query. Whoever changes one of the two holds the user's row until both are changed.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, insert, select, update

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
    """Give each of these users one notice, inside the caller's transaction; the caller commits.

    Users who can no longer sign in are told nothing. `kind` is one of `NOTICE_KINDS`; an urgent
    notice does not wait for the day's digest. Whoever calls holds the workspace's row, so that no
    two of them wait for each other's users.
    """
    at = clock.now()
    told = _ring(User.id.in_(set(user_ids)))
    rows = [
        {"user_id": id, "at": at, "kind": kind, "text": text, "request_id": request_id,
         "initiative_id": initiative_id, "urgent": urgent}
        for id in told
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(Notice), rows)


def read(user_id: int, notice_id: int) -> None:
    """Mark one of this person's notices as read. Another's, or a read one, stays as it is."""
    _mark(user_id, Notice.id == notice_id, read=True)


def read_all(user_id: int, up_to_id: int) -> None:
    """Mark all as read, up to the newest that the person was shown."""
    _mark(user_id, Notice.id <= up_to_id, read=True)


def read_about(user_id: int, request_ids: Select[int]) -> int:
    """Mark all about these requests as read; returns how many there were."""
    return _mark(user_id, Notice.request_id.in_(request_ids), read=True)


def unread(user_id: int, notice_id: int) -> None:
    """Have it count as unread again, to come back to."""
    _mark(user_id, Notice.id == notice_id, read=False)


def want_mail(user_id: int, wanted: bool) -> None:
    """Whether this person wants letters besides."""
    db.session.execute(
        update(User)
        .where(User.id == user_id)
        .values(wants_mail=wanted)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def hold(user_id: int) -> User | None:
    """The user as they are now, their row held: nobody tells them or marks anything meanwhile.

    The key is left free: rows that point to the user can still be written.
    """
    return db.session.scalar(
        select(User)
        .where(User.id == user_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _ring(whose: ColumnElement[bool]) -> list[int]:
    """Count one more for each who is active; gives their ids."""
    statement = (
        update(User)
        .where(whose, User.active)
        .values(unread_notices=User.unread_notices + 1)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(db.session.scalars(statement))


def _mark(user_id: int, which: ColumnElement[bool], *, read: bool) -> int:
    """Mark those of this person's and commit; returns how many changed."""
    hold(user_id)
    was = Notice.read_at.is_(None) if read else Notice.read_at.is_not(None)
    changed = db.session.execute(
        update(Notice)
        .where(Notice.user_id == user_id, which, was)
        .values(read_at=clock.now() if read else None)
        .execution_options(synchronize_session=False)
    )
    count = int(changed.rowcount)  # type: ignore[attr-defined]
    db.session.execute(
        update(User)
        .where(User.id == user_id)
        .values(unread_notices=User.unread_notices + (-count if read else count))
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return count
