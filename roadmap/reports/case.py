"""The case for a problem, on one page: what it costs us, who says so, what solving it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import func, select

from roadmap.domain.changes import Move
from roadmap.domain.collation import sort_key
from roadmap.domain.deals import LOST, OPEN
from roadmap.domain.trend import Period, Series, period, series
from roadmap.domain.winloss import VERIFIED
from roadmap.extensions import db
from roadmap.market import solvers
from roadmap.market.solvers import Solution, Solver
from roadmap.models import Account, Blocker, Deal, Problem, Segment
from roadmap.planning import picture as pictures
from roadmap.planning.picture import Picture
from roadmap.tradeoffs import wording
from roadmap.tradeoffs.previews import preview_of
from roadmap.web import arguments
from roadmap.workspace import clock

from . import cells, drawing, findings, selection, trends
from .catalogue import KINDS
from .cells import BLOCKED, Cell
from .false_losses import DAYS_PER_WEEK
from .filters import Filters
from .segments import NOTHING, Tally
from .selection import Sums
from .standing_in import StandIns, stand_ins

MOST_QUOTES = 6


class Quote(NamedTuple):
    """What somebody said: `verified` where it is the customer's word, else as a rep reports it."""

    words: str
    account: str | None
    account_id: int | None
    deal_id: int
    deal: str
    source: str
    on: datetime
    verified: bool


class Share(NamedTuple):
    """Open and lost deals of one segment's accounts; unknown amounts count 0."""

    name: str
    group: str
    open_count: int
    open_amount: int
    open_unknown: int
    lost_count: int
    lost_amount: int
    lost_unknown: int


class Cost(NamedTuple):
    """An initiative that addresses the problem: what is left of it in person-weeks (None without an
    estimate), and what moving it to the top would do, in a sentence ("" where it is there)."""

    solver: Solver
    weeks: Fraction | None
    at_the_top: str


@dataclass(frozen=True)
class Case:
    problem: Problem
    as_of: date
    since: date | None
    sums: Sums
    segments: Sequence[Share]
    quotes: Sequence[Quote]
    quotes_in_all: int
    period: Period
    trend: Series
    costs: Sequence[Cost]
    solution: Solution
    stand_ins: StandIns | None

    @property
    def sentence(self) -> str:
        return findings.of_case(self.sums, self.since)

    @property
    def trend_sentence(self) -> str:
        return findings.of_problem_trend(self.trend)

    def deals(self, **cell: object) -> str:
        """The deals beneath a figure, which is that of the report's line."""
        return arguments.address(
            "reports.deals", {"report": "revenue-at-risk", "problem": self.problem.id}, **cell
        )

    def lost_in(self, month: int) -> str:
        """The deals lost over it in a month, which is that of the trend's line."""
        cell = {"report": "trend", "problem": self.problem.id, "state": LOST}
        return arguments.address("reports.deals", {**cell, **drawing.span([month])})


def case_for(problem: Problem) -> Case:
    """As of today, without filters: the same figures as the report's line for the problem."""
    asked = Filters(clock.today())
    picture = pictures.current()
    report = KINDS["revenue-at-risk"].report(asked, "")
    sums = next((line.sums for line in report.lines if line.id == problem.id), Sums())
    quotes, in_all = _quotes(problem.id)
    shown = period(asked.as_of, trends.months(asked))
    lines = KINDS["trend"].report(asked, trends.PROBLEM).lines
    trend = next((line.series for line in lines if line.key == problem.id), series([], shown))
    return Case(
        problem,
        asked.as_of,
        report.since,
        sums,
        _segments(asked, report.since, problem.id),
        quotes,
        in_all,
        shown,
        trend,
        [_cost(picture, each) for each in solvers.solvers(picture).get(problem.id, [])],
        solvers.solution(picture, problem.id),
        stand_ins(asked, Cell(report="revenue-at-risk", state=BLOCKED, problem=problem.id)),
    )


def _segments(asked: Filters, since: date | None, problem_id: int) -> list[Share]:
    found = selection.deals_of(asked, since, problem_id)
    names: Any = db.session.execute(select(Segment.id, Segment.name)).all()
    named = dict(names)
    rows = db.session.execute(
        select(
            found.c.segment_id,
            found.c.state,
            func.count(),
            func.coalesce(func.sum(found.c.amount), 0),
            func.count(found.c.amount),
        ).group_by(found.c.segment_id, found.c.state)
    )
    sums: dict[int | None, dict[str, Tally]] = {}
    for segment, state, count, amount, known in rows:
        sums.setdefault(segment, {})[state] = Tally(count, int(amount), count - known)
    shares = [
        Share(
            "Unassigned" if segment is None else named[segment],
            cells.written(segment),
            *states.get(OPEN, NOTHING),
            *states.get(LOST, NOTHING),
        )
        for segment, states in sums.items()
    ]
    return sorted(
        shares, key=lambda share: (-share.open_amount, -share.lost_amount, sort_key(share.name))
    )


def _quotes(problem_id: int) -> tuple[list[Quote], int]:
    """What was said about it, the customers' own words first, then the latest."""
    verified = Blocker.source.in_(VERIFIED)
    rows = db.session.execute(
        select(
            Blocker.words,
            Account.name,
            Account.id,
            Deal.id,
            Deal.name,
            Blocker.source,
            Blocker.said_at,
            verified,
            func.count().over(),
        )
        .join(Deal, Deal.id == Blocker.deal_id)
        .outerjoin(Account, Account.id == Deal.account_id)
        .where(
            Blocker.problem_id == problem_id,
            Blocker.counts,
            Blocker.words != "",
            Deal.status.in_((OPEN, LOST)),
        )
        .order_by(verified.desc(), Blocker.said_at.desc(), Blocker.id)
        .limit(MOST_QUOTES)
    ).all()
    return [Quote._make((*row[:7], bool(row[7]))) for row in rows], rows[0][8] if rows else 0


def _cost(picture: Picture, solver: Solver) -> Cost:
    id = str(solver.id)
    known = picture.plan.initiatives.get(id)
    days = None if known is None else known.person_days
    weeks = None if days is None else Fraction(days, DAYS_PER_WEEK)
    if solver.rank in (None, 1):
        return Cost(solver, weeks, "")
    return Cost(solver, weeks, wording.sentence(preview_of(picture, Move(id, 1))))
