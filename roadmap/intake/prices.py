"""What it would take: the cheapest promotion that has an initiative done by a date, and its price.

Costly enough to be kept: for as long as plan, order, evidence and day stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from roadmap.domain.changes import Move
from roadmap.domain.impact import Impact, Shift
from roadmap.domain.promotion import cheapest
from roadmap.market.kept import kept
from roadmap.planning.picture import Picture
from roadmap.planning.telling import RULED_OUT
from roadmap.tradeoffs.previews import preview_of
from roadmap.web.filters import day, money_short, plural


@dataclass(frozen=True)
class Loser:
    """The delayed initiative with most money behind it; `weeks` is None where it loses its date."""

    id: str
    weeks: int | None
    deals: int
    amount: int
    unknown: int


@dataclass(frozen=True)
class Price:
    """What having an initiative done by a date would do. Amounts are in cents, unknown ones count 0
    and are counted beside. Without `to` no position makes it, and `ruled_out_by` says why.
    """

    id: str
    by: date
    rank: int
    to: int | None
    ruled_out_by: str | None = None
    delayed: int = 0
    pushed: int = 0
    pushed_amount: int = 0
    brought: int = 0
    brought_amount: int = 0
    unknown: int = 0
    broken: int = 0
    loser: Loser | None = None

    @property
    def possible(self) -> bool:
        return self.to is not None

    @property
    def why_not(self) -> str:
        return RULED_OUT[self.ruled_out_by] if self.ruled_out_by else ""


def price(picture: Picture, id: str, by: date) -> Price | None:
    """The price of having it done by a date; None where its forecast makes the date already."""
    key = (
        "price", picture.plan_revision, picture.order_revision, picture.evidence_revision,
        picture.today, id, by,
    )  # fmt: skip
    return kept(key, lambda: _counted(picture, id, by))


def sentence(found: Price, picture: Picture) -> str:
    """ "Doing this by 1 Mar 2027 means moving “SSO” from 9 to 2: that delays 4 initiatives …"."""
    title = f"“{picture.plan.initiatives[found.id].title}”"
    if found.to is None:
        return f"No position has {title} done by {day(found.by)}: {found.why_not}."
    start = f"Doing this by {day(found.by)} means moving {title} from {found.rank} to {found.to}"
    return f"{start}: {_consequence(found, picture.currency)}"


def _counted(picture: Picture, id: str, by: date) -> Price | None:
    answer = cheapest(picture.plan, id, by, present=picture.schedule)
    rank = picture.plan.ranks[id]
    if answer.already_met:
        return None
    if answer.rank is None:
        return Price(id, by, rank, None, answer.ruled_out_by)
    impact = preview_of(picture, Move(id, answer.rank)).impact
    reach = impact.reach
    return Price(
        id, by, rank, answer.rank, None, len(impact.delayed),
        len(reach.pushed), reach.pushed_amount, len(reach.brought), reach.brought_amount,
        len(reach.unknown), len(impact.broken), _loser(picture, impact),
    )  # fmt: skip


def _loser(picture: Picture, impact: Impact) -> Loser | None:
    def size(shift: Shift) -> tuple[int, int, int]:
        card = picture.cards[shift.id]
        return card.open_amount, card.open_count, -picture.plan.ranks[shift.id]

    if not impact.delayed:
        return None
    shift = max(impact.delayed, key=size)
    card = picture.cards[shift.id]
    return Loser(shift.id, shift.weeks, card.open_count, card.open_amount, card.open_unknown)


def _consequence(found: Price, currency: str) -> str:
    parts = []
    if found.delayed:
        parts.append(f"delays {plural(found.delayed, 'initiative')}")
    if found.pushed:
        amount = money_short(found.pushed_amount, currency)
        parts.append(f"puts {amount} ({plural(found.pushed, 'deal')}) out of reach")
    if found.brought:
        amount = money_short(found.brought_amount, currency)
        parts.append(f"brings {amount} ({plural(found.brought, 'deal')}) within reach")
    if found.broken:
        parts.append(f"breaks {plural(found.broken, 'promise')}")
    beside = (
        f" {plural(found.unknown, 'amount is', 'amounts are')} unknown." if found.unknown else ""
    )
    return f"that {listed(parts)}.{beside}" if parts else "that delays nothing."


def listed(parts: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
