"""The deals that ended and that nobody tells of: how many were won and lost of whom, and when.

Grid operators ask for what Varnholt does not have, and more of them leave every month; makers of
machines buy. Whatever day it is told on, the losses of the last five months and those of the six
months before lie where the reports compare them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from roadmap.domain.deals import LOST, WON
from roadmap.domain.icp import Criterion, segment_of
from roadmap.domain.winloss import CRM, CUSTOMER, INTERVIEW, PRESENCE, PRICE, PROCESS, REP

from . import company
from .accounts import ACCOUNTS, AccountSeed
from .seeds import (
    OWNERS,
    PRODUCTS,
    BlockerSeed,
    DealSeed,
    Naming,
    ReasonSeed,
    amount,
)

B = BlockerSeed
#: Days ago on which deals closed: after an answer of ten weeks ago, in the months that a trend
#: shows whatever the day of the month, and in those that it compares them with.
LATELY, THIS_HALF, HALF_BEFORE = (3, 66), (75, 150), (190, 330)
#: ... and before all of those, where only cohorts and segments count them.
EARLIER, LONG_AGO = (200, 420), (370, 430)


class Ended(NamedTuple):
    """So many deals of a segment's accounts; None are the accounts of no segment."""

    status: str
    segment: str | None
    deals: int
    closed: tuple[int, int]


ENDED = (
    Ended(LOST, company.UTILITIES, 14, LATELY),
    Ended(LOST, company.UTILITIES, 4, THIS_HALF),
    Ended(LOST, company.UTILITIES, 6, HALF_BEFORE),
    Ended(LOST, company.UTILITIES, 1, LONG_AGO),
    Ended(WON, company.UTILITIES, 2, LATELY),
    Ended(WON, company.UTILITIES, 8, EARLIER),
    Ended(LOST, company.MANUFACTURING, 3, (3, 150)),
    Ended(LOST, company.MANUFACTURING, 4, HALF_BEFORE),
    Ended(LOST, company.MANUFACTURING, 1, LONG_AGO),
    Ended(WON, company.MANUFACTURING, 8, (5, 180)),
    Ended(WON, company.MANUFACTURING, 18, EARLIER),
    Ended(LOST, company.FACILITIES, 3, (3, 150)),
    Ended(LOST, company.FACILITIES, 4, HALF_BEFORE),
    Ended(LOST, company.FACILITIES, 1, LONG_AGO),
    Ended(WON, company.FACILITIES, 3, (5, 180)),
    Ended(WON, company.FACILITIES, 6, EARLIER),
    Ended(LOST, company.MIDMARKET, 6, (3, 150)),
    Ended(LOST, company.MIDMARKET, 5, HALF_BEFORE),
    Ended(LOST, company.MIDMARKET, 2, LONG_AGO),
    Ended(WON, company.MIDMARKET, 4, (5, 180)),
    Ended(WON, company.MIDMARKET, 10, EARLIER),
    Ended(LOST, company.CLINICS, 1, HALF_BEFORE),
    Ended(WON, company.CLINICS, 1, EARLIER),
    Ended(LOST, None, 1, HALF_BEFORE),
    Ended(WON, None, 1, EARLIER),
)

#: From its opening to its end, in days.
_CYCLE = (90, 170)
_LOST_OVER = (
    "parts", "firstfix", "inspections", "closing", "sla", "integration", "quotes", "arrival",
    "routes", "failures", "nights", "sap", "access", "signal", "residency", "seats", "bulk",
    "leavers",
)  # fmt: skip
_GRIDS_LOST_OVER = ("access", "residency", "access", "residency", "audit", "nights", "signal")
_LOST_TO = ("competitor", "competitor", "no decision", "unknown")


def ended(chance: random.Random, naming: Naming) -> Iterator[DealSeed]:
    """All of them, each with a name of its own."""
    of = accounts_by_segment()
    for part in ENDED:
        for _ in range(part.deals):
            account = chance.choice(of[part.segment])
            closed = chance.randint(*part.closed)
            make = _lost if part.status == LOST else _won
            yield make(chance, account, naming.of(account), closed, part.segment)


def accounts_by_segment() -> Mapping[str | None, Sequence[AccountSeed]]:
    """The accounts as the segments' rules will have them."""
    segments = [(seed.name, [Criterion(*rule) for rule in seed.rules]) for seed in company.SEGMENTS]
    found: dict[str | None, list[AccountSeed]] = {}
    for account in ACCOUNTS:
        known = {"industry": account.industry, "employees": account.employees}
        found.setdefault(segment_of(known, segments), []).append(account)
    return found


def _won(
    chance: random.Random, account: AccountSeed, name: str, closed: int, _: str | None
) -> DealSeed:
    blockers = (B("proof", REP),) if chance.random() < 0.15 else ()
    return DealSeed(
        account.name, name, chance.choice(OWNERS), amount(chance, account), "Closed won",
        chance.choice(PRODUCTS), WON,
        closed=closed, probability=100, opened=closed + chance.randint(*_CYCLE), blockers=blockers,
    )  # fmt: skip


def _lost(
    chance: random.Random, account: AccountSeed, name: str, closed: int, segment: str | None
) -> DealSeed:
    blockers: list[BlockerSeed] = []
    reasons: list[ReasonSeed] = []
    grid = segment == company.UTILITIES
    if chance.random() < (0.75 if grid else 0.5):
        problem = chance.choice(_GRIDS_LOST_OVER if grid else _LOST_OVER)
        blockers.append(B(problem, chance.choice((CRM, CRM, REP))))
        if chance.random() < 0.4:
            blockers.append(blockers[0]._replace(source=chance.choice((CUSTOMER, INTERVIEW))))
    elif chance.random() < 0.8:
        bucket = chance.choice((PRICE, PRICE, PROCESS, PRESENCE))
        reasons.append(ReasonSeed(bucket, chance.choice((CRM, CRM, REP))))
        if chance.random() < 0.3:
            reasons.append(ReasonSeed(bucket, INTERVIEW))
    return DealSeed(
        account.name, name, chance.choice(OWNERS), amount(chance, account), "Closed lost",
        chance.choice(PRODUCTS), LOST,
        closed=closed, lost_to=chance.choice(_LOST_TO),
        probability=0, opened=closed + chance.randint(*_CYCLE),
        blockers=tuple(blockers), reasons=tuple(reasons),
    )  # fmt: skip
