"""Words that confirmed joins have in common and their problem lacks: lines for the glossary."""

from __future__ import annotations

from collections import Counter, defaultdict

from sqlalchemy import select

from roadmap.domain.folding import groups_of
from roadmap.domain.triage import CONFIRMED
from roadmap.extensions import db
from roadmap.models import Problem, Request
from roadmap.workspace.settings import workspace

from .stop_words import WORDS, without_selling
from .words import words

#: So many of the newest confirmed requests are read.
READ = 1_000
#: As many requests of one problem have to have a word, and few others.
LEAST, SHARE = 3, 0.75
SUGGESTED = 10


def suggested() -> list[str]:
    """Lines such as "okta = Sign-in is manual work", what most requests say first."""
    rows = db.session.execute(
        select(Request.problem_id, Problem.title, Problem.statement, Request.title, Request.body)
        .join(Problem, Problem.id == Request.problem_id)
        .where(Request.state == CONFIRMED)
        .order_by(Request.id.desc())
        .limit(READ)
    ).all()
    everywhere: Counter[str] = Counter()
    here: dict[tuple[str, str], int] = defaultdict(int)
    spelt: dict[str, str] = {}
    known = {term for group in groups_of(workspace().glossary) for term in group}
    for _, problem, statement, title, body in rows:
        own = {word.stem for word in words(f"{problem} {statement}")}
        said = {w.stem: w.written for w in words(without_selling(f"{title} {body}"))}
        everywhere.update(set(said))
        spelt.update(said)
        for stem, word in said.items():
            if stem not in own and word not in WORDS | known and not word.isdigit():
                here[stem, problem] += 1
    found = sorted(here.items(), key=lambda each: (-each[1], each[0]))
    telling = [
        f"{spelt[stem]} = {problem}" for (stem, problem), count in found
        if count >= LEAST and count >= SHARE * everywhere[stem]
    ]  # fmt: skip
    return telling[:SUGGESTED]
