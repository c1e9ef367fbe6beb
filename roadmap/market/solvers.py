"""The initiatives that address a problem, with their forecasts, as the picture has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from roadmap.domain.deals import BEFORE_ALL, Solutions, uncovered
from roadmap.domain.plan import SHIPPED, SOLVES, Plan
from roadmap.planning.picture import Picture

from .kept import kept

FORECAST_WORDS = {
    "unestimated": "no estimate",
    "blocked": "blocked",
    "beyond": "beyond the horizon",
    SHIPPED: "shipped",
}


class Solver(NamedTuple):
    """An initiative that solves a problem or contributes to it; `rank` is None once it shipped."""

    id: int
    title: str
    kind: str
    state: str
    rank: int | None
    finish: date | None
    forecast: str
    owner: str | None = None
    products: tuple[tuple[int, str], ...] = ()


def solvers(picture: Picture) -> Mapping[int, list[Solver]]:
    """By problem, those on the board in rank order, then shipped ones that solve it."""
    return kept(("solvers", picture.revision, picture.today), lambda: _collected(picture))


def is_uncovered(picture: Picture, problem_id: int) -> bool:
    """Whether nobody solves it: no initiative on the board, and none that has shipped."""
    problem = picture.plan.problems.get(str(problem_id))
    return problem is None or uncovered(problem, picture.plan)


class Solution(NamedTuple):
    """When a problem is solved: a date, or words where there is none ("uncovered", …)."""

    date: date | None
    words: str


def solution(picture: Picture, problem_id: int) -> Solution:
    return solution_in(picture.plan, picture.solved, problem_id)


def solution_in(plan: Plan, solved: Solutions, problem_id: int) -> Solution:
    """The same for a plan that is not, or not yet, the picture's."""
    found = solved.get(str(problem_id))
    if found == BEFORE_ALL:
        return Solution(None, "solved already")
    if found is not None:
        return Solution(found, "")
    problem = plan.problems.get(str(problem_id))
    if problem is None or uncovered(problem, plan):
        return Solution(None, "uncovered: nothing on the board solves it")
    return Solution(None, "no forecast: what solves it has no date")


def _collected(picture: Picture) -> dict[int, list[Solver]]:
    found: dict[int, list[Solver]] = defaultdict(list)
    for id, card in picture.cards.items():
        state = picture.schedule.placements[id].state
        finish = picture.schedule.finish(id)
        words = FORECAST_WORDS.get(state, "")
        for tied in card.problems:
            found[tied.id].append(
                Solver(
                    int(id), card.title, tied.kind, card.state, picture.rank(id), finish, words,
                    card.owner, card.products,
                )
            )  # fmt: skip
    for problem in picture.plan.problems.values():
        for id in problem.initiatives:
            initiative = picture.plan.initiatives[id]
            if initiative.state == SHIPPED:
                words = FORECAST_WORDS[SHIPPED]
                found[int(problem.id)].append(
                    Solver(int(id), initiative.title, SOLVES, SHIPPED, None, None, words)
                )
    return found
