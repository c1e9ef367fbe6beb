"""How far an initiative's forecast has moved since the first one of this quarter, and by what.

Source: planning semantics, Time passing: re-ranked, re-estimated, capacity changed, need moved, or
time passed. The ledger knows what moved a forecast; what it does not know is left to the last two.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Initiative, MovedForecast, Tradeoff
from roadmap.planning.gather import Card
from roadmap.planning.picture import Picture
from roadmap.web.filters import day, plural
from roadmap.workspace import clock

KINDS = {
    "promotion": "re-ranked",
    "entry": "re-ranked",
    "leave": "re-ranked",
    "state": "re-ranked",
    "effort": "re-estimated",
    "needs": "need moved",
    "not before": "its date moved",
    "ties": "ties changed",
    "capacity": "capacity changed",
    "fiscal year": "quarters changed",
}


class Move(NamedTuple):
    """What the ledger says moved it: the kind of slip, the trade-off, and its sentence."""

    kind: str
    tradeoff_id: int
    sentence: str
    weeks: str


class Slip(NamedTuple):
    """The whole slip in words, whether it is later, and what moved it, oldest first.

    `otherwise` is what is left to explain it where the ledger has nothing.
    """

    text: str
    later: bool
    moves: tuple[Move, ...]
    otherwise: str


def slip(picture: Picture, card: Card) -> Slip | None:
    """None where there is no forecast to measure by, or where it has not moved."""
    finish = picture.schedule.finish(card.id)
    if card.baseline_state is None or finish == card.baseline:
        return None
    moves = _moves(picture.today, int(card.id))
    return Slip(
        _text(card.baseline, finish),
        finish is None or (card.baseline is not None and finish > card.baseline),
        moves,
        "" if moves else _otherwise(picture.today, card),
    )


def _text(was: date | None, now: date | None) -> str:
    if now is None:
        return f"It lost its date: at the start of the quarter it was {day(was)}"
    if was is None:
        return f"It has a date, {day(now)}, which it had not at the start of the quarter"
    weeks = (now - was).days // 7
    words = f"{plural(abs(weeks), 'week')} {'later' if weeks > 0 else 'earlier'}"
    return f"It finishes {words} than at the start of the quarter, when it was {day(was)}"


def _moves(today: date, initiative_id: int) -> tuple[Move, ...]:
    since = clock.start_of(clock.quarter(today))
    rows = db.session.execute(
        select(
            Tradeoff.kind,
            Tradeoff.id,
            Tradeoff.sentence,
            Tradeoff.initiative_id,
            Initiative.title,
            MovedForecast.direction,
            MovedForecast.weeks,
        )
        .join(MovedForecast, MovedForecast.tradeoff_id == Tradeoff.id)
        .outerjoin(Initiative, Initiative.id == Tradeoff.initiative_id)
        .where(MovedForecast.initiative_id == initiative_id, Tradeoff.decided_at >= since)
        .order_by(Tradeoff.id)
    )
    return tuple(
        Move(_kind(kind, about == initiative_id, title), id, sentence, _weeks(direction, weeks))
        for kind, id, sentence, about, title, direction, weeks in rows
    )


def _kind(kind: str, own: bool, title: str | None) -> str:
    """An effort that grew elsewhere takes its team's weeks: that is capacity to this one."""
    if kind == "effort" and not own:
        return f"“{title}” was re-estimated"
    return KINDS[kind]


def _weeks(direction: str, weeks: int | None) -> str:
    if weeks is None:
        return "lost its date" if direction == "delayed" else "got a date"
    return f"{plural(weeks, 'week')} {'later' if direction == 'delayed' else 'earlier'}"


def _otherwise(today: date, card: Card) -> str:
    updated = card.effort_updated_on
    if updated is not None and updated >= clock.quarter(today):
        return f"re-estimated on {day(updated)}, or time passed"
    return "time passed"
