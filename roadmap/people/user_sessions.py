"""Sessions on the server: begun at sign-in, found by what the cookie holds, seen, and ended.

The cookie holds a random token, the database its hash, so neither a copy of the database nor a
cookie that somebody copied before its session ended is worth anything.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app, g, request, session
from sqlalchemy import ColumnElement, delete, or_, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from roadmap.extensions import db
from roadmap.models import User, UserSession
from roadmap.models.base import now

#: What Flask's signed cookie calls the token.
TOKEN = "session_token"  # noqa: S105 (a name)

#: How often it is written down, at most, that a session is in use.
SEEN_EVERY = timedelta(minutes=5)

_BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"), ("Opera", r"OPR/|Opera"), ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"), ("Chrome", r"Chrom(e|ium)/|CriOS/"), ("Safari", r"Safari/"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", r"iPhone"), ("iPad", r"iPad"), ("Android", r"Android"), ("Windows", r"Windows"),
    ("Mac", r"Macintosh|Mac OS X"), ("ChromeOS", r"CrOS"), ("Linux", r"Linux|X11"),
)  # fmt: skip


def begin(user: User) -> None:
    """Make this browser the user's, with an id that nobody knew before; the caller commits.

    What the browser had before ends, and sessions that ran out are taken away on the way.
    """
    moment = now()
    earlier = UserSession.token_hash == _hashed(str(session.get(TOKEN)))
    db.session.execute(delete(UserSession).where(or_(_over(moment), earlier)))
    token = secrets.token_urlsafe(32)
    made = UserSession(
        token_hash=_hashed(token), user_id=user.id, created_at=moment, seen_at=moment,
        address=address(), browser=_browser(request.headers.get("User-Agent", "")),
    )  # fmt: skip
    db.session.add(made)
    # Nobody who knew the session before knows the new one's form token.
    session.clear()
    session[TOKEN] = token


def find() -> User | None:
    """Whose session the request's cookie names, in one statement with its user."""
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return None
    # Columns beside one entity: to load two costs a page more than the statement itself.
    statement = (
        select(User, UserSession.id, UserSession.seen_at)
        .select_from(User)
        .join(UserSession, UserSession.user_id == User.id)
        .where(UserSession.token_hash == _hashed(token), User.active, ~_over(now()))
    )
    found = db.session.execute(statement).one_or_none()
    if found is None:
        return None
    user, g.session_id, g.session_seen_at = found
    return user


def current_id() -> int | None:
    id: int | None = g.get("session_id")
    return id


def of(user_id: int) -> Sequence[UserSession]:
    """The person's sessions that are alive, the latest in use first."""
    statement = select(UserSession).where(UserSession.user_id == user_id, ~_over(now()))
    return db.session.scalars(
        statement.order_by(UserSession.seen_at.desc(), UserSession.id.desc())
    ).all()


def end(user_id: int, id: int | None = None, *, but: int | None = None) -> int:
    """End one of the person's sessions, or all `but` one; returns how many. The caller commits."""
    statement = delete(UserSession).where(UserSession.user_id == user_id)
    if id is not None:
        statement = statement.where(UserSession.id == id)
    if but is not None:
        statement = statement.where(UserSession.id != but)
    return db.session.execute(statement).rowcount  # type: ignore[attr-defined, no-any-return]


def note_use(app: Flask, id: int) -> None:
    """Write down that a session is in use, now or not at all: no answer waits for it."""
    with app.app_context(), suppress(SQLAlchemyError), db.engine.connect() as connection:
        statement = update(UserSession).where(UserSession.id == id).values(seen_at=now())
        if connection.dialect.name != "sqlite":
            connection.execute(text("SET LOCAL lock_timeout = 1"))
            connection.execute(statement)
            connection.commit()
            return
        driver: Any = connection.connection.driver_connection
        waits = driver.execute("PRAGMA busy_timeout").fetchone()[0]
        driver.execute("PRAGMA busy_timeout = 0")
        try:
            connection.execute(statement)
            connection.commit()
        finally:
            driver.execute(f"PRAGMA busy_timeout = {waits}")


def is_due(moment: datetime) -> bool:
    """Whether the request's session was last written down long enough before the moment."""
    return current_id() is not None and moment - g.session_seen_at >= SEEN_EVERY


def address() -> str:
    """Where the request comes from; a proxy may write any words into its header."""
    try:
        return str(ipaddress.ip_address((request.remote_addr or "").partition("%")[0]))
    except ValueError:
        return "unknown"


def _over(moment: datetime) -> ColumnElement[bool]:
    config = current_app.config
    return or_(
        UserSession.seen_at <= moment - timedelta(hours=config["SESSION_IDLE_HOURS"]),
        UserSession.created_at <= moment - timedelta(days=config["SESSION_DAYS"]),
    )


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _browser(agent: str) -> str:
    """What a person calls the browser: words of ours alone, whatever it says of itself."""
    browser = next((name for name, sign in _BROWSERS if re.search(sign, agent)), "")
    system = next((name for name, sign in _SYSTEMS if re.search(sign, agent)), "")
    return " on ".join(filter(None, (browser, system))) or "Unknown browser"
