"""What joining requests to a problem does to their deals, in one sentence, before it is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import case, func, select

from roadmap.domain import plan
from roadmap.domain.plan import SOLVES
from roadmap.domain.statements import REQUEST
from roadmap.domain.tying import Tied, Tying, tying
from roadmap.domain.winloss import PRODUCT
from roadmap.evidence.recording import STANDING
from roadmap.extensions import db
from roadmap.market.solvers import solution, solvers
from roadmap.models import Account, Deal, Problem, RequestDeal, Statement
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
    """The deals that requests, and what was merged into them, name: each as it is, and without the
    ties that rest on these requests alone, since joining another problem takes those back.
    """

    deals: Sequence[tuple[plan.Deal, plan.Deal]]
    names: Mapping[str, str]
    problems: Mapping[str, str]

    def joining(self, picture: Picture, problem_id: int, title: str) -> Consequence:
        """What it would mean to join a problem."""
        found = tying(self.deals, str(problem_id), picture.solved, picture.today)
        parts = [_ties(found, title, picture), *_rest(found)]
        if found.tied:
            parts[0] += f"; {_waiting(found, picture, problem_id)}"
        others = [each for each in found.tied if each.others][:FEW]
        return Consequence(
            " ".join(f"{part}." for part in parts),
            tuple(self._beside(each, picture) for each in others),
        )

    def starting(self, picture: Picture) -> Consequence:
        """What it would mean to start a problem: nothing solves it yet."""
        return self.joining(picture, 0, "the new problem")

    def _beside(self, each: Tied, picture: Picture) -> str:
        first, *more = each.others
        when = picture.solved.get(first)
        also = f"“{self.problems[first]}” ({day(when) if when else 'no date'})"
        if more:
            also += f" and {plural(len(more), 'other problem')}"
        stands = "is late" if not each.after.in_time else "is in time"
        if each.falls_behind:
            stands = "was in time without this and is late with it"
        return f"“{self.names[each.deal.id]}” waits for {also} as well: it {stands}."


def named(ids: Collection[int]) -> Named:
    """Two queries, and one for what was merged."""
    family = [*ids, *(request.id for request in swallowed(ids))]
    chosen = select(RequestDeal.deal_id).where(RequestDeal.request_id.in_(family))
    rows = db.session.execute(
        select(
            Deal.id, Deal.name, Deal.status, Deal.amount, func.coalesce(Account.fit, 0),
            Deal.needed_by,
        )
        .outerjoin(Account, Account.id == Deal.account_id)
        .where(Deal.id.in_(chosen))
        .order_by(Deal.amount.is_(None), Deal.amount.desc(), Deal.id)
    ).all()  # fmt: skip
    ties = db.session.execute(
        select(
            Statement.deal_id, Problem.id, Problem.title,
            case((Statement.origin == REQUEST, Statement.origin_id)),
        )
        .join(Problem, Problem.id == Statement.root_id)
        .where(Statement.deal_id.in_(chosen), STANDING, Statement.bucket == PRODUCT)
        .order_by(Statement.id)
    ).all()  # fmt: skip
    all_of: dict[int, dict[str, None]] = defaultdict(dict)
    stay: dict[int, dict[str, None]] = defaultdict(dict)
    for tied, problem, _, request in ties:
        all_of[tied][str(problem)] = None
        if request not in family:
            stay[tied][str(problem)] = None
    deals = []
    for id, _, status, amount, fit, needed_by in rows:
        deal = plan.Deal(str(id), status, amount, fit, needed_by, tuple(all_of[id]))
        deals.append((deal, replace(deal, blockers=tuple(stay[id]))))
    return Named(
        deals,
        {str(id): name for id, name, *_ in rows},
        {str(id): title for _, id, title, *_ in ties},
    )


def _ties(found: Tying, title: str, picture: Picture) -> str:
    name = title if title == "the new problem" else f"“{title}”"
    if not found.tied:
        has = "no open deal is named" if not found.known else "no further open deal is named"
        return f"Joins {name} and changes no figure: {has}"
    worth = money_short(found.amount, picture.currency)
    if found.unknown == len(found.tied):
        worth = "an unknown amount"
    elif found.unknown:
        worth += f" and {found.unknown:,} without amount"
    return f"Ties {plural(len(found.tied), 'open deal')} worth {worth} to {name}"


def _waiting(found: Tying, picture: Picture, problem_id: int) -> str:
    late = len(found.tied) - found.in_time
    counts = [f"{found.in_time:,} in time"] * bool(found.in_time) + [f"{late:,} late"] * bool(late)
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


def _rest(found: Tying) -> list[str]:
    said = []
    if found.known:
        said.append(f"{plural(len(found.known), 'deal is', 'deals are')} tied to it already")
    if found.lost:
        gets = plural(len(found.lost), "lost deal gets", "lost deals get")
        said.append(f"{gets} it as a claimed reason")
    if found.won:
        said.append(f"{plural(len(found.won), 'won deal is', 'won deals are')} left alone")
    return said
