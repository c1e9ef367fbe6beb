"""Who counted on a commitment: the open deals for which its date was early enough, and for which
what is still promised is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from roadmap.domain.deals import OPEN
from roadmap.domain.impact import Commitment, Impact
from roadmap.extensions import db
from roadmap.models import Blocker, Deal
from roadmap.workspace.account_names import accounts_called


class Relied(NamedTuple):
    """Deals that counted on what is taken back, each once, the largest first.

    `amount` is in cents; `unknown` of them count 0.
    """

    ids: tuple[int, ...]
    amount: int
    unknown: int


NOBODY = Relied((), 0, 0)


def relied(impact: Impact) -> Relied:
    """The open deals that wait for a problem which the initiative solves, and need it on or after
    the date that was promised but before any that still is.

    Where a commitment was given to a customer by the account's name, they are that account's deals;
    else all. A deal without a date never was in time, and counted on none.
    """
    found: dict[int, int | None] = {}
    for (initiative, to), since in _earliest(impact.withdrawn).items():
        left = (
            promise.date
            for promise in impact.after_plan.initiatives[initiative].promised
            if promise.to == to
        )
        solved = [
            int(id)
            for id, problem in impact.before_plan.problems.items()
            if initiative in problem.initiatives
        ]
        found |= _deals(solved, to, since, min(left, default=None))
    largest = sorted(found, key=lambda id: (-(found[id] or 0), id))
    amounts = list(found.values())
    return Relied(tuple(largest), sum(each or 0 for each in amounts), amounts.count(None))


def _earliest(withdrawn: Iterable[Commitment]) -> dict[tuple[str, str], date]:
    dates: dict[tuple[str, str], list[date]] = defaultdict(list)
    for promise in withdrawn:
        dates[promise.id, promise.to].append(promise.date)
    return {key: min(found) for key, found in dates.items()}


def _deals(problems: list[int], to: str, since: date, until: date | None) -> dict[int, int | None]:
    """Amounts by deal."""
    needed = Deal.needed_by
    blocked = select(Blocker.deal_id).where(Blocker.problem_id.in_(problems), Blocker.holds)
    statement = select(Deal.id, Deal.amount).where(
        Deal.status == OPEN, Deal.id.in_(blocked), needed >= since
    )
    if until is not None:
        statement = statement.where(needed < until)
    if customer := accounts_called(to, by_id=False):
        statement = statement.where(Deal.account_id.in_(customer))
    return dict(db.session.execute(statement).all())
