"""What CRM's words about losses stand for: the queue, the decisions, and the deals that follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process
from sqlalchemy import Select, case, func, select, union_all

from roadmap.domain.deals import LOST
from roadmap.domain.errors import Refused
from roadmap.domain.winloss import BUCKETS
from roadmap.evidence.counting import recount
from roadmap.evidence.roots import root, survivors
from roadmap.extensions import db
from roadmap.models import Deal, LossWords, LossWordsPart, Problem
from roadmap.models.base import now
from roadmap.planning import totals
from roadmap.web.paging import PAGE
from roadmap.workspace import revision

from . import applying, reasons

#: Below this likeness, in percent, words are not alike.
LIKE = 70
MOST_ALIKE = 3
#: A decision that the words give no reason.
NOTHING = "nothing"


class WordsLine(NamedTuple):
    """Words of CRM. `deals` are the lost ones that have them; the amount is in cents, unknown ones
    count 0 and are counted beside. `alike` are decided words that read nearly the same."""

    id: int
    text: str
    bucket: str | None
    problem_id: int | None
    problem: str | None
    decided: bool
    deals: int
    amount: int
    unknown: int
    alike: Sequence[tuple[str, str, int | None, str | None]]


def waiting(after: int = 0) -> tuple[list[WordsLine], int]:
    """A page of the words that nobody has decided, those of most deals first, and how many there
    are."""
    number = undecided()
    rows = _lines(_counted().where(LossWords.decided_at.is_(None)).offset(after).limit(PAGE))
    known = _decided()
    return [line._replace(alike=_alike(line.text, known)) for line in rows], number


def undecided() -> int:
    """How many of CRM's loss reasons nobody has decided yet."""
    statement = select(func.count()).where(LossWords.decided_at.is_(None), ~reasons.is_whole())
    return db.session.scalar(statement) or 0


def decided() -> list[WordsLine]:
    """The words that somebody has decided."""
    return _lines(_counted().where(LossWords.decided_at.is_not(None)))


def line_of(words_id: int) -> WordsLine:
    return _lines(_counted().where(LossWords.id == words_id))[0]


def choice(line: WordsLine) -> dict[str, object]:
    """What a wording's selects say."""
    bucket = line.bucket or (NOTHING if line.decided else "")
    return {"bucket": bucket, "problem": line.problem_id}


def problems() -> list[tuple[int, str]]:
    """The problems that words may stand for, by title."""
    rows = db.session.execute(
        select(Problem.id, Problem.title)
        .where(Problem.merged_into_id.is_(None))
        .order_by(Problem.sort_key)
    )
    return [(id, title) for id, title in rows]


def decide(words_id: int, bucket: str, problem_id: int | None, by_id: int) -> int:
    """Say what words stand for: a bucket, a problem as well, or NOTHING, or ("") take the decision
    back. All stored deals that have them follow; returns how many are lost."""
    row = revision.lock()
    words = db.session.get_one(LossWords, words_id, populate_existing=True)
    if bucket not in (*BUCKETS, NOTHING, ""):
        db.session.rollback()
        raise Refused("Choose a bucket.")
    problem = db.session.get(Problem, problem_id) if problem_id and bucket == "product" else None
    if bucket == "product" and problem_id and (problem is None or problem.merged_into_id):
        db.session.rollback()
        raise Refused("There is no such problem any more.")
    having = Deal.loss_words_id.in_(reasons.having(words_id))
    deals = select(Deal.id).where(having)
    ids = list(db.session.scalars(deals))
    lost = db.session.scalar(select(func.count()).where(having, Deal.status == LOST))
    few = len(ids) <= applying.MOST_KEPT
    with totals.keeping(ids) if few else nullcontext():
        decided = bucket if bucket in BUCKETS else None, problem.id if problem else None
        if decided != (words.bucket, words.problem_id and root(words.problem_id)):
            reasons.forget(words_id)
            words.bucket, words.problem_id = decided
        words.decided_at = now() if bucket else None
        words.decided_by_id = by_id if bucket else None
        db.session.flush()
        reasons.follow(deals)
        recount(ids)
    if not few and row.figures_as_of:
        totals.rebuild(row, row.figures_as_of)
    revision.count(row, evidence=True)
    db.session.commit()
    return lost or 0


def _counted() -> Select[Any]:
    lost = Deal.status == LOST
    part = LossWordsPart
    links = union_all(
        select(LossWords.id.label("said"), LossWords.id.label("words")).where(~reasons.is_whole()),
        select(part.words_id, part.part_id),
    ).subquery()
    return (
        select(
            LossWords.id, LossWords.text, LossWords.bucket, LossWords.problem_id,
            LossWords.decided_at, func.count(case((lost, 1))).label("deals"),
            func.coalesce(func.sum(case((lost, Deal.amount))), 0),
            func.count(case((lost & Deal.amount.is_(None), 1))),
        )
        .join(links, links.c.words == LossWords.id)
        .outerjoin(Deal, Deal.loss_words_id == links.c.said)
        .group_by(LossWords.id)
        .order_by(func.count(case((lost, 1))).desc(), LossWords.id)
    )  # fmt: skip


def _lines(statement: Select[Any]) -> list[WordsLine]:
    rows: Any = db.session.execute(statement).all()
    stands = _standing(row.problem_id for row in rows)
    lines = []
    for id, text, bucket, named, at, deals, amount, none in rows:
        problem_id, problem = stands.get(named, (None, None))
        decided = at is not None
        lines.append(
            WordsLine(
                id, text, bucket, problem_id, problem, decided, deals, int(amount), none, ()
            )
        )  # fmt: skip
    return lines


def _decided() -> dict[str, tuple[str, str, int | None, str | None]]:
    rows = db.session.execute(
        select(LossWords.key, LossWords.text, LossWords.bucket, LossWords.problem_id).where(
            LossWords.decided_at.is_not(None), ~reasons.is_whole()
        )
    ).all()
    stands = _standing(row.problem_id for row in rows)
    return {
        key: (text, bucket or NOTHING, *stands.get(id, (None, None)))
        for key, text, bucket, id in rows
    }


def _standing(ids: Iterable[int | None]) -> dict[int | None, tuple[int, str]]:
    """The problem that words are about, with its title, by the one that was decided: another one
    where that was merged since.
    """
    wanted = {id for id in ids if id is not None}
    merged = survivors(wanted)
    now = {id: merged.get(id, id) for id in wanted}
    titles = dict(
        db.session.execute(
            select(Problem.id, Problem.title).where(Problem.id.in_(set(now.values())))
        ).all()
    )
    return {id: (about, titles[about]) for id, about in now.items()}


def _alike(
    text: str, known: dict[str, tuple[str, str, int | None, str | None]]
) -> list[tuple[str, str, int | None, str | None]]:
    """The decided words that are most like these, whatever the order of their words."""
    found = process.extract(
        text.casefold()[:200], list(known), scorer=fuzz.token_set_ratio, limit=MOST_ALIKE,
        score_cutoff=LIKE,
    )  # fmt: skip
    return [known[key] for key, _, _ in found]
