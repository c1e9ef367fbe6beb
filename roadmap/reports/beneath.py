"""The deals beneath one number of a report: the list sums to the number, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, Select, and_, case, func, select

from roadmap.domain.deals import LOST, OPEN, WON
from roadmap.domain.splits import NOT_GIVEN
from roadmap.domain.trend import first_of, period
from roadmap.domain.winloss import CLAIMED, PRODUCT
from roadmap.extensions import db, streamed
from roadmap.models import Account, Blocker, CrmOwner, Deal, ProblemTie
from roadmap.web.paging import Numbered

from . import cohorts, dimensions, facts, false_losses, selection, trends
from .cells import (
    BLOCKED,
    BOTH,
    CLOSED,
    FALSE,
    GIVEN,
    HEARD,
    HIDDEN,
    MISSING,
    Cell,
    month_at,
)
from .filters import Filters

_DAY = timedelta(days=1)


class Row(NamedTuple):
    """A deal with its part of the cell; amounts in cents, `state` as of the day."""

    id: int
    name: str
    account_id: int | None
    account: str | None
    fit: int | None
    state: str
    amount: int | None
    amount_source: str | None
    close_date: date | None
    owner: str | None
    product: str | None
    share: Fraction

    @property
    def part(self) -> Fraction | None:
        """What the deal adds to the cell's amount; None while its amount is unknown."""
        return None if self.amount is None else self.amount * self.share


class Sums(NamedTuple):
    """What all deals of the cell add up to: exactly the number that was pressed."""

    deals: int
    shares: Fraction
    amount: Fraction
    unknown: int
    accounts: int


@dataclass(frozen=True)
class Listing:
    asked: Filters
    cell: Cell
    sums: Sums
    rows: list[Row]
    pages: Numbered


def listing(asked: Filters, cell: Cell) -> Listing:
    """One page of the deals, the largest first."""
    found = sums(asked, cell)
    pages = Numbered(found.deals)
    rows = db.session.execute(pages.limited(_rows(asked, cell)))
    return Listing(asked, cell, found, [_row(cell, row) for row in rows], pages)


def every(asked: Filters, cell: Cell) -> Iterator[Row]:
    for row in streamed(_rows(asked, cell)):
        yield _row(cell, row)


def sums(asked: Filters, cell: Cell) -> Sums:
    """Added up over groups of deals alike, without reading them one by one."""
    asked, since = _scope(asked, cell)
    why = facts.reasons(asked.source)
    fit = (Account.fit,) if cell.weighted else ()
    found = (
        _narrowed(asked, cell, since, why, Deal.amount, *facts.reason_columns(why), *fit)
    ).subquery()  # fmt: skip
    alike = list(found.c)[1:]
    deals, shares, amount, unknown = 0, Fraction(0), Fraction(0), 0
    for row in db.session.execute(
        select(
            *alike,
            func.count(),
            func.coalesce(func.sum(found.c.amount), 0),
            func.count(found.c.amount),
        ).group_by(*alike)
    ):
        share = cell.share(facts.said_of(row), row.fit if cell.weighted else None)
        here, total, known = (int(value) for value in row[-3:])
        deals += here
        shares += here * share
        amount += total * share
        unknown += here - known
    asked_accounts = _narrowed(asked, cell, since, why, func.count(Deal.account_id.distinct()))
    return Sums(deals, shares, amount, unknown, db.session.scalar(asked_accounts) or 0)


def _rows(asked: Filters, cell: Cell) -> Select[Any]:
    asked, since = _scope(asked, cell)
    why = facts.reasons(asked.source)
    return (
        _narrowed(
            asked, cell, since, why,
            *facts.reason_columns(why), Deal.id, Deal.name, Deal.account_id,
            Account.name.label("account"), Account.fit,
            facts.state_at(asked.as_of, since).label("state"), Deal.amount, Deal.amount_source,
            Deal.close_date, CrmOwner.name.label("owner"), Deal.product,
        )
        .outerjoin(CrmOwner, CrmOwner.id == Deal.crm_owner_id)
        .order_by(Deal.amount.is_(None), Deal.amount.desc(), Deal.id)
    )  # fmt: skip


def _row(cell: Cell, row: Any) -> Row:
    shown = {name: getattr(row, name) for name in Row._fields[:-1]}
    return Row(**shown, share=cell.share(facts.said_of(row), row.fit))


def _scope(asked: Filters, cell: Cell) -> tuple[Filters, date | None]:
    """The filters as the cell's report reads them, and the day after which deals closed."""
    if cell.report == "revenue-at-risk":
        return asked, selection.since(asked)
    if cell.report == "trend":
        return asked, period(asked.as_of, trends.months(asked)).first_day - _DAY
    if cell.report == "cohorts":
        return cohorts.everything(asked), None
    if cell.report == "false-losses":
        return false_losses.whatever_source(asked), asked.since()
    return asked, asked.since()


