"""Problems as pages show them: the list with its figures, and one problem with its deals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select

from roadmap.domain.winloss import VERIFIED, Reason
from roadmap.extensions import db
from roadmap.models import Account, Blocker, Deal, LossReason, Problem, Segment, problem_segments
from roadmap.models.deals import LOST, OPEN
from roadmap.planning.picture import Picture

from . import figures
from .figures import NOTHING, Figures
from .solvers import Solver, is_uncovered, solvers
from .verdicts import verdicts

PAGE = 50
FEW_DEALS = 20
MATCHES = 10

SORTS = {
    "open": "Open blocked",
    "lost": "Lost",
    "deals": "Deals",
    "accounts": "Accounts",
    "title": "Problem",
}


class Filters(NamedTuple):
    """What the list of problems is narrowed to, and its order."""

    segment: int | None = None
    layer: str = ""
    uncovered: bool = False
    q: str = ""
    sort: str = "open"


@dataclass(frozen=True)
class Line:
    """A problem in the list."""

    id: int
    title: str
    statement: str
    layer: str | None
    segments: tuple[tuple[int, str], ...]
    figures: Figures
    solvers: tuple[Solver, ...]
    uncovered: bool
    #: With all that rolls up to it, each deal once; None where nothing does.
    together: Figures | None


def problem_lines(picture: Picture, filters: Filters) -> list[Line]:
    """All problems that the filters let through, in order. Three queries at most, one when warm."""
    counted = figures.by_problem()
    together = figures.rolled_up()
    addressed = solvers(picture)
    lines = [
        Line(
            id, title, statement, layer, tuple(segments),
            counted.get(id, NOTHING), tuple(addressed.get(id, ())), is_uncovered(picture, id),
            together.get(id),
        )
        for id, title, statement, layer, segments in _problems()
    ]  # fmt: skip
    found = [line for line in lines if _passes(line, filters)]
    found.sort(key=lambda line: (line.title.casefold(), line.id))
    if filters.sort != "title":
        found.sort(key=lambda line: _size(line, filters.sort), reverse=True)
    return found


def _problems() -> Iterable[tuple[int, str, str, str | None, list[tuple[int, str]]]]:
    rows = db.session.execute(
        select(
            Problem.id, Problem.title, Problem.statement, Problem.layer, Segment.id, Segment.name
        )
        .outerjoin(problem_segments, problem_segments.c.problem_id == Problem.id)
        .outerjoin(Segment, Segment.id == problem_segments.c.segment_id)
        .where(Problem.merged_into_id.is_(None))
        .order_by(Problem.id, Segment.position)
    )
    found: dict[int, tuple[int, str, str, str | None, list[tuple[int, str]]]] = {}
    for id, title, statement, layer, segment, name in rows:
        entry = found.setdefault(id, (id, title, statement, layer, []))
        if segment is not None:
            entry[4].append((segment, name))
    return found.values()


def _passes(line: Line, filters: Filters) -> bool:
    if filters.segment and filters.segment not in (id for id, _ in line.segments):
        return False
    if filters.layer and filters.layer != line.layer:
        return False
    if filters.uncovered and not line.uncovered:
        return False
    sought = filters.q.casefold()
    return sought in line.title.casefold() or sought in line.statement.casefold()


def _size(line: Line, sort: str) -> tuple[int, ...]:
    counted = line.figures
    if sort == "lost":
        return counted.lost_amount, counted.lost_count
    if sort == "deals":
        return (counted.open_count + counted.lost_count,)
    if sort == "accounts":
        return (counted.accounts,)
    return counted.open_amount, counted.open_count


def segment_choices() -> list[tuple[int, str]]:
    return [
        (id, name)
        for id, name in db.session.execute(
            select(Segment.id, Segment.name).order_by(Segment.position)
        )
    ]


class TiedDeal(NamedTuple):
    """A deal on a problem's page. `then` figures are those of the moment when it was tied."""

    id: int
    name: str
    account_id: int | None
    account: str | None
    fit: int
    stage: str
    status: str
    amount: int | None
    close_date: date | None
    source: str
    amount_then: int | None
    fit_then: int
    tied_at: datetime
    counts: bool
    why: str


class TiedDeals(NamedTuple):
    """The first few deals that a problem blocks, and how many ties there are in all."""

    deals: list[TiedDeal]
    total: int


