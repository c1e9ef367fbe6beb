"""What can be done to users. Nobody is deleted: decisions rest on them."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.headerregistry import Address

from sqlalchemy import select

from roadmap.domain.errors import Refused
from roadmap.domain.roles import ROLE_NAMES
from roadmap.extensions import db
from roadmap.models import User
from roadmap.web.fields import has_controls
from roadmap.workspace.settings import workspace

from . import demo_people, user_sessions
from .password_rules import refusal
from .passwords import hashed

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def normal_email(email: str) -> str:
    return email.strip().casefold()


def find(email: str) -> User | None:
    if has_controls(email):
        return None
    return db.session.scalar(select(User).where(User.email == normal_email(email)))


def create(email: str, name: str, role: str, password: str) -> User:
    """A new user. Raises Refused for an address in use, an unknown role or a password that is
    easily guessed."""
    email = normal_email(email)
    if not _takes_letters(email) or len(email) > 254:
        raise Refused(f"{email!r} is not an e-mail address.")
    if not name.strip() or len(name) > 200 or has_controls(name):
        raise Refused("The name must have 1 to 200 characters, in one line.")
    if find(email):
        raise Refused(f"{email} is a user already.")
    user = User(email=email, name=name.strip(), role=_role(role), password_hash="")
    shared = demo_people.shares_password(email, password)
    user.password_hash = hashed(password) if shared else checked_hash(user, password)
    db.session.add(user)
    db.session.commit()
    return user


def _takes_letters(email: str) -> bool:
    """Whether a letter can be written to it; whether it arrives there is not ours to know.

    What some programs would read as an encoded word (RFC 2047) is no address to write to.
    """
    plain = email.isascii() and email.isprintable() and "=?" not in email
    if not plain or not _ADDRESS.fullmatch(email):
        return False
    try:
        return Address(addr_spec=email).addr_spec == email
    except (MessageError, ValueError, IndexError):
        return False


def change_role(user: User, role: str) -> None:
    """Another role begins with a new session: what an open page offers is what its role may do."""
    user.role = _role(role)
    user_sessions.end(user.id)
    db.session.commit()


def deactivate(user: User) -> None:
    """They can no longer sign in, and every session of theirs ends; what they decided stays."""
    user.active = False
    user_sessions.end(user.id)
    db.session.commit()


def activate(user: User) -> None:
    user.active = True
    db.session.commit()


def change_password(user: User, password: str) -> None:
    """Raises Refused for a password that is easily guessed. Every session of theirs ends."""
    user.password_hash = checked_hash(user, password)
    user_sessions.end(user.id)
    db.session.commit()


def checked_hash(user: User, password: str) -> str:
    """What is stored of a new password; raises Refused for one that is easily guessed."""
    reason = refusal(password, about=(user.name, user.email, workspace().name))
    if reason:
        raise Refused(reason)
    return hashed(password)


def _role(role: str) -> str:
    if role not in ROLE_NAMES:
        raise Refused(f"{role!r} is no role; there are {', '.join(ROLE_NAMES)}.")
    return role
