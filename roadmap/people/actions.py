"""What can be done to users. Nobody is deleted: decisions rest on them."""

from __future__ import annotations

import re
import secrets

from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import User
from roadmap.models.people import ROLE_NAMES
from roadmap.web.fields import has_controls

from .passwords import SHORTEST, hashed

#: Whether mail arrives there is not ours to know; that it could is.
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


class Refused(ValueError):
    """The change cannot be made; the message says why, in words for whoever asked."""


def normal_email(email: str) -> str:
    return email.strip().casefold()


def find(email: str) -> User | None:
    if has_controls(email):
        return None
    return db.session.scalar(select(User).where(User.email == normal_email(email)))


def create(email: str, name: str, role: str, password: str) -> User:
    """A new user. Raises Refused for an address in use, an unknown role or a short password."""
    email = normal_email(email)
    if not _ADDRESS.fullmatch(email) or len(email) > 254 or has_controls(email):
        raise Refused(f"{email!r} is not an e-mail address.")
    if not name.strip() or len(name) > 200 or has_controls(name):
        raise Refused("The name must have 1 to 200 characters, in one line.")
    if find(email):
        raise Refused(f"{email} is a user already.")
    user = User(email=email, name=name.strip(), role=_role(role), password_hash="", session_key="")
    _set_password(user, password)
    db.session.add(user)
    db.session.commit()
    return user


def change_role(user: User, role: str) -> None:
    user.role = _role(role)
    db.session.commit()


def deactivate(user: User) -> None:
    """They can no longer sign in, and every session of theirs ends; what they decided stays."""
    user.active = False
    user.session_key = secrets.token_hex(16)
    db.session.commit()


def activate(user: User) -> None:
    user.active = True
    db.session.commit()


def change_password(user: User, password: str) -> None:
    _set_password(user, password)
    db.session.commit()


def _set_password(user: User, password: str) -> None:
    if len(password) < SHORTEST:
        raise Refused(f"The password must have at least {SHORTEST} characters.")
    if len(password) > 1000:
        raise Refused("The password must have at most 1,000 characters.")
    try:
        user.password_hash = hashed(password)
    except UnicodeEncodeError:
        raise Refused("The password cannot be read: is the terminal set to UTF-8?") from None
    user.session_key = secrets.token_hex(16)


def _role(role: str) -> str:
    if role not in ROLE_NAMES:
        raise Refused(f"{role!r} is no role; there are {', '.join(ROLE_NAMES)}.")
    return role
