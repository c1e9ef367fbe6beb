"""The deals behind an initiative, each with what it adds to its value, taken apart.

Source: planning semantics, Value and suggested order. The stored totals are sums of exactly these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import func, select

from roadmap.domain.calendar import months_before
from roadmap.domain.deals import BEFORE_ALL, LOST, OPEN, in_time, ready_date
from roadmap.domain.money import half_up
from roadmap.domain.statements import DEAL_BREAKER, holds, parts
from roadmap.domain.value import Weights
from roadmap.extensions import db
from roadmap.models import Account, Blocker, Deal, ProblemTie
from roadmap.models.base import chunks
from roadmap.planning import totals
from roadmap.planning.picture import Picture
from roadmap.workspace.settings import workspace

#: How many deals the initiative's own page lists, and a page of all of them.
FIRST, PAGE = 50, 100

SOURCE_NAMES = {
    "interview": "interview",
    "customer": "customer's words",
    "rep": "sales rep",
    "crm": "CRM pick-list",
}


class Weighed(NamedTuple):
    """A deal's contribution: amount × fit × evidence × severity ÷ initiatives that it waits for.

    `amount` and `value` are in cents, `value` exact and before the recovery rate; `evidence` is in
    hundredths, `factor` that of its severity in percent; `held` says whether some problem holds it,
    and `ready` is None while one of those has no solution date.
    """

    id: int
    status: str
    amount: int | None
    fit: int
    closed: date | None
    needed_by: date | None
    source: str
    evidence: int
    severity: str
    factor: int
    sharers: int
    value: Fraction
    in_window: bool
    held: bool
    ready: date | None
    #: In percent, where CRM gives one.
    probability: int | None

    @property
    def in_time(self) -> bool:
        return in_time(self.ready, self.needed_by)

    @property
    def is_graded(self) -> bool:
        """Whether its severity changes what it is worth."""
        return self.severity != DEAL_BREAKER or self.factor != 100

    @property
    def cents(self) -> int:
        return half_up(self.value)

    @property
    def shared_out(self) -> Fraction:
        return Fraction(self.amount or 0, self.sharers)


class Named(NamedTuple):
    """A weighed deal with its names."""

    deal: Weighed
    name: str
    account: str
    account_id: int | None
    stage: str
    amount_source: str | None
    """What stands in for the amount; None where it is CRM's own."""

    @property
    def source_name(self) -> str:
        return SOURCE_NAMES[self.deal.source]


@dataclass(frozen=True)
class Sum:
    """What some deals add up to. Amounts are cents; unknown amounts count 0 and are counted."""

    deals: Sequence[Weighed]

    @cached_property
    def count(self) -> int:
        return len(self.deals)

    @cached_property
    def gross(self) -> int:
        return sum(deal.amount or 0 for deal in self.deals)

    @cached_property
    def alone(self) -> int:
        """Of deals that wait for no other initiative."""
        return sum(deal.amount or 0 for deal in self.deals if deal.sharers == 1)

    @cached_property
    def shared_out(self) -> int:
        return half_up(sum((deal.shared_out for deal in self.deals), Fraction(0)))

    @cached_property
    def by_probability(self) -> int | None:
        """Each amount by its own probability, in cents; None where CRM gives none."""
        likely = [d.amount * d.probability for d in self.deals if d.amount and d.probability]
        return half_up(sum(likely), 100) if self.without_probability < self.count else None

    @cached_property
    def without_probability(self) -> int:
        return sum(deal.probability is None for deal in self.deals)

    @cached_property
    def unknown(self) -> int:
        return sum(deal.amount is None for deal in self.deals)

    @cached_property
    def exact_value(self) -> Fraction:
        return sum((deal.value for deal in self.deals), Fraction(0))

    @cached_property
    def value(self) -> int:
        return half_up(self.exact_value)


@dataclass(frozen=True)
class Evidence:
    """All deals behind one initiative, the most valuable first."""

    open: Sum
    in_time: Sum
    late: Sum
    lost: Sum
    lost_before: Sum
    free: Sum
    """Open deals that no problem holds: they are neither in time nor late."""
    undated: int
    recovery_rate: int
    window_months: int

    @property
    def recovery_percent(self) -> str:
        """The recovery rate as people write it: 1500 is "15", 1250 is "12.5"."""
        whole, rest = divmod(self.recovery_rate, 100)
        return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)

    @property
    def recoverable(self) -> int:
        """In cents: the recovery rate times the value of what was lost in the window."""
        return half_up(self.lost.exact_value * Fraction(self.recovery_rate, 10_000))

    @property
    def total(self) -> int:
        return half_up(
            self.open.exact_value + self.lost.exact_value * Fraction(self.recovery_rate, 10_000)
        )

    def listed(self, which: str) -> Sequence[Weighed]:
        """Deals by "open", "late", "free", "lost" or "before"; else open and lost in the window."""
        sums = {
            "open": self.open, "late": self.late, "free": self.free, "lost": self.lost,
            "before": self.lost_before,
        }  # fmt: skip
        if which in sums:
            return sums[which].deals
        return (*self.open.deals, *self.lost.deals)


