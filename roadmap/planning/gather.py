"""Rows in, plain values out: five queries read all that a board needs, whatever its size.

Lists are read as columns, not entities; ids become strings, as the domain has them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    Executable,
    Integer,
    Row,
    Select,
    String,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import aliased

from roadmap.domain.plan import DECLINED, SOLVES, Initiative, Plan, Problem, Promise, Team, WorkItem
from roadmap.extensions import db
from roadmap.models import (
    Capacity,
    Commitment,
    Forecast,
    Need,
    ProblemTie,
    Product,
    Segment,
    Totals,
    User,
    problem_segments,
)
from roadmap.models import Initiative as InitiativeRow
from roadmap.models import Problem as ProblemRow
from roadmap.models import Team as TeamRow
from roadmap.models import WorkItem as WorkItemRow
from roadmap.workspace import clock
from roadmap.workspace.settings import workspace


class Tied(NamedTuple):
    """A problem that an initiative addresses, with the segments that have it."""

    id: int
    title: str
    kind: str
    segments: tuple[tuple[int, str], ...]


class Card(NamedTuple):
    """What the board shows of an initiative besides its forecast. Amounts are in cents."""

    id: str
    title: str
    value: str
    kind: str
    state: str
    owner_id: int | None
    owner: str | None
    revision: int
    effort_updated_on: date | None
    open_count: int
    open_amount: int
    open_unknown: int
    lost_count: int
    lost_amount: int
    lost_unknown: int
    lost_all_count: int
    lost_all_amount: int
    lost_undated: int
    deal_count: int
    fit_sum: int
    verified_count: int
    open_value: str
    lost_value: str
    baseline: date | None
    baseline_state: str | None
    products: tuple[tuple[int, str], ...] = ()
    problems: tuple[Tied, ...] = ()

    @property
    def fit(self) -> int | None:
        """The mean ICP fit of the deals behind it, in percent, rounded half up."""
        if not self.deal_count:
            return None
        return (2 * self.fit_sum + self.deal_count) // (2 * self.deal_count)

    @property
    def verified(self) -> int | None:
        """The share of its deals whose reason a customer confirmed, in percent, half up."""
        if not self.deal_count:
            return None
        return (200 * self.verified_count + self.deal_count) // (2 * self.deal_count)


@dataclass(frozen=True)
class Gathered:
    plan: Plan
    cards: Mapping[str, Card]
    teams: Mapping[str, str]


def gather(today: date) -> Gathered:
    """The plan without its deals, and a card for each initiative on the board."""
    teams, names = _teams()
    rows = _rows(_cards(today).where(InitiativeRow.position.is_not(None)))
    on_board = InitiativeRow.position.is_not(None)
    work, products = work_items(on_board)
    needs, promises, stubs = needs_and_promises(true(), on_board)
    problems, tied, shipped = _ties()
    stubs.update(shipped)
    initiatives = {
        id: Initiative(id, title, state, needs=tuple(needs.get(id, ())))
        for id, (title, state) in stubs.items()
    }
    cards = {}
    for row in rows:
        id = str(row.id)
        cards[id] = _card(row, tuple(products.get(id, ())), tuple(tied.get(id, ())))
        initiatives[id] = Initiative(
            id, row.title, row.state, owner_of(row), row.not_before,
            tuple(needs[id]), tuple(promises[id]), tuple(work[id]),
        )  # fmt: skip
    fiscal_start = workspace().fiscal_start
    plan = Plan(today, teams, initiatives, tuple(cards), problems, fiscal_start=fiscal_start)
    return Gathered(plan, cards, names)


def order() -> tuple[str, ...]:
    """The ids on the board, rank 1 first."""
    ids = _rows(
        select(InitiativeRow.id)
        .where(InitiativeRow.position.is_not(None))
        .order_by(InitiativeRow.position)
    )
    return tuple(str(id) for (id,) in ids)


def changed_cards(today: date, since: int, old: Mapping[str, Card]) -> list[Card]:
    """Anew, the cards of initiatives on the board whose own words changed after a revision."""
    rows = _rows(
        _cards(today).where(InitiativeRow.position.is_not(None), InitiativeRow.revision > since)
    )
    before = [old[str(row.id)] for row in rows]
    return [
        _card(row, card.products, card.problems) for row, card in zip(rows, before, strict=True)
    ]


def owner_of(row: Any) -> str | None:
    return None if row.owner_id is None else str(row.owner_id)


def _rows(statement: Executable) -> Sequence[Any]:
    """All rows, past the session's loading of entities: these are thousands of columns."""
    return db.session.connection().execute(statement).all()


def _teams() -> tuple[dict[str, Team], dict[str, str]]:
    rows = _rows(
        select(TeamRow.id, TeamRow.name, Capacity.quarter, Capacity.days_per_week)
        .outerjoin(Capacity)
        .order_by(TeamRow.sort_key, TeamRow.id, Capacity.quarter)
    )
    names: dict[str, str] = {}
    figures: dict[str, dict[date, int]] = {}
    for number, name, first_day, days in rows:
        id = str(number)
        names[id] = name
        figures.setdefault(id, {})
        if first_day is not None:
            figures[id][first_day] = days
    return {id: Team(id, capacity) for id, capacity in figures.items()}, names


