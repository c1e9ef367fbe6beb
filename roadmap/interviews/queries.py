"""Whom to interview next, what is planned, and who held which conversation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from roadmap.domain.calendar import months_before, next_quarter
from roadmap.domain.collation import sort_key
from roadmap.domain.deals import LOST
from roadmap.domain.interviews import LOSS_INTERVIEW, PLANNED
from roadmap.domain.money import half_up
from roadmap.domain.roles import PERMISSIONS
from roadmap.domain.winloss import VERIFIED
from roadmap.extensions import db, records
from roadmap.models import (
    Account,
    Blocker,
    Conversation,
    CrmOwner,
    Deal,
    DealReport,
    LossReason,
    Problem,
    Segment,
    Statement,
    User,
)
from roadmap.web import lists
from roadmap.web.arguments import NONE
from roadmap.web.paging import Numbered
from roadmap.workspace import clock
from roadmap.workspace.account_names import account_has
from roadmap.workspace.searching import has
from roadmap.workspace.settings import workspace


@dataclass(frozen=True)
class Filters(lists.Filters):
    """What the list of deals to ask about is narrowed to."""

    segment: int | str | None = lists.number(Account.segment_id, also=(NONE,))
    product: str = lists.words(Deal.product)
    fit: int | None = lists.percent(lambda least: func.coalesce(Account.fit, 0) >= least)
    ask: str = lists.choice(("free",), lambda _: _not_asked())
    """"free" leaves those whose customer may be asked now."""
    q: str = lists.words(lambda words: has(words, Deal.search_text, Account.search_text))


class Candidate(NamedTuple):
    """A lost deal, with why it stands where it stands. `weighted` is amount times fit, in cents."""

    id: int
    name: str
    account_id: int | None
    account: str | None
    fit: int
    segment: str | None
    owner: str | None
    amount: int | None
    amount_source: str | None
    close_date: date
    verified: bool
    weighted: int | None
    asked_on: date | None
    """When its customer was asked in this quarter."""
    interview_id: int | None
    """The interview about this deal that is planned."""
    again_on: date | None = None


class Sums(NamedTuple):
    """Of all deals that the filters let through; unknown amounts count 0 and are counted beside."""

    deals: int
    amount: int
    unknown: int
    unverified: int
    undated: int
    """Lost deals without a close date, which are in no window."""


def candidates(asked: Filters, pages: Numbered | None = None) -> list[Candidate]:
    """Lost deals of the window in the order in which to ask: not verified before verified, then by
    money times fit, unknown amounts last.
    """
    today = clock.today()
    ask = aliased(Conversation)
    planned = aliased(Conversation)
    fit = func.coalesce(Account.fit, 0)
    weighted = Deal.amount * fit
    statement = (
        select(
            Deal.id, Deal.name, Account.id.label("account_id"), Account.name.label("account"),
            fit.label("fit"), Segment.name.label("segment"), CrmOwner.name.label("owner"),
            Deal.amount, Deal.amount_source, Deal.close_date, _verified().label("verified"),
            weighted.label("weighted"), ask.asked_on, ask.planned_on,
            planned.id.label("interview_id"),
        )
        .select_from(Deal)
        .outerjoin(Account, Account.id == Deal.account_id)
        .outerjoin(Segment, Segment.id == Account.segment_id)
        .outerjoin(CrmOwner, CrmOwner.id == Deal.crm_owner_id)
        .outerjoin(ask, _asks(ask, today))
        .outerjoin(planned, _plans(planned))
        .where(*_conditions(asked, today))
        .order_by(_verified(), weighted.is_(None), weighted.desc(), Deal.close_date.desc(), Deal.id)
    )  # fmt: skip
    if pages is not None:
        statement = pages.limited(statement)
    return [_candidate(row, today) for row in db.session.execute(statement)]


def sums(asked: Filters) -> Sums:
    today = clock.today()
    base = select(Deal.id, Deal.amount, _verified().label("verified")).select_from(Deal)
    found = (
        base.outerjoin(Account, Account.id == Deal.account_id)
        .where(*_conditions(asked, today))
        .subquery()
    )
    row = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(found.c.amount), 0),
            func.count().filter(found.c.amount.is_(None)),
            func.count().filter(~found.c.verified),
            select(func.count())
            .where(Deal.status == LOST, Deal.close_date.is_(None))
            .scalar_subquery(),
        ).select_from(found)
    ).one()
    return Sums(*map(int, row))


def planned() -> list[Conversation]:
    """The interviews that are still to be held, those that are due longest first."""
    return list(
        db.session.scalars(
            select(Conversation)
            .where(Conversation.state == PLANNED, Conversation.kind == LOSS_INTERVIEW)
            .options(
                joinedload(Conversation.deal),
                joinedload(Conversation.account),
                joinedload(Conversation.assigned_to),
            )
            .order_by(Conversation.planned_on, Conversation.id)
        )
    )


def find(id: int, kinds: Collection[str]) -> Conversation | None:
    """A conversation of these kinds with all that its page shows."""
    return db.session.scalar(
        select(Conversation)
        .where(Conversation.id == id, Conversation.kind.in_(kinds))
        .options(
            joinedload(Conversation.deal).joinedload(Deal.account),
            joinedload(Conversation.deal).joinedload(Deal.crm_owner).joinedload(CrmOwner.user),
            joinedload(Conversation.account),
            joinedload(Conversation.asked_by),
            joinedload(Conversation.assigned_to),
            joinedload(Conversation.held_by),
            joinedload(Conversation.changed_by),
            selectinload(Conversation.problems),
            selectinload(Conversation.reasons).joinedload(Statement.problem),
        )
    )


def lost_deal(id: int) -> Deal | None:
    return db.session.scalar(
        select(Deal)
        .where(Deal.id == id, Deal.status == LOST)
        .options(joinedload(Deal.account), joinedload(Deal.crm_owner).joinedload(CrmOwner.user))
    )


def of_deal(deal_id: int) -> list[Conversation]:
    """Every conversation about a deal, the latest first."""
    return list(
        db.session.scalars(
            select(Conversation)
            .where(Conversation.deal_id == deal_id)
            .options(joinedload(Conversation.assigned_to), joinedload(Conversation.held_by))
            .order_by(Conversation.id.desc())
        )
    )


def report_of(deal_id: int) -> DealReport | None:
    """The rep's report of a deal that stands."""
    return db.session.scalar(
        select(DealReport)
        .where(DealReport.deal_id == deal_id)
        .options(
            joinedload(DealReport.by),
            joinedload(DealReport.statement).joinedload(Statement.problem),
        )
        .order_by(DealReport.number.desc())
        .limit(1)
    )


