"""Costly figures, kept per process for as long as the evidence they were counted from stays."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from flask import current_app

from roadmap.workspace.cache import Cache, weight

T = TypeVar("T")

KEY = "roadmap kept figures"
#: What a process keeps of them, in bytes: all figures and reports of a large company take 11 MB by
#: this count, in which what two of them share counts twice.
MOST = 5_000_000


def kept(key: Hashable, make: Callable[[], T]) -> T:
    """What `make` counted for this key, which must name every revision and day it depends on.

    Two threads may count the same thing once each; neither waits for the other.
    """
    found: T = _cache().find(key, make)
    return found


def is_kept(key: Hashable) -> bool:
    """Whether somebody counted this already, so that asking for it costs nothing."""
    return key in _cache()


def _cache() -> Cache[Any]:
    found: Cache[Any] = current_app.extensions.setdefault(KEY, Cache(MOST, weight))
    return found
