"""The list of all requests: title, account, state, problem and figures, for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import aliased

from roadmap.domain.triage import STATES
from roadmap.extensions import db, records, streamed
from roadmap.models import Account, Deal, Problem, Request, RequestDeal, User, requests_about
from roadmap.web import lists, paging
from roadmap.web.paging import Order, Page
from roadmap.workspace.searching import has


@dataclass(frozen=True)
class Filters(lists.Filters):
    q: str = lists.words(lambda words: has(words, Request.search_text, Account.search_text))
    state: str = lists.choice(STATES, Request.state)
    account: int | None = lists.number(Request.account_id, called=Account.name)
    problem: int | None = lists.number(
        lambda id: Request.id.in_(requests_about([id])), called=Problem.title
    )
    requester: int | None = lists.number(Request.requester_id, called=User.name)


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
    page = paging.page_of(NEWEST, Request.id.expression, _filtered(asked), _columns)
    return replace(page, rows=_with_deals(records(Line, page.rows)))


def all_requests(asked: Filters) -> Iterator[Line]:
    """Every one that the filters let through, the newest first, read as they are asked for."""
    statement = _columns().where(*asked.conditions())
    for some in streamed(paging.in_order(NEWEST, Request.id.expression, statement)).partitions():
        yield from _with_deals(records(Line, some))


def count(asked: Filters) -> int:
    return db.session.scalar(_filtered(asked).with_only_columns(func.count())) or 0


def _filtered(asked: Filters) -> Select[Any]:
    statement = select(Request.id).outerjoin(Account, Account.id == Request.account_id)
    return statement.where(*asked.conditions())


def _columns(*more: Any) -> Select[Any]:
    asker = aliased(User)
    columns: tuple[Any, ...] = (
        Request.id, Request.title, Request.state, Request.created_at,
        Account.id.label("account_id"), Account.name.label("account"), Request.prospect,
        Problem.id.label("problem_id"), Problem.title.label("problem"),
        asker.name.label("requester"),
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
    found: dict[int, dict[str, Any]] = {
        id: {"deals": deals, "amount": int(amount or 0), "unknown": unknown}
        for id, deals, amount, unknown in rows
    }
    return [line._replace(**found.get(line.id, {})) for line in lines]
