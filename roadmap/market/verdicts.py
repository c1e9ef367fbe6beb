"""Why a tie between a deal and a problem counts, or does not, in words."""

from __future__ import annotations

from collections.abc import Sequence

from roadmap.domain.deals import LOST, OPEN
from roadmap.domain.winloss import (
    BUCKETS,
    CLAIMED,
    INTERVIEW,
    PRODUCT,
    Reason,
    verified,
    which_count,
)

BUCKET_NAMES = {bucket: bucket.capitalize() for bucket in BUCKETS}
SOURCE_NAMES = {
    "crm": "CRM pick-list",
    "rep": "Sales rep",
    "customer": "Customer's own words",
    "interview": "Loss interview",
}


def verdicts(
    status: str, blockers: Sequence[Reason], reasons: Sequence[Reason] = ()
) -> list[tuple[bool, str]]:
    """For each blocker of a deal, whether it counts, and why or why not."""
    flags = which_count(status, blockers, reasons)
    heard = verified((*blockers, *reasons))
    return [
        (counts, _because(status, counts, blocker, heard))
        for blocker, counts in zip(blockers, flags, strict=True)
    ]


def _because(status: str, counts: bool, blocker: Reason, heard: tuple[Reason, ...]) -> str:
    if status not in (OPEN, LOST):
        return "The deal was won in spite of it"
    if blocker.bucket != PRODUCT:
        return f"Found to be {BUCKET_NAMES[blocker.bucket]}, not Product"
    if status == OPEN:
        return "Stands in the way of an open deal"
    if counts:
        return _why_it_counts(blocker, heard)
    if not any(reason.bucket == PRODUCT for reason in heard):
        return "False loss: the customer gave other reasons"
    if blocker.source in CLAIMED:
        return "Claimed, and the customer named something else"
    return "An interview says more than this"


def _why_it_counts(blocker: Reason, heard: tuple[Reason, ...]) -> str:
    if not heard:
        return "Claimed; nobody has asked the customer yet"
    if blocker.source in CLAIMED:
        return "Claimed; the customer confirms Product without naming a problem"
    return "Verified by an interview" if blocker.source == INTERVIEW else "In the customer's words"
