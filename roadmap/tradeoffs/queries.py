"""Reading the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from roadmap.extensions import db
from roadmap.models import (
    Deal,
    Initiative,
    MovedDeal,
    MovedForecast,
    MovedPromise,
    Team,
    Tradeoff,
    User,
)
from roadmap.web.paging import Numbered
from roadmap.workspace import clock


class Line(NamedTuple):
    """A row of the ledger. Amounts are in cents."""

    id: int
    decided_at: datetime
    kind: str
    sentence: str
    reason: str
    decided_by: str | None
    owner: str | None
    sponsor: str | None
    initiative_id: int | None
    initiative: str | None
    team: str | None
    from_rank: int | None
    to_rank: int | None
    delayed: int
    advanced: int
    pushed_deals: int
    pushed: int
    brought_deals: int
    brought: int
    broken: int
    mended: int
    reverts_id: int | None
    withdrawn: int
    relied_deals: int
    relied: int
    worsened: int

    @property
    def net(self) -> int:
        return self.brought - self.pushed

    @property
    def costs(self) -> bool:
        promises = self.broken, self.worsened, self.withdrawn
        return any((self.delayed, self.pushed_deals, *promises))


@dataclass(frozen=True)
class Filter:
    """Which trade-offs: owned or sponsored by whom, touching what, decided when.

    `all_events` includes the entries, ships and other changes that cost nobody anything.
    """

    owner: int | None = None
    sponsor: int | None = None
    initiative: int | None = None
    since: date | None = None
    until: date | None = None
    all_events: bool = False

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.owner is not None:
            found.append(Tradeoff.owner_id == self.owner)
        if self.sponsor is not None:
            found.append(Tradeoff.sponsor_id == self.sponsor)
        if self.initiative is not None:
            moved = select(MovedForecast.tradeoff_id).where(
                MovedForecast.initiative_id == self.initiative
            )
            found.append(or_(Tradeoff.initiative_id == self.initiative, Tradeoff.id.in_(moved)))
        if self.since is not None:
            found.append(Tradeoff.decided_at >= clock.start_of(self.since))
        if self.until is not None:
            found.append(Tradeoff.decided_at < clock.start_of(self.until + timedelta(days=1)))
        if not self.all_events:
            found.append(
                or_(
                    Tradeoff.kind == "promotion",
                    Tradeoff.delayed_count > 0,
                    Tradeoff.pushed_count > 0,
                    Tradeoff.broken_count > 0,
                    Tradeoff.worsened_count > 0,
                    Tradeoff.withdrawn_count > 0,
                )
            )
        return found


def count(wanted: Filter) -> int:
    return db.session.scalar(select(func.count(Tradeoff.id)).where(*wanted.conditions())) or 0


def lines(wanted: Filter, pages: Numbered | None = None) -> list[Line]:
    """Newest first; a page of them, or all."""
    statement = _lines().where(*wanted.conditions()).order_by(Tradeoff.id.desc())
    if pages is not None:
        statement = pages.limited(statement)
    return [Line(*row) for row in db.session.execute(statement)]


def history(initiative_id: int, most: int = 20) -> list[Line]:
    """What the ledger says of one initiative: changes of its own, and those that moved it."""
    wanted = Filter(initiative=initiative_id, all_events=True)
    statement = _lines().where(*wanted.conditions()).order_by(Tradeoff.id.desc()).limit(most)
    return [Line(*row) for row in db.session.execute(statement)]


@dataclass(frozen=True)
class Details:
    """What was known when a trade-off was committed."""

    delayed: Sequence[MovedForecast]
    advanced: Sequence[MovedForecast]
    pushed: Sequence[MovedDeal]
    brought: Sequence[MovedDeal]
    broken: Sequence[MovedPromise]
    mended: Sequence[MovedPromise]
    withdrawn: Sequence[MovedPromise]
    relied: Sequence[MovedDeal]
    worsened: Sequence[MovedPromise]


def details(id: int) -> Details:
    forecasts = db.session.scalars(
        select(MovedForecast)
        .where(MovedForecast.tradeoff_id == id)
        .order_by(MovedForecast.weeks.desc().nulls_first(), MovedForecast.title)
    ).all()
    deals = db.session.scalars(
        select(MovedDeal)
        .where(MovedDeal.tradeoff_id == id)
        .options(joinedload(MovedDeal.deal).load_only(Deal.amount, Deal.amount_source))
        .order_by(MovedDeal.amount.desc().nulls_last(), MovedDeal.name)
    ).all()
    promises = db.session.scalars(
        select(MovedPromise).where(MovedPromise.tradeoff_id == id).order_by(MovedPromise.date)
    ).all()
    return Details(
        [row for row in forecasts if row.direction == "delayed"],
        [row for row in forecasts if row.direction == "advanced"],
        [row for row in deals if row.direction == "pushed"],
        [row for row in deals if row.direction == "brought"],
        [row for row in promises if row.direction == "broken"],
        [row for row in promises if row.direction == "mended"],
        [row for row in promises if row.direction == "withdrawn"],
        [row for row in deals if row.direction == "relied"],
        [row for row in promises if row.direction == "worsened"],
    )


def reversal_of(id: int) -> int | None:
    """The trade-off that reverted this one, if any."""
    return db.session.scalar(select(Tradeoff.id).where(Tradeoff.reverts_id == id))


def people(column: Any) -> list[tuple[int, str]]:
    """Those who stand in this column of the ledger, for its filter."""
    rows = db.session.execute(
        select(User.id, User.name).where(User.id.in_(select(column))).order_by(User.sort_key)
    )
    return [(id, name) for id, name in rows]


def initiatives() -> list[tuple[int, str]]:
    """Those that a trade-off was about."""
    rows = db.session.execute(
        select(Initiative.id, Initiative.title)
        .where(Initiative.id.in_(select(Tradeoff.initiative_id)))
        .order_by(Initiative.sort_key)
        .limit(500)
    )
    return [(id, title) for id, title in rows]


def _lines() -> Select[Any]:
    t = Tradeoff
    decider, owner, sponsor = aliased(User), aliased(User), aliased(User)
    columns: tuple[Any, ...] = (
        t.id, t.decided_at, t.kind, t.sentence, t.reason,
        decider.name, owner.name, sponsor.name,
        t.initiative_id, Initiative.title, Team.name, t.from_rank, t.to_rank,
        t.delayed_count, t.advanced_count, t.pushed_count, t.pushed_amount,
        t.brought_count, t.brought_amount, t.broken_count, t.mended_count, t.reverts_id,
        t.withdrawn_count, t.relied_count, t.relied_amount, t.worsened_count,
    )  # fmt: skip
    return (
        select(*columns)
        .outerjoin(decider, decider.id == t.decided_by_id)
        .outerjoin(owner, owner.id == t.owner_id)
        .outerjoin(sponsor, sponsor.id == t.sponsor_id)
        .outerjoin(Initiative, Initiative.id == t.initiative_id)
        .outerjoin(Team, Team.id == t.team_id)
    )
