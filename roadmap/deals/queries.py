"""One deal with everything that speaks for and against it, and the owners that CRM names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import joinedload

from roadmap.domain import plan
from roadmap.domain.collation import sort_key
from roadmap.domain.deals import OPEN, Readiness, readiness
from roadmap.domain.folding import folded
from roadmap.domain.statements import HAND, REQUEST, holds
from roadmap.domain.winloss import Reason, false_loss, hidden_product_loss, verified
from roadmap.extensions import db
from roadmap.market.figures import as_of
from roadmap.market.kept import kept
from roadmap.market.solvers import Solution, solution
from roadmap.market.verdicts import verdicts
from roadmap.models import Account, CrmOwner, Deal, DealDate, Problem, Request, Statement, User
from roadmap.planning.picture import Picture
from roadmap.workspace.searching import sought


def find(id: int) -> Deal | None:
    """A deal with its account, segment, owner and the owner's user, in one query."""
    return db.session.scalar(
        select(Deal)
        .where(Deal.id == id)
        .options(
            joinedload(Deal.account).joinedload(Account.segment),
            joinedload(Deal.crm_owner).joinedload(CrmOwner.user),
        )
    )


class Said(NamedTuple):
    """A statement of a deal, with the figures of its moment; `problem` is where it counts.

    `why` says why it counts for its problem, or does not. `solution` is none where no problem is
    named.
    """

    id: int
    problem_id: int | None
    problem: str | None
    source: str
    bucket: str
    words: str
    said_at: datetime
    ended_at: datetime | None
    by: str | None
    by_hand: bool
    amount_then: int | None
    stage_then: str
    fit_then: int
    counts: bool
    why: str
    severity: str
    holds: bool
    solution: Solution | None


class NamedDate(NamedTuple):
    """A date that somebody named for a deal; None: that it has none of its own."""

    id: int
    day: date | None
    origin: str
    said_at: datetime
    ended_at: datetime | None
    by: str | None
    request_id: int | None
    request: str | None
    holds: bool


@dataclass(frozen=True)
class Case:
    """What stands in a deal's way, and what follows. `ready` is for open deals alone."""

    ties: list[Said]
    """What names a problem, by its title."""
    others: list[Said]
    """What names none, in the order in which it was said."""
    ended: list[Said]
    """What somebody took back, or CRM or an interview says otherwise by now: the newest first."""
    false_loss: bool
    hidden_product_loss: bool
    verified: bool
    ready: Readiness | None
    waits_for: tuple[str, ...]
    """The titles of the problems that decide the ready date."""
    dates: list[NamedDate]
    """Who named which date, the newest first."""


def case_of(deal: Deal, picture: Picture) -> Case:
    """Two queries: all that was said of the deal, and the dates that were named for it."""
    rows = db.session.execute(
        select(Statement, Problem.title, User.name)
        .outerjoin(Problem, Problem.id == Statement.root_id)
        .outerjoin(User, User.id == Statement.by_id)
        .where(Statement.deal_id == deal.id)
        .order_by(Problem.sort_key, Statement.id)
    ).all()
    standing = [s for s, *_ in rows if s.ended_at is None]
    why = dict(zip(standing, verdicts(deal.status, standing), strict=True))
    every_one = [
        Said(
            s.id, s.root_id, title, s.source, s.bucket, s.words, s.said_at, s.ended_at, by,
            s.origin == HAND and s.by_id is not None, s.amount_then, s.stage_then, s.fit_then,
            *why.get(s, (False, "")), s.severity,
            s.problem_strength is not None and holds(s.problem_strength),
            None if s.root_id is None else solution(picture, s.root_id),
        )
        for s, title, by in rows
    ]  # fmt: skip
    said = [each for each in every_one if each.ended_at is None]
    ended = [each for each in every_one if each.ended_at is not None]
    ties = [each for each in said if each.problem_id is not None]
    ready = _readiness(deal, ties, picture)
    titles = {str(tie.problem_id): tie.problem or "" for tie in ties}
    lost = deal.status == "lost"
    every = [Reason(each.bucket, each.source) for each in said]
    return Case(
        ties=ties,
        others=[each for each in said if each.problem_id is None],
        ended=sorted(ended, key=lambda each: (each.ended_at, each.id), reverse=True),
        false_loss=lost and false_loss(every),
        hidden_product_loss=lost and hidden_product_loss(every),
        verified=bool(verified(every)),
        ready=ready,
        waits_for=tuple(titles[id] for id in ready.waits_for) if ready else (),
        dates=_dates(deal.id),
    )


