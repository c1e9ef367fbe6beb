"""All problems and requests as one process knows them, ready to be compared with a text.

Kept while nothing changes. What changed since is read by its revision, so that typing after
somebody saved a request costs that one request and not all.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from flask import current_app
from sqlalchemy import func, or_, select

from roadmap.domain.bm25 import Field, Index
from roadmap.domain.plan import DECLINED
from roadmap.extensions import db
from roadmap.models import (
    Initiative,
    Problem,
    ProblemTie,
    Request,
    WorkItem,
    Workspace,
    problem_segments,
)
from roadmap.workspace.settings import workspace

from .sought import Key, Near
from .words import Word, words

KEY = "roadmap similar"
PROBLEM, REQUEST = "problem", "request"

#: Chosen by how often the twin of a real report came first and among the first three.
FIELDS = {
    "title": Field(weight=3, usual=6, b=0.6), "body": Field(weight=1, usual=20, b=0.6),
    "solutions": Field(weight=2, usual=6, b=0.6),
}  # fmt: skip
K1 = 3.0


class Entry(NamedTuple):
    """A problem or request. `stands_for` is what it was merged into, or the problem that a request
    belongs to: what is suggested in its place. `statement` and `words` are stems, each once: a set
    would take five times the room."""

    kind: str
    id: int
    title: str
    stands_for: Key | None = None
    account_id: int | None = None
    state: str = ""
    segments: frozenset[int] = frozenset()
    statement: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass
class Corpus:
    """`revision` and `intake_revision` are the workspace's that it was read at; the ids are the
    largest that it has seen, since rows that were brought in at once carry no revision."""

    index: Index[Key] = field(default_factory=lambda: Index(FIELDS, K1))
    entries: dict[Key, Entry] = field(default_factory=dict)
    near: Near = field(default_factory=Near)
    #: The titles of what addresses each problem, and of the work on it.
    solutions: dict[int, str] = field(default_factory=dict)
    revision: int = -1
    plan_revision: int = -1
    intake_revision: int = -1
    last_problem: int = 0
    last_request: int = 0

    def bring_up_to_date(self, row: Workspace) -> None:
        """Read what changed: at most two queries for problems and two for requests."""
        changed = False
        if row.revision > self.revision:
            changed |= self._read_problems(self.revision, self._solved_otherwise(row))
            self.revision, self.plan_revision = row.revision, row.plan_revision
        if row.intake_revision > self.intake_revision:
            changed |= self._read_requests(self.intake_revision) | self._forget_requests()
            self.intake_revision = row.intake_revision
        if changed:
            self.near = Near()

    def target(self, key: Key) -> Entry | None:
        """What is suggested where this one is found; None where that is not known."""
        seen = set()
        while (entry := self.entries.get(key)) and entry.stands_for and key not in seen:
            seen.add(key)
            key = entry.stands_for
        return entry

    def _solved_otherwise(self, row: Workspace) -> set[int]:
        """Problems that other initiatives address, or initiatives of other titles."""
        titled = select(Initiative.id).where(Initiative.revision > self.revision).limit(1)
        if row.plan_revision == self.plan_revision and db.session.scalar(titled) is None:
            return set()
        found: dict[int, str] = {}
        ties = (
            select(ProblemTie.problem_id, Initiative.id, Initiative.title, WorkItem.title)
            .join(ProblemTie.initiative)
            .outerjoin(WorkItem, WorkItem.initiative_id == Initiative.id)
            .where(Initiative.state != DECLINED)
            .order_by(Initiative.id, WorkItem.position)
        )
        last: dict[int, int] = {}
        for id, initiative, title, item in db.session.execute(ties):
            said = item if last.get(id) == initiative else f"{title} {item or ''}"
            found[id], last[id] = f"{found.get(id, '')} {said}", initiative
        before, self.solutions = self.solutions, found
        return {id for id in {*before, *found} if before.get(id) != found.get(id)}

    def _read_problems(self, since: int, besides: set[int]) -> bool:
        new = or_(Problem.revision > since, Problem.id > self.last_problem)
        if since >= 0 and besides:
            new = or_(new, Problem.id.in_(besides))
        rows = db.session.execute(
            select(
                Problem.id, Problem.title, Problem.statement, Problem.workaround,
                Problem.merged_into_id,
            ).where(new)
        ).all()  # fmt: skip
        segments = _segments([row[0] for row in rows])
        for id, title, statement, workaround, merged_into in rows:
            self.last_problem = max(self.last_problem, id)
            said, stated = words(title), words(statement)
            stands_for = None if merged_into is None else (PROBLEM, merged_into)
            self._put(
                Entry(
                    PROBLEM, id, title, stands_for,
                    segments=segments.get(id, frozenset()),
                    statement=_stems(stated), words=_stems([*said, *stated]),
                ),
                said, [*stated, *words(workaround)], words(self.solutions.get(id, "")),
            )  # fmt: skip
        return bool(rows)

    def _read_requests(self, since: int) -> bool:
        rows = db.session.execute(
            select(
                Request.id, Request.title, Request.body, Request.purpose, Request.quote,
                Request.problem_id, Request.merged_into_id, Request.account_id, Request.state,
            ).where(or_(Request.revision > since, Request.id > self.last_request))
        ).all()  # fmt: skip
        for id, title, body, purpose, quote, problem, merged_into, account, state in rows:
            self.last_request = max(self.last_request, id)
            stands_for = None if problem is None else (PROBLEM, problem)
            if merged_into is not None:
                stands_for = (REQUEST, merged_into)
            self._put(
                Entry(REQUEST, id, title, stands_for, account_id=account, state=state),
                words(title), words(f"{body}\n{purpose}\n{quote}"),
            )  # fmt: skip
        return bool(rows)

    def _forget_requests(self) -> bool:
        """Drop requests that went with the import that had brought them."""
        known = {id for kind, id in self.entries if kind == REQUEST}
        if db.session.scalar(select(func.count()).select_from(Request)) == len(known):
            return False
        gone = known.difference(db.session.scalars(select(Request.id)))
        for id in gone:
            del self.entries[REQUEST, id]
            self.index.remove((REQUEST, id))
        return bool(gone)

    def _put(self, entry: Entry, *texts: Iterable[Word]) -> None:
        """`texts` are the words of each of FIELDS, in their order."""
        key = (entry.kind, entry.id)
        self.entries[key] = entry
        stems = ([word.stem for word in text] for text in texts)
        self.index.put(key, dict(zip(FIELDS, stems, strict=False)))


class Keeper:
    """One process's corpus. Whoever reads or refreshes it holds the lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.corpus = Corpus()


def keeper() -> Keeper:
    found: Keeper = current_app.extensions.setdefault(KEY, Keeper())
    return found


def current(kept: Keeper) -> Corpus:
    """The corpus, no older than this transaction's snapshot. The keeper's lock must be held.

    A snapshot older than the corpus is answered from the corpus: a suggestion may then name what
    that snapshot does not have yet, and nothing that was learnt is lost. Ask before writing: what
    is rolled back again would stay.
    """
    kept.corpus.bring_up_to_date(workspace())
    return kept.corpus


def _segments(problem_ids: Iterable[int]) -> Mapping[int, frozenset[int]]:
    ids = list(problem_ids)
    if not ids:
        return {}
    statement = select(problem_segments.c.problem_id, problem_segments.c.segment_id)
    if len(ids) <= 1000:
        statement = statement.where(problem_segments.c.problem_id.in_(ids))
    found: dict[int, set[int]] = defaultdict(set)
    for problem, segment in db.session.execute(statement):
        found[problem].add(segment)
    return {problem: frozenset(segments) for problem, segments in found.items()}


def _stems(said: Iterable[Word]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.stem for word in said))
