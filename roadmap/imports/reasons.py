"""What CRM says about losses, as reasons: each wording is decided once, and its deals follow.

A deal keeps which words its CRM has for its loss. Where they are decided and the deal is lost, the
words are a statement of CRM's, about the problem or the bucket that they stand for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
)

from roadmap.domain.deals import LOST
from roadmap.domain.statements import CRM, DEAL_BREAKER, strength
from roadmap.evidence.roots import root_of
from roadmap.extensions import db
from roadmap.models import Account, Deal, LossWords, LossWordsPart, StagedDeal, Statement
from roadmap.models.base import chunks, now
from roadmap.models.base import table as sa_table
from roadmap.models.imports import CHANGED, NEW

from .attributes import LOSS_REASON
from .split_reasons import parts
from .staging import words_key


def meet(import_id: int, split: str | None) -> list[int]:
    """Put the words that nobody has met yet into the queue, as the first row spells them; returns
    their ids. Those that are several, separated by `split`, are in the queue as these."""
    s = StagedDeal
    known = select(LossWords.id).where(LossWords.key == s.words_key).exists()
    fresh = (
        select(s.words_key, func.min(s.row))
        .where(s.import_id == import_id, s.action.in_((NEW, CHANGED)))
        .where(s.words_key.is_not(None), ~known)
        .group_by(s.words_key)
    )
    rows = [(key, row) for key, row in db.session.execute(fresh) if key]
    if not rows:
        return []
    spelt = _spelt(import_id, [row for _, row in rows])
    fresh_words = {key: spelt.get(row) or key for key, row in rows}
    listed = {key: each for key, text in fresh_words.items() if len(each := parts(text, split)) > 1}
    singles = {words_key(part): part for each in listed.values() for part in each}
    before = _ids(singles)
    words = {key: text for key, text in singles.items() if key not in before} | fresh_words
    db.session.execute(insert(LossWords), [{"key": k, "text": text} for k, text in words.items()])
    ids = _ids(words)
    links = {
        (ids[key], {**before, **ids}[words_key(part)])
        for key, each in listed.items()
        for part in each
    }
    if links:
        db.session.execute(
            insert(LossWordsPart), [{"words_id": whole, "part_id": part} for whole, part in links]
        )
    return list(ids.values())


def _ids(keys: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in chunks(keys):
        rows: Any = db.session.execute(
            select(LossWords.key, LossWords.id).where(LossWords.key.in_(chunk))
        )
        found |= dict(rows.all())
    return found


def is_whole() -> ColumnElement[bool]:
    """Of words that are several reasons: those are decided, and not the whole."""
    return exists().where(LossWordsPart.words_id == LossWords.id)


def having(words_id: int) -> list[int]:
    """These words and those that name them among others."""
    wholes = select(LossWordsPart.words_id).where(LossWordsPart.part_id == words_id)
    return [words_id, *db.session.scalars(wholes)]


def any_decided() -> bool:
    return bool(db.session.scalar(select(exists().where(LossWords.decided_at.is_not(None)))))


def follow(deals: Select[Any]) -> None:
    """Let CRM say of these deals what their words stand for. The caller keeps the totals.

    What was said already stays as it is, also where a split has taken it to another problem.
    """
    _drop(deals)
    said = select(Statement.id).where(
        Statement.deal_id == Deal.id, Statement.origin == CRM, Statement.origin_id == LossWords.id,
        Statement.ended_at.is_(None),
    )  # fmt: skip
    source: Any = literal(CRM)
    chosen: Any = (
        select(
            source, LossWords.id, Deal.id, LossWords.problem_id, root_of(LossWords.problem_id),
            LossWords.bucket, source, literal(DEAL_BREAKER), literal(strength(CRM, DEAL_BREAKER)),
            literal(1), LossWords.text, literal(now()), Deal.amount, Deal.stage,
            func.coalesce(Account.fit, 0), literal(False),
        )
        .select_from(Deal)
        .outerjoin(LossWordsPart, LossWordsPart.words_id == Deal.loss_words_id)
        .join(LossWords, _words())
        .outerjoin(Account, Account.id == Deal.account_id)
        .where(Deal.id.in_(deals), LossWords.bucket.is_not(None), ~said.exists())
    )  # fmt: skip
    columns = (
        "origin", "origin_id", "deal_id", "problem_id", "root_id", "bucket", "source", "severity",
        "strength", "weight", "words", "said_at", "amount_then", "stage_then", "fit_then", "counts",
    )  # fmt: skip
    statements = sa_table(Statement)
    db.session.connection().execute(insert(statements).from_select(columns, chosen))


def forget(words_id: int) -> None:
    """Take away what these words stood for, since somebody decides otherwise. What CRM says is kept
    with each deal and each wording: none of it is lost.
    """
    _delete(Statement.origin_id == words_id)


def _drop(deals: Select[Any]) -> None:
    """Take away what no longer is what the deal's words stand for."""
    right = select(Deal.id).outerjoin(LossWordsPart, LossWordsPart.words_id == Deal.loss_words_id)
    right = right.join(LossWords, _words())
    right = right.where(Deal.id == Statement.deal_id, LossWords.id == Statement.origin_id)
    _delete(Statement.deal_id.in_(deals), Statement.origin_id.is_not(None), ~right.exists())


def _delete(*which: Any) -> None:
    db.session.execute(
        delete(Statement)
        .where(Statement.origin == CRM, *which)
        .execution_options(synchronize_session=False)
    )


def _words() -> Any:
    words = func.coalesce(LossWordsPart.part_id, Deal.loss_words_id)
    return and_(LossWords.id == words, Deal.status == LOST)


def _spelt(import_id: int, rows: list[int]) -> dict[int, str]:
    """The words of these rows as they stand in the file."""
    found: dict[int, str] = {}
    for chunk in chunks(rows):
        for row, attributes in db.session.execute(
            select(StagedDeal.row, StagedDeal.attributes).where(
                StagedDeal.import_id == import_id, StagedDeal.row.in_(chunk)
            )
        ):
            found[row] = (attributes or {}).get(LOSS_REASON, "")
    return found
