"""The deals that reports count, as of a day: their state then, and why they were lost.

As of a day D: won and lost are the deals that closed on or before D; one that closed after it was
still open on D, if it had been opened by then or nobody knows when. An open deal that was opened
after D is left out. A closed deal without a close date counts as closed when no window is asked
for (unless it was opened after D) and is `undated` when one is: left out, and counted beside.
Amounts, fits, segments and reasons are today's.

Everything is added up in the database, over groups of deals alike ("signatures"): so exact
fractions are made over a few rows, however many deals there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    func,
    or_,
    select,
    union_all,
)

from roadmap.domain.deals import LOST, OPEN, WON
from roadmap.domain.splits import Said, Weights
from roadmap.domain.winloss import BUCKETS, CLAIMED, CUSTOMER, INTERVIEW, VERIFIED
from roadmap.extensions import db
from roadmap.models import Account, Blocker, Deal, LossReason

from .filters import Filters, conditions

UNDATED = "undated"

#: What a Said is made of, in the order of its columns.
_CLAIMED = tuple(f"claimed_{bucket}" for bucket in BUCKETS)
_VERIFIED = tuple(f"verified_{bucket}" for bucket in BUCKETS)


class Lost(NamedTuple):
    """Lost deals alike: of one group and month, with the same reasons. `largest` is the greatest
    amount among them; `month` counts from year 0 and is None where nobody asked or knows; `recent`
    closed after a day, if one was given."""

    key: int | str | None
    month: int | None
    said: Said
    deals: int
    amount: int
    unknown: int
    largest: int
    recent: bool = False


def state_at(as_of: date, since: date | None) -> ColumnElement[Any]:
    """The deal's state as of a day: null for one that takes no part."""
    closed = Deal.status.in_((WON, LOST))
    there = _opened_by(as_of)
    undated = UNDATED if since else Deal.status
    in_window = Deal.close_date > since if since else Deal.close_date.is_not(None)
    return case(
        (and_(closed, Deal.close_date <= as_of, in_window), Deal.status),
        (and_(closed, Deal.close_date <= as_of), None),
        (and_(closed, Deal.close_date.is_(None), there), undated),
        (open_at(as_of), OPEN),
        else_=None,
    )


def open_at(as_of: date) -> ColumnElement[bool]:
    """Those that `state_at` calls open."""
    return and_(or_(Deal.status == OPEN, Deal.close_date > as_of), _opened_by(as_of))


def lost_at(as_of: date, since: date | None) -> ColumnElement[bool]:
    """Those that `state_at` calls lost, said so that an index can find them."""
    dated = Deal.close_date <= as_of
    if since:
        return and_(Deal.status == LOST, dated, Deal.close_date > since)
    undated = and_(Deal.close_date.is_(None), _opened_by(as_of))
    return and_(Deal.status == LOST, or_(dated, undated))


def closed_at(as_of: date) -> ColumnElement[Any]:
    """The month in which a deal closed, as far as that was known on a day."""
    closed = and_(Deal.status.in_((WON, LOST)), Deal.close_date <= as_of)
    return case((closed, month(Deal.close_date)), else_=None)


def undated_losses(asked: Filters, since: date | None) -> int:
    """Lost deals that a window leaves out because nobody knows when they closed."""
    if since is None:
        return 0
    lost = and_(Deal.status == LOST, Deal.close_date.is_(None), _opened_by(asked.as_of))
    statement = from_deals(asked, func.count()).where(lost)
    return db.session.scalar(statement) or 0


def from_deals(asked: Filters, *columns: Any) -> Select[Any]:
    """A select from the deals that the filters let through, with their accounts."""
    return (
        select(*columns)
        .select_from(Deal)
        .outerjoin(Account, Account.id == Deal.account_id)
        .where(*conditions(asked))
    )


def lost(
    asked: Filters,
    since: date | None,
    key: ColumnElement[Any] | None = None,
    *,
    monthly: bool = False,
    recent: date | None = None,
) -> list[Lost]:
    """The lost deals by group, month and reasons, those that closed after a day apart."""
    columns: list[Any] = [Deal.id, Deal.amount]
    if key is not None:
        columns.append(key.label("key"))
    if monthly:
        columns.append(month(Deal.close_date).label("month"))
    if recent is not None:
        columns.append(case((Deal.close_date > recent, 1), else_=0).label("recent"))
    found = from_deals(asked, *columns).where(lost_at(asked.as_of, since)).subquery()
    why = reasons(asked.source)
    alike = reason_columns(why)
    parts = [found.c[name] for name in ("key", "month", "recent") if name in found.c]
    rows = db.session.execute(
        select(
            *alike,
            func.count().label("deals"),
            func.coalesce(func.sum(found.c.amount), 0).label("amount"),
            func.count(found.c.amount).label("known"),
            func.coalesce(func.max(found.c.amount), 0).label("largest"),
            *parts,
        )
        .select_from(found)
        .outerjoin(why, why.c.deal_id == found.c.id)
        .group_by(*alike, *parts)
    ).all()
    return [_lost(row) for row in rows]


