"""Problems that look the same as what somebody is typing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from roadmap.extensions import db
from roadmap.market import figures
from roadmap.market.kept import kept
from roadmap.market.solvers import solution
from roadmap.models import Problem
from roadmap.planning import picture as pictures
from roadmap.web.filters import day

PROBLEM = "problem"
MOST = 4

_WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True)
class Suggestion:
    """Something that was asked for before. `amount` is in cents of its open deals, unknown ones
    count 0 and are counted beside; `why` says what it shares with the text.
    """

    kind: str
    id: int
    title: str
    deals: int
    amount: int
    unknown: int
    forecast: str
    why: str


def suggestions(
    body: str, quote: str, account_id: int | None, deal_ids: Sequence[int]
) -> list[Suggestion]:
    """The problems that share most words with the text, the best first. Suggestions only."""
    sought = _words(f"{body} {quote}")
    if not sought:
        return []
    found = []
    for id, (title, words, title_words) in _problems().items():
        shared = sought & words
        if shared:
            found.append((-len(shared & title_words), -len(shared), title, id, sorted(shared)))
    return [_suggestion(id, shared) for _, _, _, id, shared in sorted(found)[:MOST]]


def chosen(problem_id: int) -> Suggestion | None:
    """The problem that somebody said it is, whatever they typed since."""
    return _suggestion(problem_id, []) if problem_id in _problems() else None


def _suggestion(id: int, shared: Sequence[str]) -> Suggestion:
    counted = figures.by_problem().get(id, figures.NOTHING)
    solved = solution(pictures.current(), id)
    forecast = f"solved {day(solved.date)}" if solved.date else solved.words
    why = f"shares {', '.join(f'“{word}”' for word in shared[:3])}" if shared else ""
    return Suggestion(
        PROBLEM, id, _problems()[id][0], counted.open_count, counted.open_amount,
        counted.open_unknown, forecast, why,
    )  # fmt: skip


def _problems() -> dict[int, tuple[str, set[str], set[str]]]:
    key = ("words of problems", pictures.current().plan_revision)
    return kept(key, _read)


def _read() -> dict[int, tuple[str, set[str], set[str]]]:
    rows = db.session.execute(
        select(Problem.id, Problem.title, Problem.statement)
        .where(Problem.merged_into_id.is_(None))
        .order_by(Problem.id)
    )
    return {
        id: (title, _words(f"{title} {statement}"), _words(title)) for id, title, statement in rows
    }


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}
