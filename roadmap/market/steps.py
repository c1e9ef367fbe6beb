"""A problem's own history: what was merged into it, what was split off it, what was undone."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from flask import abort, url_for
from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from roadmap.domain import merging
from roadmap.extensions import db
from roadmap.models import Problem, ProblemStep, User
from roadmap.web.conflicts import leave


class Step(NamedTuple):
    """One merge or split. `last` says that it is the newest that stands, so it can be undone."""

    id: int
    kind: str
    problem_id: int
    problem: str
    other_id: int
    other: str
    at: datetime
    by: str | None
    undone_at: datetime | None
    undone_by: str | None
    last: bool


def of(problem_id: int) -> list[Step]:
    """The newest first."""
    staying, other, undoer = aliased(Problem), aliased(Problem), aliased(User)
    rows = db.session.execute(
        select(
            ProblemStep.id, ProblemStep.kind, staying.id, staying.title, other.id, other.title,
            ProblemStep.at, User.name, ProblemStep.undone_at, undoer.name,
        )
        .join(staying, staying.id == ProblemStep.problem_id)
        .join(other, other.id == ProblemStep.other_id)
        .outerjoin(User, User.id == ProblemStep.by_id)
        .outerjoin(undoer, undoer.id == ProblemStep.undone_by_id)
        .where(or_(ProblemStep.problem_id == problem_id, ProblemStep.other_id == problem_id))
        .order_by(ProblemStep.id.desc())
    ).all()  # fmt: skip
    standing = next((row[0] for row in rows if row[8] is None), None)
    return [Step._make((*row, row[0] == standing)) for row in rows]


def survivor(problem: Problem) -> Problem:
    """Where a merged problem's evidence is now, however often that was merged again."""
    return merging.survivor(problem, attrgetter("merged_into"))


def live(id: int) -> Problem:
    """A problem that something can be done with; the page of a merged one says where it went."""
    found: Problem = db.session.get(Problem, id) or abort(404)
    if found.merged_into_id is not None:
        said = f"“{found.title}” is merged into “{survivor(found).title}”: nothing was changed."
        leave(said, url_for("market.problem", id=id))
    return found
