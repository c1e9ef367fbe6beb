"""Costly figures, kept per process for as long as the evidence they were counted from stays."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from flask import current_app

T = TypeVar("T")

KEY = "roadmap kept figures"
MOST = 256


class Shelf:
    """The latest figures by key; the ones that were not asked for longest make room."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.values: OrderedDict[Hashable, Any] = OrderedDict()


def kept(key: Hashable, make: Callable[[], T]) -> T:
    """What `make` counted for this key, which must name every revision and day it depends on.

    Two threads may count the same thing once each; neither waits for the other.
    """
    shelf: Shelf = current_app.extensions.setdefault(KEY, Shelf())
    with shelf.lock:
        if key in shelf.values:
            shelf.values.move_to_end(key)
            found: T = shelf.values[key]
            return found
    value = make()
    with shelf.lock:
        shelf.values[key] = value
        while len(shelf.values) > MOST:
            shelf.values.popitem(last=False)
    return value


def is_kept(key: Hashable) -> bool:
    """Whether somebody counted this already, so that asking for it costs nothing."""
    shelf: Shelf | None = current_app.extensions.get(KEY)
    return shelf is not None and key in shelf.values
