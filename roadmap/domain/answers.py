"""Answers to questions about a plan, as values that are ready for JSON.

The words are those of the plan file: ids are text, dates ISO, money cents, a missing value null.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from roadmap.domain.causes import CapacityCut, CapacityTaken, Cause, NeedMoved
from roadmap.domain.change import Change
from roadmap.domain.changes import Move
from roadmap.domain.fields import PlanFileError
from roadmap.domain.fingerprint import fingerprint
from roadmap.domain.impact import (
    DEFAULT_THRESHOLD,
    Commitment,
    Impact,
    Shift,
    Worsened,
    impact,
    needs_sponsor,
)
from roadmap.domain.margins import GROUPS, DealGroup, Margins
from roadmap.domain.plan import Plan
from roadmap.domain.promotion import cheapest
from roadmap.domain.schedule import Schedule, schedule

Answer = dict[str, Any]


def answer_promotion(plan: Plan, id: str, rank: int, threshold: int = DEFAULT_THRESHOLD) -> Answer:
    """The impact of moving an initiative to a rank; `threshold`, in cents, is the sponsor's.

    Raises PlanFileError when there is no such initiative on the board, or no such rank.
    """
    _refuse_unless_on_board(plan, id)
    last = len(plan.order)
    if not 1 <= rank <= last:
        raise PlanFileError("", f"rank {rank} does not exist: the board has ranks 1 to {last}")
    return impact_answer(impact(plan, plan.moved(id, rank)), [Move(id, rank)], threshold)


def answer_by(plan: Plan, id: str, by: date, threshold: int = DEFAULT_THRESHOLD) -> Answer:
    """The impact of the cheapest promotion that has an initiative done by a date.

    Beside it `rank` (null when there is none), `already_met`, and `ruled_out_by`. Raises
    PlanFileError when there is no such initiative on the board.
    """
    _refuse_unless_on_board(plan, id)
    before = schedule(plan)
    found = cheapest(plan, id, by, present=before)
    steps = []
    if found.rank is None or found.already_met:
        consequence = impact(plan, plan, before=before, after=before)
    else:
        steps = [Move(id, found.rank)]
        consequence = impact(plan, plan.moved(id, found.rank), before=before)
    return {
        "rank": found.rank,
        "already_met": found.already_met,
        "ruled_out_by": found.ruled_out_by,
        **impact_answer(consequence, steps, threshold),
    }


def impact_answer(impact: Impact, steps: Sequence[Change], threshold: int) -> Answer:
    """The impact of some steps in the words of the plan file."""
    reach = impact.reach
    return {
        "before": _schedule(impact.before),
        "after": _schedule(impact.after),
        "delayed": [_shift(shift, impact.causes(shift.id)) for shift in impact.delayed],
        "advanced": [_shift(shift, ()) for shift in impact.advanced],
        "pushed": list(reach.pushed),
        "brought": list(reach.brought),
        "pushed_amount": reach.pushed_amount,
        "brought_amount": reach.brought_amount,
        "net": reach.net,
        "broken": [_commitment(commitment) for commitment in impact.broken],
        "mended": [_commitment(commitment) for commitment in impact.mended],
        "worsened": [_worsened(promise) for promise in impact.worsened],
        **_groups(impact.margins),
        "fingerprint": fingerprint(steps, impact, needs_sponsor(impact, threshold)),
    }


def _refuse_unless_on_board(plan: Plan, id: str) -> None:
    initiative = plan.initiatives.get(id)
    if initiative is None:
        raise PlanFileError("", f'there is no initiative "{id}"')
    if not initiative.on_board:
        raise PlanFileError("", f'"{id}" is {initiative.state}: it is not on the board')


def _schedule(schedule: Schedule) -> Answer:
    return {
        id: {
            "state": placement.state,
            "start": _iso(schedule.start(id)),
            "finish": _iso(schedule.finish(id)),
            "last": placement.last,
        }
        for id, placement in schedule.items()
    }


def _shift(shift: Shift, causes: tuple[Cause, ...]) -> Answer:
    return {
        "id": shift.id,
        "from": _iso(shift.before),
        "to": _iso(shift.after),
        "weeks": shift.weeks,
        "cause": [_cause(cause) for cause in causes],
    }


def _cause(cause: Cause) -> Answer:
    if isinstance(cause, CapacityTaken):
        return {"kind": cause.kind, "id": cause.id, "person_days": cause.person_days}
    if isinstance(cause, NeedMoved):
        return {"kind": cause.kind, "id": cause.id}
    if isinstance(cause, CapacityCut):
        return {"kind": cause.kind, "team": cause.team, "weeks": list(cause.weeks)}
    return {"kind": cause.kind, "what": list(cause.what)}


def _commitment(commitment: Commitment) -> Answer:
    return {"id": commitment.id, "date": commitment.date.isoformat(), "to": commitment.to}


def _worsened(promise: Worsened) -> Answer:
    return {
        "id": promise.id,
        "date": promise.date.isoformat(),
        "to": promise.to,
        "from": promise.was.isoformat(),
        "finish": _iso(promise.finish),
    }


def _groups(margins: Margins) -> Answer:
    """Each group's ids and whole amount, and the smallest margin left, null without any."""
    answer: Answer = {"closest_weeks": margins.closest_weeks}
    for name in GROUPS:
        group: DealGroup = getattr(margins, name)
        answer |= {name: list(group.ids), f"{name}_amount": group.amount}
    return answer


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
