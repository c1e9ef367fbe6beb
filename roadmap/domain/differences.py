"""What a change of statements does to deals, problems and reasons, before anybody makes it."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from roadmap.domain.deals import (
    LOST,
    OPEN,
    Reach,
    Readiness,
    Solutions,
    reach_between,
    readiness,
)
from roadmap.domain.plan import Deal
from roadmap.domain.statements import Outcome, Statement, holds, outcome


class Evidence(NamedTuple):
    """Open and lost deals, each once; amounts in cents, unknown ones count 0 and are counted."""

    open_count: int
    open_amount: int
    lost_count: int
    lost_amount: int
    unknown: int
    deals: frozenset[int]


@dataclass(frozen=True, slots=True)
class DealDifference:
    """A deal that the change concerns, with what its statements come to before and after."""

    deal: Deal
    before: Outcome
    after: Outcome

    def side(self, *, after: bool) -> Deal:
        """The deal as it waits for problems on one side."""
        problems = (self.after if after else self.before).problems
        holding = tuple([str(id) for id, strength in problems.items() if holds(strength)])
        deal = self.deal
        return Deal(deal.id, deal.status, deal.amount, deal.icp_fit, deal.needed_by, holding)

    def others(self, problem: int, solved: Solutions) -> list[str]:
        """The other problems that it waits for afterwards, those that are solved last first."""
        ids = [id for id in self.side(after=True).blockers if id != str(problem)]
        return sorted(ids, key=lambda id: solved.get(id) or date.max, reverse=True)

    def gains(self, problem: int) -> bool:
        """Whether the problem is a reason of the deal afterwards that it was not before."""
        return self.after.names(problem) and not self.before.names(problem)

    def readiness(self, solved: Solutions, today: date) -> tuple[Readiness, Readiness]:
        """How it stands before and after, under the same solution dates."""
        was, now = (readiness(self.side(after=each), solved, today) for each in (False, True))
        return was, now


@dataclass(frozen=True)
class Difference:
    """All deals that the two sets of statements are of, changed or not."""

    changes: Sequence[DealDifference]

    def evidence(self, problem: int, *, after: bool = False) -> Evidence:
        """The deals that count for a problem on one side."""
        deals: dict[int, Deal] = {}
        for each in self.changes:
            if problem in (each.after if after else each.before).problems:
                deals[int(each.deal.id)] = each.deal
        of = {status: [d.amount for d in deals.values() if d.status == status]
              for status in (OPEN, LOST)}  # fmt: skip
        return Evidence(
            len(of[OPEN]), sum(amount or 0 for amount in of[OPEN]),
            len(of[LOST]), sum(amount or 0 for amount in of[LOST]),
            of[OPEN].count(None) + of[LOST].count(None), frozenset(deals),
        )  # fmt: skip

    def reach(self, before: Solutions, after: Solutions) -> Reach:
        """The open deals that fall out of reach and come within it, with the dates of each side."""
        moved = {id for id in {*before, *after} if before.get(id) != after.get(id)}
        deals = [
            each
            for each in self.changes
            if each.deal.status == OPEN
            # What is said of the others is as it was, and so are the dates of what they wait for.
            and (
                each.after is not each.before or not moved.isdisjoint(map(str, each.after.problems))
            )
        ]
        was = {each.deal.id: each.side(after=False) for each in deals}
        now = {
            id: was[id] if each.after is each.before else each.side(after=True)
            for id, each in zip(was, deals, strict=True)
        }
        return reach_between(was, before, now, after)


def difference(
    deals: Collection[Deal],
    before: Mapping[str, Sequence[Statement]],
    after: Mapping[str, Sequence[Statement]],
) -> Difference:
    """What lies between two sets of standing statements of these deals, by deal, each in the order
    of their ids. A deal's own blockers are not looked at.
    """
    return Difference(list(_changes(deals, before, after)))


def rerooted(
    said: Mapping[str, Sequence[Statement]],
    old: int,
    new: int,
    chosen: Container[int] | None = None,
) -> dict[str, list[Statement]]:
    """These statements where what counts for one problem, or the chosen of it, does for another."""
    return {
        deal: [
            each._replace(root=new)
            if each.root == old and (chosen is None or each.id in chosen)
            else each
            for each in statements
        ]
        for deal, statements in said.items()
    }


def _changes(
    deals: Collection[Deal],
    before: Mapping[str, Sequence[Statement]],
    after: Mapping[str, Sequence[Statement]],
) -> Iterator[DealDifference]:
    for deal in deals:
        was, now = before.get(deal.id, ()), after.get(deal.id, ())
        one = outcome(deal.status, was)
        yield DealDifference(deal, one, one if now == was else outcome(deal.status, now))
