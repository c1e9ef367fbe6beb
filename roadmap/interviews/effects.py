"""What an interview changes: the deal's verdict, its initiatives and problems, on both sides.

Everything is measured inside the transaction that changes it, so that nobody else's change is in
it: once without the interview and once with it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import and_, case, func, select

from roadmap.domain.calendar import months_before
from roadmap.domain.deals import LOST
from roadmap.domain.interviews import Effect, ProblemShift, Shift, Stand
from roadmap.domain.value import NOTHING, suggested_order
from roadmap.domain.winloss import PRODUCT, Reason, effective, false_loss, hidden_product_loss
from roadmap.extensions import db
from roadmap.models import Blocker, Deal, LossReason, Problem
from roadmap.planning import totals
from roadmap.planning.picture import Picture
from roadmap.workspace import clock
from roadmap.workspace.settings import workspace


@dataclass(frozen=True)
class Measure:
    """A deal's reasons and all that they weigh upon, at one moment of a transaction."""

    reasons: tuple[Reason, ...]
    counting: frozenset[tuple[int, str]]
    """The problems that the deal counts for, each with a source."""
    stands: dict[int, Stand]
    """By initiative on the board."""
    lost: dict[int, tuple[int, int]]
    """Count and amount lost in the window, by problem, of those that were asked for."""


def measure(deal: Deal, problem_ids: Collection[int], picture: Picture) -> Measure:
    """The present state; stored totals are right and everything is flushed.

    `picture` was taken before anything was changed: one that is made in the middle would be kept
    under a revision that may never be committed. An interview changes totals alone, not the plan.
    """
    ties = db.session.execute(
        select(
            Blocker.bucket, Blocker.source, Blocker.problem_id, Blocker.weight, Blocker.counts
        ).where(Blocker.deal_id == deal.id)
    ).all()
    others = db.session.execute(
        select(LossReason.bucket, LossReason.source, LossReason.weight).where(
            LossReason.deal_id == deal.id
        )
    ).all()
    reasons = [Reason(bucket, source, str(id), weight) for bucket, source, id, weight, _ in ties]
    reasons += [Reason(bucket, source, None, weight) for bucket, source, weight in others]
    counting = frozenset((id, source) for _, source, id, _, counts in ties if counts)
    return Measure(tuple(reasons), counting, _stands(picture), _lost(problem_ids))


def problems_of(deal_id: int) -> set[int]:
    """Those that the deal is tied to, whether they count or not."""
    return set(db.session.scalars(select(Blocker.problem_id).where(Blocker.deal_id == deal_id)))


def compare(deal: Deal, before: Measure, after: Measure, picture: Picture) -> Effect:
    """What lies between two measures of one deal."""
    tied = totals.tied()
    touched = before.counting ^ after.counting
    had = {id for problem, _ in before.counting for id in tied.get(problem, ())}
    has = {id for problem, _ in after.counting for id in tied.get(problem, ())}
    in_window = _in_window(deal)
    ids = {id for problem, _ in touched for id in tied.get(problem, ())} if in_window else set()
    return Effect(
        as_of=clock.today(),
        amount=deal.amount,
        product_before=_product(before.reasons),
        product_after=_product(after.reasons),
        false_loss=false_loss(after.reasons),
        hidden_product_loss=hidden_product_loss(after.reasons),
        initiatives=tuple(_shifts(sorted(ids), had, has, before, after, picture)),
        problems=tuple(_problem_shifts({problem for problem, _ in touched}, before, after)),
        in_window=in_window,
    )


def _product(reasons: Sequence[Reason]) -> bool | None:
    found = effective(reasons)
    return any(reason.bucket == PRODUCT for reason in found) if found else None


def _in_window(deal: Deal) -> bool:
    today = clock.today()
    since = months_before(today, workspace().window_months)
    return deal.close_date is not None and since < deal.close_date <= today


def _shifts(
    ids: Sequence[int],
    had: set[int],
    has: set[int],
    before: Measure,
    after: Measure,
    picture: Picture,
) -> list[Shift]:
    return [
        Shift(
            id, picture.cards[str(id)].title, before.stands[id], after.stands[id],
            joined=id in has - had, left=id in had - has,
        )
        for id in ids
        if id in before.stands and id in after.stands
    ]  # fmt: skip


def _problem_shifts(ids: Collection[int], before: Measure, after: Measure) -> list[ProblemShift]:
    rows = db.session.execute(
        select(Problem.id, Problem.title).where(Problem.id.in_(ids)).order_by(Problem.title)
    )
    nothing = (0, 0)
    return [
        ProblemShift(
            id, title, before.lost.get(id, nothing)[0], after.lost.get(id, nothing)[0],
            before.lost.get(id, nothing)[1], after.lost.get(id, nothing)[1],
        )
        for id, title in rows
        if before.lost.get(id, nothing) != after.lost.get(id, nothing)
    ]  # fmt: skip


def _stands(picture: Picture) -> dict[int, Stand]:
    """How every initiative on the board stands by the stored totals, the plan being as it is."""
    figures = totals.stored()
    order = suggested_order(
        picture.plan, {str(id): found for id, found in figures.items()}, picture.recovery_rate
    )
    return {
        int(score.id): Stand(
            lost_amount=(of := figures.get(int(score.id), NOTHING)).lost_amount,
            open_amount=of.open_amount,
            score=None if score.score is None else _half_up(score.score),
            place=score.place,
        )
        for score in order
    }


def _half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def _lost(problem_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Count and amount of what was lost over each problem in the window, each deal once."""
    today: date = clock.today()
    since = months_before(today, workspace().window_months)
    ties = (
        select(Blocker.problem_id, Blocker.deal_id)
        .where(Blocker.counts, Blocker.problem_id.in_(problem_ids))
        .distinct()
        .subquery()
    )
    lost = and_(Deal.status == LOST, Deal.close_date > since, Deal.close_date <= today)
    rows: Any = db.session.execute(
        select(
            ties.c.problem_id,
            func.count(case((lost, 1))),
            func.coalesce(func.sum(case((lost, func.coalesce(Deal.amount, 0)), else_=0)), 0),
        )
        .join(Deal, Deal.id == ties.c.deal_id)
        .group_by(ties.c.problem_id)
    )
    return {id: (int(count), int(amount)) for id, count, amount in rows}
