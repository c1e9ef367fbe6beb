"""What becomes of two problems' evidence when one is merged into the other, or split off it.

Pure decisions: which of two blockers that say the same stays, which tie of an initiative wins, and
what a person's choice at a split takes along.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

SOLVES = "solves"


class Block(NamedTuple):
    """A blocker as merging sees it. `requests` are those that it rests on: none if made by hand."""

    id: int
    deal: int
    source: str
    counts: bool
    tied_at: datetime
    note: str = ""
    requests: frozenset[int] = frozenset()


class Pair(NamedTuple):
    """Two blockers of one deal from one source: only one of them can stay."""

    kept: Block
    removed: Block

    @property
    def note(self) -> str:
        """What the one that stays says from now on: nothing that was said is lost."""
        said = dict.fromkeys(note for note in (self.kept.note, self.removed.note) if note)
        return "\n".join(said)

    @property
    def requests(self) -> frozenset[int]:
        """The requests that the one that stays rests on: none where either was made by hand, since
        what a person tied stays when requests go.
        """
        if not (self.kept.requests and self.removed.requests):
            return frozenset()
        return self.kept.requests | self.removed.requests


def pairs(staying: Iterable[Block], coming: Iterable[Block]) -> list[Pair]:
    """The blockers that collide. The one that counts stays, else the one that was tied first."""
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
    """The blockers that a split moves, and those that it copies since requests on both sides rest
    on them, each with the requests that go.
    """

    moved: list[int]
    copied: list[tuple[int, frozenset[int]]]


def divide(blocks: Sequence[Block], deals: Collection[int], requests: Collection[int]) -> Division:
    """What goes when these deals' own blockers and these requests, with all merged into them, go.

    A blocker that rests on requests goes with them, whatever is chosen of deals: a confirmed
    request keeps its evidence beside it.
    """
    going = frozenset(requests)
    moved: list[int] = []
    copied: list[tuple[int, frozenset[int]]] = []
    for block in blocks:
        leaving = block.requests & going
        if leaving and leaving != block.requests:
            copied.append((block.id, leaving))
        elif leaving or (not block.requests and block.deal in deals):
            moved.append(block.id)
    return Division(moved, copied)


def _strength(block: Block) -> tuple[bool, datetime, int]:
    return not block.counts, block.tied_at, block.id
