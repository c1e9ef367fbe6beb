"""Changes of the plan: each knows the plan after it and the change that undoes it.

A change is decided before it touches anything: `after` gives the plan that would be, which
`impact` compares with the present one. `as_json` and `from_json` are how the ledger keeps them.
Every change of a field carries what the field was, so that undoing needs nothing else.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

from roadmap.domain.errors import Refused

from .calendar import nearest_quarter, quarter_named
from .change import Change
from .needs import find_cycle
from .plan import CANDIDATE, ON_BOARD, SOLVES, Initiative, Plan, Problem, Promise, WorkItem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A work item with the words that people know it by. Ids are strings."""

    title: str
    product: str
    team: str
    person_days: int | None
    max_days: int | None

    def work_item(self) -> WorkItem:
        return WorkItem(self.team, self.person_days, self.max_days, self.product)


@dataclass(frozen=True, slots=True)
class Move(Change):
    """A promotion, or its opposite: another rank for an initiative on the board."""

    kind: ClassVar[str] = "promotion"
    initiative: str
    to: int

    def after(self, plan: Plan) -> Plan:
        rank_on_board(plan, self.initiative)
        if not 1 <= self.to <= len(plan.order):
            raise Refused(f"There is no position {self.to}: the board has {len(plan.order)}.")
        return plan.moved(self.initiative, self.to)

    def inverse(self, plan: Plan) -> Move:
        return Move(self.initiative, rank_on_board(plan, self.initiative))

    def ranks(self, plan: Plan) -> tuple[int | None, int | None]:
        return rank_on_board(plan, self.initiative), self.to


@dataclass(frozen=True, slots=True)
class Enter(Change):
    """An initiative enters the board, or comes back to it, at a rank and in a state."""

    kind: ClassVar[str] = "entry"
    initiative: str
    rank: int
    state: str
    #: What it left the board as, if it was on it before.
    was: str | None = None
    was_note: str = ""
    was_shipped_on: datetime.date | None = None

    def after(self, plan: Plan) -> Plan:
        if self.initiative in plan.ranks:
            raise Refused("It is on the board already.")
        if self.state not in ON_BOARD:
            raise Refused(f"{self.state!r} is no state on the board.")
        if not 1 <= self.rank <= len(plan.order) + 1:
            raise Refused(f"It can enter at positions 1 to {len(plan.order) + 1}.")
        order = list(plan.order)
        order.insert(self.rank - 1, self.initiative)
        after = replace(_with(plan, self.initiative, state=self.state), order=tuple(order))
        _refuse_cycle(after)
        return after

    def inverse(self, plan: Plan) -> Change:
        if self.was is None:
            return Leave(self.initiative, "declined", "Its entry was reverted")
        return Leave(self.initiative, self.was, self.was_note, self.was_shipped_on)

    @classmethod
    def parse(cls, fields: dict[str, Any]) -> Enter:
        return cls(**{**fields, "was_shipped_on": _day(fields["was_shipped_on"])})

    def ranks(self, plan: Plan) -> tuple[int | None, int | None]:
        return None, self.rank


@dataclass(frozen=True, slots=True)
class Leave(Change):
    """An initiative is shipped or declined, and leaves the board."""

    kind: ClassVar[str] = "leave"
    initiative: str
    state: str
    note: str = ""
    shipped_on: datetime.date | None = None

    def after(self, plan: Plan) -> Plan:
        rank_on_board(plan, self.initiative)
        order = tuple(id for id in plan.order if id != self.initiative)
        return replace(_with(plan, self.initiative, state=self.state), order=order)

    def inverse(self, plan: Plan) -> Enter:
        rank = rank_on_board(plan, self.initiative)
        return Enter(self.initiative, rank, plan.initiatives[self.initiative].state)

    def ranks(self, plan: Plan) -> tuple[int | None, int | None]:
        return rank_on_board(plan, self.initiative), None

    @classmethod
    def parse(cls, fields: dict[str, Any]) -> Leave:
        return cls(**{**fields, "shipped_on": _day(fields["shipped_on"])})


@dataclass(frozen=True, slots=True)
class ChangeState(Change):
    """From one state on the board to another; leaving it is `Leave`."""

    kind: ClassVar[str] = "state"
    initiative: str
    state: str
    was: str

    def after(self, plan: Plan) -> Plan:
        rank_on_board(plan, self.initiative)
        if self.state not in ON_BOARD:
            raise Refused(f"{self.state!r} is no state on the board.")
        return _with(plan, self.initiative, state=self.state)

    def gives_up(self, plan: Plan) -> bool:
        """A mere candidate again, although dates of it are promised."""
        return self.state == CANDIDATE != self.was and bool(
            plan.initiatives[self.initiative].promised
        )

    def inverse(self, plan: Plan) -> ChangeState:
        return ChangeState(self.initiative, self.was, self.state)


