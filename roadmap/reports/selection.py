"""What is worth closing? Revenue at risk, a row per problem.

Source: win-loss semantics, Selection; planning semantics, Deals against dates (which ties count).
A deal counts whole for each problem that blocks it; the total counts each deal once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select, true

from roadmap.domain.collation import sort_key
from roadmap.domain.deals import LOST, OPEN
from roadmap.domain.money import half_up
from roadmap.domain.statements import HOLDING
from roadmap.domain.winloss import PRODUCT, VERIFIED
from roadmap.evidence.recording import STANDING
from roadmap.extensions import db
from roadmap.market import figures, solvers
from roadmap.market.kept import kept
from roadmap.market.solvers import Solver
from roadmap.models import Account, Deal, Problem, Segment, Statement
from roadmap.planning.picture import Picture
from roadmap.workspace.settings import workspace

from . import facts, together
from .facts import Coverage
from .filters import Filters

#: Amount times fit is summed in two halves: one sum of them all could pass 64 bits.
_HALF = 1_000_000


class Sums(NamedTuple):
    """Amounts in cents, unknown ones count 0; `weighted` is cents times fit in percent, and
    `sole` the open amount that this problem alone blocks. `heard` have a verified tie."""

    open_count: int = 0
    open_amount: int = 0
    open_unknown: int = 0
    open_weighted: int = 0
    lost_count: int = 0
    lost_amount: int = 0
    lost_unknown: int = 0
    lost_weighted: int = 0
    sole_count: int = 0
    sole_amount: int = 0
    heard: int = 0
    accounts: int = 0

    @property
    def deals(self) -> int:
        return self.open_count + self.lost_count

    @property
    def open_fit_amount(self) -> int:
        return half_up(self.open_weighted, 100)

    @property
    def lost_fit_amount(self) -> int:
        return half_up(self.lost_weighted, 100)

    @property
    def shared_count(self) -> int:
        return self.open_count - self.sole_count

    @property
    def shared_amount(self) -> int:
        return self.open_amount - self.sole_amount

    @property
    def heard_share(self) -> Fraction | None:
        """Of its deals, those whose customer confirms the problem."""
        return Fraction(self.heard, self.deals) if self.deals else None


@dataclass(frozen=True)
class Line:
    id: int
    title: str
    sums: Sums
    segments: tuple[str, ...]
    solvers: Sequence[Solver]
    uncovered: bool


@dataclass(frozen=True)
class Report:
    asked: Filters
    since: date | None
    lines: tuple[Line, ...]
    total: Sums
    coverage: Coverage
    undated: int

    @property
    def uncovered(self) -> list[Line]:
        return [line for line in self.lines if line.uncovered and line.sums.open_count]


def since(asked: Filters) -> date | None:
    """After which day lost deals closed: the workspace's window unless another is asked for."""
    return asked.since(workspace().window_months)


def report(asked: Filters, picture: Picture) -> Report:
    """Problems with a deal, the most open pipeline first. Counted once while the evidence stays."""
    after = since(asked)
    (counted, total), covered, undated = kept(
        ("selection report", figures.as_of(), asked),
        lambda: (
            _counted(asked, after),
            together.coverage(asked, after),
            facts.undated_losses(asked, after),
        ),
    )
    titles = _pairs(select(Problem.id, Problem.title))
    names = _pairs(select(Segment.id, Segment.name).order_by(Segment.position))
    addressed = solvers.solvers(picture)
    lines = [
        Line(
            id,
            titles[id],
            sums,
            tuple(name for segment, name in names.items() if segment in segments),
            addressed.get(id, ()),
            solvers.is_uncovered(picture, id),
        )
        for id, (sums, segments) in counted.items()
    ]
    lines.sort(
        key=lambda line: (-line.sums.open_amount, -line.sums.lost_amount, sort_key(line.title))
    )
    return Report(asked, after, tuple(lines), total, covered, undated)


def ties(asked: Filters, after: date | None, problem_id: int | None = None) -> Subquery:
    """The deals that a problem blocks, per problem (of open ones, those that it holds): `problems`
    are how many block the deal in all,
    whatever the source filter leaves of them; `heard` says whether a customer confirms this tie
    and `ever` whether one confirms any of the deal's, both by what the filter leaves; `once` is 1
    for one tie of each deal.
    """
    s = Statement
    here = _any(_from(asked))
    order = (s.root_id,) if not asked.source else (here.desc(), s.root_id)
    heard_here = _any(and_(s.source.in_(VERIFIED), _from(asked)))
    number = func.row_number().over(partition_by=s.deal_id, order_by=order)
    tied = _tied(
        asked,
        after,
        s.deal_id,
        s.root_id.label("problem_id"),
        heard_here.label("heard"),
        here.label("here"),
        func.count().over(partition_by=s.deal_id).label("problems"),
        case((number == 1, 1), else_=0).label("once"),
        func.max(heard_here).over(partition_by=s.deal_id).label("ever"),
    ).subquery()
    statement = select(tied)
    if asked.source:
        statement = statement.where(tied.c.here == 1)
    if problem_id is not None:
        statement = statement.where(tied.c.problem_id == problem_id)
    return statement.subquery()


_ByProblem = Mapping[int, tuple[Sums, frozenset[int]]]