def accounts_called(words: str) -> list[tuple[int, str]]:
    """The first accounts whose names hold these words."""
    rows = db.session.execute(
        select(Account.id, Account.name)
        .where(account_has(words))
        .order_by(Account.sort_key, Account.id)
        .limit(20)
    )
    return [(id, name) for id, name in rows]


def interviewers(*besides: int | None) -> list[tuple[int, str]]:
    """The users who may hold a conversation, by name, and those who are named already."""
    rows = db.session.execute(
        select(User.id, User.name)
        .where(or_(and_(User.active, User.role.in_(PERMISSIONS["shape"])), User.id.in_(besides)))
        .order_by(User.sort_key, User.id)
    )
    return [(id, name) for id, name in rows]


def problem_choices() -> list[tuple[int, str]]:
    """Every problem that can be named, by title."""
    rows = db.session.execute(
        select(Problem.id, Problem.title)
        .where(Problem.merged_into_id.is_(None))
        .order_by(Problem.sort_key, Problem.id)
    )
    return [(id, title) for id, title in rows]


def segment_choices() -> list[tuple[int, str]]:
    rows = db.session.execute(select(Segment.id, Segment.name).order_by(Segment.position))
    return [(id, name) for id, name in rows]


def product_choices() -> list[tuple[str, str]]:
    statement: Select[Any] = (
        select(Deal.product).where(Deal.status == LOST, Deal.product.is_not(None)).distinct()
    )
    return [(name, name) for name in sorted(db.session.scalars(statement), key=sort_key)]


def _verified() -> ColumnElement[bool]:
    """Whether a customer, or an interview, said why."""
    tie = exists().where(Blocker.deal_id == Deal.id, Blocker.source.in_(VERIFIED))
    reason = exists().where(LossReason.deal_id == Deal.id, LossReason.source.in_(VERIFIED))
    return or_(tie, reason)


def _asks(ask: Any, today: date) -> ColumnElement[bool]:
    """The quarter's ask of a deal's customer: by account or, where it has none, by deal."""
    own = or_(
        ask.account_id == Deal.account_id,
        and_(Deal.account_id.is_(None), ask.deal_id == Deal.id),
    )
    return and_(ask.ask_quarter == clock.quarter(today), own)


def _plans(planned: Any) -> ColumnElement[bool]:
    latest = (
        select(func.max(Conversation.id))
        .where(
            Conversation.deal_id == Deal.id,
            Conversation.kind == LOSS_INTERVIEW,
            Conversation.state == PLANNED,
        )
        .scalar_subquery()
    )
    return and_(planned.id == latest)


def _not_asked() -> ColumnElement[bool]:
    return ~exists().where(_asks(aliased(Conversation), clock.today()))


def _conditions(asked: Filters, today: date) -> list[ColumnElement[bool]]:
    since = months_before(today, workspace().window_months)
    lost = [Deal.status == LOST, Deal.close_date > since, Deal.close_date <= today]
    return [*lost, *asked.conditions()]


def _candidate(row: Any, today: date) -> Candidate:
    on = row.asked_on or row.planned_on
    (found,) = records(Candidate, [row])
    return found._replace(
        verified=bool(row.verified),
        weighted=None if row.weighted is None else half_up(row.weighted, 100),
        asked_on=on,
        again_on=next_quarter(clock.quarter(today)) if on else None,
    )
