"""Problems and requests that look like what somebody says: suggested, never chosen for them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select

from roadmap.domain.triage import DECLINED, MERGED
from roadmap.extensions import db
from roadmap.market import figures
from roadmap.market.solvers import solution
from roadmap.models import Problem, Request
from roadmap.planning.picture import Picture, current
from roadmap.web.filters import day

from .naming import deals_of

FEW = 5
_WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True)
class Suggestion:
    """A problem or a request that may be the same. `amount` is the open one of its deals in cents;
    `unknown` of them have none. `why` says what the two share.
    """

    kind: str
    id: int
    title: str
    deals: int
    amount: int
    unknown: int
    forecast: str
    why: str


def suggestions(request: Request) -> list[Suggestion]:
    """For a request as it stands, without itself."""
    found = suggestions_for(request.body, request.quote, request.account_id, deals_of(request))
    return [each for each in found if (each.kind, each.id) != ("request", request.id)]


def suggestions_for(
    body: str, quote: str, account_id: int | None, deal_ids: Collection[int]
) -> list[Suggestion]:
    """The most alike problems, then the most alike requests; at most `FEW` of each."""
    said = _words(body) | _words(quote)
    problems = db.session.execute(
        select(Problem.id, Problem.title, Problem.statement).where(Problem.merged_into_id.is_(None))
    )
    requests = db.session.execute(
        select(Request.id, Request.title, Request.body).where(
            Request.state.not_in((MERGED, DECLINED))
        )
    )
    now = current()
    alike = [problem(now, id, title, why) for id, title, why in _alike(said, problems)]
    return alike + [
        Suggestion("request", id, title, 0, 0, 0, "", why)
        for id, title, why in _alike(said, requests)
    ]


def problem(picture: Picture, id: int, title: str, why: str) -> Suggestion:
    """A problem with what stands behind it."""
    counted = figures.by_problem().get(id, figures.NOTHING)
    solved = solution(picture, id)
    return Suggestion(
        "problem", id, title, counted.open_count, counted.open_amount, counted.open_unknown,
        f"solved {day(solved.date)}" if solved.date else solved.words, why,
    )  # fmt: skip


def _alike(said: set[str], rows: Iterable[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    shared = [(id, title, said & (_words(title) | _words(text))) for id, title, text in rows]
    best = sorted((each for each in shared if each[2]), key=lambda each: (-len(each[2]), each[0]))
    return [
        (id, title, "shares " + ", ".join(sorted(words)[:4])) for id, title, words in best[:FEW]
    ]


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))
