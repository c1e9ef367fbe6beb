"""Passwords as they are stored: Argon2id, and the same work for an address that nobody has."""

from __future__ import annotations

import functools
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

#: Each takes 19 MiB: a meeting where everybody signs in must not take a gigabyte.
AT_ONCE = 2
_working = threading.BoundedSemaphore(AT_ONCE)
#: Seconds that one more than may wait is given, as a meeting that signs in at once is soon through.
PATIENCE = 1.0
_present = 0
_room = threading.Condition()


class Crowded(Exception):
    """So many wait to have their passwords checked that nobody could read a page meanwhile."""


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
    with _turn():
        return hasher().hash(normal(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether the password fits. Without a stored hash it costs the same and never does.

    Raises Crowded. What was hashed before passwords were normalised fits as it was typed.
    """
    quick = bool(current_app.config.get("QUICK_PASSWORDS"))
    with _turn():
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


@contextmanager
def _turn() -> Iterator[None]:
    """Two work, some wait, and one thread of the server is left, or soon left, to who reads."""
    global _present  # noqa: PLW0603 (one number for the process, like the semaphore beside it)
    most = max(AT_ONCE, current_app.config["WEB_THREADS"] - 1)
    with _room:
        if not _room.wait_for(lambda: _present < most, PATIENCE):
            raise Crowded
        _present += 1
        _room.notify_all()
    try:
        with _working:
            yield
    finally:
        with _room:
            _present -= 1
            _room.notify_all()
