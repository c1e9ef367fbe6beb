"""Where statements count: for the problem that they name, or the one that it was merged into."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import case, select, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import ColumnElement

from roadmap.domain import merging
from roadmap.extensions import db
from roadmap.models import Problem, Statement


def survivors(ids: Iterable[int]) -> dict[int, int]:
    """What stands for each of these problems that were merged, by id. One query."""
    into = _merged()
    return {id: merging.survivor(id, into.get) for id in ids if id in into}


def root(problem_id: int) -> int:
    """Where a problem's evidence is now."""
    return survivors([problem_id]).get(problem_id, problem_id)


def root_of(column: InstrumentedAttribute[int | None]) -> ColumnElement[int | None]:
    """SQL for the same of a column that names a problem."""
    merged = survivors(_merged())
    return case(merged, value=column, else_=column) if merged else column.expression


def settle(problem_ids: Iterable[int]) -> None:
    """Let the standing statements that count for these problems count where they should, after
    problems were merged or taken apart.
    """
    db.session.execute(
        update(Statement)
        .where(Statement.root_id.in_(problem_ids), Statement.ended_at.is_(None))
        .values(root_id=root_of(Statement.problem_id))
        .execution_options(synchronize_session=False)
    )


def _merged() -> dict[int, int]:
    merged = select(Problem.id, Problem.merged_into_id).where(Problem.merged_into_id.is_not(None))
    return dict(db.session.execute(merged).all())  # type: ignore[arg-type]
