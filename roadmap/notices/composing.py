"""Letters are written from what nobody has read yet, in rounds of a worker or a cron job."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, select, update

from roadmap.extensions import db, reading
from roadmap.models import Mail, Notice, User
from roadmap.models.notices import DIGEST, URGENT
from roadmap.workspace import clock
from roadmap.workspace.settings import workspace

from . import actions, letters
from .letters import MOST_NOTICES, Told
from .post import server

#: Two digests are never closer, wherever midnight falls between them.
BETWEEN_DIGESTS = timedelta(hours=12)

_UNTOLD = and_(Notice.read_at.is_(None), Notice.mail_id.is_(None))


def compose(now: datetime) -> int:
    """Write the letters that are due, each in a transaction of its own; returns how many.

    To everybody who wants mail: one letter at once with what is urgent, and one with the rest, at
    most one a day (a day of the workspace, and twelve hours after the one before, so that a daily
    cron job that is early by a second skips nobody). What has been read in the product by then is
    not mailed, and each notice is in one letter at most. Without mail set up nothing is written.

    The user's row is the lock, so nobody who works on the board waits.
    """
    if server() is None:
        return 0
    with reading():
        name = workspace().name
        waiting = db.session.scalars(
            select(User.id)
            .where(
                User.active, User.wants_mail, User.unread_notices > 0,
                exists().where(Notice.user_id == User.id, _UNTOLD),
            )
            .order_by(User.id)
        ).all()  # fmt: skip
    return sum(_write_to(id, name, now) for id in waiting)


def _write_to(user_id: int, workspace_name: str, now: datetime) -> int:
    user = actions.hold(user_id)
    if user is None or not user.active or not user.wants_mail:
        db.session.rollback()
        return 0
    written = _write(user, URGENT, Notice.urgent.is_(True), workspace_name, now)
    if _digest_is_due(user_id, now):
        written += _write(user, DIGEST, Notice.urgent.is_(False), workspace_name, now)
    db.session.commit()
    return written


def _digest_is_due(user_id: int, now: datetime) -> bool:
    last = db.session.scalar(
        select(func.max(Mail.created_at)).where(Mail.user_id == user_id, Mail.kind == DIGEST)
    )
    if last is None:
        return True
    return clock.day_of(last) < clock.day_of(now) and now - last >= BETWEEN_DIGESTS


def _write(
    user: User, kind: str, which: ColumnElement[bool], workspace_name: str, now: datetime
) -> int:
    """One letter with all of this person's untold notices of this kind, if there are any."""
    mine = and_(Notice.user_id == user.id, which, _UNTOLD)
    count = db.session.scalar(select(func.count(Notice.id)).where(mine)) or 0
    if not count:
        return 0
    found = db.session.execute(
        select(Notice.text, Notice.request_id, Notice.initiative_id)
        .where(mine)
        .order_by(Notice.at.desc(), Notice.id.desc())
        .limit(MOST_NOTICES)
    )
    notices = [Told(*row) for row in found]
    mail = Mail(
        user_id=user.id,
        kind=kind,
        to=user.email,
        message_id=letters.new_message_id(),
        subject=letters.subject(workspace_name, notices, count),
        body=letters.body(user.name, notices, count),
        created_at=now,
        next_try_at=now,
    )
    db.session.add(mail)
    db.session.flush()
    db.session.execute(
        update(Notice)
        .where(mine)
        .values(mail_id=mail.id)
        .execution_options(synchronize_session=False)
    )
    return 1