@dataclass(frozen=True, slots=True)
class ChangeEffort(Change):
    """Other work items, or another remaining effort in them."""

    kind: ClassVar[str] = "effort"
    initiative: str
    work: tuple[Requirement, ...]
    was: tuple[Requirement, ...]

    def after(self, plan: Plan) -> Plan:
        for item in self.work:
            if item.team not in plan.teams:
                raise Refused("There is no such team.")
        work = tuple(item.work_item() for item in self.work)
        return _with(plan, self.initiative, work=work)

    def inverse(self, plan: Plan) -> ChangeEffort:
        return ChangeEffort(self.initiative, self.was, self.work)

    @classmethod
    def parse(cls, fields: dict[str, Any]) -> ChangeEffort:
        lists = {key: tuple(Requirement(**item) for item in fields[key]) for key in ("work", "was")}
        return cls(fields["initiative"], **lists)


@dataclass(frozen=True, slots=True)
class ChangeNotBefore(Change):
    kind: ClassVar[str] = "not before"
    initiative: str
    date: datetime.date | None
    was: datetime.date | None

    def after(self, plan: Plan) -> Plan:
        return _with(plan, self.initiative, not_before=self.date)

    def inverse(self, plan: Plan) -> ChangeNotBefore:
        return ChangeNotBefore(self.initiative, self.was, self.date)

    @classmethod
    def parse(cls, fields: dict[str, Any]) -> ChangeNotBefore:
        return cls(fields["initiative"], _day(fields["date"]), _day(fields["was"]))


@dataclass(frozen=True, slots=True)
class ChangeNeeds(Change):
    """Other initiatives that must finish first. A cycle is refused, spelled out by title."""

    kind: ClassVar[str] = "needs"
    initiative: str
    needs: tuple[str, ...]
    was: tuple[str, ...]

    def after(self, plan: Plan) -> Plan:
        unknown = [need for need in self.needs if need not in plan.initiatives]
        if unknown:
            raise Refused("One of the needs is no initiative of this board.")
        after = _with(plan, self.initiative, needs=self.needs)
        _refuse_cycle(after)
        return after

    def inverse(self, plan: Plan) -> ChangeNeeds:
        return ChangeNeeds(self.initiative, self.was, self.needs)

    @classmethod
    def parse(cls, fields: dict[str, Any]) -> ChangeNeeds:
        return cls(fields["initiative"], tuple(fields["needs"]), tuple(fields["was"]))


@dataclass(frozen=True, slots=True)
class ChangeTies(Change):
    """Other problems that an initiative solves or contributes to: pairs of problem and kind."""

    kind: ClassVar[str] = "ties"
    initiative: str
    ties: tuple[tuple[str, str], ...]
    was: tuple[tuple[str, str], ...]

    def after(self, plan: Plan) -> Plan:
        solved = {problem for problem, kind in self.ties if kind == SOLVES}
        problems = dict(plan.problems)
        for id in solved | {problem for problem, _ in self.was}:
            solvers = problems[id].initiatives if id in problems else ()
            rest = tuple(other for other in solvers if other != self.initiative)
            problems[id] = Problem(id, (*rest, self.initiative) if id in solved else rest)
        return replace(plan, problems=problems)

    def inverse(self, plan: Plan) -> ChangeTies:
        return ChangeTies(self.initiative, self.was, self.ties)

    @classmethod
    def parse(cls, fields: dict[str, Any]) -> ChangeTies:
        lists = {key: tuple((tie[0], tie[1]) for tie in fields[key]) for key in ("ties", "was")}
        return cls(fields["initiative"], **lists)


@dataclass(frozen=True, slots=True)
class ChangeCapacity(Change):
    """Other capacity for a team: whole person-days a week by quarter."""

    kind: ClassVar[str] = "capacity"
    team: str
    days_per_week: Mapping[datetime.date, int]
    was: Mapping[datetime.date, int]

    def after(self, plan: Plan) -> Plan:
        if self.team not in plan.teams:
            raise Refused("There is no such team.")
        team = replace(plan.teams[self.team], days_per_week=dict(self.days_per_week))
        return replace(plan, teams={**plan.teams, self.team: team})

    def inverse(self, plan: Plan) -> ChangeCapacity:
        return ChangeCapacity(self.team, self.was, self.days_per_week)

    @classmethod
    def parse(cls, fields: dict[str, Any]) -> ChangeCapacity:
        return cls(fields["team"], *(_by_quarter(fields[key]) for key in ("days_per_week", "was")))


