"""What stands for what was merged; and what becomes of two problems' evidence when one is merged
into the other, or split off it.

Pure decisions: which of two blockers that say the same stays, which tie of an initiative wins, and
what a person's choice at a split takes along.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

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


class Block(NamedTuple):
    """A blocker as merging sees it, and who made it: the `requests` that it rests on, what was
    `said` in interviews or a report, else a person by hand, or CRM.

    `relying` are the requests that would have made it, had it not been there.
    """

    id: int
    deal: int
    source: str
    counts: bool
    tied_at: datetime
    note: str = ""
    requests: frozenset[int] = frozenset()
    relying: frozenset[int] = frozenset()
    said: bool = False

    @property
    def by_hand(self) -> bool:
        return not (self.requests or self.said)


class Pair(NamedTuple):
    """Two blockers of one deal from one source: only one of them can stay."""

    kept: Block
    removed: Block

    @property
    def note(self) -> str:
        """What the one that stays says from now on: nothing that was said is lost. An interview, or
        a report, keeps its own words, and they go with it.
        """
        notes = (block.note for block in self if self.said or not block.said)
        return "\n".join(dict.fromkeys(note for note in notes if note))

    @property
    def said(self) -> bool:
        """Whether interviews or reports alone made the one that stays: it goes when they do."""
        return self.kept.said and self.removed.said

    @property
    def requests(self) -> frozenset[int]:
        """The requests that the one that stays rests on: none where either was made by hand, since
        what a person tied stays when requests go.
        """
        if self.said or self.kept.by_hand or self.removed.by_hand:
            return frozenset()
        return frozenset().union(*(block.requests | block.relying for block in self))


def pairs(staying: Iterable[Block], coming: Iterable[Block]) -> list[Pair]:
    """The blockers that collide. The one that counts stays, else one that was not made by what was
    said in an interview or a report, else the one that was tied first.
    """
    here = {(block.deal, block.source): block for block in staying}
    found = []
    for block in coming:
        other = here.get((block.deal, block.source))
        if other is not None:
            kept, removed = sorted((other, block), key=_strength)
            found.append(Pair(kept, removed))
    return found


def ties_after(here: Mapping[int, str], coming: Mapping[int, str]) -> dict[int, str]:
    """How initiatives address a problem, by id, once another's ties come to it: solving wins."""
    found = dict(here)
    for initiative, kind in coming.items():
        if found.get(initiative) != SOLVES:
            found[initiative] = kind
    return found


class Division(NamedTuple):
    """The blockers that a split moves, those that it copies for requests that go, and those that
    it moves and copies for requests that stay; each copy with the requests that it is for.
    """

    moved: list[int]
    copied: list[tuple[int, frozenset[int]]]
    left: list[tuple[int, frozenset[int]]]


def divide(blocks: Sequence[Block], deals: Collection[int], requests: Collection[int]) -> Division:
    """What goes when these deals' own blockers and these requests, with all merged into them, go.

    A blocker that rests on requests goes with them, whatever is chosen of deals: a confirmed
    request keeps its evidence beside it.
    """
    going = frozenset(requests)
    moved: list[int] = []
    copied: list[tuple[int, frozenset[int]]] = []
    left: list[tuple[int, frozenset[int]]] = []
    for block in blocks:
        leaving = (block.requests or block.relying) & going
        staying = block.requests - going
        if not block.requests and block.deal in deals:
            moved.append(block.id)
            if block.relying - going:
                left.append((block.id, block.relying - going))
        elif block.requests and leaving and not staying:
            moved.append(block.id)
        elif leaving:
            copied.append((block.id, leaving))
    return Division(moved, copied, left)


def _strength(block: Block) -> tuple[bool, bool, datetime, int]:
    return not block.counts, block.said, block.tied_at, block.id
