"""Signing in, and changing one's own password: both prove who somebody is by a password.

Hashing one takes a while on purpose, so no transaction is open meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from roadmap.domain.errors import Refused
from roadmap.extensions import db, writing
from roadmap.models import User

from . import actions, passwords, throttle, user_sessions
from .throttle import Limit

WRONG = "That is not your present password."


class NotNow(Exception):
    """Too many wrong ones came before; `seconds` until trying again makes sense."""

    def __init__(self, seconds: int, message: str) -> None:
        super().__init__(message)
        self.seconds = seconds


def sign_in(email: str, password: str) -> User:
    """Begin a session; returns whose. Raises NotNow, or Refused where the two do not fit."""
    held_to = throttle.limits(actions.normal_email(email))
    user = actions.find(email)
    id, stored = (user.id, user.password_hash) if user and user.active else (0, None)
    fits = _proven(held_to, stored, password)
    with writing():
        user = _still(id, stored) if fits else None
        if user is None:
            raise _failed(held_to, "That e-mail address and password do not belong together.")
        user_sessions.begin(user)
        throttle.forget_old()
        db.session.commit()
    return user


def change_password(user: User, present: str, wanted: str) -> None:
    """Set one's own password; all sessions end but for this browser's, which begins anew.

    Raises Refused where the present one is wrong or the new one easily guessed, or NotNow.
    """
    held_to = throttle.limits_for_change(user.id)
    id, stored = user.id, user.password_hash
    fits = _proven(held_to, stored, present)
    made = actions.checked_hash(user, wanted) if fits else ""
    with writing():
        row = _still(id, stored) if fits else None
        if row is None:
            raise _failed(held_to, WRONG)
        row.password_hash = made
        user_sessions.end(id)
        user_sessions.begin(row)
        db.session.commit()


def _proven(held_to: Sequence[Limit], stored: str | None, password: str) -> bool:
    seconds = throttle.wait(held_to)
    # Read, and the connection given back: whoever waits for their turn must not keep it.
    db.session.commit()
    if seconds:
        raise _too_many(seconds)
    return passwords.matches(stored, password)


def _still(id: int, stored: str | None) -> User | None:
    """The user, held as it was when the password was looked at, or None where it changed since."""
    same = select(User).where(User.id == id, User.active, User.password_hash == stored)
    return db.session.scalars(same.with_for_update()).one_or_none()


def _failed(held_to: Sequence[Limit], message: str) -> Exception:
    """What to raise for a wrong password, once it is counted."""
    seconds = throttle.count_failure(held_to)
    db.session.commit()
    return _too_many(seconds) if seconds else Refused(message)


def _too_many(seconds: int) -> NotNow:
    minutes = -(-seconds // 60)
    when = "a minute" if minutes == 1 else f"{minutes} minutes" if minutes < 90 else "a few hours"
    return NotNow(seconds, f"Too many wrong passwords. Try again in {when}.")
