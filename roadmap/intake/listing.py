"""The list of all requests: title, account, state, problem and figures, for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import aliased

from roadmap.domain.triage import STATES
from roadmap.extensions import db, streamed
from roadmap.models import Account, Deal, Problem, Request, RequestDeal, User, requests_about
from roadmap.web import arguments, paging
from roadmap.web.paging import Order, Page
from roadmap.workspace.searching import has


class Filters(NamedTuple):
    q: str = ""
    state: str = ""
    account: int | None = None
    problem: int | None = None
    requester: int | None = None


def filters() -> Filters:
    """As the address has them."""
    return arguments.filters(Filters, state=STATES)


class Line(NamedTuple):
    """A request in the list. `amount` is that of its deals in cents, unknown ones count 0."""

    id: int
    title: str
    state: str
    created_at: datetime
    account_id: int | None
    account: str | None
    prospect: str | None
    problem_id: int | None
    problem: str | None
    requester: str | None
    deals: int = 0
    amount: int = 0
    unknown: int = 0


def _read_moment(text: str) -> datetime:
    """A moment as a page's mark has it; one without a zone is in UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


NEWEST = Order("Newest", Request.created_at.expression, True, _read_moment, False)


def page_of_requests(asked: Filters) -> Page:
    """One page, the newest first, and the deals of these fifty: two queries."""
    where = paging.place(NEWEST)
    base = _filtered(asked)
    found = paging.keys(NEWEST, Request.id.expression, base, where)
    rows = db.session.execute(
        _columns(found.c.key)
        .join(found, found.c.id == Request.id)
        .order_by(*paging.sorted_by(NEWEST, found, backwards=where.backwards))
        .limit(paging.PAGE + 1)
    ).all()
    page = paging.page(rows, where, lambda row: (row[-1], row[0]))
    return replace(page, rows=_with_deals([Line(*row[:10]) for row in page.rows]))


def all_requests(asked: Filters) -> Iterator[Line]:
    """Every one that the filters let through, the newest first, read as they are asked for."""
    statement = _columns().where(*_conditions(asked))
    rows = streamed(statement.order_by(Request.created_at.desc(), Request.id.desc()))
    for some in rows.partitions():
        yield from _with_deals([Line(*row) for row in some])


def count(asked: Filters) -> int:
    return db.session.scalar(_filtered(asked).with_only_columns(func.count())) or 0


def named(asked: Filters) -> dict[str, str]:
    """What the ids in the filters are called."""
    tables: tuple[tuple[str, Any, Any], ...] = (
        ("account", Account.id, Account.name),
        ("problem", Problem.id, Problem.title),
        ("requester", User.id, User.name),
    )
    return {
        name: db.session.scalar(select(text).where(id == value)) or "nobody"
        for name, id, text in tables
        if (value := getattr(asked, name))
    }


def _filtered(asked: Filters) -> Select[Any]:
    statement = select(Request.id).outerjoin(Account, Account.id == Request.account_id)
    return statement.where(*_conditions(asked))


def _conditions(asked: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.state:
        conditions.append(Request.state == asked.state)
    if asked.account:
        conditions.append(Request.account_id == asked.account)
    if asked.problem:
        conditions.append(Request.id.in_(requests_about([asked.problem])))
    if asked.requester:
        conditions.append(Request.requester_id == asked.requester)
    if asked.q:
        conditions.append(has(asked.q, Request.search_text, Account.search_text))
    return conditions


def _columns(*more: Any) -> Select[Any]:
    asker = aliased(User)
    columns: tuple[Any, ...] = (
        Request.id, Request.title, Request.state, Request.created_at, Account.id, Account.name,
        Request.prospect, Problem.id, Problem.title, asker.name,
    )  # fmt: skip
    return (
        select(*columns, *more)
        .select_from(Request)
        .outerjoin(Account, Account.id == Request.account_id)
        .outerjoin(Problem, Problem.id == Request.problem_id)
        .outerjoin(asker, asker.id == Request.requester_id)
    )


def _with_deals(lines: list[Line]) -> list[Line]:
    rows = db.session.execute(
        select(
            RequestDeal.request_id, func.count(), func.coalesce(func.sum(Deal.amount), 0),
            func.count(case((Deal.amount.is_(None), 1))),
        )
        .join(Deal, Deal.id == RequestDeal.deal_id)
        .where(RequestDeal.request_id.in_([line.id for line in lines]))
        .group_by(RequestDeal.request_id)
    )  # fmt: skip
    found = {id: (deals, int(amount or 0), unknown) for id, deals, amount, unknown in rows}
    return [Line(*line[:10], *found[line.id]) if line.id in found else line for line in lines]
