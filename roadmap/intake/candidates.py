"""Problems that requests may be joined to, each with what joining it would mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import func, or_, select

from roadmap.domain.triage import MERGED, WAITING
from roadmap.extensions import db
from roadmap.market.problem_search import problems_with
from roadmap.models import Account, Problem, Request
from roadmap.planning.picture import Picture
from roadmap.similar import PROBLEM, REQUEST
from roadmap.workspace.account_names import account_has
from roadmap.workspace.searching import has

from . import suggestions
from .consequence import Consequence, Named
from .suggestions import Suggestion

MATCHES = 10


@dataclass(frozen=True)
class Candidate:
    """A problem beside a request. `key` is the key that joins it, on a page that has keys."""

    of: Suggestion
    statement: str
    consequence: Consequence
    key: int | None = None


def candidates(
    found: Iterable[Suggestion], named: Named, picture: Picture, *, keys: bool = False
) -> list[Candidate]:
    """These problems with their statements, in one query, and their consequences."""
    problems = [each for each in found if each.kind == PROBLEM]
    rows = db.session.execute(
        select(Problem.id, Problem.statement).where(Problem.id.in_([each.id for each in problems]))
    )
    said: dict[int, str] = dict(map(tuple, rows))  # type: ignore[arg-type] # rows of two
    return [
        Candidate(
            each, said.get(each.id, ""), named.joining(picture, each.id, each.title),
            number if keys and number <= 9 else None,
        )
        for number, each in enumerate(problems, 1)
    ]  # fmt: skip


def found_by(words: str, without: Collection[int] = ()) -> list[Suggestion]:
    """Problems that have all of these words in title or statement, by title."""
    found = islice(problems_with(words, without), MATCHES)
    return suggestions.problems([(each.id, each.title, "") for each in found])


def pending(request: Request) -> list[Suggestion]:
    """The problem that whoever asked said it is about, or that it belongs to."""
    if request.problem is None:
        return []
    why = "whoever asked says it is this"
    if request.state not in WAITING:
        why = "it belongs here now"
    return [suggestions.problem(request.problem.id, request.problem.title, why)]


def for_many(ids: Sequence[int]) -> list[Suggestion]:
    """What several requests look like: the problems that they joined, then what the oldest of them
    resembles.
    """
    if not ids:
        return []
    joined = db.session.execute(
        select(Problem.id, Problem.title)
        .join(Request, Request.problem_id == Problem.id)
        .where(Request.id.in_(ids))
        .group_by(Problem.id, Problem.title)
        .order_by(func.count().desc(), Problem.sort_key)
        .limit(MATCHES)
    )
    found = suggestions.problems([(id, title, "some of them say so") for id, title in joined])
    known = {each.id for each in found}
    alike = suggestions.beside(db.session.get_one(Request, ids[0]))
    return found + [each for each in alike if each.kind == PROBLEM and each.id not in known]


def title_of(problem_id: int) -> str:
    return db.session.scalar(select(Problem.title).where(Problem.id == problem_id)) or ""


def twin(title: str) -> Problem | None:
    """The problem that has this title already."""
    return db.session.scalar(select(Problem).where(Problem.title == title))


@dataclass(frozen=True)
class Other:
    """Another request that this one may be merged into."""

    id: int
    title: str
    account: str | None
    state: str
    why: str


def others(found: Iterable[Suggestion]) -> list[Other]:
    """The suggested requests with whose they are."""
    why = {each.id: each.why for each in found if each.kind == REQUEST}
    rows = {id: (title, account, state) for id, title, account, state in _requests(list(why))}
    return [Other(id, *rows[id], why[id]) for id in why if id in rows]


def requests_found_by(words: str, without: Collection[int]) -> list[Other]:
    """Requests not merged that have all of these words in title, text or account; newest first."""
    statement = (
        select(Request.id, Request.title, Account.name, Request.state)
        .outerjoin(Account, Account.id == Request.account_id)
        .where(Request.state != MERGED, Request.id.not_in(without))
        .where(has(words, Request.search_text, Request.search_body, Account.search_text))
        .order_by(Request.created_at.desc(), Request.id.desc())
        .limit(MATCHES)
    )
    return [Other(*row, "") for row in db.session.execute(statement)]


def accounts_found_by(words: str) -> Sequence[tuple[int, str]]:
    """Accounts whose name or CRM id has these words."""
    rows = db.session.execute(
        select(Account.id, Account.name)
        .where(
            or_(
                account_has(words),
                Account.external_id.contains(words, autoescape=True),
            )
        )
        .order_by(Account.sort_key, Account.id)
        .limit(MATCHES)
    )
    return [(id, name) for id, name in rows]


def _requests(ids: Collection[int]) -> Iterable[tuple[int, str, str | None, str]]:
    rows = db.session.execute(
        select(Request.id, Request.title, Account.name, Request.state)
        .outerjoin(Account, Account.id == Request.account_id)
        .where(Request.id.in_(ids))
    )
    return [(id, title, account, state) for id, title, account, state in rows]
