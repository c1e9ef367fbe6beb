"""What deals add up to: open and lost, by problem, by segment, or all together.

Everything here is counted in the database and kept per process while evidence and day stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from roadmap.domain.calendar import months_before
from roadmap.domain.deals import LOST, OPEN
from roadmap.domain.money import half_up
from roadmap.domain.winloss import VERIFIED as HEARD
from roadmap.extensions import db
from roadmap.models import Account, Blocker, Deal, Problem, Workspace
from roadmap.workspace import clock
from roadmap.workspace.settings import workspace

from .kept import is_kept, kept

#: How we know of a deal's tie: the customer said so, somebody claims it, or it does not count.
VERIFIED, CLAIMED, REFUTED = "verified", "claimed", "refuted"

#: Amount times fit is summed in two halves: one sum of them all could pass 64 bits.
_HALF = 1_000_000


@dataclass(frozen=True)
class Figures:
    """Amounts are in cents, unknown ones count 0 and are counted beside. `lost_` figures are of the
    trailing window; `lost_undated` losses have no close date and are left out of it. Weighted
    amounts are cents times fit."""

    open_count: int = 0
    open_amount: int = 0
    open_unknown: int = 0
    open_weighted: int = 0
    lost_count: int = 0
    lost_amount: int = 0
    lost_unknown: int = 0
    lost_weighted: int = 0
    lost_undated: int = 0
    accounts: int = 0

    @property
    def open_fit_amount(self) -> int:
        """Open amount weighted by fit, in cents, rounded half up."""
        return half_up(self.open_weighted, 100)


NOTHING = Figures()


def as_of() -> tuple[int, date, int]:
    """What kept figures depend on: the evidence's revision, the day, the window's months."""
    row: Workspace = workspace()
    return row.evidence_revision, clock.today(), row.window_months


def by_problem() -> Mapping[int, Figures]:
    """Per problem, each deal once: the open ones that it holds, the lost ones that count for it."""
    return kept(("by problem", *as_of()), lambda: grouped(_ties_by_problem(), "problem_id"))


def of_problems(ids: frozenset[int]) -> Mapping[int, Figures]:
    """What `by_problem` says of these few, without counting all the others for it.

    Each is kept for itself while evidence and day stay: asking for others costs only those.
    """
    missing = frozenset(id for id in ids if not is_kept(("of problem", id, *as_of())))
    counted = _of_problems(missing) if missing else {}

    def count(id: int) -> Figures:
        # What was kept a moment ago may have made room meanwhile.
        return counted[id] if id in counted else _of_problems(frozenset({id}))[id]

    return {id: kept(("of problem", id, *as_of()), partial(count, id)) for id in ids}


def _of_problems(ids: frozenset[int]) -> Mapping[int, Figures]:
    if is_kept(("by problem", *as_of())):
        found = by_problem()
    else:
        found = grouped(_ties_by_problem().where(Blocker.problem_id.in_(ids)), "problem_id")
    return {id: found.get(id, NOTHING) for id in ids}


def unique(problem_ids: frozenset[int] | None = None) -> Figures:
    """The same over any of these problems (without ids: any), each deal once."""

    def count() -> Figures:
        ties = tied_deals(Blocker.deal_id)
        if problem_ids is not None:
            ties = ties.where(Blocker.problem_id.in_(problem_ids))
        tied = ties.subquery()
        statement = _columns(held=tied.c.holds == 1).join(tied, tied.c.deal_id == Deal.id)
        return _figures(db.session.execute(statement).one())

    return kept(("unique", *as_of(), problem_ids), count)


def alone(problem_id: int) -> Figures:
    """Over the deals that this problem alone holds."""

    def count() -> Figures:
        holding = select(Blocker.deal_id).where(Blocker.deal_id == Deal.id, Blocker.holds)
        here = holding.where(Blocker.problem_id == problem_id).exists()
        elsewhere = holding.where(Blocker.problem_id != problem_id).exists()
        return _figures(db.session.execute(_columns().where(here, ~elsewhere)).one())

    return kept(("alone", *as_of(), problem_id), count)


def by_segment() -> Mapping[int | None, Figures]:
    """Per segment, over all deals of its accounts; None holds the unassigned."""

    def count() -> dict[int | None, Figures]:
        statement = _columns(Account.segment_id).group_by(Account.segment_id)
        return {row[0]: _figures(row[1:]) for row in db.session.execute(statement)}

    return kept(("by segment", *as_of()), count)


def by_problem_and_segment() -> Mapping[tuple[int, int | None], Figures]:
    """As `by_problem`, apart for the accounts of each segment; None holds the unassigned."""

    def count() -> dict[tuple[int, int | None], Figures]:
        tied = _ties_by_problem().subquery()
        keys = (tied.c.problem_id, Account.segment_id)
        held = tied.c.holds == 1
        statement = _columns(*keys, held=held).join(tied, tied.c.deal_id == Deal.id).group_by(*keys)
        return {(row[0], row[1]): _figures(row[2:]) for row in db.session.execute(statement)}

    return kept(("by problem and segment", *as_of()), count)


def rolled_up() -> Mapping[int, Figures]:
    """Per problem that others roll up to, over its own deals and all of theirs, each once."""

    def count() -> dict[int, Figures]:
        parents = select(Problem.parent_id).where(Problem.parent_id.is_not(None))
        family = (
            select(Problem.id.label("top"), Problem.id.label("problem_id"))
            .where(Problem.id.in_(parents), Problem.merged_into_id.is_(None))
            .cte("family", recursive=True)
        )
        family = family.union(
            select(family.c.top, Problem.id).where(
                Problem.parent_id == family.c.problem_id, Problem.merged_into_id.is_(None)
            )
        )
        ties = tied_deals(family.c.top, Blocker.deal_id)
        return grouped(ties.join(family, family.c.problem_id == Blocker.problem_id), "top")

    return kept(("rolled up", *as_of(), workspace().plan_revision), count)


def by_certainty(problem_id: int) -> Mapping[str, Figures]:
    """Over the deals that are tied to a problem: verified, claimed only, refuted."""

    def count() -> dict[str, Figures]:
        heard = case((Blocker.counts & Blocker.source.in_(HEARD), 2), (Blocker.counts, 1), else_=0)
        ties: Any = (
            select(Blocker.deal_id, func.max(heard).label("heard"), literal(1).label("holds"))
            .where(Blocker.problem_id == problem_id)
            .group_by(Blocker.deal_id)
        )
        found = grouped(ties, "heard")
        names = {2: VERIFIED, 1: CLAIMED, 0: REFUTED}
        return {name: found.get(heard, NOTHING) for heard, name in names.items()}

    return kept(("by certainty", *as_of(), problem_id), count)


def _ties_by_problem() -> Select[Any]:
    return tied_deals(Blocker.problem_id, Blocker.deal_id)


def tied_deals(*columns: Any) -> Select[Any]:
    """What counts, once for each value of these columns; `holds` is 1 where some of it holds."""
    held = func.max(case((Blocker.holds, 1), else_=0)).label("holds")
    return select(*columns, held).select_from(Blocker).where(Blocker.counts).group_by(*columns)


def grouped(ties: Select[Any], key: str) -> dict[int, Figures]:
    """Figures by a column of `ties`, which names a deal once for each value of it."""
    tied = ties.subquery()
    column = tied.c[key]
    statement = _columns(column, held=tied.c.holds == 1)
    statement = statement.join(tied, tied.c.deal_id == Deal.id).group_by(column)
    return {row[0]: _figures(row[1:]) for row in db.session.execute(statement)}


def _columns(*before: Any, held: ColumnElement[bool] | None = None) -> Select[Any]:
    """A select of the figures' columns over deals with their accounts; of open ones, those that are
    held.
    """
    _, today, months = as_of()
    is_open = Deal.status == OPEN if held is None else and_(Deal.status == OPEN, held)
    dated = Deal.close_date.is_not(None)
    since = months_before(today, months)
    lost = and_(
        Deal.status == LOST, dated, Deal.close_date > since, Deal.close_date <= today
    )  # fmt: skip
    undated = and_(Deal.status == LOST, Deal.close_date.is_(None))
    return (
        select(
            *before,
            *_sums(is_open),
            *_sums(lost),
            _count(undated),
            func.count(case((or_(is_open, lost), Deal.account_id)).distinct()),
        )
        .select_from(Deal)
        .outerjoin(Account, Account.id == Deal.account_id)
        .where(or_(is_open, lost, undated))
    )


def _sums(condition: ColumnElement[bool]) -> tuple[ColumnElement[Any], ...]:
    amount = func.coalesce(Deal.amount, 0)
    fit = func.coalesce(Account.fit, 0)
    return (
        _count(condition),
        _sum(condition, amount),
        _count(and_(condition, Deal.amount.is_(None))),
        _sum(condition, amount // _HALF * fit),
        _sum(condition, amount % _HALF * fit),
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.count(case((condition, 1)))


def _sum(condition: ColumnElement[bool], value: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(case((condition, value), else_=0)), 0)


def _figures(row: Sequence[Any]) -> Figures:
    found = [int(value) for value in row]
    open_count, open_amount, open_unknown, open_high, open_low = found[:5]
    lost_count, lost_amount, lost_unknown, lost_high, lost_low = found[5:10]
    return Figures(
        open_count,
        open_amount,
        open_unknown,
        open_high * _HALF + open_low,
        lost_count,
        lost_amount,
        lost_unknown,
        lost_high * _HALF + lost_low,
        *found[10:],
    )
