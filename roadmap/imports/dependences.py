"""What rests on an import: later imports, and whatever people have built on what it brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from roadmap.domain.statements import CRM, IMPORT
from roadmap.evidence import dates
from roadmap.extensions import db, streamed
from roadmap.models import (
    Account,
    AccountName,
    Conversation,
    Deal,
    DealDate,
    DealReport,
    Import,
    MovedDeal,
    Request,
    RequestDeal,
    StagedAccount,
    StagedDeal,
    Statement,
)
from roadmap.models.base import table as sa_table
from roadmap.models.imports import CHANGED, IN_FORCE, NEW

#: What stands on a deal and does not come from its CRM.
_BY_PEOPLE = (
    Statement.ended_at.is_(None),
    or_(Statement.origin != CRM, Statement.origin_id.is_(None)),
)
#: So many of a kind are named.
MOST_NAMED = 10


@dataclass(frozen=True)
class Dependence:
    """What rests on an import: in words, how often, and some of it by name."""

    what: str
    count: int
    names: Sequence[str]


def find(made: Import) -> list[Dependence]:
    """What rests on this import."""
    new = new_deals(made.id)
    accounts = new_accounts(made.id)
    checks = [
        ("Later imports touched its deals or accounts", _later(made)),
        ("Accounts of it were merged since", _merged(made.id)),
        (
            "Deals that it brought are tied to problems",
            select(Deal.name)
            .where(Deal.id.in_(new))
            .where(_has(Statement, *_BY_PEOPLE, Statement.problem_id.is_not(None))),
        ),
        (
            "Deals that it brought have reasons for their loss",
            select(Deal.name)
            .where(Deal.id.in_(new))
            .where(_has(Statement, *_BY_PEOPLE, Statement.problem_id.is_(None))),
        ),
        (
            "Requests speak of deals that it brought",
            select(Request.title)
            .join(RequestDeal, RequestDeal.request_id == Request.id)
            .where(RequestDeal.deal_id.in_(new)),
        ),
        (
            "Trade-offs moved deals that it brought",
            select(MovedDeal.name).where(MovedDeal.deal_id.in_(new)),
        ),
        (
            "Conversations are about deals that it brought",
            select(Deal.name).where(Deal.id.in_(new)).where(_has(Conversation)),
        ),
        (
            "Reps reported on deals that it brought",
            select(Deal.name).where(Deal.id.in_(new)).where(_has(DealReport)),
        ),
        (
            "Conversations are with accounts that it brought",
            select(Account.name).where(
                Account.id.in_(accounts),
                Account.id.in_(select(Conversation.account_id)),
            ),
        ),
        (
            "Requests speak of accounts that it brought",
            select(Request.title).where(Request.account_id.in_(accounts)),
        ),
        (
            "Other deals belong to accounts that it brought",
            select(Deal.name).where(
                Deal.account_id.in_(accounts),
                Deal.id.not_in(new),
                Deal.id.not_in(changed(made.id)),
            ),
        ),
    ]
    found = [named(what, statement) for what, statement in checks]
    found += [_edited_deals(made), _edited_accounts(made)]
    return [each for each in found if each.count]


def _has(table: Any, *where: Any) -> Any:
    return select(table.id).where(table.deal_id == Deal.id, *where).exists()


def new_deals(import_id: int) -> Select[Any]:
    s = StagedDeal
    return (
        select(Deal.id)
        .join(s, s.external_id == Deal.external_id)
        .where(s.import_id == import_id, s.action == NEW)
    )


def changed(import_id: int) -> Select[Any]:
    s = StagedDeal
    return select(s.deal_id).where(s.import_id == import_id, s.action == CHANGED)


def new_accounts(import_id: int) -> Select[Any]:
    s = StagedAccount
    return (
        select(Account.id)
        .join(s, s.external_id == Account.external_id)
        .where(s.import_id == import_id, s.action == NEW)
    )


def _merged(import_id: int) -> Select[Any]:
    """The accounts that it wrote, or took deals from, and that are others' by now."""
    n, s, d = AccountName, StagedAccount, StagedDeal
    wrote = select(s.external_id).where(s.import_id == import_id, s.action.in_((NEW, CHANGED)))
    before = d.changes["account"][0].as_string()
    took = select(before).where(d.import_id == import_id, d.action == CHANGED, before.is_not(None))
    gone = n.external_id.in_(wrote) | n.external_id.in_(took)
    return select(n.name).where(
        n.former_id.is_not(None), gone | n.account_id.in_(new_accounts(import_id))
    )


