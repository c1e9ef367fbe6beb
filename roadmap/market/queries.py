"""Problems as pages show them: the list with its figures, and what one may be tied to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select

from roadmap.domain.collation import sort_key
from roadmap.domain.deals import LOST, OPEN
from roadmap.domain.folding import folded
from roadmap.domain.rollup import LAYERS
from roadmap.domain.winloss import VERIFIED
from roadmap.extensions import db
from roadmap.models import Account, Blocker, Deal, Problem, Segment, problem_segments
from roadmap.planning.picture import Picture
from roadmap.web import lists
from roadmap.workspace.searching import has, sought

from . import figures
from .figures import NOTHING, Figures
from .solvers import Solver, is_uncovered, solvers

MATCHES = 10

SORTS = {
    "open": "Open blocked",
    "lost": "Lost",
    "deals": "Deals",
    "accounts": "Accounts",
    "title": "Problem",
}


@dataclass(frozen=True)
class Filters(lists.Filters):
    """What the list of problems is narrowed to, and its order."""

    segment: int | None = lists.number()
    layer: str = lists.choice(LAYERS)
    uncovered: bool = lists.flag()
    q: str = lists.words()
    sort: str = lists.order(SORTS)


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
    found.sort(key=lambda line: (sort_key(line.title), line.id))
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
    wanted = sought(filters.q)
    return not wanted or wanted.within(folded(f"{line.title} {line.statement}"))


def _size(line: Line, sort: str) -> tuple[int, ...]:
    counted = line.figures
    if sort == "lost":
        return counted.lost_amount, counted.lost_count
    if sort == "deals":
        return (counted.open_count + counted.lost_count,)
    if sort == "accounts":
        return (counted.accounts,)
    return counted.open_amount, counted.open_count


def titles_of(problem_ids: Collection[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(Problem.id, Problem.title)
        .where(Problem.id.in_(problem_ids))
        .order_by(Problem.sort_key)
    )
    return dict(rows.all())


def segment_choices() -> list[tuple[int, str]]:
    return [
        (id, name)
        for id, name in db.session.execute(
            select(Segment.id, Segment.name).order_by(Segment.position)
        )
    ]


class Match(NamedTuple):
    """A deal that somebody may want to tie."""

    id: int
    name: str
    account: str | None
    status: str
    amount: int | None
    amount_source: str | None
    close_date: date | None
    tied: bool


def deal_matches(problem_id: int, words: str) -> list[Match]:
    """Deals not won whose name, or whose account's name, holds these words; the newest first."""
    tied = (
        select(Blocker.id)
        .where(Blocker.deal_id == Deal.id, Blocker.problem_id == problem_id)
        .exists()
    )
    rows = db.session.execute(
        select(
            Deal.id,
            Deal.name,
            Account.name,
            Deal.status,
            Deal.amount,
            Deal.amount_source,
            Deal.close_date,
            tied,
        )
        .outerjoin(Account, Account.id == Deal.account_id)
        .where(
            Deal.status.in_((OPEN, LOST)),
            has(words, Deal.search_text, Account.search_text),
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