def tied_deals(problem_id: int, status: str) -> TiedDeals:
    """The largest open deals, or the latest lost ones, that are tied to a problem."""
    order = (
        (Deal.close_date.is_(None), Deal.close_date.desc())
        if status == LOST
        else (Deal.amount.is_(None), Deal.amount.desc())
    )
    rows: Sequence[Any] = db.session.execute(
        select(
            Blocker.id, Deal.id, Deal.name, Account.id, Account.name,
            func.coalesce(Account.fit, 0), Deal.stage, Deal.status, Deal.amount, Deal.close_date,
            Blocker.source, Blocker.amount_then, Blocker.fit_then, Blocker.tied_at,
            func.count().over(),
        )
        .join(Deal, Deal.id == Blocker.deal_id)
        .outerjoin(Account, Account.id == Deal.account_id)
        .where(Blocker.problem_id == problem_id, Deal.status == status)
        .order_by(Blocker.counts.desc(), *order, Deal.id, Blocker.id)
        .limit(FEW_DEALS)
    ).all()  # fmt: skip
    why = _why([row[1] for row in rows])
    deals = [TiedDeal._make((*row[1:-1], *why[row[0]])) for row in rows]
    return TiedDeals(deals, rows[0][-1] if rows else 0)


def _why(deal_ids: Sequence[int]) -> dict[int, tuple[bool, str]]:
    """By blocker, whether it counts and why: it takes all reasons of its deal to tell."""
    if not deal_ids:
        return {}
    blockers: dict[int, list[tuple[int, Reason]]] = defaultdict(list)
    status = {}
    rows = db.session.execute(
        select(
            Blocker.id, Blocker.deal_id, Deal.status,
            Blocker.bucket, Blocker.source, Blocker.weight, Blocker.problem_id,
        )
        .join(Deal, Deal.id == Blocker.deal_id)
        .where(Blocker.deal_id.in_(set(deal_ids)))
        .order_by(Blocker.id)
    )  # fmt: skip
    for id, deal, deal_status, bucket, source, weight, problem in rows:
        status[deal] = deal_status
        blockers[deal].append((id, Reason(bucket, source, str(problem), weight)))
    reasons: dict[int, list[Reason]] = defaultdict(list)
    others = db.session.execute(
        select(LossReason.deal_id, LossReason.bucket, LossReason.source, LossReason.weight).where(
            LossReason.deal_id.in_(set(deal_ids))
        )
    )
    for deal, bucket, source, weight in others:
        reasons[deal].append(Reason(bucket, source, None, weight))
    found = {}
    for deal, ties in blockers.items():
        said = verdicts(status[deal], [reason for _, reason in ties], reasons[deal])
        found.update({id: verdict for (id, _), verdict in zip(ties, said, strict=True)})
    return found


class Match(NamedTuple):
    """A deal that somebody may want to tie."""

    id: int
    name: str
    account: str | None
    status: str
    amount: int | None
    close_date: date | None
    tied: bool


def deal_matches(problem_id: int, words: str) -> list[Match]:
    """Deals not won whose name, or whose account's name, holds these words; the newest first."""
    sought = words.casefold()
    tied = (
        select(Blocker.id)
        .where(Blocker.deal_id == Deal.id, Blocker.problem_id == problem_id)
        .exists()
    )
    rows = db.session.execute(
        select(Deal.id, Deal.name, Account.name, Deal.status, Deal.amount, Deal.close_date, tied)
        .outerjoin(Account, Account.id == Deal.account_id)
        .where(
            Deal.status.in_((OPEN, LOST)),
            or_(
                Deal.search_text.contains(sought, autoescape=True),
                Account.search_text.contains(sought, autoescape=True),
            ),
        )
        .order_by(Deal.close_date.is_(None), Deal.close_date.desc(), Deal.id)
        .limit(MATCHES)
    )
    return [Match(*row) for row in rows]


def verified_deals(problem_id: int) -> int:
    """How many of the deals that a problem blocks have the customer's word for it."""
    return (
        db.session.scalar(
            select(func.count(Blocker.deal_id.distinct()))
            .join(Deal, Deal.id == Blocker.deal_id)
            .where(
                Blocker.problem_id == problem_id,
                Blocker.counts,
                Blocker.source.in_(VERIFIED),
                Deal.status.in_((OPEN, LOST)),
            )
        )
        or 0
    )
