"""Passwords as they are stored: Argon2id, and the same work for an address that nobody has."""

from __future__ import annotations

import functools
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

#: Each takes 19 MiB: a meeting where everybody signs in must not take a gigabyte. How many may wait
#: for their turn is the door's to say, which leaves threads to those who read.
AT_ONCE = 2
_working = threading.BoundedSemaphore(AT_ONCE)


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


def normal(password: str) -> str:
    """One spelling of what looks alike, however a keyboard or a system composes it."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str) -> str:
    with _working:
        return hasher().hash(normal(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether the password fits. Without a stored hash it costs the same and never does.

    What was hashed before passwords were normalised fits as it was typed.
    """
    quick = bool(current_app.config.get("QUICK_PASSWORDS"))
    with _working:
        fits = [
            _verified(stored or _nobodys(quick), spelling)
            for spelling in sorted({normal(password), password})
        ]
    return stored is not None and any(fits)


def _verified(stored: str, password: str) -> bool:
    try:
        return hasher().verify(stored, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
