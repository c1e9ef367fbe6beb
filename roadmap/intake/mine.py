"""The page before a customer call: by account, one person's requests and deals, and what is new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from roadmap.domain import merging
from roadmap.domain.collation import sort_key
from roadmap.domain.deals import BEFORE_ALL
from roadmap.extensions import db
from roadmap.market.solvers import Solution, solution
from roadmap.models import (
    Account,
    Notice,
    Problem,
    Request,
    RequestEvent,
    User,
)
from roadmap.planning.picture import Picture
from roadmap.web.csv import cents

from .selling import MOST_DEALS, Selling, selling
from .standing import Named, Target, named_deals, targets

MOST_REQUESTS = 500

#: The company of a request that names none.
NOBODY = "No account"


class News(NamedTuple):
    """Something that the person was told and has not read."""

    at: datetime
    text: str


class Reply(NamedTuple):
    """The last word that was written to whoever asked."""

    at: datetime
    who: str | None
    text: str


@dataclass(frozen=True)
class Asked:
    """A request of theirs, with its problem as it counts: that of the one it was merged into."""

    id: int
    title: str
    state: str
    created_at: datetime
    problem_id: int | None
    problem: str | None
    solution: Solution | None
    targets: Sequence[Target]
    news: Sequence[News]
    reply: Reply | None


@dataclass
class AccountPage:
    """Everything about one account; `id` is None for a prospect and for no account at all."""

    id: int | None
    name: str
    prospect: bool = False
    requests: list[Asked] = field(default_factory=list)
    deals: list[Selling] = field(default_factory=list)

    @property
    def news(self) -> int:
        return sum(len(asked.news) for asked in self.requests)

    @property
    def soonest(self) -> date:
        days = [deal.needed_by for deal in self.deals if deal.needed_by]
        days += [t.by for asked in self.requests for t in asked.targets if t.by]
        return min(days, default=date.max)


@dataclass(frozen=True)
class Mine:
    """The accounts that need an answer soonest first; `more` where some were left out."""

    pages: Sequence[AccountPage]
    more: bool


def mine(user_id: int, picture: Picture, account_id: int | None = None) -> Mine:
    """Everything of one person, of one account or all. Eight queries, however much there is."""
    rows = _requests(user_id, account_id)
    ids = [row.id for row in rows]
    named, problems = named_deals(ids), _problems(rows)
    news, replies = _news(user_id, ids), _replies(ids)
    found: dict[Any, AccountPage] = {}
    for row in rows:
        page = _page_of(found, row.account_id, row.account or row.prospect, row.account is None)
        problem = problems.get(row.id, (None, None))
        page.requests.append(_asked(row, problem, named.get(row.id, []), news, replies, picture))
    sold = selling(user_id, picture, account_id)
    for deal in sold[:MOST_DEALS]:
        _page_of(found, deal.account_id, deal.account, False).deals.append(deal)
    pages = sorted(found.values(), key=lambda page: (page.soonest, sort_key(page.name)))
    return Mine(pages, len(rows) == MOST_REQUESTS or len(sold) > MOST_DEALS)


def table(page: AccountPage) -> Iterator[tuple[object, ...]]:
    """A page's rows as CSV has them: a row for each date of a request, and for each deal."""
    for asked in page.requests:
        shared = (
            asked.state, asked.problem, _words(asked.solution),
        )  # fmt: skip
        last = (len(asked.news), asked.reply.text if asked.reply else None)
        for target in asked.targets or (None,):
            deal = target.deal if target else None
            amount, stand_in = (deal.amount, deal.amount_source) if deal else (None, None)
            title = f"{asked.title} ({deal.name})" if deal else asked.title
            dates = (target.by, target.verdict) if target else (None, None)
            yield page.name, "request", title, cents(amount), *shared, *dates, *last, stand_in
    for sold in page.deals:
        problems = "; ".join(title for _, title in sold.problems)
        solved = sold.ready.ready
        when = "already" if solved == BEFORE_ALL else solved
        yield (
            page.name, "deal", sold.name, cents(sold.amount), sold.stage, problems, when,
            sold.needed_by, sold.ready.status, None, None, sold.amount_source,
        )  # fmt: skip


