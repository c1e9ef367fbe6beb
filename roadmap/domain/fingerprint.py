"""When two impacts are the same: a text that is equal if and only if they are.

Source: proposals, Fingerprint. It says what changes and for whom, by how many weeks and how much
money, and names no day of the calendar: what was shown yesterday may be what happens today.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from roadmap.domain.change import Change
from roadmap.domain.impact import Commitment, Impact, Shift, Worsened
from roadmap.domain.plan import Plan

STEPS = "steps"
DELAYED, ADVANCED = "delayed", "advanced"
ENTERING, LEAVING = "entering", "leaving"
PUSHED, BROUGHT = "pushed", "brought"
BROKEN, MENDED, WORSENED = "broken", "mended", "worsened"
WITHDRAWN = "withdrawn"
SPONSOR = "sponsor"

PARTS = (
    STEPS, DELAYED, ADVANCED, ENTERING, LEAVING, PUSHED, BROUGHT, BROKEN, MENDED, WORSENED,
    WITHDRAWN, SPONSOR,
)  # fmt: skip


def fingerprint(steps: Sequence[Change], impact: Impact, sponsor_reasons: Iterable[str]) -> str:
    """One digest for each of `PARTS`, so that two texts also tell which of these differ."""
    parts = _parts(steps, impact, sponsor_reasons)
    return ".".join(_digest(parts[name]) for name in PARTS)


def differing(one: str, other: str) -> tuple[str, ...]:
    """Which of `PARTS` two fingerprints differ in; all, where one of them is none."""
    digests, others = one.split("."), other.split(".")
    if len(digests) != len(PARTS) or len(others) != len(PARTS):
        return PARTS
    found = zip(PARTS, digests, others, strict=True)
    return tuple(name for name, digest, second in found if digest != second)


def _parts(
    steps: Sequence[Change], impact: Impact, sponsor_reasons: Iterable[str]
) -> dict[str, Sequence[Any]]:
    reach = impact.reach
    return {
        STEPS: [_step(step, impact.before_plan) for step in steps],
        DELAYED: sorted(map(_weeks, impact.delayed)),
        ADVANCED: sorted(map(_weeks, impact.advanced)),
        ENTERING: sorted(impact.entering),
        LEAVING: sorted(impact.leaving),
        PUSHED: [(id, reach.amounts[id]) for id in sorted(reach.pushed)],
        BROUGHT: [(id, reach.amounts[id]) for id in sorted(reach.brought)],
        BROKEN: sorted(map(_promise, impact.broken)),
        MENDED: sorted(map(_promise, impact.mended)),
        WORSENED: sorted(map(_promise, impact.worsened)),
        WITHDRAWN: sorted(map(_promise, impact.withdrawn)),
        SPONSOR: sorted(sponsor_reasons),
    }


def _step(step: Change, before: Plan) -> dict[str, Any]:
    """What is asked for, and what it changes from, which is what its inverse would bring back.

    Ranks are absolute: a step says where to, and where others pushed it meanwhile is no part of it.
    """
    restored = step.inverse(before).as_json()
    was = {name: value for name, value in restored.items() if name not in ("to", "rank")}
    return {"step": step.as_json(), "from": was}


def _weeks(shift: Shift) -> tuple[str, int]:
    """By how many weeks; 0, which no shift has, where a date was lost or gained."""
    return shift.id, shift.weeks or 0


def _promise(promise: Commitment | Worsened) -> tuple[str, str]:
    return promise.id, promise.to


def _digest(part: Sequence[Any]) -> str:
    """Nothing for nothing: a fingerprint of few consequences is short."""
    text = json.dumps(part, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24] if part else ""
