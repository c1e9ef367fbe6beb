"""How often somebody may guess: wrong passwords are counted by account and by address.

Right ones are not, so a whole office may sign in from one address. A browser that signed in to an
account before shows a signed cookie and is counted by itself, so whoever guesses from elsewhere
does not lock the owner out, and whoever stole that cookie cannot guess without end either.
Counts are kept in the database, which all workers share. Accounts that do not exist are counted
like those that do.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from werkzeug.wrappers import Response

from roadmap.extensions import db
from roadmap.models import FailureCount
from roadmap.models.base import now

from .user_sessions import address

#: So many wrong passwords within so much time; ten times as many in a day.
PER_ACCOUNT, PER_ADDRESS = 10, 30
SHORT, LONG = timedelta(minutes=15), timedelta(days=1)

#: How many accounts a browser is known for at most, and for how many seconds.
MOST_ACCOUNTS, KNOWN_SECONDS = 20, 365 * 86_400


@dataclass(frozen=True)
class Limit:
    """At most so many wrong passwords of a subject within a window of time."""

    subject: str
    most: int
    window: timedelta


def limits(account: str) -> list[Limit]:
    """What a try to sign in to this account from this browser is held to."""
    browser = _known(account)
    if browser:
        return _limits("browser", f"{browser} {account}", PER_ACCOUNT)
    return [
        *_limits("account", account, PER_ACCOUNT),
        *_limits("address", _network(), PER_ADDRESS),
    ]


def limits_for_change(user_id: int) -> list[Limit]:
    """What naming one's present password is held to: a session left open is no way to find it."""
    return _limits("change", str(user_id), PER_ACCOUNT)


def wait(held_to: Sequence[Limit]) -> int:
    """How many seconds until the next try is looked at; 0 for now."""
    moment = now()
    most = {limit.subject: limit for limit in held_to}
    found = db.session.scalars(select(FailureCount).where(FailureCount.subject.in_(most))).all()
    ends = [each.since + most[each.subject].window for each in found
            if each.count >= most[each.subject].most]  # fmt: skip
    return max((int((end - moment).total_seconds()) + 1 for end in ends if end > moment), default=0)


def count_failure(held_to: Sequence[Limit]) -> int:
    """Count a wrong password; returns the seconds to wait where it was one too many.

    The caller commits. Each count is one statement, so tries at the same time all count.
    """
    moment = now()
    over = [limit for limit in held_to if _count(limit, moment) > limit.most]
    return wait(over) if over else 0


def forget_old() -> None:
    """Take away counts whose windows are over, past those that somebody counts on right now."""
    old = select(FailureCount.subject).where(FailureCount.since <= now() - LONG)
    old = old.with_for_update(skip_locked=True)
    db.session.execute(delete(FailureCount).where(FailureCount.subject.in_(old)))


def remember_browser(response: Response, account: str) -> None:
    """Let this browser be known for the account from now on."""
    id, accounts = _cookie()
    known = [each for each in accounts if each != _hash(account)]
    value = _serializer().dumps([id, [_hash(account), *known][:MOST_ACCOUNTS]])
    config = current_app.config
    response.set_cookie(
        config["KNOWN_BROWSER_COOKIE"], value, max_age=KNOWN_SECONDS, httponly=True,
        secure=config["SESSION_COOKIE_SECURE"], samesite=config["SESSION_COOKIE_SAMESITE"],
    )  # fmt: skip


def _limits(kind: str, subject: str, most: int) -> list[Limit]:
    return [
        Limit(_hash(f"{kind} {window} {subject}"), times * most, window)
        for window, times in ((SHORT, 1), (LONG, 10))
    ]


def _count(limit: Limit, moment: datetime) -> int:
    """One more in the row's window, or the first one of a new window."""
    made: Any = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement = made.insert(FailureCount).values(subject=limit.subject, since=moment, count=1)
    over = FailureCount.since <= moment - limit.window
    statement = statement.on_conflict_do_update(
        index_elements=[FailureCount.subject],
        set_={
            "count": case((over, 1), else_=FailureCount.count + 1),
            "since": case((over, moment), else_=FailureCount.since),
        },
    ).returning(FailureCount.count)
    return int(db.session.execute(statement).scalar_one())


def _network() -> str:
    """The address, or of IPv6, where anybody has billions, the network that one customer gets."""
    found = address()
    if ":" not in found:
        return found
    return str(ipaddress.ip_network(f"{found}/64", strict=False))


def _known(account: str) -> str | None:
    """This browser's own id, if it signed in to the account before."""
    id, accounts = _cookie()
    return id if _hash(account) in accounts else None


def _cookie() -> tuple[str, list[str]]:
    """The id and the accounts that this browser's cookie holds; a new id without one of ours."""
    try:
        id, accounts = _serializer().loads(
            request.cookies.get(current_app.config["KNOWN_BROWSER_COOKIE"], "")
        )
    except BadData:
        return secrets.token_urlsafe(12), []
    return id, accounts


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known browser")


def _hash(text: str) -> str:
    """Not to be guessed by whoever reads the table or the cookie."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]
