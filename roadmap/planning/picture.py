"""The picture: one revision's plan, schedule and cards, kept per process until it changes.

Any page asks for `current()`. It costs one query (the workspace's row) while nothing changed, two
when only initiatives' own words did, three when they were moved, six when the plan or its figures
changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from flask import current_app

from roadmap.domain.deals import DealIndex, Solutions, solutions
from roadmap.domain.lines import Line, lines
from roadmap.domain.plan import Plan
from roadmap.domain.schedule import Schedule, schedule
from roadmap.domain.value import Score, order_by_score
from roadmap.models import Workspace
from roadmap.workspace import clock
from roadmap.workspace.settings import workspace

from . import daily, evidence, off_board, totals
from .gather import Card, changed_cards, gather, order

KEY = "roadmap pictures"

T = TypeVar("T")


class Derived:
    """What follows from plan and totals, found when first asked for.

    It stays with the pictures that differ in initiatives' own words only.
    """

    def __init__(self, placed: Schedule, cards: Mapping[str, Card], recovery_rate: int) -> None:
        self._schedule = placed
        self._cards = cards
        self._recovery_rate = recovery_rate

        self._kept: dict[str, Any] = {}

    def keep(self, name: str, make: Callable[[], T]) -> T:
        """What somebody else derived from this plan, made once."""
        if name not in self._kept:
            self._kept[name] = make()
        found: T = self._kept[name]
        return found

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return lines(self._schedule)

    @cached_property
    def solved(self) -> Solutions:
        return solutions(self._schedule.plan, self._schedule)

    @cached_property
    def scores(self) -> dict[str, Score]:
        values = {
            id: (totals.ratio(card.open_value), totals.ratio(card.lost_value))
            for id, card in self._cards.items()
        }
        order = order_by_score(self._schedule.plan, values, self._recovery_rate)
        return {score.id: score for score in order}


@dataclass(frozen=True)
class Picture:
    """What is known at one revision. `plan` has no deals: `index()` has the open ones."""

    revision: int
    plan_revision: int
    order_revision: int
    evidence_revision: int
    today: date
    currency: str
    threshold: int
    recovery_rate: int
    window_months: int
    plan: Plan
    schedule: Schedule
    cards: Mapping[str, Card]
    teams: Mapping[str, str]
    derived: Derived

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.derived.lines

    @property
    def solved(self) -> Solutions:
        """When each problem that somebody addresses is solved."""
        return self.derived.solved

    @property
    def scores(self) -> Mapping[str, Score]:
        """The suggested order: each initiative's score and its place by it."""
        return self.derived.scores

    def rank(self, id: str) -> int | None:
        return self.plan.ranks.get(id)


class Keeper:
    """One process's latest picture and deals, each built by one thread while others wait."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.picture: Picture | None = None
        self.deals: tuple[int, DealIndex] | None = None


def current() -> Picture:
    """The picture of this transaction's snapshot."""
    today = clock.today()
    row = workspace()
    if row.figures_as_of != today:
        row = daily.opened_if_possible(today)
    keeper = _keeper()
    with keeper.lock:
        picture = _refreshed(keeper.picture, row, today) or _built(row, today)
        if keeper.picture is None or picture.revision >= keeper.picture.revision:
            keeper.picture = picture
    return picture


def index(picture: Picture) -> DealIndex:
    """The open deals that wait for a problem, ready for `impact`; kept while evidence stays."""
    keeper = _keeper()
    with keeper.lock:
        if keeper.deals is None or keeper.deals[0] != picture.evidence_revision:
            keeper.deals = (picture.evidence_revision, DealIndex(evidence.waiting_deals()))
        return keeper.deals[1]


def knowing(picture: Picture, id: str) -> Picture:
    """The picture with one initiative that is off the board known in full, so that its coming back
    can be forecast. One that is on the board, or that is none at all, changes nothing.
    """
    if id in picture.plan.ranks:
        return picture
    plan = off_board.known(picture.plan, id)
    return replace(picture, plan=plan, schedule=replace(picture.schedule, plan=plan))


def _keeper() -> Keeper:
    keeper: Keeper = current_app.extensions.setdefault(KEY, Keeper())
    return keeper


def _refreshed(old: Picture | None, row: Workspace, today: date) -> Picture | None:
    """The old picture, brought up to date where only words or the order changed."""
    if old is None or old.today != today or old.plan_revision != row.plan_revision:
        return None
    if old.evidence_revision != row.evidence_revision:
        return None
    if old.revision == row.revision:
        return old
    if old.revision > row.revision:
        return None
    cards = dict(old.cards)
    initiatives = dict(old.plan.initiatives)
    for card in changed_cards(today, old.revision, old.cards):
        cards[card.id] = card
        owner = None if card.owner_id is None else str(card.owner_id)
        initiatives[card.id] = replace(initiatives[card.id], title=card.title, owner=owner)
    plan = replace(old.plan, initiatives=initiatives)
    fresh = replace(old, revision=row.revision, plan=plan, cards=cards)
    if row.order_revision == old.order_revision:
        return replace(fresh, schedule=replace(old.schedule, plan=plan))
    moved = replace(plan, order=order())
    placed = schedule(moved)
    return replace(
        fresh,
        order_revision=row.order_revision,
        plan=moved,
        schedule=placed,
        derived=Derived(placed, cards, row.recovery_rate),
    )


def _built(row: Workspace, today: date) -> Picture:
    gathered = gather(today)
    placed = schedule(gathered.plan)
    return Picture(
        revision=row.revision,
        plan_revision=row.plan_revision,
        order_revision=row.order_revision,
        evidence_revision=row.evidence_revision,
        today=today,
        currency=row.currency,
        threshold=row.sponsor_threshold,
        recovery_rate=row.recovery_rate,
        window_months=row.window_months,
        plan=gathered.plan,
        schedule=placed,
        cards=gathered.cards,
        teams=gathered.teams,
        derived=Derived(placed, gathered.cards, row.recovery_rate),
    )
