"""The inbox: which requests wait, for how long, with how much money, and which one comes next."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from roadmap.domain.deals import OPEN
from roadmap.domain.triage import ASKING, CONFIRMED, DECLINED, ELSEWHERE, MERGED, NEW
from roadmap.extensions import db, records, streamed
from roadmap.models import Account, Deal, Problem, Request, RequestDeal, Segment, User
from roadmap.web import lists
from roadmap.web.paging import Numbered
from roadmap.workspace import clock
from roadmap.workspace.searching import has

#: What the inbox can show, in the order of its tabs. A question whose reminder is due waits for
#: triage again: nobody answered.
VIEWS = {
    "": "Waiting",
    "asking": "Asked",
    "due": "Reminder due",
    "unlinked": "To link",
    CONFIRMED: "Confirmed",
    MERGED: "Merged",
    ELSEWHERE: "Not the product",
    DECLINED: "Declined",
    "all": "All",
}


@dataclass(frozen=True)
class Filters(lists.Filters):
    """What the inbox is narrowed to. `fit` is the least ICP fit, in percent."""

    view: str = lists.choice(VIEWS)
    segment: int | None = lists.number(Account.segment_id)
    account: int | None = lists.number(Request.account_id)
    requester: int | None = lists.number(Request.requester_id)
    fit: int | None = lists.percent(lambda least: Account.fit >= least)
    q: str = lists.words(
        lambda words: has(words, Request.search_text, Request.search_body, Account.search_text)
    )


class Line(NamedTuple):
    """A request in the inbox. `at_stake` is the open amount of the deals that it and what was
    merged into it name, each once, in cents; `unknown` of them have no amount and count 0.
    """

    id: int
    title: str
    account_id: int | None
    account: str | None
    prospect: str | None
    fit: int | None
    segment: str | None
    state: str
    problem_id: int | None
    problem: str | None
    requester: str | None
    waits_for: str | None
    remind_on: date | None
    created_at: datetime
    deals: int = 0
    at_stake: int = 0
    unknown: int = 0

    @property
    def created_on(self) -> date:
        return clock.day_of(self.created_at)

    @property
    def age(self) -> str:
        """How long ago it was sent: "today", "12 days"."""
        days = (clock.today() - self.created_on).days
        return "today" if days < 1 else "1 day" if days == 1 else f"{days:,} days"

    @property
    def is_due(self) -> bool:
        return self.remind_on is not None and self.remind_on <= clock.today()


class Counts(NamedTuple):
    """By view, how many requests the other filters let through; and the oldest one's moment."""

    by_view: dict[str, int]
    oldest: datetime | None


class Stake(NamedTuple):
    """Open deals, each once: how many, their amount in cents, and how many have none."""

    deals: int
    amount: int
    unknown: int


def counts(asked: Filters) -> Counts:
    """One query for all tabs."""
    shown = _view(asked.view)
    oldest, *numbers = db.session.execute(
        _requests(
            func.min(case((shown, Request.created_at))),
            *(func.count(case((_view(view), 1))) for view in VIEWS),
        ).where(*asked.conditions())
    ).one()
    return Counts(dict(zip(VIEWS, map(int, numbers), strict=True)), oldest)


def stake(asked: Filters) -> Stake:
    """What all that the filters let through has at stake, each deal once."""
    family = _family(_requests(Request.id).where(*_conditions(asked)))
    named = select(RequestDeal.deal_id).join(family, family.c.member == RequestDeal.request_id)
    row = db.session.execute(_sums().where(Deal.id.in_(named), Deal.status == OPEN)).one()
    return Stake(row.deals, int(row.at_stake), row.unknown)


def page(asked: Filters, pages: Numbered) -> list[Line]:
    """One page, oldest first: a query for its lines and one for their deals."""
    return _with_deals(records(Line, db.session.execute(pages.limited(_lines(asked)))))


def everything(asked: Filters) -> Iterator[Line]:
    """Every request that the filters let through, read as they are asked for."""
    for some in streamed(_lines(asked)).partitions():
        yield from _with_deals(records(Line, some))


def listed(ids: Collection[int]) -> list[Line]:
    """These requests as the inbox shows them, oldest first; unknown ids are left out."""
    statement = _lines(Filters(view="all")).where(Request.id.in_(ids))
    return _with_deals(records(Line, db.session.execute(statement)))


class Neighbours(NamedTuple):
    """The requests before and after one in the inbox; None where there is none."""

    before: int | None
    after: int | None


