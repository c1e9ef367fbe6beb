"""Passwords: Argon2id, and the same work for an address that nobody has."""

from __future__ import annotations

import functools
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

SHORTEST = 10

#: One at a time in each process: a meeting where everybody signs in must not take a gigabyte.
_one_at_a_time = threading.Lock()


@functools.cache
def _hasher(quick: bool) -> PasswordHasher:
    # 19 MiB and two passes: of the settings that OWASP counts as equal, one that many can pay.
    if quick:
        return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hasher() -> PasswordHasher:
    """At full cost; tests, which sign in hundreds of times, may ask for less."""
    return _hasher(bool(current_app.config.get("QUICK_PASSWORDS")))


@functools.cache
def _nobodys(quick: bool) -> str:
    return _hasher(quick).hash("nobody has this password")


def hashed(password: str) -> str:
    with _one_at_a_time:
        return hasher().hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password fits. Without a stored hash it costs the same and never does."""
    quick = bool(current_app.config.get("QUICK_PASSWORDS"))
    try:
        with _one_at_a_time:
            hasher().verify(stored or _nobodys(quick), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None
