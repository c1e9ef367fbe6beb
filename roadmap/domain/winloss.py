"""Why a deal was lost: what was claimed, what was verified, and which blockers count.

Source: win-loss semantics, Buckets; planning semantics, Deals against dates (counting blockers).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from roadmap.domain.deals import LOST, OPEN

PRODUCT = "product"
PRICE = "price"
PROCESS = "process"
PRESENCE = "presence"
BUCKETS = (PRODUCT, PRICE, PROCESS, PRESENCE)
#: What it may be when it is not the product.
OTHER_BUCKETS = tuple(bucket for bucket in BUCKETS if bucket != PRODUCT)

CRM = "crm"
REP = "rep"
CUSTOMER = "customer"
INTERVIEW = "interview"
SOURCES = (CRM, REP, CUSTOMER, INTERVIEW)
"""Where a reason comes from, weakest first."""

STRENGTH = {source: strength for strength, source in enumerate(SOURCES)}
CLAIMED = (CRM, REP)
VERIFIED = (CUSTOMER, INTERVIEW)


def quote_source(confirmed: bool) -> str:
    """Where a request's words come from: the customer once a product manager confirmed the quote,
    until then the rep who typed it.
    """
    return CUSTOMER if confirmed else REP


class Reason(NamedTuple):
    """Why a deal is blocked or was lost. A blocker is a reason that names a problem."""

    bucket: str
    source: str
    problem: str | None = None
    weight: int = 1


def claimed(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """What sales says: the reasons from crm and rep."""
    return tuple(reason for reason in reasons if reason.source in CLAIMED)


def verified(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """What the customer says: the interviews' reasons if there are any, else the customer's."""
    heard = [reason for reason in reasons if reason.source in VERIFIED]
    interviews = tuple(reason for reason in heard if reason.source == INTERVIEW)
    return interviews or tuple(heard)


def effective(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The verified reasons if there are any, else the claimed ones."""
    reasons = tuple(reasons)
    return verified(reasons) or claimed(reasons)


def false_loss(reasons: Iterable[Reason]) -> bool:
    """Some claimed reason is Product, and there are verified reasons, none of them Product."""
    reasons = tuple(reasons)
    heard = verified(reasons)
    return bool(heard) and _some_product(claimed(reasons)) and not _some_product(heard)


def hidden_product_loss(reasons: Iterable[Reason]) -> bool:
    """There are claimed reasons, none of them Product, and some verified reason is Product."""
    reasons = tuple(reasons)
    said = claimed(reasons)
    return bool(said) and not _some_product(said) and _some_product(verified(reasons))


def counting_blockers(
    status: str, blockers: Sequence[Reason], reasons: Iterable[Reason] = ()
) -> tuple[Reason, ...]:
    """The blockers of a deal that count, in the order given.

    `reasons` are its other loss reasons, which name no problem. Open: every blocker in the Product
    bucket. Lost: those among its effective reasons in the Product bucket and, when a verified
    Product reason names no problem, the claimed ones in it too. Won: none.
    """
    flags = which_count(status, blockers, reasons)
    return tuple(blocker for blocker, counts in zip(blockers, flags, strict=True) if counts)


def which_count(
    status: str, blockers: Sequence[Reason], reasons: Iterable[Reason] = ()
) -> list[bool]:
    """For each of the blockers, in the order given, whether it counts (see counting_blockers)."""
    if status == OPEN:
        return [blocker.bucket == PRODUCT for blocker in blockers]
    if status != LOST or not blockers:
        return [False] * len(blockers)
    sources = _counting_sources((*blockers, *reasons))
    return [
        blocker.bucket == PRODUCT and blocker.source in sources and blocker.problem is not None
        for blocker in blockers
    ]


def strongest(sources: Iterable[str]) -> str | None:
    """The strongest of some sources; None for none."""
    return max(sources, key=STRENGTH.__getitem__, default=None)


def _counting_sources(reasons: tuple[Reason, ...]) -> tuple[str, ...]:
    """The sources whose Product reasons count for a lost deal's problems."""
    heard = verified(reasons)
    if not heard:
        return CLAIMED
    keeps_claimed = any(reason.bucket == PRODUCT and reason.problem is None for reason in heard)
    return (heard[0].source, *CLAIMED) if keeps_claimed else (heard[0].source,)


def _some_product(reasons: Iterable[Reason]) -> bool:
    return any(reason.bucket == PRODUCT for reason in reasons)
