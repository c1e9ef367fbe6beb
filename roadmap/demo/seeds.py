"""What a deal of the demo company is made of, and what any of its deals may be like."""

from __future__ import annotations

import random
from typing import NamedTuple

from roadmap.domain.winloss import PRODUCT

from .accounts import AccountSeed

ROSA, NADIA, GARETH, YUKI = "Quintero, Rosa", "Petrosyan, Nadia", "Prewitt, Gareth", "Tanabe, Yuki"
PARTNERS, DAN = "Partner desk", "Whitlow, Dan (left)"


class BlockerSeed(NamedTuple):
    problem: str
    source: str
    note: str = ""
    bucket: str = PRODUCT
    weight: int = 1


class ReasonSeed(NamedTuple):
    bucket: str
    source: str
    note: str = ""
    weight: int = 1


class DealSeed(NamedTuple):
    """Amount in whole currency; `week` when an open deal is needed; `closed`, `opened` days ago."""

    account: str
    name: str
    owner: str | None
    amount: int | None
    stage: str
    product: str
    status: str = "open"
    week: int | None = None
    #: The customer named the date, so it is more than an expected close.
    named_date: bool = False
    closed: int | None = None
    lost_to: str | None = None
    probability: int | None = None
    opened: int = 120
    blockers: tuple[BlockerSeed, ...] = ()
    reasons: tuple[ReasonSeed, ...] = ()


OWNERS = (ROSA, NADIA, GARETH, YUKI, ROSA, NADIA, GARETH, YUKI, PARTNERS, DAN)
PRODUCTS = ("Assets", "Billing", "Dispatch", "Mobile", "Platform", "Portal")
_WHAT = ("rollout", "pilot", "renewal", "second region", "new depot", "consolidation")


class Naming:
    """Names for deals: what it is about, and the how manieth of its account."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.numbers: dict[str, int] = {}

    def of(self, account: AccountSeed) -> str:
        first = account.name.split()[0]
        self.numbers[first] = self.numbers.get(first, 0) + 1
        return f"{first} {self.chance.choice(_WHAT)} {self.numbers[first]}"


def amount(chance: random.Random, account: AccountSeed) -> int:
    """The larger the customer, the larger the deal, in whole currency."""
    employees = account.employees or 200
    most = 60 + min(employees, 6000) // 10
    return chance.randint(most // 4, most) * 1000