def reasons(source: str = "") -> CTE:
    """Per deal with a status of lost and any reason: the weights of what was claimed and of what
    was verified, by bucket. With a source, of the reasons from it alone.

    PostgreSQL, which expects hardly any deal to be in a state, would add all of it up again for
    each deal that is: it is told to do that once.
    """
    given = _given(source)
    sums: dict[tuple[str, str], ColumnElement[Any]] = {}
    for kind, sources in (("claimed", CLAIMED), (CUSTOMER, (CUSTOMER,)), (INTERVIEW, (INTERVIEW,))):
        for bucket in BUCKETS:
            fits = and_(given.c.bucket == bucket, given.c.source.in_(sources))
            sums[kind, bucket] = func.sum(case((fits, given.c.weight), else_=0))
    heard = func.sum(case((given.c.source == INTERVIEW, 1), else_=0))
    return (
        select(
            given.c.deal_id,
            *(sums["claimed", bucket].label(name) for bucket, name in _pairs(_CLAIMED)),
            *(
                case((heard > 0, sums[INTERVIEW, bucket]), else_=sums[CUSTOMER, bucket]).label(name)
                for bucket, name in _pairs(_VERIFIED)
            ),
        )
        .group_by(given.c.deal_id)
        .cte()
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


def said_of(row: Any) -> Said:
    """What the columns of `reasons` say in a row; null where there are none."""
    claimed, verified = (
        Weights(int(getattr(row, name) or 0) for name in names) for names in (_CLAIMED, _VERIFIED)
    )
    return Said(claimed, verified)


def reason_columns(why: CTE) -> list[ColumnElement[Any]]:
    """The columns that `said_of` reads."""
    return [why.c[name] for name in (*_CLAIMED, *_VERIFIED)]


def month(day: Any) -> ColumnElement[Any]:
    """A date's month, counted from year 0."""
    counted: ColumnElement[Any] = func.extract("year", day) * 12 + func.extract("month", day) - 1
    return counted


class Coverage(NamedTuple):
    """How far reasons can be trusted: lost deals with a verified reason, of all lost deals.

    Amounts are in cents; unknown ones count 0.
    """

    verified: int
    lost: int
    verified_amount: int
    lost_amount: int
    unknown: int


def coverage(asked: Filters, since: date | None) -> Coverage:
    """Of the lost deals that the filters let through."""
    sources = [each for each in VERIFIED if not asked.source or each == asked.source]
    heard = or_(
        *(
            select(table.id).where(table.deal_id == Deal.id, table.source.in_(sources)).exists()
            for table in (Blocker, LossReason)
        )
    )
    found = (
        from_deals(asked, Deal.amount, heard.label("verified"))
        .where(lost_at(asked.as_of, since))
        .subquery()
    )
    counted = [0, 0, 0, 0, 0]
    for verified, count, amount, known in db.session.execute(
        select(
            found.c.verified,
            func.count(),
            func.coalesce(func.sum(found.c.amount), 0),
            func.count(found.c.amount),
        ).group_by(found.c.verified)
    ):
        counted[1] += count
        counted[3] += int(amount)
        counted[4] += count - known
        if verified:
            counted[0], counted[2] = count, int(amount)
    return Coverage(*counted)


def _given(source: str) -> Subquery:
    """All reasons of deals whose status is lost, whether they name a problem or not."""
    parts = []
    for table in (Blocker, LossReason):
        columns = table.deal_id, table.bucket, table.source, table.weight
        part = select(*columns).join(Deal, Deal.id == table.deal_id).where(Deal.status == LOST)
        if source:
            part = part.where(table.source == source)
        parts.append(part)
    return union_all(*parts).subquery()


def _opened_by(as_of: date) -> ColumnElement[bool]:
    return or_(Deal.opened_on.is_(None), Deal.opened_on <= as_of)


def _pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip(BUCKETS, names, strict=True))


def _lost(row: Any) -> Lost:
    month = getattr(row, "month", None)
    return Lost(
        getattr(row, "key", None),
        None if month is None else int(month),
        said_of(row),
        row.deals,
        int(row.amount),
        row.deals - row.known,
        int(row.largest),
        bool(getattr(row, "recent", None)),
    )
