"""Why what was said of a deal counts for a problem, or does not, in words."""

from __future__ import annotations

from collections.abc import Sequence

from roadmap.domain.deals import LOST, OPEN
from roadmap.domain.statements import DEAL_BREAKER, HINDRANCE, NICE_TO_HAVE, holds
from roadmap.domain.winloss import BUCKETS, CLAIMED, INTERVIEW, PRODUCT, Reason, verified
from roadmap.models import Statement

BUCKET_NAMES = {bucket: bucket.capitalize() for bucket in BUCKETS}
SOURCE_NAMES = {
    "crm": "CRM pick-list",
    "rep": "Sales rep",
    "customer": "Customer's own words",
    "interview": "Loss interview",
}
#: Whether they would sign without it, by severity.
SIGN_WITHOUT = {
    DEAL_BREAKER: "No, it is a deal breaker",
    HINDRANCE: "Yes, but it counts against us",
    NICE_TO_HAVE: "Yes, it would be nice to have",
}
#: The same of a deal that was lost.
SIGNED_WITHOUT = {
    DEAL_BREAKER: "No, it was a deal breaker",
    HINDRANCE: "Yes, but it counted against us",
    NICE_TO_HAVE: "Yes, it would have been nice to have",
}


def verdicts(status: str, said: Sequence[Statement]) -> list[tuple[bool, str]]:
    """For each standing statement of a deal, whether it counts for its problem, and why or why not.

    One that names no problem counts for none; what is said of why is about those that do.
    """
    heard = verified([Reason(each.bucket, each.source) for each in said])
    return [(each.counts, _because(status, each, heard)) for each in said]


def _because(status: str, said: Statement, heard: tuple[Reason, ...]) -> str:
    bucket, source = said.bucket, said.source
    if status not in (OPEN, LOST):
        return "The deal was won in spite of it"
    if bucket != PRODUCT:
        return f"Found to be {BUCKET_NAMES[bucket]}, not Product"
    if status == OPEN and said.problem_strength is not None and not holds(said.problem_strength):
        return "No deal breaker: it weighs less, and no date hangs on it"
    if status == OPEN:
        return "Stands in the way of an open deal"
    if said.counts:
        return _why_it_counts(source, heard)
    if not any(reason.bucket == PRODUCT for reason in heard):
        return "False loss: the customer gave other reasons"
    if source in CLAIMED:
        return "Claimed, and the customer named something else"
    return "An interview says more than this"


def _why_it_counts(source: str, heard: tuple[Reason, ...]) -> str:
    if not heard:
        return "Claimed; nobody has asked the customer yet"
    if source in CLAIMED:
        return "Claimed; the customer confirms Product without naming a problem"
    return "Verified by an interview" if source == INTERVIEW else "In the customer's words"
