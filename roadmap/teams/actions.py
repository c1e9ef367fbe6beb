"""Adding and renaming teams; their people change through `tradeoffs.decide`."""

from __future__ import annotations

from sqlalchemy import select

from roadmap.domain.errors import Refused
from roadmap.extensions import db
from roadmap.models import Team
from roadmap.workspace import revision


def create(name: str) -> Team:
    """A team without people. Raises Refused."""
    row = revision.lock()
    _refuse_taken(name, 0)
    team = Team(name=name)
    db.session.add(team)
    revision.count(row, plan=True)
    db.session.commit()
    return team


def rename(team_id: int, name: str) -> None:
    """Raises Refused."""
    row = revision.lock()
    _refuse_taken(name, team_id)
    db.session.get_one(Team, team_id, populate_existing=True).name = name
    revision.count(row, plan=True)
    db.session.commit()


def _refuse_taken(name: str, own: int) -> None:
    if db.session.scalar(select(Team.id).where(Team.name == name, Team.id != own)):
        db.session.rollback()
        raise Refused(f"There is a team called {name} already.")
