"""What was said of one deal, and what it adds up to.

A **statement** is one thing said of one deal by one origin. Standing statements that name one
problem, or else one bucket, from one source are one **reason**: the first of them stands for all.

Source: win-loss semantics, Buckets; planning semantics, Deals against dates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .winloss import SOURCES, STRENGTH, Reason, which_count

HAND, REQUEST, INTERVIEW, REPORT, CRM = ORIGINS = "hand", "request", "interview", "report", "crm"
"""Who said it: somebody on the deal's page, a request, a conversation, a rep's report, or a wording
of CRM's. Origin and source differ: a hand may claim what a customer said.
"""

IMPORT = "import"
DATE_ORIGINS = (HAND, REQUEST, IMPORT)
"""Who says by when a deal needs its solution."""

DEAL_BREAKER, HINDRANCE, NICE_TO_HAVE = "deal breaker", "hindrance", "nice to have"
SEVERITIES = (NICE_TO_HAVE, HINDRANCE, DEAL_BREAKER)
"""What it would take, weakest first."""

_STRENGTHS = {
    (source, severity): STRENGTH[source] * len(SEVERITIES) + place
    for source in SOURCES
    for place, severity in enumerate(SEVERITIES)
}
HOLDING = tuple(number for (_, severity), number in _STRENGTHS.items() if severity == DEAL_BREAKER)
"""The strengths of problems that hold their deals. SQL lists them: databases know how many rows
have each, but not what comes of a calculation."""

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
    severity: str = DEAL_BREAKER


class Counted(NamedTuple):
    """Whether a statement counts and, of the first of its reason, what the reason weighs; None for
    those that others stand for. `strength` is that of its problem for the deal: the strongest among
    the problem's counting statements, None unless it counts.
    """

    counts: bool
    weight: int | None
    strength: int | None = None


def counted(status: str, said: Sequence[Statement]) -> dict[int, Counted]:
    """What each standing statement of one deal comes to, by id; they come oldest first."""
    groups = list(_groups(said))
    every = [_reason(group) for group in groups]
    flags = which_count(status, every)
    strongest = _strengths(groups, flags)
    found: dict[int, Counted] = {}
    for group, reason, flag in zip(groups, every, flags, strict=True):
        first, *others = group
        counts = flag and first.root is not None
        problem = strongest[first.root] if counts and first.root is not None else None
        found[first.id] = Counted(counts, reason.weight, problem)
        for each in others:
            found[each.id] = Counted(counts, None, problem)
    return found


class Outcome(NamedTuple):
    """Why a deal is blocked or was lost, each reason once, and the problems that it counts for,
    each with its strength.
    """

    reasons: tuple[Reason, ...]
    problems: Mapping[int, int]

    def names(self, problem: int) -> bool:
        return any(reason.problem == str(problem) for reason in self.reasons)


def outcome(status: str, said: Sequence[Statement]) -> Outcome:
    """What the standing statements of one deal come to; they come oldest first."""
    groups = list(_groups(said))
    every = tuple(map(_reason, groups))
    return Outcome(every, _strengths(groups, which_count(status, every)))


def strength(source: str, severity: str) -> int:
    """Source and severity as one number: by source first, among equals by severity."""
    return _STRENGTHS[source, severity]


def parts(strength: int) -> tuple[str, str]:
    """The source and the severity of a strength."""
    source, severity = divmod(strength, len(SEVERITIES))
    return SOURCES[source], SEVERITIES[severity]


def holds(strength: int) -> bool:
    """Whether a problem of this strength holds its deal."""
    return strength in HOLDING


def _groups(said: Iterable[Statement]) -> Iterator[list[Statement]]:
    groups: dict[tuple[int | None, str, str], list[Statement]] = defaultdict(list)
    for each in said:
        groups[each.root, each.bucket if each.root is None else "", each.source].append(each)
    yield from groups.values()


def _strengths(groups: Iterable[list[Statement]], flags: Iterable[bool]) -> dict[int, int]:
    """The strongest of each problem's counting statements, by problem."""
    strongest: dict[int, int] = {}
    for group, flag in zip(groups, flags, strict=True):
        root = group[0].root
        if flag and root is not None:
            for each in group:
                here = _STRENGTHS[each.source, each.severity]
                if here > strongest.get(root, -1):
                    strongest[root] = here
    return strongest


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
