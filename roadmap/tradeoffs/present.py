"""What a field holds now, as the change that would set it to what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import select

from roadmap.domain import changes
from roadmap.domain.change import Change
from roadmap.domain.changes import Requirement
from roadmap.extensions import db
from roadmap.models import Capacity, Initiative, Need, ProblemTie, WorkItem
from roadmap.workspace.settings import workspace


def requirements(initiative_id: int) -> tuple[Requirement, ...]:
    """The work items of an initiative, in order."""
    rows = db.session.execute(
        select(
            WorkItem.title,
            WorkItem.product_id,
            WorkItem.team_id,
            WorkItem.person_days,
            WorkItem.max_days,
        )
        .where(WorkItem.initiative_id == initiative_id)
        .order_by(WorkItem.position, WorkItem.id)
    )
    return tuple(
        Requirement(title, str(product), str(team), days, most)
        for title, product, team, days, most in rows
    )


def needs(initiative_id: int) -> tuple[str, ...]:
    return tuple(
        str(id)
        for id in db.session.scalars(
            select(Need.needed_id)
            .where(Need.initiative_id == initiative_id)
            .order_by(Need.needed_id)
        )
    )


def ties(initiative_id: int) -> tuple[tuple[str, str], ...]:
    rows = db.session.execute(
        select(ProblemTie.problem_id, ProblemTie.kind)
        .where(ProblemTie.initiative_id == initiative_id)
        .order_by(ProblemTie.problem_id)
    )
    return tuple((str(problem), kind) for problem, kind in rows)


def capacity(team_id: int) -> dict[date, int]:
    rows = db.session.execute(
        select(Capacity.quarter, Capacity.days_per_week)
        .where(Capacity.team_id == team_id)
        .order_by(Capacity.quarter)
    )
    return dict(rows.all())


def refreshed(change: Change) -> Change:
    """The same change, with `was` as it is in the database now."""
    match change:
        case changes.ChangeEffort():
            return replace(change, was=requirements(int(change.initiative)))
        case changes.ChangeNeeds():
            return replace(change, was=needs(int(change.initiative)))
        case changes.ChangeTies():
            return replace(change, was=ties(int(change.initiative)))
        case changes.ChangeCapacity():
            return replace(change, was=capacity(int(change.team)))
        case changes.ChangeNotBefore():
            row = db.session.get_one(Initiative, int(change.initiative))
            return replace(change, was=row.not_before)
        case changes.ChangeState():
            row = db.session.get_one(Initiative, int(change.initiative))
            return replace(change, was=row.state)
        case changes.ChangeFiscalStart():
            return replace(change, was=workspace().fiscal_start)
    return change
