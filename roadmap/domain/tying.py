"""What tying deals to a problem does to each of them, before anybody does it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from roadmap.domain.deals import LOST, OPEN, WON, Readiness, Solutions, readiness
from roadmap.domain.plan import Deal


@dataclass(frozen=True, slots=True)
class Tied:
    """An open deal as it stands, and as it would. `others` are its other blockers, the ones that
    are solved last (or never) first.
    """

    deal: Deal
    before: Readiness
    after: Readiness
    others: tuple[str, ...]

    @property
    def falls_behind(self) -> bool:
        """It is in time now, and would be late."""
        return self.before.in_time and not self.after.in_time


@dataclass(frozen=True, slots=True)
class Tying:
    """Deals sorted by what happens to them. `known` are blocked by the problem already; what was
    lost takes it as a claimed reason; in the way of a won deal nothing stood.
    """

    tied: tuple[Tied, ...]
    known: tuple[Deal, ...]
    lost: tuple[Deal, ...]
    won: tuple[Deal, ...]

    @property
    def amount(self) -> int:
        """Of the open deals that it ties, in cents; unknown amounts count 0."""
        return sum(each.deal.amount or 0 for each in self.tied)

    @property
    def unknown(self) -> int:
        return sum(each.deal.amount is None for each in self.tied)

    @property
    def in_time(self) -> int:
        return sum(each.after.in_time for each in self.tied)


def tying(
    deals: Iterable[tuple[Deal, Deal]], problem: str, solved: Solutions, today: date
) -> Tying:
    """Tie deals to a problem. Each comes as it is and as it would be without what the same step
    takes back, such as ties to the problem that its request was joined to before.
    """
    tied, known, lost, won = [], [], [], []
    for deal, freed in deals:
        if deal.status == WON:
            won.append(deal)
        elif deal.status == LOST:
            lost.append(deal)
        elif problem in freed.blockers:
            known.append(deal)
        elif deal.status == OPEN:
            tied.append(_tied(deal, freed, problem, solved, today))
    return Tying(tuple(tied), tuple(known), tuple(lost), tuple(won))


def _tied(deal: Deal, freed: Deal, problem: str, solved: Solutions, today: date) -> Tied:
    after = replace(deal, blockers=(*freed.blockers, problem))
    latest_first = sorted(
        freed.blockers, key=lambda other: solved.get(other) or date.max, reverse=True
    )
    return Tied(
        deal, readiness(deal, solved, today), readiness(after, solved, today), tuple(latest_first)
    )
