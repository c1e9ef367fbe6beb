"""Problems by words of their titles and statements."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import select

from roadmap.domain.folding import folded
from roadmap.extensions import db
from roadmap.models import Problem
from roadmap.workspace.searching import sought
from roadmap.workspace.settings import workspace

from .kept import kept


class Found(NamedTuple):
    id: int
    title: str
    layer: str | None


def problems_with(words: str, without: Collection[int] = ()) -> Iterator[Found]:
    """Problems that have all of these words and are not merged, by title; without words, all."""
    wanted = sought(words)
    for found, text in kept(("folded problems", workspace().revision), _folded):
        if found.id not in without and wanted.within(text):
            yield found


def _folded() -> list[tuple[Found, str]]:
    rows = db.session.execute(
        select(Problem.id, Problem.title, Problem.layer, Problem.statement)
        .where(Problem.merged_into_id.is_(None))
        .order_by(Problem.sort_key, Problem.id)
    )
    return [(Found(*row[:3]), folded(f"{row.title} {row.statement}")) for row in rows]
