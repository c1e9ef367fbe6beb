"""Lists and choices: initiatives on the board and off, owners, problems and needs to pick from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select

from roadmap.domain.folding import folded
from roadmap.domain.money import half_up
from roadmap.domain.plan import DECLINED, INITIATIVE_KINDS, SHIPPED, STATES
from roadmap.domain.roles import EXECUTIVE, PRODUCT
from roadmap.domain.value import SCALE
from roadmap.extensions import db
from roadmap.market.problem_search import problems_with
from roadmap.models import Initiative, Need, Problem, Product, Team, User, WorkItem
from roadmap.planning.picture import Picture
from roadmap.planning.totals import fraction
from roadmap.web import lists
from roadmap.web.paging import Numbered
from roadmap.workspace.searching import sought

PAGE = 100
#: How many a search offers to choose from.
OFFERED = 20

FORECAST_WORDS = {
    "unestimated": "not estimated",
    "blocked": "blocked",
    "beyond": "beyond three years",
}


def _worked_on(product_id: int) -> ColumnElement[bool]:
    has_it = select(WorkItem.initiative_id).where(WorkItem.product_id == product_id)
    return Initiative.id.in_(has_it)


def _in_state(state: str) -> ColumnElement[bool]:
    return Initiative.position.is_not(None) if state == "board" else Initiative.state == state


@dataclass(frozen=True)
class Filter(lists.Filters):
    """Empty values let everything through; `state` may also be "board"."""

    state: str = lists.choice(("board", *STATES), _in_state)
    kind: str = lists.choice(INITIATIVE_KINDS, Initiative.kind)
    owner: int | None = lists.number(Initiative.owner_id)
    product: int | None = lists.number(_worked_on)
    q: str = lists.words(lambda words: Initiative.id.in_(_saying(words)))


class Line(NamedTuple):
    """An initiative in the list. Amounts are in cents, effort in person-days."""

    id: int
    title: str
    kind: str
    state: str
    owner: str | None
    rank: int | None
    finish: date | None
    without: str
    person_days: int | None
    open_count: int | None
    open_amount: int | None
    at_stake: int | None
    left_on: date | None
    reason: str | None


def count(wanted: Filter) -> int:
    return db.session.scalar(select(func.count(Initiative.id)).where(*wanted.conditions())) or 0


def lines(picture: Picture, wanted: Filter, pages: Numbered | None = None) -> Iterator[Line]:
    """In rank order, then those off the board by title; a page of them, or all."""
    statement = (
        select(
            Initiative.id,
            Initiative.title,
            Initiative.kind,
            Initiative.state,
            User.name,
            Initiative.shipped_on,
            Initiative.decline_reason,
        )
        .outerjoin(User, User.id == Initiative.owner_id)
        .where(*wanted.conditions())
        .order_by(
            Initiative.position.is_(None), Initiative.position, Initiative.sort_key, Initiative.id
        )
    )
    if pages is not None:
        statement = pages.limited(statement)
    for id, title, kind, state, owner, shipped_on, reason in db.session.execute(statement):
        key = str(id)
        card = picture.cards.get(key)
        placement = picture.schedule.placements.get(key)
        yield Line(
            id,
            title,
            kind,
            state,
            owner,
            picture.rank(key),
            picture.schedule.finish(key),
            FORECAST_WORDS.get(placement.state, "") if placement else "",
            picture.plan.initiatives[key].person_days if card else None,
            card.open_count if card else None,
            card.open_amount if card else None,
            half_up(fraction(card.open_value) / SCALE) if card else None,
            shipped_on,
            reason,
        )


def owners(keep: int | None = None) -> list[tuple[Any, str]]:
    """Who can own an initiative; `keep` stays on the list whatever became of them."""
    may = User.active & User.role.in_((PRODUCT, EXECUTIVE))
    rows = db.session.execute(
        select(User.id, User.name).where(or_(may, User.id == keep)).order_by(User.sort_key, User.id)
    )
    return [("", "Nobody yet"), *((id, name) for id, name in rows)]


def present_owners() -> list[tuple[int, str]]:
    """Those who own one now."""
    rows = db.session.execute(
        select(User.id, User.name)
        .where(User.id.in_(select(Initiative.owner_id)))
        .order_by(User.sort_key, User.id)
    )
    return [(id, name) for id, name in rows]


def products() -> list[tuple[int, str]]:
    rows = db.session.execute(
        select(Product.id, Product.name).order_by(Product.sort_key, Product.id)
    )
    return [(id, name) for id, name in rows]


def teams() -> list[tuple[int, str]]:
    rows = db.session.execute(select(Team.id, Team.name).order_by(Team.sort_key, Team.id))
    return [(id, name) for id, name in rows]


class Work(NamedTuple):
    """A work item with its product and team by name."""

    title: str
    product: str
    team_id: int
    team: str
    person_days: int | None
    max_days: int | None


def work(initiative_id: int) -> list[Work]:
    rows = db.session.execute(
        select(
            WorkItem.title,
            Product.name,
            Team.id,
            Team.name,
            WorkItem.person_days,
            WorkItem.max_days,
        )
        .join(Product, Product.id == WorkItem.product_id)
        .join(Team, Team.id == WorkItem.team_id)
        .where(WorkItem.initiative_id == initiative_id)
        .order_by(WorkItem.position, WorkItem.id)
    )
    return [Work(*row) for row in rows]


class Other(NamedTuple):
    """An initiative that this one needs, or that needs it."""

    id: int
    title: str
    state: str
    rank: int | None
    finish: date | None

    @property
    def settled(self) -> str:
        """What stands instead of a date off the board."""
        return {SHIPPED: "shipped", DECLINED: "declined"}.get(self.state, "")


def needed(picture: Picture, ids: Collection[str]) -> list[Other]:
    return _others(picture, select(Initiative).where(Initiative.id.in_([int(id) for id in ids])))


def dependants(picture: Picture, initiative_id: int) -> list[Other]:
    needing = select(Need.initiative_id).where(Need.needed_id == initiative_id)
    return _others(picture, select(Initiative).where(Initiative.id.in_(needing)))


def possible_needs(picture: Picture, id: str, chosen: Collection[str], text: str) -> list[Other]:
    """Initiatives on the board that it could need: those that the text fits, or the first ones."""
    found, wanted = [], sought(text)
    for rank, other in enumerate(picture.plan.order, start=1):
        card = picture.cards[other]
        if other == id or other in chosen or (wanted and not wanted.within(folded(card.title))):
            continue
        finish = picture.schedule.finish(other)
        found.append(Other(int(other), card.title, card.state, rank, finish))
        if len(found) == OFFERED:
            break
    return found


def problem_titles(ids: Collection[int]) -> dict[int, str]:
    """Those of these problems that can be addressed: merged ones cannot."""
    rows = db.session.execute(
        select(Problem.id, Problem.title).where(
            Problem.id.in_(list(ids)), Problem.merged_into_id.is_(None)
        )
    )
    return dict(rows.all())


def possible_problems(chosen: Collection[int], text: str) -> list[tuple[int, str]]:
    """Problems that it could address: those that the text fits, or the latest ones."""
    found = sorted(problems_with(text, chosen), key=lambda each: -each.id)
    return [(each.id, each.title) for each in found[:OFFERED]]


def _others(picture: Picture, chosen: Any) -> list[Other]:
    found = []
    for row in db.session.execute(
        chosen.with_only_columns(Initiative.id, Initiative.title, Initiative.state).order_by(
            Initiative.position.is_(None), Initiative.position, Initiative.sort_key
        )
    ):
        id, title, state = row
        key = str(id)
        found.append(Other(id, title, state, picture.rank(key), picture.schedule.finish(key)))
    return found


def _saying(text: str) -> list[int]:
    """Those whose title and value have all of its words."""
    rows = db.session.execute(select(Initiative.id, Initiative.title, Initiative.value))
    wanted = sought(text)
    return [id for id, title, value in rows if wanted.within(folded(f"{title} {value}"))]
