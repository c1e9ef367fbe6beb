"""Passwords: Argon2id, and the same work for an address that nobody has."""

from __future__ import annotations

import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

SHORTEST = 10


@functools.cache
def _hasher(quick: bool) -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=64) if quick else PasswordHasher()


def hasher() -> PasswordHasher:
    """The library's recommended cost; tests, which sign in hundreds of times, may ask for less."""
    return _hasher(bool(current_app.config.get("QUICK_PASSWORDS")))


@functools.cache
def _nobodys(quick: bool) -> str:
    return _hasher(quick).hash("nobody has this password")


def hashed(password: str) -> str:
    return hasher().hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password fits. Without a stored hash it costs the same and never does."""
    quick = bool(current_app.config.get("QUICK_PASSWORDS"))
    try:
        hasher().verify(stored or _nobodys(quick), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None
