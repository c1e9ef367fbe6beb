"""What stands for what was merged, and how initiatives address two problems that became one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

from roadmap.domain.plan import SOLVES

T = TypeVar("T", bound=Hashable)


def survivor(of: T, into: Callable[[T], T | None]) -> T:
    """What stands for a problem or a request in the end: itself unless it was merged, else what its
    survivor was merged into, however often. `into` gives what something was merged into, or None.

    In a circle, which `flask check` names, it is whatever is reached last before coming round.
    """
    met = {of}
    while (above := into(of)) is not None and above not in met:
        met.add(above)
        of = above
    return of


def ties_after(here: Mapping[int, str], coming: Mapping[int, str]) -> dict[int, str]:
    """How initiatives address a problem, by id, once another's ties come to it: solving wins."""
    found = dict(here)
    for initiative, kind in coming.items():
        if found.get(initiative) != SOLVES:
            found[initiative] = kind
    return found