def _cards(today: date) -> Select[Any]:
    """Rank order. The baseline is the first forecast that was kept in this quarter."""
    first_day = (
        select(Forecast.day)
        .where(Forecast.day >= clock.quarter(today), Forecast.day <= today)
        .order_by(Forecast.day)
        .limit(1)
        .scalar_subquery()
    )
    i = InitiativeRow
    t = Totals
    columns: tuple[Any, ...] = (
        i.id, i.title, i.value, i.kind, i.state, i.owner_id, User.name.label("owner"), i.revision,
        i.effort_updated_on,
        t.open_count, t.open_amount, t.open_unknown,
        t.lost_count, t.lost_amount, t.lost_unknown,
        t.lost_all_count, t.lost_all_amount, t.lost_undated,
        t.deal_count, t.fit_sum, t.verified_count, t.open_value, t.lost_value,
        Forecast.finish.label("baseline"), Forecast.state.label("baseline_state"),
        i.not_before,
    )  # fmt: skip
    return (
        select(*columns)
        .join(t, t.initiative_id == i.id)
        .outerjoin(User, User.id == i.owner_id)
        .outerjoin(Forecast, (Forecast.initiative_id == i.id) & (Forecast.day == first_day))
        .order_by(i.position)
    )


def _card(row: Row[Any], products: tuple[tuple[int, str], ...], problems: tuple[Tied, ...]) -> Card:
    columns = {**row._mapping, "id": str(row.id)}
    del columns["not_before"]
    return Card(**columns, products=products, problems=problems)


def work_items(
    which: ColumnElement[bool],
) -> tuple[dict[str, list[WorkItem]], dict[str, list[tuple[int, str]]]]:
    """The work of some initiatives in its order, and the products that it is for, by id."""
    rows = _rows(
        select(
            WorkItemRow.initiative_id, WorkItemRow.team_id, WorkItemRow.person_days,
            WorkItemRow.max_days, WorkItemRow.product_id, Product.name,
        )
        .join(Product, Product.id == WorkItemRow.product_id)
        .join(InitiativeRow, InitiativeRow.id == WorkItemRow.initiative_id)
        .where(which)
        .order_by(WorkItemRow.initiative_id, WorkItemRow.position, WorkItemRow.id)
    )  # fmt: skip
    work: dict[str, list[WorkItem]] = defaultdict(list)
    products: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, team, days, most, product, name in rows:
        id = str(number)
        work[id].append(WorkItem(str(team), days, most, str(product)))
        if (product, name) not in products[id]:
            products[id].append((product, name))
    return work, products


def needs_and_promises(
    needing: ColumnElement[bool], promising: ColumnElement[bool]
) -> tuple[dict[str, list[str]], dict[str, list[Promise]], dict[str, tuple[str, str]]]:
    """Of some initiatives, by id: both are few, so one query reads them together.

    The third value is title and state of what is needed.
    """
    needed = aliased(InitiativeRow)
    rows = _rows(
        union_all(
            select(
                Need.initiative_id, Need.needed_id, needed.title.label("words"), needed.state,
                sql_cast(null(), Date).label("promised"),
            )
            .join(InitiativeRow, InitiativeRow.id == Need.initiative_id)
            .join(needed, needed.id == Need.needed_id)
            .where(needing),
            select(
                Commitment.initiative_id, sql_cast(null(), Integer), Commitment.to,
                sql_cast(null(), String), Commitment.date,
            )
            .join(InitiativeRow, InitiativeRow.id == Commitment.initiative_id)
            .where(promising),
        )
    )  # fmt: skip
    needs: dict[str, list[str]] = defaultdict(list)
    promises: dict[str, list[Promise]] = defaultdict(list)
    stubs: dict[str, tuple[str, str]] = {}
    for number, need, words, state, promised in rows:
        if need is None:
            promises[str(number)].append(Promise(promised, words))
        else:
            needs[str(number)].append(str(need))
            stubs[str(need)] = (words, state)
    for listed in needs.values():
        listed.sort(key=int)
    for dated in promises.values():
        dated.sort(key=lambda promise: (promise.date, promise.to))
    return needs, promises, stubs


def _ties() -> tuple[dict[str, Problem], dict[str, list[Tied]], dict[str, tuple[str, str]]]:
    """Who addresses which problem. Declined initiatives are left out: they solve nothing."""
    rows = _rows(
        select(
            ProblemTie.initiative_id,
            ProblemTie.problem_id,
            ProblemTie.kind,
            ProblemRow.title,
            Segment.id,
            Segment.name,
            InitiativeRow.state,
            InitiativeRow.title,
            InitiativeRow.position.is_not(None),
        )
        .join(InitiativeRow, InitiativeRow.id == ProblemTie.initiative_id)
        .join(ProblemRow, ProblemRow.id == ProblemTie.problem_id)
        .outerjoin(problem_segments, problem_segments.c.problem_id == ProblemRow.id)
        .outerjoin(Segment, Segment.id == problem_segments.c.segment_id)
        .where(InitiativeRow.state != DECLINED)
        .order_by(ProblemTie.initiative_id, ProblemRow.sort_key, ProblemRow.id, Segment.position)
    )
    segments: dict[int, dict[tuple[int, str], None]] = defaultdict(dict)
    first: dict[tuple[int, int], tuple[str, str, str, str, bool]] = {}
    for number, problem, kind, title, segment, segment_name, state, name, on_board in rows:
        if segment is not None:
            segments[problem][segment, segment_name] = None
        first[number, problem] = (kind, title, state, name, on_board)
    solvers: dict[str, dict[str, None]] = defaultdict(dict)
    tied: dict[str, list[Tied]] = defaultdict(list)
    made: dict[tuple[int, str], Tied] = {}
    off_board: dict[str, tuple[str, str]] = {}
    for (number, problem), (kind, title, state, name, on_board) in first.items():
        id = str(number)
        if kind == SOLVES:
            solvers[str(problem)][id] = None
        if not on_board:
            off_board[id] = (name, state)
        if (problem, kind) not in made:
            made[problem, kind] = Tied(problem, title, kind, tuple(segments[problem]))
        tied[id].append(made[problem, kind])
    problems = {id: Problem(id, tuple(found)) for id, found in solvers.items()}
    return problems, tied, off_board
