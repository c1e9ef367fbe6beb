"""What an interview changes: the deal's verdict, its initiatives and problems, on both sides.

Both sides are sets of statements of one deal, of which one may be stored: nothing is written to see
the difference between them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import and_, case, func, select

from roadmap.domain.calendar import months_before
from roadmap.domain.deals import LOST
from roadmap.domain.interviews import Effect, Given, ProblemShift, Shift, Stand
from roadmap.domain.statements import INTERVIEW, Outcome, Statement, outcome
from roadmap.domain.value import NOTHING, DealEvidence, Figures, difference, suggested_order
from roadmap.domain.winloss import PRODUCT, Reason, effective, false_loss, hidden_product_loss
from roadmap.evidence.counting import of_deal
from roadmap.evidence.roots import root
from roadmap.extensions import db
from roadmap.models import Blocker, Conversation, Deal, Problem
from roadmap.planning import picture as pictures
from roadmap.planning import totals
from roadmap.planning.picture import Picture
from roadmap.workspace import clock
from roadmap.workspace.settings import workspace


@dataclass(frozen=True)
class Measure:
    """A deal's reasons and all that they weigh upon, with one set of statements."""

    outcome: Outcome
    stands: dict[int, Stand]
    """By initiative on the board."""


def of_logging(conversation: Conversation, deal: Deal, given: Sequence[Given]) -> Effect:
    """What the interview changes with these reasons, against a deal without it."""
    stored = of_deal(deal.id)
    without = _without(conversation, stored)
    # What is said now comes after all that was said before.
    last = max((each.id for _, each in stored), default=0)
    said = [
        Statement(
            last + place, None if each.problem_id is None else root(each.problem_id), each.bucket,
            INTERVIEW, INTERVIEW, each.weight, each.severity,
        )
        for place, each in enumerate(given, start=1)
    ]  # fmt: skip
    values = [each for _, each in stored]
    return effect(deal, values, without, [*without, *said], pictures.current())


def of_withdrawing(conversation: Conversation, deal: Deal) -> Effect:
    """What it changes that the interview says nothing any more."""
    stored = of_deal(deal.id)
    values = [each for _, each in stored]
    return effect(deal, values, values, _without(conversation, stored), pictures.current())


def _without(
    conversation: Conversation, stored: Sequence[tuple[int | None, Statement]]
) -> list[Statement]:
    own = (INTERVIEW, conversation.id)
    return [each for origin_id, each in stored if (each.origin, origin_id) != own]


def effect(
    deal: Deal,
    stored: Sequence[Statement],
    before: Sequence[Statement],
    after: Sequence[Statement],
    picture: Picture,
) -> Effect:
    """What lies between two sets of statements of a deal; `stored` are the present ones."""
    one, other = (_measure(deal, stored, said, picture) for said in (before, after))
    tied = totals.tied()
    counted, counts = one.outcome.problems, other.outcome.problems
    touched = counted.items() ^ counts.items()
    had = {id for problem in counted for id in tied.get(problem, ())}
    has = {id for problem in counts for id in tied.get(problem, ())}
    in_window = _in_window(deal)
    ids = {id for problem, _ in touched for id in tied.get(problem, ())} if in_window else set()
    return Effect(
        as_of=clock.today(),
        amount=deal.amount,
        product_before=_product(one.outcome.reasons),
        product_after=_product(other.outcome.reasons),
        false_loss=false_loss(other.outcome.reasons),
        hidden_product_loss=hidden_product_loss(other.outcome.reasons),
        initiatives=tuple(_shifts(sorted(ids), had, has, one, other, picture)),
        problems=tuple(
            _problem_shifts(deal, *(_problems(deal, each) for each in (stored, before, after)))
            if in_window and deal.status == LOST
            else ()
        ),
        in_window=in_window,
    )


def _measure(
    deal: Deal, stored: Sequence[Statement], said: Sequence[Statement], picture: Picture
) -> Measure:
    found = outcome(deal.status, said)
    changed = difference(
        totals.of_deal(_evidence(deal, outcome(deal.status, stored))),
        totals.of_deal(_evidence(deal, found)),
    )
    return Measure(found, _stands(picture, changed))


def _evidence(deal: Deal, found: Outcome) -> DealEvidence:
    fit = deal.account.fit if deal.account else 0
    return DealEvidence(
        deal.status, deal.amount, fit, deal.close_date, tuple(found.problems.items())
    )


def _problems(deal: Deal, said: Sequence[Statement]) -> set[int]:
    return set(outcome(deal.status, said).problems)


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


def _problem_shifts(
    deal: Deal, stored: set[int], before: set[int], after: set[int]
) -> Iterator[ProblemShift]:
    """Count and amount of what was lost over the problems that this deal comes to or leaves."""
    ids = before ^ after
    rows = db.session.execute(
        select(Problem.id, Problem.title).where(Problem.id.in_(ids)).order_by(Problem.sort_key)
    )
    lost = _lost(ids)
    for id, title in rows:
        count, amount = lost.get(id, (0, 0))
        one, other = ((id in said) - (id in stored) for said in (before, after))
        worth = deal.amount or 0
        yield ProblemShift(
            id, title, count + one, count + other, amount + one * worth, amount + other * worth
        )


def _stands(picture: Picture, changed: Mapping[int, Figures]) -> dict[int, Stand]:
    """How every initiative on the board stands with changed totals, the plan being as it is."""
    figures = totals.stored()
    figures |= {id: figures[id] + change for id, change in changed.items() if id in figures}
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
