"""A problem's case: everything that speaks for it, and who is doing something about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roadmap.models import Problem
from roadmap.planning.picture import Picture

from . import asked, figures, over_time, queries, rollup, steps, voices
from .asked import Requests
from .figures import NOTHING, Figures
from .over_time import Growth
from .rollup import Family
from .solvers import Solution, Solver, is_uncovered, solution, solvers
from .steps import Step
from .voices import Voice


@dataclass(frozen=True)
class Case:
    """`counted` is gross, `alone` the part of it that no other problem blocks."""

    lead: str
    paragraphs: list[str]
    counted: Figures
    alone: Figures
    verified: int
    certainty: Mapping[str, Figures]
    growth: Growth
    voices: list[Voice]
    requests: Requests
    family: Family
    solvers: list[Solver]
    products: int
    solution: Solution
    uncovered: bool
    history: list[Step]


def of(problem: Problem, picture: Picture, reader_id: int, *, reads_all: bool) -> Case:
    """For somebody who reads the quotes of all requests, or only the confirmed ones and theirs."""
    id = problem.id
    lead, *paragraphs = [part for part in problem.statement.splitlines() if part.strip()] or [""]
    addressed = solvers(picture).get(id, [])
    return Case(
        lead=lead,
        paragraphs=paragraphs,
        counted=figures.by_problem().get(id, NOTHING),
        alone=figures.alone(id),
        verified=queries.verified_deals(id),
        certainty=figures.by_certainty(id),
        growth=over_time.growth(id, picture.currency),
        voices=voices.voices(id, reader_id, reads_all=reads_all),
        requests=asked.requests(id),
        family=rollup.family(id),
        solvers=addressed,
        products=len({product for solver in addressed for product, _ in solver.products}),
        solution=solution(picture, id),
        uncovered=is_uncovered(picture, id),
        history=steps.of(id),
    )
