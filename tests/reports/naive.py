"""The reports once more, from the text of winloss.md alone: plain loops over plain deals.

Nothing here knows the product's code, so what both say is what the text says.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import sqrt
from typing import Any, NamedTuple

BUCKETS = ["product", "price", "process", "presence"]
Z = 1.959964


class Reason(NamedTuple):
    bucket: str
    source: str
    weight: int
    problem: int | None
    severity: str = "deal breaker"


@dataclass
class Account:
    id: int
    segment: int | None
    fit: int
    industry: str | None
    region: str | None
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Deal:
    id: int
    status: str
    amount: int | None
    opened: date | None
    closed: date | None
    account: Account | None
    owner: int | None
    product: str | None
    reasons: list[Reason]
    attributes: dict[str, str] = field(default_factory=dict)


Key = Callable[[Deal], Any]


def state(deal: Deal, day: date, since: date | None) -> str | None:
    there = deal.opened is None or deal.opened <= day
    if deal.status == "open":
        return "open" if there else None
    if deal.closed is None:
        if not there:
            return None
        return deal.status if since is None else "undated"
    if deal.closed > day:
        return "open" if there else None
    if since is not None and deal.closed <= since:
        return None
    return deal.status


def months_earlier(day: date, months: int) -> date:
    year, month = day.year, day.month - months
    while month < 1:
        year, month = year - 1, month + 12
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


# --- reasons


def claimed(deal: Deal) -> list[Reason]:
    return [r for r in deal.reasons if r.source in ("crm", "rep")]


def verified(deal: Deal) -> list[Reason]:
    interviews = [r for r in deal.reasons if r.source == "interview"]
    return interviews or [r for r in deal.reasons if r.source == "customer"]


def effective(deal: Deal) -> list[Reason]:
    return verified(deal) or claimed(deal)


def split(reasons: list[Reason]) -> dict[str, Fraction]:
    whole = sum(r.weight for r in reasons)
    shares: dict[str, Fraction] = defaultdict(Fraction)
    for r in reasons:
        shares[r.bucket] += Fraction(r.weight, whole)
    return dict(shares) or {"not given": Fraction(1)}


def is_false_loss(deal: Deal) -> bool:
    says_product = any(r.bucket == "product" for r in claimed(deal))
    heard = verified(deal)
    return says_product and len(heard) > 0 and all(r.bucket != "product" for r in heard)


def is_hidden(deal: Deal) -> bool:
    said = claimed(deal)
    no_product = len(said) > 0 and all(r.bucket != "product" for r in said)
    return no_product and any(r.bucket == "product" for r in verified(deal))


def counting_problems(deal: Deal, as_state: str) -> dict[int, set[str]]:
    """The problems that block a deal, each with the sources of the ties that count."""
    if as_state == "open":
        ties = [r for r in deal.reasons if r.bucket == "product"]
    else:
        heard = verified(deal)
        ties = [r for r in effective(deal) if r.bucket == "product"]
        if any(r.bucket == "product" and r.problem is None for r in heard):
            ties += [r for r in claimed(deal) if r.bucket == "product"]
    found: dict[int, set[str]] = defaultdict(set)
    for r in ties:
        if r.problem is not None:
            found[r.problem].add(r.source)
    return dict(found)


def holding_problems(deal: Deal) -> set[int]:
    """Those that are a deal breaker for an open deal, by its strongest source's word and, where it
    says several things, by the most severe of them."""
    strength = ["crm", "rep", "customer", "interview"].index
    found = set()
    for problem, sources in counting_problems(deal, "open").items():
        best = max(sources, key=strength)
        said = {
            r.severity
            for r in deal.reasons
            if (r.problem, r.source, r.bucket) == (problem, best, "product")
        }
        if "deal breaker" in said:
            found.add(problem)
    return found


def stored_flags(deal: Deal) -> list[bool]:
    """For each reason that names a problem, whether it counts as the deal stands today."""
    if deal.status == "won":
        return [False for r in deal.reasons if r.problem is not None]
    counting = counting_problems(deal, deal.status)
    return [
        r.bucket == "product" and r.source in counting.get(r.problem, ())
        for r in deal.reasons
        if r.problem is not None
    ]


# --- tables


@dataclass
class Sum:
    deals: Fraction = Fraction(0)
    amount: Fraction = Fraction(0)
    unknown: int = 0

    def add(self, deal: Deal, share: Fraction = Fraction(1)) -> None:
        self.deals += share
        self.amount += (deal.amount or 0) * share
        self.unknown += deal.amount is None

    @property
    def figures(self) -> tuple[Fraction, Fraction, int]:
        return self.deals, self.amount, self.unknown


def by_state(
    deals: Iterable[Deal], day: date, since: date | None, key: Key
) -> dict[tuple[Any, str], Sum]:
    found: dict[tuple[Any, str], Sum] = defaultdict(Sum)
    for deal in deals:
        its_state = state(deal, day, since)
        if its_state is not None:
            found[key(deal), its_state].add(deal)
    return dict(found)


def wilson(lost: int, n: int) -> tuple[float, float]:
    p = lost / n
    middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return middle - half, middle + half


def verdict(lost: int, won: int, overall: float) -> str:
    if lost + won < 10:
        return "too few to tell"
    low, high = wilson(lost, lost + won)
    if low > overall:
        return "losing here"
    return "winning here" if high < overall else "no clear difference"


def lost_deals(deals: Iterable[Deal], day: date, since: date | None) -> list[Deal]:
    return [deal for deal in deals if state(deal, day, since) == "lost"]


def by_bucket(lost: Iterable[Deal], key: Key) -> dict[tuple[Any, str], Sum]:
    found: dict[tuple[Any, str], Sum] = defaultdict(Sum)
    for deal in lost:
        for bucket, share in split(effective(deal)).items():
            found[key(deal), bucket].add(deal, share)
    return dict(found)


def agreement(lost: Iterable[Deal]) -> dict[tuple[str, str], Sum]:
    found: dict[tuple[str, str], Sum] = defaultdict(Sum)
    for deal in lost:
        if claimed(deal) and verified(deal):
            for one, part in split(claimed(deal)).items():
                for other, share in split(verified(deal)).items():
                    found[one, other].add(deal, part * share)
    return dict(found)


@dataclass
class Risk:
    open: Sum = field(default_factory=Sum)
    open_weighted: int = 0
    lost: Sum = field(default_factory=Sum)
    lost_weighted: int = 0
    sole: Sum = field(default_factory=Sum)
    heard: int = 0
    accounts: set[int] = field(default_factory=set)

    def add(self, deal: Deal, its_state: str, alone: bool, heard: bool) -> None:
        weighted = (deal.amount or 0) * (deal.account.fit if deal.account else 0)
        if its_state == "open":
            self.open.add(deal)
            self.open_weighted += weighted
            if alone:
                self.sole.add(deal)
        else:
            self.lost.add(deal)
            self.lost_weighted += weighted
        self.heard += heard
        if deal.account:
            self.accounts.add(deal.account.id)


def at_risk(
    deals: Iterable[Deal], day: date, since: date | None, source: str
) -> tuple[dict[int, Risk], Risk]:
    rows: dict[int, Risk] = defaultdict(Risk)
    total = Risk()
    for deal in deals:
        its_state = state(deal, day, since)
        if its_state not in ("open", "lost"):
            continue
        problems = counting_problems(deal, its_state)
        if its_state == "open":
            problems = {id: problems[id] for id in holding_problems(deal)}
        alone = len(problems) == 1
        listed = {p: s for p, s in problems.items() if not source or source in s}
        sources_left: set[str] = set()
        for problem, sources in listed.items():
            left = sources & {source} if source else sources
            rows[problem].add(deal, its_state, alone, bool(left & {"customer", "interview"}))
            sources_left |= left
        if listed:
            total.add(deal, its_state, alone, bool(sources_left & {"customer", "interview"}))
    return dict(rows), total


def trend(
    lost: Iterable[Deal], day: date, months: int, keys: Callable[[Deal], dict[Any, Fraction]]
) -> dict[Any, list[Sum]]:
    """Per line, a sum for each of 2m months, the oldest first."""
    names = []
    year, month = day.year, day.month
    for _ in range(2 * months):
        names.append((year, month))
        month -= 1
        if month == 0:
            year, month = year - 1, 12
    names.reverse()
    lines: dict[Any, list[Sum]] = {}
    for deal in lost:
        if deal.closed is None or (deal.closed.year, deal.closed.month) not in names:
            continue
        place = names.index((deal.closed.year, deal.closed.month))
        for key, share in keys(deal).items():
            line = lines.setdefault(key, [Sum() for _ in names])
            line[place].add(deal, share)
    return lines
