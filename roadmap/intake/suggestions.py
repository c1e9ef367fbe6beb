"""Problems and requests that look like what somebody says: suggested, never chosen for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roadmap import similar
from roadmap.extensions import db
from roadmap.market.figures import Figures
from roadmap.market.solvers import Solution
from roadmap.models import Problem, Request
from roadmap.similar import PROBLEM, REQUEST, Context, Text
from roadmap.web.filters import day

from .naming import deals_of

#: As many as somebody reads while typing.
MOST = 4
#: Beside a request there is room for more, and for requests among them.
MOST_BESIDE = 8


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


def suggestions(
    body: str, quote: str, account_id: int | None, deal_ids: Sequence[int]
) -> list[Suggestion]:
    """The problems that say what somebody is typing, the best first."""
    found = similar.suggest(Text(body=body, quote=quote), Context(account_id, deal_ids), 2 * MOST)
    return _shown([each for each in found if each.kind == PROBLEM][:MOST])


def beside(request: Request) -> list[Suggestion]:
    """Problems and requests that say what a request says, without itself; problems first."""
    text = Text(request.title, request.body, request.purpose, request.quote)
    around = Context(request.account_id, deals_of(request))
    found = similar.suggest(text, around, MOST_BESIDE + 1)
    others = [each for each in found if (each.kind, each.id) != (REQUEST, request.id)]
    return _shown(sorted(others, key=lambda each: each.kind != PROBLEM))


def problem(id: int, title: str, why: str) -> Suggestion:
    """A problem with what stands behind it."""
    return problems([(id, title, why)])[0]


def problems(rows: Sequence[tuple[int, str, str]]) -> list[Suggestion]:
    """Problems, each with why it is named and what stands behind it."""
    return _shown([similar.Suggestion(PROBLEM, id, title, 1, (why,)) for id, title, why in rows])


def chosen(problem_id: int) -> Suggestion | None:
    """The problem that somebody said it is, whatever they typed since; None where there is none."""
    found = db.session.get(Problem, problem_id)
    if found is None or found.merged_into_id is not None:
        return None
    return problem(found.id, found.title, "")


def _shown(found: Sequence[similar.Suggestion]) -> list[Suggestion]:
    behind = similar.shown([each.id for each in found if each.kind == PROBLEM])
    made = []
    for each in found:
        why = "; ".join(filter(None, each.why))
        if each.kind == REQUEST:
            made.append(Suggestion(REQUEST, each.id, each.title, 0, 0, 0, "", why))
            continue
        counted, solved = behind[each.id].figures, behind[each.id].solution
        made.append(_problem(each, counted, solved, why))
    return made


def _problem(each: similar.Suggestion, counted: Figures, solved: Solution, why: str) -> Suggestion:
    return Suggestion(
        PROBLEM, each.id, each.title, counted.open_count, counted.open_amount,
        counted.open_unknown, f"forecast: {day(solved.date)}" if solved.date else solved.words, why,
    )  # fmt: skip