def neighbours(asked: Filters, request: Request) -> Neighbours:
    """Those beside a request in this view of the inbox, whether or not it is in it itself."""
    same = Request.created_at == request.created_at
    others = _requests(Request.id).where(*_conditions(asked))
    down = others.where(
        or_(Request.created_at < request.created_at, and_(same, Request.id < request.id))
    ).order_by(Request.created_at.desc(), Request.id.desc())
    up = others.where(
        or_(Request.created_at > request.created_at, and_(same, Request.id > request.id))
    ).order_by(Request.created_at, Request.id)
    return Neighbours(db.session.scalar(down.limit(1)), db.session.scalar(up.limit(1)))


def next_after(asked: Filters, request: Request) -> int | None:
    """The one to go on with: the next in this view, else its oldest; None where none is left."""
    beside = neighbours(asked, request)
    if beside.after is not None or beside.before is None:
        return beside.after
    others = _requests(Request.id).where(*_conditions(asked), Request.id != request.id)
    oldest: int | None = db.session.scalar(others.order_by(Request.created_at, Request.id).limit(1))
    return oldest


def requester_choices() -> list[tuple[int, str]]:
    """Everybody who has asked for something, by name."""
    asked = select(Request.requester_id).where(Request.requester_id == User.id).exists()
    rows = db.session.execute(
        select(User.id, User.name).where(asked).order_by(User.sort_key, User.id)
    )
    return [(id, name) for id, name in rows]


def _lines(asked: Filters) -> Select[Any]:
    return (
        _requests(
            Request.id, Request.title, Account.id.label("account_id"),
            Account.name.label("account"), Request.prospect, Account.fit,
            Segment.name.label("segment"), Request.state, Problem.id.label("problem_id"),
            Problem.title.label("problem"), User.name.label("requester"), Request.waits_for,
            Request.remind_on, Request.created_at,
        )
        .outerjoin(Segment, Segment.id == Account.segment_id)
        .outerjoin(Problem, Problem.id == Request.problem_id)
        .outerjoin(User, User.id == Request.requester_id)
        .where(*_conditions(asked))
        .order_by(Request.created_at, Request.id)
    )  # fmt: skip


def _requests(*columns: Any) -> Select[Any]:
    """A select over requests with their accounts, which filters look at."""
    return (
        select(*columns)
        .select_from(Request)
        .outerjoin(Account, Account.id == Request.account_id)
    )  # fmt: skip


def _conditions(asked: Filters) -> list[ColumnElement[bool]]:
    return [_view(asked.view), *asked.conditions()]


def _view(view: str) -> ColumnElement[bool]:
    due = and_(Request.state == ASKING, Request.remind_on <= clock.today())
    if view == "":
        return or_(Request.state == NEW, due)
    if view == "due":
        return due
    if view == "unlinked":
        return and_(Request.account_id.is_(None), Request.state.not_in((MERGED, DECLINED)))
    if view == "all":
        return Request.state.is_not(None)
    return Request.state == view


def _family(heads: Select[Any]) -> Any:
    """Pairs of a request and itself, or what was merged into it, directly or through others."""
    seed = heads.with_only_columns(Request.id.label("head"), Request.id.label("member"))
    family = seed.cte("family", recursive=True)
    below = select(family.c.head, Request.id).join(
        Request, Request.merged_into_id == family.c.member
    )
    return family.union_all(below)


def _sums(*before: Any) -> Select[Any]:
    return select(
        *before,
        func.count().label("deals"),
        func.coalesce(func.sum(Deal.amount), 0).label("at_stake"),
        func.count(case((Deal.amount.is_(None), 1))).label("unknown"),
    )


def _with_deals(lines: Sequence[Line]) -> list[Line]:
    family = _family(select(Request.id).where(Request.id.in_([line.id for line in lines])))
    named = (
        select(family.c.head, RequestDeal.deal_id)
        .join(RequestDeal, RequestDeal.request_id == family.c.member)
        .distinct()
        .subquery()
    )
    rows = db.session.execute(
        _sums(named.c.head)
        .join(named, named.c.deal_id == Deal.id)
        .where(Deal.status == OPEN)
        .group_by(named.c.head)
    )
    found = {
        head: {"deals": deals, "at_stake": int(amount), "unknown": unknown}
        for head, deals, amount, unknown in rows
    }
    return [line._replace(**found.get(line.id, {})) for line in lines]
