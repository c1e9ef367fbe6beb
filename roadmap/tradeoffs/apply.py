"""Writing a decided change to the tables: one function per kind of change."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import singledispatch

from sqlalchemy import bindparam, case, delete, select, update

from roadmap.domain import changes
from roadmap.domain.change import Change
from roadmap.domain.plan import SHIPPED, Plan
from roadmap.extensions import db
from roadmap.models import (
    Blocker,
    Capacity,
    Commitment,
    Conversation,
    Initiative,
    Need,
    ProblemTie,
    Team,
    WorkItem,
)
from roadmap.models.base import table as sa_table
from roadmap.workspace import clock
from roadmap.workspace.settings import workspace

#: The gap between two keys of the order: two neighbours can be parted 32 times before all are
#: numbered anew.
GAP = 1 << 32


@singledispatch
def apply(change: Change, plan: Plan) -> None:
    """Write the change. `plan` is the plan before it; the workspace's row is locked."""
    raise TypeError(change)


def touched_deals(change: Change) -> Collection[int]:
    """The deals whose share of the value the change may alter, to keep the stored totals right.

    A deal is shared by the initiatives on the board that are tied to its blockers: entering,
    leaving and tying change that for every deal of the problems concerned.
    """
    match change:
        case changes.ChangeTies():
            problems = {int(problem) for problem, _ in (*change.ties, *change.was)}
        case changes.Enter() | changes.Leave():
            tied = select(ProblemTie.problem_id).where(
                ProblemTie.initiative_id == int(change.initiative)
            )
            problems = set(db.session.scalars(tied))
        case _:
            return ()
    if not problems:
        return ()
    return db.session.scalars(
        select(Blocker.deal_id).where(Blocker.problem_id.in_(problems), Blocker.counts).distinct()
    ).all()


@apply.register
def _(change: changes.Move, plan: Plan) -> None:
    order = [id for id in plan.order if id != change.initiative]
    initiative = _initiative(change.initiative)
    initiative.position = _key_at(order, change.to)


@apply.register
def _(change: changes.Enter, plan: Plan) -> None:
    initiative = _initiative(change.initiative)
    initiative.position = _key_at(list(plan.order), change.rank)
    initiative.state = change.state
    initiative.shipped_on = None
    initiative.decline_reason = None


@apply.register
def _(change: changes.Leave, plan: Plan) -> None:
    initiative = _initiative(change.initiative)
    initiative.position = None
    initiative.state = change.state
    if change.state == SHIPPED:
        initiative.shipped_on = change.shipped_on
    else:
        initiative.decline_reason = change.note


@apply.register
def _(change: changes.ChangeState, plan: Plan) -> None:
    _initiative(change.initiative).state = change.state


@apply.register
def _(change: changes.ChangeEffort, plan: Plan) -> None:
    initiative = _initiative(change.initiative)
    initiative.work = [
        WorkItem(
            position=position,
            title=item.title,
            product_id=int(item.product),
            team_id=int(item.team),
            person_days=item.person_days,
            max_days=item.max_days,
        )
        for position, item in enumerate(change.work)
    ]
    initiative.effort_updated_on = plan.today


@apply.register
def _(change: changes.ChangeNotBefore, plan: Plan) -> None:
    _initiative(change.initiative).not_before = change.date


@apply.register
def _(change: changes.ChangeNeeds, plan: Plan) -> None:
    number = int(change.initiative)
    db.session.execute(delete(Need).where(Need.initiative_id == number))
    db.session.add_all(
        Need(initiative_id=number, needed_id=int(need)) for need in dict.fromkeys(change.needs)
    )


@apply.register
def _(change: changes.ChangeTies, plan: Plan) -> None:
    number = int(change.initiative)
    db.session.execute(delete(ProblemTie).where(ProblemTie.initiative_id == number))
    db.session.add_all(
        ProblemTie(initiative_id=number, problem_id=int(problem), kind=kind)
        for problem, kind in change.ties
    )


