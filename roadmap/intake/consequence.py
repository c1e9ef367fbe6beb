"""What joining requests to a problem does to their deals, in one sentence, before it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from roadmap.domain import plan
from roadmap.domain.deals import IN_TIME, LATE, LOST, NO_PART, OPEN, WON, Readiness
from roadmap.domain.differences import DealDifference, Difference, difference
from roadmap.domain.plan import SOLVES
from roadmap.domain.statements import REQUEST, SEVERITIES, Statement
from roadmap.domain.winloss import PRODUCT, REP
from roadmap.evidence.counting import present
from roadmap.extensions import db
from roadmap.market.solvers import solution, solvers
from roadmap.models import Deal, Problem, Request, RequestDeal
from roadmap.planning.picture import Picture
from roadmap.web.filters import day, money_short, plural

from .settling import swallowed

#: More deals than this are not listed by name.
FEW = 5


class Consequence(NamedTuple):
    """The sentence that leads, and what happens to deals with other blockers, one line each."""

    sentence: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class Named:
    """The deals that requests, and what was merged into them, name, the largest first: with all
    that is said of them, and without what these requests say, which joining another problem ends.
    """

    deals: Sequence[plan.Deal]
    said: Mapping[str, Sequence[Statement]]
    base: Mapping[str, Sequence[Statement]]
    severity: Mapping[str, str]
    names: Mapping[str, str]
    problems: Mapping[str, str]

    def joining(self, picture: Picture, problem_id: int, title: str) -> Consequence:
        """What it would mean to join a problem."""
        last = max((each.id for said in self.said.values() for each in said), default=0)
        asks = Statement(last + 1, problem_id, PRODUCT, REP, REQUEST)
        after = {
            deal.id: [
                *self.base[deal.id],
                *([asks._replace(severity=self.severity[deal.id])] if deal.status != WON else ()),
            ]
            for deal in self.deals
        }
        found = _Joining(problem_id, difference(self.deals, self.said, after), picture)
        parts = [_ties(found, title, picture), *_rest(found)]
        if found.tied:
            parts[0] += f"; {_waiting(found, picture, problem_id)}"
        others = ((each, found.others(each)) for each in found.tied)
        return Consequence(
            " ".join(f"{part}." for part in parts),
            tuple(self._beside(each, also, found) for each, also in others if also)[:FEW],
        )

    def starting(self, picture: Picture) -> Consequence:
        """What it would mean to start a problem: nothing solves it yet."""
        return self.joining(picture, 0, "the new problem")

    def _beside(self, each: DealDifference, others: Sequence[str], found: _Joining) -> str:
        first, *more = others
        when = found.picture.solved.get(first)
        also = f"“{self.problems[first]}” ({day(when) if when else 'no date'})"
        if more:
            also += f" and {plural(len(more), 'other problem')}"
        was, now = found.readiness(each)
        stands = "is in time" if now.in_time else "is late"
        if was.in_time and not now.in_time:
            stands = "was in time without this and is late with it"
        return f"“{self.names[each.deal.id]}” waits for {also} as well: it {stands}."


class _Joining(NamedTuple):
    """What joining a problem does to deals."""

    problem: int
    difference: Difference
    picture: Picture

    @property
    def tied(self) -> list[DealDifference]:
        """The open deals that wait for it from now on."""
        return self._gain(OPEN)

    @property
    def lost(self) -> list[DealDifference]:
        return self._gain(LOST)

    @property
    def known(self) -> int:
        """How many deals wait for it, or were lost over it, already."""
        return len([each for each in self.difference.changes if each.after.names(self.problem)]) - (
            len(self.tied) + len(self.lost)
        )

    def _gain(self, status: str) -> list[DealDifference]:
        changes = self.difference.changes
        return [each for each in changes if each.deal.status == status and each.gains(self.problem)]

    def others(self, each: DealDifference) -> list[str]:
        return each.others(self.problem, self.picture.solved)

    def readiness(self, each: DealDifference) -> tuple[Readiness, Readiness]:
        return each.readiness(self.picture.solved, self.picture.today)


def named(ids: Collection[int]) -> Named:
    """Three queries, and one for what was merged."""
    family = {*ids, *(request.id for request in swallowed(ids))}
    chosen = select(RequestDeal.deal_id).where(RequestDeal.request_id.in_(family))
    now = present(chosen)
    base = {
        deal: [
            each for each in said if each.origin != REQUEST or now.origin_ids[each.id] not in family
        ]
        for deal, said in now.said.items()
    }
    stated: dict[str, date] = {}
    severity: dict[str, str] = {}
    asked = db.session.execute(
        select(RequestDeal.deal_id, Request.needed_by, Request.severity, RequestDeal.date_holds)
        .join(Request, Request.id == RequestDeal.request_id)
        .where(Request.id.in_(family))
        .order_by(Request.id)
    )
    for deal_id, needed_by, how, holds in asked:
        id = str(deal_id)
        severity[id] = max(how, severity.get(id, how), key=SEVERITIES.index)
        if needed_by is not None and holds is not False:
            stated[id] = needed_by
    roots = {each.root for said in now.said.values() for each in said}
    names = db.session.execute(select(Deal.id, Deal.name).where(Deal.id.in_(chosen)))
    titles = db.session.execute(select(Problem.id, Problem.title).where(Problem.id.in_(roots)))
    return Named(
        sorted(
            (_dated(deal, stated) for deal in now.deals),
            key=lambda deal: (deal.amount is None, -(deal.amount or 0)),
        ),
        now.said,
        base,
        severity,
        {str(id): name for id, name in names},
        {str(id): title for id, title in titles},
    )


def _dated(deal: plan.Deal, stated: Mapping[str, date]) -> plan.Deal:
    """The deal with the date that it has once the request is confirmed."""
    return replace(deal, needed_by=stated.get(deal.id, deal.needed_by))


def _ties(found: _Joining, title: str, picture: Picture) -> str:
    name = title if title == "the new problem" else f"“{title}”"
    tied = [each.deal.amount for each in found.tied]
    if not tied:
        has = "no open deal is named" if not found.known else "no further open deal is named"
        return f"Joins {name} and changes no figure: {has}"
    worth = money_short(sum(amount or 0 for amount in tied), picture.currency)
    unknown = tied.count(None)
    if unknown == len(tied):
        worth = "an unknown amount"
    elif unknown:
        worth += f" and {unknown:,} without amount"
    return f"Ties {plural(len(tied), 'open deal')} worth {worth} to {name}"


def _waiting(found: _Joining, picture: Picture, problem_id: int) -> str:
    stands = Counter(found.readiness(each)[1].status for each in found.tied)
    words = ((IN_TIME, "in time"), (LATE, "late"), (NO_PART, "held by nothing"))
    counts = [f"{stands[status]:,} {said}" for status, said in words if stands[status]]
    solved = solution(picture, problem_id)
    titles = [each.title for each in solvers(picture).get(problem_id, ()) if each.kind == SOLVES]
    it = "it waits" if len(found.tied) == 1 else "they wait"
    if solved.date is None:
        why = solved.words.partition(": ")[2] or f"it is {solved.words}"
        return f"{why}: {', '.join(counts)}"
    return f"{it} for {_listed(titles)} ({day(solved.date)}): {', '.join(counts)}"


def _listed(titles: Sequence[str]) -> str:
    shown = ", ".join(f"“{title}”" for title in titles[:2])
    return shown + (f" and {len(titles) - 2} more" if len(titles) > 2 else "")


def _rest(found: _Joining) -> list[str]:
    said = []
    if found.known:
        said.append(f"{plural(found.known, 'deal is', 'deals are')} tied to it already")
    if found.lost:
        gets = plural(len(found.lost), "lost deal gets", "lost deals get")
        said.append(f"{gets} it as a claimed reason")
    won = sum(each.deal.status == WON for each in found.difference.changes)
    if won:
        said.append(f"{plural(won, 'won deal is', 'won deals are')} left alone")
    return said
