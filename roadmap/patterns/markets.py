"""The market as one view: segment → problems → initiatives across products → work by team."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from roadmap.domain.collation import sort_key
from roadmap.market import figures, queries
from roadmap.market.figures import NOTHING, Figures
from roadmap.market.kept import kept
from roadmap.market.queries import Filters, Line
from roadmap.market.solvers import Solver
from roadmap.models import Account, Blocker, Deal, problem_segments
from roadmap.planning.picture import Picture
from roadmap.web import lists
from roadmap.web.arguments import NONE
from roadmap.workspace.settings import workspace

#: How many problems of a segment the view of all segments shows, and a segment's own page.
FEW = 5


@dataclass(frozen=True)
class Asked(lists.Filters):
    """What it is narrowed to: problems that hold words, or that a product's work addresses."""

    q: str = lists.words()
    product: int | None = lists.number()


class Work(NamedTuple):
    """What is left of an initiative for a product and a team; `days` is None if not estimated."""

    product: str
    team: str
    days: int | None


class Answer(NamedTuple):
    """An initiative that addresses a problem, with its work."""

    solver: Solver
    work: tuple[Work, ...]


class Entry(NamedTuple):
    """A problem in a segment. `here` counts the deals of that segment's accounts alone."""

    line: Line
    here: Figures
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Market:
    """A segment with its problems, those before which most weighted money waits first.

    `together` counts the deals of its accounts that any of its problems blocks, each once. Problems
    without a segment come last, with all of their deals; there the `id` is None.
    """

    id: int | None
    name: str
    together: Figures
    entries: list[Entry]

    @property
    def key(self) -> int | str:
        return NONE if self.id is None else self.id

    @property
    def uncovered(self) -> int:
        return sum(entry.line.uncovered for entry in self.entries)


def markets(picture: Picture, asked: Asked) -> list[Market]:
    """Every segment, in order. Two queries when warm, whatever the size."""
    lines = [
        line
        for line in queries.problem_lines(picture, Filters(q=asked.q))
        if asked.product is None or _is_for(line, asked.product)
    ]
    split = figures.by_problem_and_segment()
    together = _together()
    found = []
    for id, name in queries.segment_choices():
        own = [line for line in lines if any(id == segment for segment, _ in line.segments)]
        entries = [_entry(picture, line, split.get((line.id, id), NOTHING)) for line in own]
        found.append(Market(id, name, together.get(id, NOTHING), _sorted(entries)))
    rest = [_entry(picture, line, line.figures) for line in lines if not line.segments]
    ids = frozenset(entry.line.id for entry in rest)
    counted = figures.unique(ids) if ids else NOTHING
    found.append(Market(None, "No segment named", counted, _sorted(rest)))
    return found


def products(picture: Picture) -> list[tuple[int, str]]:
    """The products that initiatives on the board are for."""
    known = {product for card in picture.cards.values() for product in card.products}
    return sorted(known, key=lambda product: (sort_key(product[1]), product[0]))


def flat(found: Iterable[Market]) -> Iterator[tuple[Market, Entry, Answer | None, Work | None]]:
    """One row per work item's product and team; what has none below it has a row of its own."""
    for market in found:
        for entry in market.entries:
            for answer in entry.answers or (None,):
                work: tuple[Work | None, ...] = answer.work if answer else ()
                for item in work or (None,):
                    yield market, entry, answer, item


def _is_for(line: Line, product: int) -> bool:
    return any(product == id for solver in line.solvers for id, _ in solver.products)


def _entry(picture: Picture, line: Line, here: Figures) -> Entry:
    answers = tuple(Answer(solver, _work(picture, solver)) for solver in line.solvers)
    return Entry(line, here, answers)


def _work(picture: Picture, solver: Solver) -> tuple[Work, ...]:
    """By product and team, in the order of the work items; those that shipped have none left."""
    if solver.rank is None:
        return ()
    names = {str(id): name for id, name in solver.products}
    left: dict[tuple[str, str], int | None] = {}
    for item in picture.plan.initiatives[str(solver.id)].work:
        key = names.get(item.product, ""), picture.teams[item.team]
        before = left.get(key, 0)
        known = before is not None and item.person_days is not None
        left[key] = (before or 0) + (item.person_days or 0) if known else None
    return tuple(Work(product, team, days) for (product, team), days in left.items())


def _sorted(entries: list[Entry]) -> list[Entry]:
    def most_first(entry: Entry) -> tuple[int, int, str]:
        return -entry.here.open_weighted, -entry.line.figures.open_weighted, entry.line.title

    return sorted(entries, key=most_first)


def _together() -> Mapping[int, Figures]:
    def count() -> Mapping[int, Figures]:
        ties = (
            figures.tied_deals(problem_segments.c.segment_id, Blocker.deal_id)
            .join(problem_segments, problem_segments.c.problem_id == Blocker.problem_id)
            .join(Deal, Deal.id == Blocker.deal_id)
            .join(Account, Account.id == Deal.account_id)
            .where(Account.segment_id == problem_segments.c.segment_id)
        )
        return figures.grouped(ties, "segment_id")

    return kept(("markets", *figures.as_of(), workspace().plan_revision), count)