def _narrowed(
    asked: Filters, cell: Cell, since: date | None, why: CTE, *columns: Any
) -> Select[Any]:
    return (
        facts.from_deals(asked, *columns)
        .outerjoin(why, and_(why.c.deal_id == Deal.id, facts.lost_at(asked.as_of, since)))
        .where(*_conditions(asked, cell, since, why))
    )


def _conditions(
    asked: Filters, cell: Cell, since: date | None, why: CTE
) -> list[ColumnElement[bool]]:
    state = facts.state_at(asked.as_of, since)
    found = [_state(state, cell.state)]
    by = dimensions.dimension(cell.by) if cell.group else None
    if by is not None:
        found.append(_in_group(by, cell.group))
    if cell.bucket or cell.claimed or cell.verified or cell.kind:
        found += [state == LOST, *_reasons(cell, why)]
    if cell.claimant:
        said = false_losses.rep_claims()
        found.append(said if cell.claimant == "rep" else ~said)
    if cell.start:
        found.append(Deal.close_date >= first_of(month_at(cell.start)))
    if cell.end:
        found.append(Deal.close_date < first_of(month_at(cell.end) + 1))
    if cell.problem or cell.report == "revenue-at-risk":
        found.append(Deal.id.in_(_tied(asked, cell, since)))
    if cell.initiative:
        found.append(Deal.id.in_(_claimed_against(cell.initiative)))
    if cell.stand_in:
        found.append(Deal.amount_source.is_not(None))
    return [*found, *_opening(asked, cell)]


def _state(state: ColumnElement[Any], wanted: str) -> ColumnElement[bool]:
    several = {CLOSED: (WON, LOST), BLOCKED: (OPEN, LOST), "": (WON, LOST, OPEN)}
    return state.in_(several[wanted]) if wanted in several else state == wanted


def _in_group(by: dimensions.Dimension, group: str) -> ColumnElement[bool]:
    if group == MISSING:
        return by.column.is_(None)
    value: Any = group.removeprefix(GIVEN)
    if by.name in (dimensions.SEGMENT, dimensions.REP):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
    same: ColumnElement[bool] = by.column == value
    return same


def _reasons(cell: Cell, why: CTE) -> list[ColumnElement[bool]]:
    heard = false_losses.verified_weight(why)
    found: list[ColumnElement[bool]] = []
    if cell.bucket == NOT_GIVEN:
        found.append(why.c.deal_id.is_(None))
    elif cell.bucket:
        own = case(
            (heard > 0, why.c[f"verified_{cell.bucket}"]), else_=why.c[f"claimed_{cell.bucket}"]
        )
        found.append(own > 0)
    if cell.claimed:
        found.append(why.c[f"claimed_{cell.claimed}"] > 0)
    if cell.verified:
        found.append(why.c[f"verified_{cell.verified}"] > 0)
    kinds = {
        HEARD: heard > 0,
        BOTH: and_(heard > 0, false_losses.claimed_weight(why) > 0),
        FALSE: false_losses.is_false(why),
        HIDDEN: false_losses.is_hidden(why),
    }
    return [*found, kinds[cell.kind]] if cell.kind else found


def _tied(asked: Filters, cell: Cell, since: date | None) -> Select[Any]:
    if cell.report == "trend":
        # Its lost deals are those whose ties count, whatever the state of the others.
        statement = select(Blocker.deal_id).where(
            Blocker.counts, Blocker.problem_id == cell.problem
        )
        return statement.where(Blocker.source == asked.source) if asked.source else statement
    tied = selection.ties(asked, since, cell.problem)
    statement = select(tied.c.deal_id)
    if cell.heard:
        statement = statement.where(tied.c.heard == 1)
    if cell.alone:
        alone = tied.c.problems == 1
        statement = statement.where(alone if cell.alone == "1" else ~alone)
    return statement


def _claimed_against(initiative_id: int) -> Select[Any]:
    """Deals that claimed a problem of an initiative as Product."""
    return (
        select(Blocker.deal_id)
        .join(ProblemTie, ProblemTie.problem_id == Blocker.problem_id)
        .where(
            ProblemTie.initiative_id == initiative_id,
            Blocker.bucket == PRODUCT,
            Blocker.source.in_(CLAIMED),
        )
    )


def _opening(asked: Filters, cell: Cell) -> list[ColumnElement[bool]]:
    """Of a cohort: opened in these months and, with an age, lost by it."""
    if not cell.opened:
        return []
    last = month_at(cell.until or cell.opened)
    found = [
        Deal.opened_on >= first_of(month_at(cell.opened)),
        Deal.opened_on < first_of(last + 1),
        Deal.opened_on <= asked.as_of,
    ]
    if cell.age:
        closed = facts.closed_at(asked.as_of)
        found.append(closed <= facts.month(Deal.opened_on) + cell.age)
    return found
