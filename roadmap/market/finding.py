"""Problems by words of their titles and statements."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import select

from roadmap.domain.folding import folded
from roadmap.extensions import db
from roadmap.models import Problem
from roadmap.workspace.searching import sought


class Found(NamedTuple):
    id: int
    title: str
    layer: str | None


def problems_with(words: str, without: Collection[int] = ()) -> Iterator[Found]:
    """Problems that have all of these words and are not merged, by title; without words, all."""
    wanted = sought(words)
    rows = db.session.execute(
        select(Problem.id, Problem.title, Problem.layer, Problem.statement)
        .where(Problem.merged_into_id.is_(None))
        .order_by(Problem.sort_key, Problem.id)
    )
    for id, title, layer, statement in rows:
        if id not in without and (not wanted or wanted.within(folded(f"{title} {statement}"))):
            yield Found(id, title, layer)