def _counted(asked: Filters, after: date | None) -> tuple[_ByProblem, Sums]:
    """Per problem its sums and the segments of its deals' accounts; and over all problems the sums
    of each deal once, read in the same pass."""
    tied = ties(asked, after)
    found = _deals(asked, tied, tied.c.problem_id, tied.c.once, tied.c.ever)
    alike = found.c.problem_id, found.c.segment_id
    once = found.c.once == 1
    columns = _sums(found, true(), found.c.heard), _sums(found, once, found.c.ever)
    sums: dict[int, Sums] = defaultdict(Sums)
    segments: dict[int, set[int]] = defaultdict(set)
    total = Sums()
    for problem, segment, accounts, *counted in db.session.execute(
        select(*alike, func.count(found.c.account_id.distinct()), *columns[0], *columns[1])
        .group_by(*alike)
    ):  # fmt: skip
        # An account is in one segment, so accounts add up over segments like all the rest.
        whole, part = counted[: len(columns[0])], counted[len(columns[0]) :]
        sums[problem] = _plus(sums[problem], _read((*whole, accounts)))
        total = _plus(total, _read((*part, 0)))
        if segment is not None:
            segments[problem].add(segment)
    by_problem = {problem: (each, frozenset(segments[problem])) for problem, each in sums.items()}
    return by_problem, total._replace(accounts=_accounts(asked, after))


def _accounts(asked: Filters, after: date | None) -> int:
    """How many accounts have a deal that some problem blocks."""
    account = func.max(Deal.account_id).label("account")
    tied = _tied(asked, after, account).having(_any(_from(asked)) == 1).subquery()
    return db.session.scalar(select(func.count(tied.c.account.distinct()))) or 0


def _tied(asked: Filters, after: date | None, *columns: Any) -> Select[Any]:
    """Deals by the problems that block them. How severe one was for a deal that was open on the day
    is asked of all that was said of it, since what is stored is of today."""
    opened = _any(facts.open_at(asked.as_of))
    return (
        facts.from_deals(asked, *columns)
        .join(Statement, Statement.deal_id == Deal.id)
        .where(STANDING, Statement.root_id.is_not(None), _blocks(asked, after))
        .group_by(Statement.deal_id, Statement.root_id)
        .having(or_(opened == 0, func.max(Statement.strength).in_(HOLDING)))
    )


def deals_of(asked: Filters, after: date | None, problem_id: int) -> Subquery:
    """The deals that one problem blocks, each once: state, amount, segment and so on."""
    return _deals(asked, ties(asked, after, problem_id))


def _deals(asked: Filters, tied: Subquery, *more: Any) -> Subquery:
    return (
        select(
            tied.c.heard,
            tied.c.here,
            tied.c.problems,
            case((facts.open_at(asked.as_of), OPEN), else_=LOST).label("state"),
            Deal.amount,
            Deal.account_id,
            func.coalesce(Account.fit, 0).label("fit"),
            Account.segment_id,
            *more,
        )
        .select_from(tied)
        .join(Deal, Deal.id == tied.c.deal_id)
        .outerjoin(Account, Account.id == Deal.account_id)
        .subquery()
    )


def _from(asked: Filters) -> ColumnElement[bool]:
    return Statement.source == asked.source if asked.source else true()


def _any(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """1 where some row of the group meets it, else 0."""
    return func.max(case((condition, 1), else_=0))


def _blocks(asked: Filters, after: date | None) -> ColumnElement[bool]:
    """Which ties count: the stored flag says so of lost deals alone, since a deal that was open on
    the day may have been lost or won after it."""
    return or_(
        and_(facts.open_at(asked.as_of), Statement.bucket == PRODUCT),
        and_(facts.lost_at(asked.as_of, after), Statement.counts),
    )


def _sums(
    found: Subquery, counts: ColumnElement[bool], heard: ColumnElement[int]
) -> list[ColumnElement[Any]]:
    """Over those rows that count."""
    columns: list[ColumnElement[Any]] = []
    amount = func.coalesce(found.c.amount, 0)
    for state in (OPEN, LOST):
        fits = and_(counts, found.c.state == state)
        columns += [
            func.count(case((fits, 1))),
            _sum(fits, amount),
            func.count(case((and_(fits, found.c.amount.is_(None)), 1))),
            _sum(fits, amount // _HALF * found.c.fit),
            _sum(fits, amount % _HALF * found.c.fit),
        ]
    alone = and_(counts, found.c.state == OPEN, found.c.problems == 1)
    return [*columns, func.count(case((alone, 1))), _sum(alone, amount), _sum(counts, heard)]


def _sum(condition: Any, value: Any) -> Any:
    return func.coalesce(func.sum(case((condition, value), else_=0)), 0)


def _read(row: Sequence[Any]) -> Sums:
    numbers = [int(value) for value in row]
    opened, lost, rest = numbers[:5], numbers[5:10], numbers[10:]
    return Sums._make((*opened[:3], _whole(opened), *lost[:3], _whole(lost), *rest))


def _whole(part: Sequence[int]) -> int:
    return part[3] * _HALF + part[4]


def _plus(one: Sums, other: Sums) -> Sums:
    return Sums(*(a + b for a, b in zip(one, other, strict=True)))


def _pairs(statement: Any) -> Mapping[int, str]:
    rows: Any = db.session.execute(statement)
    return dict(rows.all())