def _dates(deal_id: int) -> list[NamedDate]:
    d = DealDate
    rows: Any = db.session.execute(
        select(
            d.id, d.day, d.origin, d.said_at, d.ended_at, User.name, Request.id, Request.title,
        )
        .outerjoin(User, User.id == d.by_id)
        .outerjoin(Request, and_(Request.id == d.origin_id, d.origin == REQUEST))
        .where(d.deal_id == deal_id)
        .order_by(d.id.desc())
    ).all()  # fmt: skip
    holding = next((row.id for row in rows if row.ended_at is None), None)
    return [NamedDate._make((*row, row.id == holding)) for row in rows]


def _readiness(deal: Deal, ties: list[Said], picture: Picture) -> Readiness | None:
    if deal.status != OPEN:
        return None
    holding = tuple(dict.fromkeys(str(tie.problem_id) for tie in ties if tie.holds))
    fit = deal.account.fit if deal.account else 0
    asked = plan.Deal(str(deal.id), deal.status, deal.amount, fit, deal.needed_by, holding)
    return readiness(asked, picture.solved, picture.today)


def owned_by(deal: Deal, user: User) -> bool:
    """Whether the deal's owner in CRM is this user."""
    return deal.crm_owner is not None and deal.crm_owner.user_id == user.id


MOST_CHOICES = 200
MATCHES = 10


class ProblemChoices(NamedTuple):
    """All problems where they are few enough for a select, else those that fit the words."""

    all_of_them: list[tuple[int, str]] | None
    matches: list[tuple[int, str]]


def problem_choices(words: str) -> ProblemChoices:
    """Problems to tie a deal to, by title."""
    found = [
        (id, title)
        for id, title in db.session.execute(
            select(Problem.id, Problem.title)
            .where(Problem.merged_into_id.is_(None))
            .order_by(Problem.sort_key, Problem.id)
        )
    ]
    if len(found) <= MOST_CHOICES:
        return ProblemChoices(found, [])
    wanted = sought(words)
    matches = [each for each in found if wanted and wanted.within(folded(each[1]))]
    return ProblemChoices(None, matches[:MATCHES])


class OwnerLine(NamedTuple):
    """A name that CRM gives as a deal's owner. Amounts are cents, unknown ones count 0."""

    id: int
    name: str
    user_id: int | None
    user: str | None
    user_active: bool
    deals: int
    open_deals: int
    open_amount: int
    suggested: tuple[int, str] | None
    """The one active user of the same name, where there is no match yet."""


def owner_lines() -> list[OwnerLine]:
    """Every name, those who are not reachable first, then by open amount."""
    counted = kept(("owners", as_of()[0]), _by_owner)
    namesakes: dict[str, list[tuple[int, str]]] = {}
    for id, name in user_choices():
        namesakes.setdefault(_folded(name), []).append((id, name))
    rows: Any = db.session.execute(
        select(CrmOwner.id, CrmOwner.name, User.id, User.name, User.active).outerjoin(
            User, User.id == CrmOwner.user_id
        )
    )
    lines = []
    for id, name, user_id, user, active in rows:
        alike = namesakes.get(_folded(name), [])
        suggested = alike[0] if len(alike) == 1 and user_id is None else None
        figures = counted.get(id, (0, 0, 0))
        lines.append(OwnerLine(id, name, user_id, user, bool(active), *figures, suggested))
    lines.sort(key=lambda line: (line.user_active, -line.open_amount, sort_key(line.name)))
    return lines


def user_choices() -> list[tuple[int, str]]:
    """The active users, by name."""
    rows = db.session.execute(
        select(User.id, User.name).where(User.active).order_by(User.sort_key, User.id)
    )
    return [(id, name) for id, name in rows]


def _by_owner() -> dict[int, tuple[int, int, int]]:
    is_open = Deal.status == OPEN
    rows = db.session.execute(
        select(
            Deal.crm_owner_id,
            func.count(),
            func.count(case((is_open, 1))),
            func.coalesce(func.sum(case((is_open, Deal.amount))), 0),
        )
        .where(Deal.crm_owner_id.is_not(None))
        .group_by(Deal.crm_owner_id)
    )
    return {id: (deals, open_deals, int(amount)) for id, deals, open_deals, amount in rows}


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
