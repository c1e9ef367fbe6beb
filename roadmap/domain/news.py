"""What is worth telling people about a request's forecast, and what is not.

How a request stood when its people were last told is kept beside it. Each look compares that with
how it stands now. A date that creeps within its quarter is not told and not kept either: many small
slips add up until they cross a quarter or a deal's date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from roadmap.domain.calendar import quarter
from roadmap.domain.deals import BEFORE_ALL
from roadmap.domain.plan import COMMITTED, DECLINED, IN_PROGRESS, SHIPPED

MISSED, IN_TIME, LATER, EARLIER = "missed", "in time", "later", "earlier"
KINDS = (MISSED, IN_TIME, LATER, EARLIER, COMMITTED, SHIPPED, DECLINED)

#: What the news of an initiative is, by the state that it came to.
_ARRIVALS = {
    COMMITTED: COMMITTED,
    IN_PROGRESS: COMMITTED,
    SHIPPED: SHIPPED,
    DECLINED: DECLINED,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a request stands: when its problem is solved, by what, and for which deals in time.

    `finish` is a solution date as in `domain.deals`: a date, BEFORE_ALL for what was solved before
    every date, or None for never. `initiatives` are the states of those that solve the problem and
    `deals` whether each open deal of the request is in time, both by id.
    """

    finish: date | None = None
    initiatives: Mapping[str, str] = field(default_factory=dict)
    deals: Mapping[str, bool] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "finish": self.finish.isoformat() if self.finish else None,
            "initiatives": dict(self.initiatives),
            "deals": dict(self.deals),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Standing | None:
        """What `as_json` wrote; None for an empty object: its people were never told."""
        if not stored:
            return None
        finish = stored.get("finish")
        return cls(
            date.fromisoformat(finish) if finish else None,
            dict(stored.get("initiatives", {})),
            dict(stored.get("deals", {})),
        )


@dataclass(frozen=True, slots=True)
class News:
    """One thing to tell.

    `deals` are those that fell out of reach or came within it, by id. `was` and `now` are the
    solution dates on both sides; they differ where this news says that the forecast moved, too.
    `initiative` is the one that was committed, shipped or declined.
    """

    kind: str
    deals: tuple[str, ...] = ()
    was: date | None = None
    now: date | None = None
    initiative: str | None = None

    @property
    def urgent(self) -> bool:
        """Whether it must not wait for the day's digest."""
        return self.kind == MISSED

    @property
    def moved(self) -> bool:
        return self.was != self.now


def news(told: Standing | None, now: Standing, fiscal_start: int) -> tuple[list[News], Standing]:
    """What to tell, the most pressing first, and the standing to keep as told.

    Nothing is news to those who were never told anything: it is remembered only. So are deals that
    appear or vanish, and initiatives that lose their tie to the problem. A caller that gives the
    request another problem starts from None again.
    """
    if told is None:
        return [], now
    arrivals = _arrivals(told, now)
    solved = now.finish == BEFORE_ALL and any(item.kind == SHIPPED for item in arrivals)
    same_period = _period(told.finish, fiscal_start) == _period(now.finish, fiscal_start)
    moves = _moves(told, now, said=solved or same_period)
    known = moves or not same_period
    return moves + arrivals, replace(now, finish=now.finish if known else told.finish)


def _moves(told: Standing, now: Standing, *, said: bool) -> list[News]:
    """Deals that crossed, and the forecast where it moved: in one where they went the same way.

    With `said`, the date is no news: it stays in its quarter, or something shipped says already
    that it is no longer to come.
    """
    way = _way(told.finish, now.finish)
    found = []
    for kind, reached, along in ((MISSED, False, LATER), (IN_TIME, True, EARLIER)):
        deals = tuple(
            id for id, in_time in now.deals.items()
            if in_time == reached and told.deals.get(id, reached) != reached
        )  # fmt: skip
        if deals:
            found.append(News(kind, deals, told.finish if way == along else now.finish, now.finish))
            said = said or way == along
    if way and not said:
        found.append(News(way, was=told.finish, now=now.finish))
    return found


def _arrivals(told: Standing, now: Standing) -> list[News]:
    """What initiatives came to. One that was never thought to help is not missed when declined."""
    found = []
    for id, state in now.initiatives.items():
        kind = _ARRIVALS.get(state)
        before = told.initiatives.get(id)
        new_here = before is None and kind == DECLINED
        if kind and not new_here and kind != _ARRIVALS.get(before or ""):
            found.append(News(kind, was=now.finish, now=now.finish, initiative=id))
    return found


def _way(was: date | None, now: date | None) -> str | None:
    """Never is the latest of all dates."""
    if was == now:
        return None
    return LATER if (was or date.max) < (now or date.max) else EARLIER


def _period(finish: date | None, fiscal_start: int) -> str | date:
    """What a date must leave for its move to be news: a quarter, or having one at all."""
    if finish is None:
        return "never"
    return "before" if finish == BEFORE_ALL else quarter(finish, fiscal_start)
