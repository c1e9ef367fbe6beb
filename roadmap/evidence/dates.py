"""By when a deal needs its solution: who said which date, and which of them holds.

A date, or that there is none, stands until it is ended; the newest that stands is the deal's own,
and is kept with the deal, here and nowhere else. Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, insert, literal, null, select, update

from roadmap.domain.statements import HAND, IMPORT
from roadmap.extensions import db
from roadmap.models import Deal, DealDate, StagedDeal
from roadmap.models.base import chunks
from roadmap.models.base import table as sa_table
from roadmap.models.imports import CHANGED, NEW
from roadmap.workspace import clock

STANDING: ColumnElement[bool] = DealDate.ended_at.is_(None)


def say(
    deal_id: int,
    day: date | None,
    by_id: int | None,
    origin: str = HAND,
    origin_id: int | None = None,
    said_at: datetime | None = None,
) -> None:
    """Add to a deal's list by when it needs its solution, or that there is no such date, as it was
    said now or at a moment.
    """
    db.session.add(
        DealDate(
            deal_id=deal_id, day=day, by_id=by_id, origin=origin, origin_id=origin_id,
            said_at=said_at or clock.now(),
        )
    )  # fmt: skip
    db.session.flush()
    _settle(Deal.id == deal_id)


def end(ids: Collection[int]) -> None:
    """Let dates stand no longer."""
    for some in chunks(ids):
        of = select(DealDate.deal_id).where(DealDate.id.in_(some))
        _end(DealDate.id.in_(some))
        _settle(Deal.id.in_(of))


def newest(origin: str | None = None) -> ColumnElement[Any]:
    """SQL for the newest date that stands of a deal, or the newest of one origin."""
    own = select(DealDate.day).where(DealDate.deal_id == Deal.id, STANDING)
    if origin is not None:
        own = own.where(DealDate.origin == origin)
    last = own.order_by(DealDate.id.desc()).limit(1)
    return last.correlate(Deal).scalar_subquery()


def wrong() -> Select[Any]:
    """The deals whose own date is not the newest of their list."""
    return select(Deal.id).where(Deal.own_needed_by.is_distinct_from(newest())).order_by(Deal.id)


def follow_import(import_id: int) -> None:
    """Take over what an import's file says otherwise than CRM said before, and than what holds."""
    s = StagedDeal
    chosen = (
        select(
            Deal.id, s.needed_by, literal(IMPORT), literal(import_id), literal(clock.now()),
            null(),
        )
        .join(s, s.external_id == Deal.external_id)
        .where(
            s.import_id == import_id, s.action.in_((NEW, CHANGED)),
            s.needed_by.is_distinct_from(newest(IMPORT)),
            s.needed_by.is_distinct_from(Deal.own_needed_by),
        )
    )  # fmt: skip
    columns = ("deal_id", "day", "origin", "origin_id", "said_at", "ended_at")
    db.session.execute(insert(sa_table(DealDate)).from_select(columns, chosen))
    _settle(Deal.id.in_(_of_import(import_id)))


def take_back_import(import_id: int) -> None:
    """Let what an import's file said stand no longer."""
    _end(*_own(import_id))
    _settle(Deal.id.in_(_of_import(import_id)))


def forget(deals: Select[Any]) -> None:
    """Delete the dates of deals that are about to go."""
    _run(delete(DealDate).where(DealDate.deal_id.in_(deals)))


def _own(import_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return DealDate.origin == IMPORT, DealDate.origin_id == import_id


def _of_import(import_id: int) -> Select[Any]:
    return select(DealDate.deal_id).where(*_own(import_id))


def _end(*which: ColumnElement[bool]) -> None:
    _run(update(DealDate).where(*which, STANDING).values(ended_at=clock.now()))


def _settle(which: ColumnElement[bool]) -> None:
    _run(update(Deal).where(which).values({"own_needed_by": newest()}))
    for each in db.session.identity_map.values():
        if isinstance(each, Deal):
            db.session.expire(each, ["own_needed_by"])


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))