@dataclass(frozen=True, slots=True)
class ChangeFiscalStart(Change):
    """Another first month, 1 to 12, of fiscal years. The figures of a quarter become those of the
    quarter that has most of its months.
    """

    kind: ClassVar[str] = "fiscal year"
    month: int
    was: int

    def after(self, plan: Plan) -> Plan:
        teams = {
            id: replace(team, days_per_week=self.moved(team.days_per_week))
            for id, team in plan.teams.items()
        }
        return replace(plan, teams=teams, fiscal_start=self.month)

    def moved(self, figures: Mapping[datetime.date, T]) -> dict[datetime.date, T]:
        """Figures by the quarters in which they would stand."""
        return {nearest_quarter(first, self.month): one for first, one in figures.items()}

    def inverse(self, plan: Plan) -> ChangeFiscalStart:
        return ChangeFiscalStart(self.was, self.month)


@dataclass(frozen=True, slots=True)
class Promised:
    """A commitment as its row has it; `by` is the id of who gave it, if known."""

    date: datetime.date
    to: str
    by: int | None = None

    @property
    def promise(self) -> Promise:
        return Promise(self.date, self.to)


@dataclass(frozen=True, slots=True)
class ChangePromise(Change):
    """One commitment is taken back (`becomes` is None), given (`was` is None) or changed."""

    kind: ClassVar[str] = "promise"
    initiative: str
    becomes: Promised | None
    was: Promised | None

    def after(self, plan: Plan) -> Plan:
        known = plan.initiatives.get(self.initiative)
        promised = list(known.promised) if known else []
        if self.was is not None:
            if self.was.promise not in promised:
                raise Refused("It is not promised like that any more.")
            promised.remove(self.was.promise)
        if self.becomes is not None:
            promised.append(self.becomes.promise)
        ordered = sorted(promised, key=lambda promise: (promise.date, promise.to))
        return _with(plan, self.initiative, promised=tuple(ordered))

    def inverse(self, plan: Plan) -> ChangePromise:
        return ChangePromise(self.initiative, self.was, self.becomes)

    @classmethod
    def parse(cls, fields: dict[str, Any]) -> ChangePromise:
        return cls(fields["initiative"], *(_promised(fields[key]) for key in ("becomes", "was")))


KINDS: dict[str, type[Change]] = {
    kind.kind: kind
    for kind in (
        Move, Enter, Leave, ChangeState, ChangeEffort, ChangeNotBefore, ChangeNeeds, ChangeTies,
        ChangeCapacity, ChangeFiscalStart, ChangePromise,
    )
}  # fmt: skip


def from_json(stored: Mapping[str, Any]) -> Change:
    """The change that `as_json` wrote."""
    fields = dict(stored)
    return KINDS[fields.pop("kind")].parse(fields)


def rank_on_board(plan: Plan, id: str) -> int:
    """The present rank. Raises Refused when the initiative is not on the board."""
    rank = plan.ranks.get(id)
    if rank is None:
        raise Refused("It is not on the board.")
    return rank


def _refuse_cycle(plan: Plan) -> None:
    cycle = find_cycle(plan.initiatives)
    if cycle:
        titles = " → ".join(plan.initiatives[id].title for id in cycle)
        raise Refused(f"These would wait for each other: {titles}.")


def _with(plan: Plan, id: str, **fields: Any) -> Plan:
    initiative = plan.initiatives.get(id) or Initiative(id, id)
    return replace(plan, initiatives={**plan.initiatives, id: replace(initiative, **fields)})


def _day(text: str | None) -> datetime.date | None:
    return None if text is None else datetime.date.fromisoformat(text)


def _by_quarter(stored: Mapping[str, int]) -> dict[datetime.date, int]:
    """By first days, also where they are older than fiscal years: "2027Q1"."""
    return {
        quarter_named(key, 1) or datetime.date.fromisoformat(key): days
        for key, days in stored.items()
    }


def _promised(stored: Mapping[str, Any] | None) -> Promised | None:
    if stored is None:
        return None
    return Promised(datetime.date.fromisoformat(stored["date"]), stored["to"], stored["by"])
