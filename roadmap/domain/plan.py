"""The plan: everything that a forecast rests on, as frozen values.

Units: effort and capacity are whole person-days (a person-week has five), money is integer cents,
ICP fit is an integer percentage, weeks are counted from week 0, the week of `today`.
Ids are strings, so that the same code serves the database and a plan file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

CANDIDATE = "candidate"
COMMITTED = "committed"
IN_PROGRESS = "in progress"
SHIPPED = "shipped"
DECLINED = "declined"

ON_BOARD = (CANDIDATE, COMMITTED, IN_PROGRESS)
OFF_BOARD = (SHIPPED, DECLINED)
STATES = ON_BOARD + OFF_BOARD

INITIATIVE_KINDS = STRATEGIC, INCREMENTAL = ("strategic", "incremental")
#: How an initiative is tied to a problem: the solution waits for it, or only the evidence flows.
TIES = SOLVES, CONTRIBUTES = ("solves", "contributes")


#: What is left of an initiative is asked about when nobody has said it for so many days.
ESTIMATE_OLD_AFTER = 28


def estimate_is_old(person_days: int | None, updated_on: date | None, today: date) -> bool:
    """Whether to ask if `person_days` is still what is left. Nothing left, or no estimate at all
    (None), is no old one.
    """
    if not person_days:
        return False
    return updated_on is None or (today - updated_on).days > ESTIMATE_OLD_AFTER


class PlanError(ValueError):
    """A plan that cannot be: where, such as `initiatives[3].needs`, and what is wrong there."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.place = place
        self.message = message


@dataclass(frozen=True, slots=True)
class Team:
    """A team and its capacity: whole person-days a week, by the first day of the quarter."""

    id: str
    days_per_week: Mapping[date, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A product requirement: `person_days` is what remains, None while nobody has estimated it.

    `max_days` is the most person-days that may go into it in one week; None means the whole team.
    """

    team: str
    person_days: int | None
    max_days: int | None = None
    product: str = ""


Day = date
"""For classes in which `date` is a field."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment: a date promised to somebody, an account where `account` names one.

    `accepted` is the last finish that a sponsor accepted though it misses the date.
    """

    date: date
    to: str
    account: str | None = None
    accepted: Day | None = field(default=None, compare=False)


def promise_holds(promised: date, finish: date | None) -> bool:
    """Whether what was promised finishes on or before the date; no finish never holds."""
    return finish is not None and finish <= promised


@dataclass(frozen=True, slots=True)
class Initiative:
    id: str
    title: str
    state: str = CANDIDATE
    owner: str | None = None
    not_before: date | None = None
    needs: tuple[str, ...] = ()
    promised: tuple[Promise, ...] = ()
    work: tuple[WorkItem, ...] = ()

    @property
    def on_board(self) -> bool:
        return self.state in ON_BOARD

    @property
    def unestimated(self) -> bool:
        return not self.work or any(item.person_days is None for item in self.work)

    @property
    def person_days(self) -> int | None:
        """What remains to do, in person-days; None while unestimated."""
        return None if self.unestimated else sum(item.person_days or 0 for item in self.work)


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem and the initiatives, on or off the board, that *solve* it.

    Those that only contribute to it are left out: its solution does not wait for them.
    """

    id: str
    initiatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal with the problems that count as its blockers. `amount` is None while unknown."""

    id: str
    status: str
    amount: int | None
    icp_fit: int
    needed_by: date | None
    blockers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """One moment's plan. `order` holds the ids of the initiatives on the board, rank 1 first."""

    today: date
    teams: Mapping[str, Team]
    initiatives: Mapping[str, Initiative]
    order: tuple[str, ...]
    problems: Mapping[str, Problem] = field(default_factory=dict)
    deals: Mapping[str, Deal] = field(default_factory=dict)
    #: The month with which fiscal years begin, 1 to 12.
    fiscal_start: int = 1

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """The rank, counted from 1, of each initiative on the board."""
        return {id: rank for rank, id in enumerate(self.order, start=1)}

    def moved(self, id: str, rank: int) -> Plan:
        """The same plan with one initiative at another rank; the others keep their order."""
        order = [other for other in self.order if other != id]
        order.insert(rank - 1, id)
        return replace(self, order=tuple(order))