def evidence(picture: Picture, initiative_id: int) -> Evidence:
    """Read in three queries, whatever the number of deals."""
    row = workspace()
    weights = totals.weights(row)
    as_of = row.figures_as_of or picture.today
    problems = list(
        db.session.scalars(
            select(ProblemTie.problem_id).where(ProblemTie.initiative_id == initiative_id)
        )
    )
    found = _weighed(picture, initiative_id, problems, weights, as_of)
    found.sort(key=lambda deal: (-deal.value, -(deal.amount or 0), deal.id))
    open_ = [deal for deal in found if deal.status == OPEN]
    lost = [deal for deal in found if deal.status == LOST]
    return Evidence(
        open=Sum(open_),
        in_time=Sum([deal for deal in open_ if deal.in_time]),
        late=Sum([deal for deal in open_ if deal.held and not deal.in_time]),
        free=Sum([deal for deal in open_ if not deal.held]),
        lost=Sum([deal for deal in lost if deal.in_window]),
        lost_before=Sum([deal for deal in lost if not deal.in_window]),
        undated=sum(deal.closed is None for deal in lost),
        recovery_rate=row.recovery_rate,
        window_months=row.window_months,
    )


def named(deals: Sequence[Weighed]) -> list[Named]:
    """The same deals with their names, in the same order."""
    rows: dict[int, tuple[str, str, int | None, str, str | None]] = {}
    ids = [deal.id for deal in deals]
    for some in chunks(ids):
        found = db.session.execute(
            select(Deal.id, Deal.name, Account.name, Account.id, Deal.stage, Deal.amount_source)
            .outerjoin(Account, Account.id == Deal.account_id)
            .where(Deal.id.in_(some))
        )
        for id, name, account, account_id, stage, stand_in in found:
            rows[id] = (name, account or "", account_id, stage, stand_in)
    return [Named(deal, *rows[deal.id]) for deal in deals if deal.id in rows]


def ready_words(deal: Weighed) -> str:
    """When the last problem that holds it is solved, as a table of data says it."""
    if not deal.held:
        return "held by nothing"
    if deal.ready is None:
        return "never"
    return "already" if deal.ready == BEFORE_ALL else deal.ready.isoformat()


def _weighed(
    picture: Picture, initiative_id: int, problems: list[int], weights: Weights, as_of: date
) -> list[Weighed]:
    since = months_before(as_of, weights.window_months)
    tied, factors = totals.tied(), weights.factors()
    found = []
    for _, group in groupby(_rows(problems), itemgetter(0)):
        ties = list(group)
        id, status, amount, fit, closed, needed_by, _, _, probability = ties[0]
        # Off the board it weighs nothing; it would be one of those that share the deal.
        sharers = {other for tie in ties for other in tied.get(tie[6], ())} | {initiative_id}
        own = {tie[7] for tie in ties if tie[6] in problems}
        best = max(own, key=lambda strength: (factors[strength], strength))
        source, severity = parts(best)
        holding = {str(tie[6]) for tie in ties if holds(tie[7])}
        found.append(
            Weighed(
                id, status, amount, fit, closed, needed_by, source, weights.evidence[source],
                severity, weights.severity[severity], len(sharers),
                Fraction((amount or 0) * fit * factors[best], 1_000_000 * len(sharers)),
                _between(since, closed, as_of),
                bool(holding), ready_date(holding, picture.solved), probability,
            )
        )  # fmt: skip
    return found


def _rows(problems: list[int]) -> Sequence[Any]:
    """All counting blockers of the open and lost deals that one of these problems blocks."""
    if not problems:
        return []
    blocked = select(Blocker.deal_id).where(Blocker.problem_id.in_(problems), Blocker.counts)
    return db.session.execute(
        select(
            Deal.id,
            Deal.status,
            Deal.amount,
            func.coalesce(Account.fit, 0),
            Deal.close_date,
            Deal.needed_by,
            Blocker.problem_id,
            Blocker.problem_strength,
            Deal.probability,
        )
        .join(Blocker, Blocker.deal_id == Deal.id)
        .outerjoin(Account, Account.id == Deal.account_id)
        .where(Deal.id.in_(blocked), Deal.status.in_((OPEN, LOST)), Blocker.counts)
        .order_by(Deal.id)
    ).all()


def _between(since: date, day: date | None, until: date) -> bool:
    return day is not None and since < day <= until
