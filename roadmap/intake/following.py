"""How every request stands against the forecast: what its people are told by.

Four queries, whatever the number of requests.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import and_, case, select

from roadmap.domain import merging
from roadmap.domain.deals import OPEN, in_time
from roadmap.domain.news import Standing
from roadmap.domain.plan import SOLVES
from roadmap.domain.triage import ASKING, CONFIRMED, MERGED, NEW
from roadmap.extensions import db
from roadmap.models import Deal, Initiative, Problem, ProblemTie, Request, RequestDeal
from roadmap.notices.wording import DealName
from roadmap.planning.picture import Picture

#: What was declined, or is answered by somebody else, waits for no forecast any more.
FOLLOWED = (NEW, ASKING, CONFIRMED)

#: Stands for the date that a request names itself, where it names no open deal.
OWN_DATE = "own"


class Followed(NamedTuple):
    """A request with its problem, what its people were told, and how it stands now.

    `told` is as `Request.told` keeps it. `deals` are those of the standing, by id.
    """

    id: int
    title: str
    requester_id: int | None
    problem_id: int
    problem: str
    told: dict[str, Any]
    standing: Standing
    deals: Mapping[str, DealName]


class Waiting(NamedTuple):
    """A question whose reminder is due or may be."""

    id: int
    title: str
    requester_id: int | None
    waits_for: str
    remind_on: date
    told: dict[str, Any]


def followed(picture: Picture) -> Iterator[Followed]:
    """Every request that waits for a problem; a merged one waits for its survivor's."""
    rows = {row.id: row for row in _requests()}
    problems = _problems()
    solvers = _solvers()
    deals = _open_deals()
    for row in rows.values():
        problem_id = _problem_of(row, rows)
        if problem_id is None:
            continue
        dated = deals.get(row.id, {})
        if not dated and row.needed_by is not None:
            dated = {OWN_DATE: DealName(row.title, row.needed_by)}
        finish = picture.solved.get(str(problem_id))
        standing = Standing(
            finish,
            solvers.get(problem_id, {}),
            {id: in_time(finish, deal.needed_by) for id, deal in dated.items()},
        )
        yield Followed(
            row.id, row.title, row.requester_id, problem_id, problems[problem_id], row.told,
            standing, dated,
        )  # fmt: skip


def waiting(today: date) -> list[Waiting]:
    """The questions whose day has come."""
    rows = db.session.execute(
        select(
            Request.id, Request.title, Request.requester_id, Request.waits_for, Request.remind_on,
            Request.told,
        )
        .where(Request.state == ASKING, Request.remind_on <= today)
        .order_by(Request.id)
    )  # fmt: skip
    return [Waiting._make(row) for row in rows]


def titles(ids: Iterable[str]) -> dict[str, str]:
    """Initiatives by id."""
    which = Initiative.id.in_(map(int, ids))
    rows = db.session.execute(select(Initiative.id, Initiative.title).where(which))
    return {str(row.id): row.title for row in rows}


def _requests() -> list[Any]:
    return list(
        db.session.execute(
            select(
                Request.id, Request.title, Request.state, Request.problem_id,
                Request.merged_into_id, Request.requester_id, Request.needed_by, Request.told,
            )
            .where(Request.state.in_((*FOLLOWED, MERGED)))
            .order_by(Request.id)
        )
    )  # fmt: skip


def _problem_of(row: Any, rows: Mapping[int, Any]) -> int | None:
    """Its own problem or, once it was merged, that of whoever speaks for it."""

    def into(id: int) -> int | None:
        return rows[id].merged_into_id if id in rows else None

    head = rows.get(merging.survivor(row.id, into))
    return head.problem_id if head is not None else None


def _problems() -> dict[int, str]:
    rows = db.session.execute(select(Problem.id, Problem.title)).all()
    return {row.id: row.title for row in rows}


def _solvers() -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = defaultdict(dict)
    rows = db.session.execute(
        select(ProblemTie.problem_id, Initiative.id, Initiative.state)
        .join(Initiative, Initiative.id == ProblemTie.initiative_id)
        .where(ProblemTie.kind == SOLVES)
        .order_by(Initiative.id)
    )
    for problem, id, state in rows:
        found[problem][str(id)] = state
    return found


def _open_deals() -> dict[int, dict[str, DealName]]:
    found: dict[int, dict[str, DealName]] = defaultdict(dict)
    rows = db.session.execute(
        select(
            RequestDeal.request_id,
            Deal.id,
            Deal.name,
            case(
                (
                    and_(Request.needed_by.is_not(None), RequestDeal.date_holds.is_not(False)),
                    Request.needed_by,
                ),
                else_=Deal.needed_by,
            ),
        )
        .join(Request, Request.id == RequestDeal.request_id)
        .join(Deal, Deal.id == RequestDeal.deal_id)
        .where(Deal.status == OPEN)
        .order_by(RequestDeal.request_id, Deal.id)
    )
    for request, id, name, needed in rows:
        found[request][str(id)] = DealName(name, needed)
    return found
