"""Saving the settings, and seeing what they would do first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roadmap.domain.value import Weights, suggested_order
from roadmap.domain.winloss import SOURCES
from roadmap.extensions import db
from roadmap.models import Workspace
from roadmap.planning import daily, totals
from roadmap.planning.picture import Picture
from roadmap.planning.totals import FACTORS
from roadmap.workspace import revision

#: What the value of an initiative depends on.
VALUE = (
    "recovery_rate",
    "window_months",
    "weight_interview",
    "weight_customer",
    "weight_rep",
    "weight_crm",
    *FACTORS.values(),
)


@dataclass(frozen=True)
class Reordered:
    """An initiative that the suggested order would put elsewhere; None where it has no score."""

    id: str
    title: str
    rank: int
    before: int
    after: int


def reordered(picture: Picture, row: Workspace, wanted: Mapping[str, Any]) -> list[Reordered]:
    """Who would change places in the suggested order, the furthest first. Nothing is saved."""
    weights = Weights(
        evidence={source: wanted[f"weight_{source}"] for source in SOURCES},
        severity={each: wanted[name] for each, name in FACTORS.items()},
        window_months=wanted["window_months"],
        recovery_rate=wanted["recovery_rate"],
    )
    figures = {str(id): found for id, found in totals.counted(row, weights).items()}
    after = {s.id: s.place for s in suggested_order(picture.plan, figures, weights.recovery_rate)}
    moved = [
        Reordered(
            id, picture.cards[id].title, picture.plan.ranks[id], picture.scores[id].place, after[id]
        )
        for id in picture.plan.order
        if picture.scores[id].place != after[id]
    ]
    return sorted(moved, key=lambda one: (-abs(one.after - one.before), one.after))


def save(wanted: Mapping[str, Any]) -> None:
    """Store the settings. What the value depends on makes all totals be counted anew."""
    row = revision.lock()
    before = {name: getattr(row, name) for name in VALUE}
    for name, value in wanted.items():
        setattr(row, name, value)
    if before != {name: getattr(row, name) for name in VALUE} and row.figures_as_of:
        daily.refresh(row, row.figures_as_of)
    revision.count(row, plan=True, evidence=True)
    db.session.commit()