def _later(made: Import) -> Select[Any]:
    """The later imports, still applied, of rows that this one wrote."""
    later = select(Import.id).where(
        Import.state.in_(IN_FORCE), Import.compared_revision > made.compared_revision
    )
    ids = list(db.session.scalars(later))
    touched = []
    for table in (StagedDeal, StagedAccount):
        mine, other = table.__table__.alias("mine"), table.__table__.alias("other")
        # A list of the ids, which is looked into: a join would go through all rows for each row.
        written = select(mine.c.external_id).where(
            mine.c.import_id == made.id, mine.c.action.in_((NEW, CHANGED))
        )
        touched.append(
            select(other.c.import_id).where(
                other.c.import_id.in_(ids),
                other.c.action.in_((NEW, CHANGED)),
                other.c.external_id.in_(written),
            )
        )
    return select(Import.id).where(Import.id.in_(touched[0]) | Import.id.in_(touched[1]))


def named(what: str, statement: Select[Any]) -> Dependence:
    """What a query finds, under these words; an import goes by its number."""
    found = statement.distinct().subquery()
    count = db.session.scalar(select(func.count()).select_from(found)) or 0
    names = [
        f"import {name}" if isinstance(name, int) else name
        for name in (db.session.scalars(select(found).limit(MOST_NAMED)) if count else ())
    ]
    return Dependence(what, count, names)


def _edited_deals(made: Import) -> Dependence:
    """Deals that somebody changed here after the import wrote them."""
    s, d = StagedDeal, Deal
    columns = [
        dates.newest(IMPORT).label(name) if name == "needed_by" else sa_table(d).c[name]
        for name in ("name", "status", "stage", "product", "amount", "amount_source",
                     "probability", "opened_on", "close_date", "needed_by", "lost_to",
                     "attributes")
    ]  # fmt: skip
    rows = streamed(
        select(s.changes, s.action, *columns)
        .join(d, d.external_id == s.external_id)
        .where(s.import_id == made.id)
        # Of a new deal, people can set nothing here but the customer's own date.
        .where(or_(s.action == CHANGED, and_(s.action == NEW, _dated_by_people())))
    )
    names = [
        row.name
        for row in rows
        if row.action == NEW
        or any(
            _plain(getattr(row, name)) != after
            for name, (_, after) in (row.changes or {}).items()
            if hasattr(row, name)
        )
    ]
    return Dependence("Deals were changed here since", len(names), names[:MOST_NAMED])


def _dated_by_people() -> Any:
    return _has(DealDate, dates.STANDING, DealDate.origin != IMPORT)


def _edited_accounts(made: Import) -> Dependence:
    s, a = StagedAccount, Account
    said = ("industry", "region", "employees", "revenue", "attributes")
    rows = streamed(
        select(
            s.action, s.changes, a.name, a.segment_by_hand,
            *(getattr(a, name).label(name) for name in said),
            *(getattr(s, name).label(f"said_{name}") for name in said),
        )
        .join(a, a.external_id == s.external_id)
        .where(s.import_id == made.id, s.action.in_((NEW, CHANGED)))
    )  # fmt: skip
    names = []
    for row in rows:
        if row.action == NEW:
            edited = row.segment_by_hand or any(
                (getattr(row, name) or None) != (getattr(row, f"said_{name}") or None)
                for name in said
            )
        else:
            edited = any(
                getattr(row, name) != after
                for name, (_, after) in (row.changes or {}).items()
                if name in said
            )
        if edited:
            names.append(row.name)
    return Dependence("Accounts were changed here since", len(names), names[:MOST_NAMED])


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
