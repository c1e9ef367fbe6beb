"""A cache that never holds more than so many bytes: what was not asked for longest makes room."""

from __future__ import annotations

import gc
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from fractions import Fraction
from typing import Generic, TypeVar

T = TypeVar("T")

#: What an entry takes besides its value: its key with the filters in it, and its place.
ENTRY = 500

_CONTAINERS = (tuple, list, dict, set, frozenset, Fraction)


class Cache(Generic[T]):
    """Values by key, for several threads. `weigh` says how many bytes a value takes."""

    def __init__(self, most: int, weigh: Callable[[T], int]) -> None:
        self.most = most
        self.size = 0
        self._weigh = weigh
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._entries

    def find(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of this key, made if it is not there.

        Two threads may make the same thing once each; neither waits for the other. What is larger
        than all that may be held is made each time.
        """
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
                return found[0]
        value = make()
        weight = ENTRY + self._weigh(value)
        with self._lock:
            if weight <= self.most and key not in self._entries:
                self._entries[key] = value, weight
                self.size += weight
                while self.size > self.most:
                    _, (_, oldest) = self._entries.popitem(last=False)
                    self.size -= oldest
        return value


def weight(value: object) -> int:
    """The bytes of a value and all that it is made of: texts, numbers, collections, and our own
    classes' objects. Whatever else it names, such as a table's column, is somebody else's."""
    seen: set[int] = set()
    total = 0
    ahead = [value]
    while ahead:
        each = ahead.pop()
        if id(each) in seen or isinstance(each, type):
            continue
        seen.add(id(each))
        total += sys.getsizeof(each)
        ours = type(each).__module__.startswith("roadmap.")
        if ours or isinstance(each, _CONTAINERS):
            ahead.extend(gc.get_referents(each))
    return total
