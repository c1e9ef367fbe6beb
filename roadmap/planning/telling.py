"""A preview in plain words for a terminal: what moves, whose money it is, what is promised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from roadmap.domain.answers import Answer
from roadmap.domain.needs import UNESTIMATED
from roadmap.domain.plan import Plan
from roadmap.domain.promotion import CAPACITY, EFFORT, NEED, NOT_BEFORE
from roadmap.web.filters import day, money_full, plural

PROMISES = {
    "broken": "Promises that break",
    "worsened": "Promises missed by more",
    "mended": "Promises mended",
}
MARGINS = {
    "closer": "Closer to their dates",
    "safer": "Safer",
    "later_still": "Late, and later still",
    "sooner_late": "Late, but sooner",
}
RULED_OUT = {
    UNESTIMATED: "it has not been estimated",
    NOT_BEFORE: "it may not start early enough",
    NEED: "it needs something that does not finish early enough",
    EFFORT: "its own work takes longer, even with its teams to itself",
    CAPACITY: "its teams do not have the capacity",
}


@dataclass(frozen=True)
class Names:
    """What a plan does not say itself: deals and teams by name, and the currency."""

    currency: str | None = None
    deals: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[str, str] = field(default_factory=dict)
    #: Of deals whose amount stands in for an unknown one, what it is.
    stand_ins: Mapping[str, str] = field(default_factory=dict)

    def money(self, cents: int | None) -> str:
        if cents is None:
            return "unknown amount"
        if self.currency is not None:
            return money_full(cents, self.currency)
        return f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def tell(plan: Plan, id: str, to: int, answer: Answer, names: Names) -> str:
    """The impact of moving an initiative to a rank."""
    start = plan.ranks[id]
    title = _title(plan, id)
    if to == start:
        return f"{title} stays at {to}: nothing changes.\n"
    head = f"Moving {title} from {start} to {to} {_sum(answer, names)}"
    return "\n".join((head, *_details(plan, answer, names), ""))


def tell_by(plan: Plan, id: str, by: date, answer: Answer, names: Names) -> str:
    """The cheapest promotion that has an initiative done by a date, or why there is none."""
    title = _title(plan, id)
    if answer["already_met"]:
        finish = _day(answer["before"][id]["finish"])
        return f"{title} finishes on {finish} where it is, at {answer['rank']}: nothing to do.\n"
    if answer["rank"] is None:
        why = RULED_OUT[answer["ruled_out_by"]]
        return f"No position has {title} done by {day(by)}: {why}.\n"
    line = f"To be done by {day(by)}, {title} has to move up to {answer['rank']}."
    return f"{line}\n{tell(plan, id, answer['rank'], answer, names)}"


def _sum(answer: Answer, names: Names) -> str:
    parts = []
    if answer["delayed"]:
        parts.append(f"delays {plural(len(answer['delayed']), 'initiative')}")
    if answer["advanced"]:
        parts.append(f"brings {plural(len(answer['advanced']), 'initiative')} forward")
    for key, where in (("pushed", "out of reach"), ("brought", "within reach")):
        if answer[key]:
            amount = names.money(answer[f"{key}_amount"])
            verb = "puts" if key == "pushed" else "brings"
            parts.append(f"{verb} {amount} ({plural(len(answer[key]), 'deal')}) {where}")
    if not parts:
        return "changes no forecast and no deal."
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    if answer["pushed"] or answer["brought"]:
        listed += f": net {names.money(answer['net'])}"
    return f"{listed}."


def _details(plan: Plan, answer: Answer, names: Names) -> Iterator[str]:
    for key, heading in (("delayed", "Later"), ("advanced", "Earlier")):
        if answer[key]:
            yield f"\n{heading}"
        for shift in answer[key]:
            yield f"  {_title(plan, shift['id'])}: {_shift(shift, key)}"
            yield from (f"    {_cause(plan, cause, names)}" for cause in shift["cause"])
    for key, heading in (("pushed", "Out of reach"), ("brought", "Within reach")):
        if answer[key]:
            yield f"\n{heading}"
        for id in answer[key]:
            deal = plan.deals[id]
            needed = f", needed by {day(deal.needed_by)}" if deal.needed_by else ""
            mark = f" (≈ {names.stand_ins[id]})" if id in names.stand_ins else ""
            yield f"  {names.deals.get(id, id)}: {names.money(deal.amount)}{mark}{needed}"
    for key, heading in PROMISES.items():
        if answer[key]:
            yield f"\n{heading}"
        for promise in answer[key]:
            title = _title(plan, promise["id"])
            yield f"  {title}, promised to {promise['to']} for {_day(promise['date'])}"
    yield from _margins(answer, names)


def _margins(answer: Answer, names: Names) -> Iterator[str]:
    if any(answer[key] for key in MARGINS):
        yield "\nWithout crossing a date"
    for key, words in MARGINS.items():
        if answer[key]:
            weeks = answer["closest_weeks"] if key == "closer" else None
            left = "" if weeks is None else f", {plural(weeks, 'week')} left at the least"
            amount = names.money(answer[f"{key}_amount"])
            yield f"  {words}: {amount} ({plural(len(answer[key]), 'deal')}){left}"


def _shift(shift: Mapping[str, Any], key: str) -> str:
    before, after = _day(shift["from"]), _day(shift["to"])
    if shift["weeks"] is None:
        return f"{before} → {after}"
    weeks = plural(shift["weeks"], "week")
    return f"{before} → {after}, {weeks} {'later' if key == 'delayed' else 'earlier'}"


def _cause(plan: Plan, cause: Mapping[str, Any], names: Names) -> str:
    if "person_days" in cause:
        days = plural(cause["person_days"], "person-day")
        return f"{_title(plan, cause['id'])} takes {days} of its teams"
    if "id" in cause:
        return f"it needs {_title(plan, cause['id'])}, which moved"
    if "team" in cause:
        weeks = plural(len(cause["weeks"]), "week")
        return f"{names.teams.get(cause['team'], cause['team'])} has less capacity in {weeks}"
    return f"its own {', '.join(cause['what'])} changed"


def _title(plan: Plan, id: str) -> str:
    return f"“{plan.initiatives[id].title or id}”"


def _day(iso: str | None) -> str:
    return day(date.fromisoformat(iso)) if iso else "no date"
