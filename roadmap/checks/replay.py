"""The ledger, replayed: from an empty board to the order that stands now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Event(NamedTuple):
    """A ledger entry that moved the order. Ranks count from 1; None is off the board."""

    id: int
    initiative: int
    from_rank: int | None
    to_rank: int | None


class Replay(NamedTuple):
    """The order after the last event, and where an event did not fit the order before it."""

    order: list[int]
    wrong: list[str]


def replay(events: Iterable[Event]) -> Replay:
    """Make every move in turn. What does not fit is named and made as well as it can be."""
    order: list[int] = []
    wrong: list[str] = []
    for event in events:
        _leave(order, event, wrong)
        _enter(order, event, wrong)
    return Replay(order, wrong)


def _leave(order: list[int], event: Event, wrong: list[str]) -> None:
    """Take the initiative from where it stood."""
    if event.from_rank is None:
        if event.initiative in order:
            wrong.append(f"trade-off {event.id} puts initiative {event.initiative} on the board "
                         "a second time")  # fmt: skip
            order.remove(event.initiative)
        return
    if event.initiative not in order:
        wrong.append(f"trade-off {event.id} moves initiative {event.initiative}, which was not on "
                     "the board then")  # fmt: skip
        return
    at = event.from_rank - 1
    if not (0 <= at < len(order) and order[at] == event.initiative):
        at = order.index(event.initiative)
        wrong.append(f"trade-off {event.id} moves initiative {event.initiative} from rank "
                     f"{event.from_rank}, but it stood at {at + 1}")  # fmt: skip
    del order[at]


def _enter(order: list[int], event: Event, wrong: list[str]) -> None:
    """Put it where it went."""
    if event.to_rank is None:
        return
    if not 1 <= event.to_rank <= len(order) + 1:
        wrong.append(f"trade-off {event.id} puts initiative {event.initiative} at rank "
                     f"{event.to_rank} of {len(order) + 1}")  # fmt: skip
    order.insert(event.to_rank - 1, event.initiative)
