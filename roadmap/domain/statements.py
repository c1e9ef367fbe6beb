"""What was said of one deal, and what it adds up to.

A **statement** is one thing said of one deal by one origin. Standing statements that name one
problem, or else one bucket, from one source are one **reason**: the first of them stands for all.

Source: win-loss semantics, Buckets; planning semantics, Deals against dates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .winloss import STRENGTH, Reason, which_count

HAND, REQUEST, INTERVIEW, REPORT, CRM = ORIGINS = "hand", "request", "interview", "report", "crm"
"""Who said it: somebody on the deal's page, a request, a conversation, a rep's report, or a wording
of CRM's. Origin and source differ: a hand may claim what a customer said.
"""

DEAL_BREAKER, HINDRANCE, NICE_TO_HAVE = "deal breaker", "hindrance", "nice to have"
SEVERITIES = (NICE_TO_HAVE, HINDRANCE, DEAL_BREAKER)
"""What it would take, weakest first."""

MOST_WEIGHT = 1000
"""The most that a statement, or a reason, may weigh."""


class Statement(NamedTuple):
    """A standing statement: `root` is the problem that it counts for, None where it names none."""

    id: int
    root: int | None
    bucket: str
    source: str
    origin: str
    weight: int = 1


class Counted(NamedTuple):
    """Whether a statement counts and, of the first of its reason, what the reason weighs; None for
    those that others stand for.
    """

    counts: bool
    weight: int | None


def counted(status: str, said: Sequence[Statement]) -> dict[int, Counted]:
    """What each standing statement of one deal comes to, by id; they come oldest first."""
    groups = list(_groups(said))
    every = [_reason(group) for group in groups]
    found: dict[int, Counted] = {}
    for group, reason, flag in zip(groups, every, which_count(status, every), strict=True):
        first, *others = group
        counts = flag and first.root is not None
        found[first.id] = Counted(counts, reason.weight)
        for each in others:
            found[each.id] = Counted(counts, None)
    return found


def reasons(said: Iterable[Statement]) -> tuple[Reason, ...]:
    """Why a deal is blocked or was lost, each reason once."""
    return tuple(map(_reason, _groups(said)))


def blockers(status: str, said: Sequence[Statement]) -> list[tuple[int, str]]:
    """The problems that a deal counts for, each with a source."""
    found = counted(status, said)
    return [
        (each.root, each.source)
        for each in said
        if each.root is not None and found[each.id].counts and found[each.id].weight is not None
    ]


def strength(source: str, severity: str) -> int:
    """Source and severity as one number: by source first, among equals by severity."""
    return STRENGTH[source] * len(SEVERITIES) + SEVERITIES.index(severity)


def _groups(said: Iterable[Statement]) -> Iterator[list[Statement]]:
    groups: dict[tuple[int | None, str, str], list[Statement]] = defaultdict(list)
    for each in said:
        groups[each.root, "" if each.root else each.bucket, each.source].append(each)
    yield from groups.values()


def _reason(group: Sequence[Statement]) -> Reason:
    first = group[0]
    problem = None if first.root is None else str(first.root)
    return Reason(first.bucket, first.source, problem, _weight(group))


def _weight(group: Sequence[Statement]) -> int:
    """The sum of its interviews' weights, else 1, however many say it."""
    if len(group) == 1:
        return group[0].weight
    interviews = [each.weight for each in group if each.origin == INTERVIEW]
    return min(sum(interviews), MOST_WEIGHT) or max(each.weight for each in group)