def _words(found: Solution | None) -> object:
    return None if found is None else found.date or found.words


def _page_of(
    found: dict[Any, AccountPage], account_id: int | None, name: str | None, prospect: bool
) -> AccountPage:
    key = account_id or (name or "").casefold()
    if key not in found:
        found[key] = AccountPage(account_id, name or NOBODY, prospect and bool(name))
    return found[key]


def _requests(user_id: int, account_id: int | None) -> Sequence[Any]:
    """The newest first, and no more of them than anybody reads."""
    statement = (
        select(
            Request.id, Request.title, Request.state, Request.created_at, Request.needed_by,
            Request.account_id, Account.name.label("account"), Request.prospect,
            Request.merged_into_id, Request.problem_id,
        )
        .outerjoin(Account, Account.id == Request.account_id)
        .where(Request.requester_id == user_id)
        .order_by(Request.created_at.desc(), Request.id.desc())
        .limit(MOST_REQUESTS)
    )  # fmt: skip
    if account_id is not None:
        statement = statement.where(Request.account_id == account_id)
    return db.session.execute(statement).all()


def _problems(rows: Sequence[Any]) -> dict[int, tuple[int, str]]:
    """By request, the problem that it counts for: of a merged one, that of who speaks for it."""
    speaks = {row.id: row.merged_into_id for row in rows}
    problem = {row.id: row.problem_id for row in rows}
    while unknown := {id for id in speaks.values() if id and id not in speaks}:
        for id, into, about in db.session.execute(
            select(Request.id, Request.merged_into_id, Request.problem_id).where(
                Request.id.in_(unknown)
            )
        ):
            speaks[id], problem[id] = into, about
    heads = {row.id: merging.survivor(row.id, speaks.get) for row in rows}
    wanted = {problem[head] for head in heads.values()} - {None}
    titles = dict(
        db.session.execute(select(Problem.id, Problem.title).where(Problem.id.in_(wanted))).all()
    )
    return {id: (about, titles[about]) for id, head in heads.items() if (about := problem[head])}


def _asked(
    row: Any,
    problem: tuple[int | None, str | None],
    deals: Sequence[Named],
    news: Mapping[int, Sequence[News]],
    replies: Mapping[int, Reply],
    picture: Picture,
) -> Asked:
    id, title = problem
    return Asked(
        row.id, row.title, row.state, row.created_at, id, title,
        solution(picture, id) if id else None,
        targets(id, deals, row.needed_by, picture),
        news.get(row.id, ()), replies.get(row.id),
    )  # fmt: skip


def _news(user_id: int, ids: Sequence[int]) -> dict[int, list[News]]:
    found: dict[int, list[News]] = defaultdict(list)
    rows = db.session.execute(
        select(Notice.request_id, Notice.at, Notice.text)
        .where(Notice.user_id == user_id, Notice.read_at.is_(None), Notice.request_id.in_(ids))
        .order_by(Notice.at.desc(), Notice.id.desc())
    )
    for id, at, text in rows:
        if id is not None:
            found[id].append(News(at, text))
    return found


def _replies(ids: Sequence[int]) -> dict[int, Reply]:
    """The last reply, question or refusal that still stands, by request."""
    undone = select(RequestEvent.undoes_id).where(RequestEvent.undoes_id.is_not(None))
    rows = db.session.execute(
        select(RequestEvent.request_id, RequestEvent.at, User.name, RequestEvent.text)
        .outerjoin(User, User.id == RequestEvent.by_id)
        .where(
            RequestEvent.request_id.in_(ids),
            RequestEvent.kind.in_(("asked", "replied", "declined", "elsewhere")),
            RequestEvent.text != "",
            RequestEvent.id.not_in(undone),
        )
        .order_by(RequestEvent.id)
    )
    return {id: Reply(at, who, text) for id, at, who, text in rows}
