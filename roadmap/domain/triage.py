"""Where a request stands, and what each step of triage makes of that.

A request's disposition is one value. Every step is a function from one disposition to the next, so
that any step can be undone by going back to the value before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from roadmap.domain.errors import Refused

NEW, ASKING, CONFIRMED, MERGED, ELSEWHERE, DECLINED = STATES = (
    "new",
    "asking",
    "confirmed",
    "merged",
    "elsewhere",
    "declined",
)
#: It waits for a product manager, or for an answer.
WAITING = (NEW, ASKING)
WAITS_FOR = REP, CUSTOMER = ("rep", "customer")
SAID_BY = ("customer", "rep", "partner", "support", "unknown")
UNKNOWN = "unknown"
CONSEQUENCES = ("lost", "delayed", "smaller", "nothing", UNKNOWN)


@dataclass(frozen=True, slots=True)
class Disposition:
    """Where a request stands.

    `problem_id` is the problem it belongs to: pending until the state is confirmed, when its deals
    are tied to that problem. `quote_confirmed` says that a product manager vouches for the
    customer's words.
    """

    state: str = NEW
    problem_id: int | None = None
    quote_confirmed: bool = False
    merged_into_id: int | None = None
    bucket: str | None = None
    handed_to_id: int | None = None
    waits_for: str | None = None
    remind_on: date | None = None

    def join(self, problem_id: int) -> Disposition:
        """Belong to a problem, pending until triage confirms it."""
        self._only(WAITING, "It has been triaged already.")
        return replace(self, problem_id=problem_id)

    def leave(self) -> Disposition:
        """Take a pending join back."""
        self._only(WAITING, "It has been triaged already.")
        if self.problem_id is None:
            raise Refused("It belongs to no problem.")
        return replace(self, problem_id=None)

    def confirm(self, problem_id: int, *, quote: bool = False) -> Disposition:
        """Tie its deals to a problem; with `quote`, as the customer's own words."""
        if self.state == MERGED:
            raise Refused("It is merged into another request: take it out first.")
        return Disposition(CONFIRMED, problem_id=problem_id, quote_confirmed=quote)

    def merge(self, survivor_id: int) -> Disposition:
        """Count as part of another request, keeping the problem for the day it is taken out."""
        if self.state == MERGED:
            raise Refused("It is merged already.")
        return Disposition(MERGED, problem_id=self.problem_id, merged_into_id=survivor_id)

    def hand_over(self, bucket: str, to_id: int) -> Disposition:
        """It is not the product: it goes to a named owner."""
        self._not_merged()
        return Disposition(ELSEWHERE, bucket=bucket, handed_to_id=to_id)

    def ask(self, waits_for: str, remind_on: date) -> Disposition:
        """Wait for the rep's answer, or for a conversation with the customer."""
        self._only(WAITING, "It has been triaged already.")
        return Disposition(
            ASKING, problem_id=self.problem_id, waits_for=waits_for, remind_on=remind_on
        )

    def answer(self) -> Disposition:
        """The answer is here: it waits for triage again."""
        if self.state != ASKING:
            raise Refused("Nobody asked.")
        return Disposition(NEW, problem_id=self.problem_id)

    def decline(self) -> Disposition:
        """Say no; the problem it was thought to belong to stays named."""
        self._not_merged()
        return Disposition(DECLINED, problem_id=self.problem_id)

    def as_json(self) -> dict[str, Any]:
        """Only what differs from a new request's."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        if self.remind_on is not None:
            found["remind_on"] = self.remind_on.isoformat()
        return {name: value for name, value in found.items() if value not in (None, False)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Disposition:
        """What `as_json` wrote; unknown names are refused with TypeError."""
        day = stored.get("remind_on")
        return cls(**{**stored, "remind_on": date.fromisoformat(day) if day else None})

    def _only(self, states: tuple[str, ...], otherwise: str) -> None:
        if self.state not in states:
            raise Refused(otherwise)

    def _not_merged(self) -> None:
        if self.state == MERGED:
            raise Refused("It is merged into another request: take it out first.")