@apply.register
def _(change: changes.ChangeCapacity, plan: Plan) -> None:
    team = db.session.get_one(Team, int(change.team))
    team.capacity = []
    db.session.flush()
    team.capacity = [
        Capacity(quarter=quarter, days_per_week=days)
        for quarter, days in sorted(change.days_per_week.items())
    ]


@apply.register
def _(change: changes.ChangeFiscalStart, plan: Plan) -> None:
    """What names a quarter by its first day follows: capacities, and who was asked in which. Where
    two asks of a customer come into one quarter, the later one is that quarter's.
    """
    workspace().fiscal_start = change.month
    db.session.execute(delete(Capacity))
    db.session.add_all(
        Capacity(team_id=int(team.id), quarter=first, days_per_week=days)
        for team in change.after(plan).teams.values()
        for first, days in team.days_per_week.items()
    )
    _date_asks()


@apply.register
def _(change: changes.ChangePromise, plan: Plan) -> None:
    number, was, new = int(change.initiative), change.was, change.becomes
    if was is None:
        row = Commitment(initiative_id=number)
        db.session.add(row)
    else:
        alike = select(Commitment).where(
            Commitment.initiative_id == number,
            Commitment.date == was.date,
            Commitment.to == was.to,
        )
        own = case((Commitment.by_id == was.by, 0), else_=1)
        row = db.session.scalars(alike.order_by(own, Commitment.id).limit(1)).one()
    if new is None:
        db.session.delete(row)
    else:
        row.date, row.to, row.by_id = new.date, new.to, new.by
    db.session.flush()


def _date_asks() -> None:
    stands = Conversation.ask_quarter.is_not(None)
    latest = (Conversation.asked_on.desc(), Conversation.id.desc())
    asks = db.session.scalars(select(Conversation).where(stands).order_by(*latest)).all()
    taken: set[tuple[str, int, date]] = set()
    for ask in asks:
        ask.ask_quarter = None
    db.session.flush()
    for ask in asks:
        first = clock.quarter(ask.asked_on or ask.planned_on or clock.today())
        of = {"account": ask.account_id, "deal": ask.deal_id}
        places = {(kind, id, first) for kind, id in of.items() if id is not None}
        if not places & taken:
            ask.ask_quarter = first
            taken |= places


def _initiative(id: str) -> Initiative:
    return db.session.get_one(Initiative, int(id), populate_existing=True)


def _key_at(order: list[str], rank: int) -> int:
    """A key for `rank` among the others, numbering all anew where no gap is left.

    SQLite checks uniqueness row by row, so shifting ranks would collide: with gap keys a move
    writes one row.
    """
    left = order[rank - 2] if rank > 1 else None
    right = order[rank - 1] if rank <= len(order) else None
    keys = _keys(left, right)
    if left is None and right is None:
        return 0
    if right is None:
        return keys[left] + GAP
    if left is None:
        return keys[right] - GAP
    if keys[right] - keys[left] < 2:
        _number_anew(order)
        keys = _keys(left, right)
    return (keys[left] + keys[right]) // 2


def _keys(*ids: str | None) -> dict[str | None, int]:
    numbers = [int(id) for id in ids if id is not None]
    rows = db.session.execute(
        select(Initiative.id, Initiative.position).where(Initiative.id.in_(numbers))
    )
    return {str(id): position for id, position in rows if position is not None}


def _number_anew(order: list[str]) -> None:
    """Two steps, the first far below every key in use, so that no two rows ever share one."""
    table = sa_table(Initiative)
    statement = (
        update(table).where(table.c.id == bindparam("row")).values(position=bindparam("key"))
    )
    moving = db.session.scalars(
        select(Initiative.id).where(Initiative.position.is_not(None)).order_by(Initiative.position)
    ).all()
    ranked = [int(id) for id in order]
    others = [id for id in moving if id not in set(ranked)]
    for start in (-(1 << 62), 0):
        keys = [
            {"row": id, "key": start + place * (GAP if start == 0 else 1)}
            for place, id in enumerate((*ranked, *others))
        ]
        db.session.connection().execute(statement, keys)
    db.session.expire_all()
