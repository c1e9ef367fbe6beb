"""What CRM says about losses, as reasons: each wording is decided once, and its deals follow.

A deal keeps which words its CRM has for its loss. Where they are decided and the deal is lost, the
words stand for one reason from CRM: a tie to the problem, or a reason with a bucket.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    select,
)

from roadmap.domain.deals import LOST
from roadmap.domain.winloss import CRM, PRODUCT
from roadmap.extensions import db
from roadmap.market import steps
from roadmap.models import Account, Blocker, Deal, LossReason, LossWords, StagedDeal
from roadmap.models.base import chunks, now
from roadmap.models.base import table as sa_table
from roadmap.models.imports import CHANGED, NEW

from .attributes import LOSS_REASON


def meet(import_id: int) -> list[int]:
    """Put the words that nobody has met yet into the queue, as the first row spells them; returns
    their ids."""
    s = StagedDeal
    known = select(LossWords.id).where(LossWords.key == s.words_key).exists()
    fresh = (
        select(s.words_key, func.min(s.row))
        .where(s.import_id == import_id, s.action.in_((NEW, CHANGED)))
        .where(s.words_key.is_not(None), ~known)
        .group_by(s.words_key)
    )
    rows = [(key, row) for key, row in db.session.execute(fresh)]
    if not rows:
        return []
    spelt = _spelt(import_id, [row for _, row in rows])
    db.session.execute(
        insert(LossWords), [{"key": key, "text": spelt.get(row) or key} for key, row in rows]
    )
    found: list[int] = []
    for chunk in chunks([key for key, _ in rows]):
        found += db.session.scalars(select(LossWords.id).where(LossWords.key.in_(chunk)))
    return found


def any_decided() -> bool:
    return bool(db.session.scalar(select(exists().where(LossWords.decided_at.is_not(None)))))


def follow(deals: Select[Any]) -> None:
    """Make the reasons of these deals what their words stand for. The caller keeps the totals."""
    _drop(deals)
    words, problem = _words(), _problem()
    tied = select(Blocker.id).where(
        Blocker.deal_id == Deal.id, Blocker.problem_id == problem, Blocker.source == CRM
    )
    ties: Any = (
        select(
            Deal.id, problem, literal(CRM), literal(PRODUCT), literal(1), literal(False),
            LossWords.text, literal(now()), null(), Deal.amount, Deal.stage,
            func.coalesce(Account.fit, 0), LossWords.id,
        )
        .select_from(Deal)
        .join(LossWords, words)
        .outerjoin(Account, Account.id == Deal.account_id)
        .where(Deal.id.in_(deals), LossWords.problem_id.is_not(None), ~tied.exists())
    )  # fmt: skip
    _insert(
        Blocker,
        ("deal_id", "problem_id", "source", "bucket", "weight", "counts", "note", "tied_at",
         "tied_by_id", "amount_then", "stage_then", "fit_then", "loss_words_id"),
        ties,
    )  # fmt: skip
    given = select(LossReason.id).where(
        LossReason.deal_id == Deal.id, LossReason.loss_words_id == LossWords.id
    )
    others: Any = (
        select(
            Deal.id, LossWords.bucket, literal(CRM), literal(1), LossWords.text, literal(now()),
            LossWords.id,
        )
        .select_from(Deal)
        .join(LossWords, words)
        .where(Deal.id.in_(deals), LossWords.bucket.is_not(None), LossWords.problem_id.is_(None))
        .where(~given.exists())
    )  # fmt: skip
    _insert(
        LossReason,
        ("deal_id", "bucket", "source", "weight", "note", "recorded_at", "loss_words_id"),
        others,
    )


def _drop(deals: Select[Any]) -> None:
    """Take away what no longer is what the deal's words stand for."""
    problem = _problem()
    right = (
        select(Deal.id)
        .join(LossWords, _words())
        .where(Deal.id == Blocker.deal_id, LossWords.id == Blocker.loss_words_id)
        .where(problem == Blocker.problem_id)
    )
    db.session.execute(
        delete(Blocker)
        .where(Blocker.loss_words_id.is_not(None), Blocker.deal_id.in_(deals), ~right.exists())
        .execution_options(synchronize_session=False)
    )
    right = (
        select(Deal.id)
        .join(LossWords, _words())
        .where(Deal.id == LossReason.deal_id, LossWords.id == LossReason.loss_words_id)
        .where(LossWords.bucket == LossReason.bucket, LossWords.problem_id.is_(None))
    )
    db.session.execute(
        delete(LossReason)
        .where(
            LossReason.loss_words_id.is_not(None), LossReason.deal_id.in_(deals), ~right.exists()
        )
        .execution_options(synchronize_session=False)
    )


def _words() -> Any:
    return and_(LossWords.id == Deal.loss_words_id, Deal.status == LOST)


def _problem() -> Any:
    """The problem that words stand for, or the one that stands for it once it was merged."""
    named = select(LossWords.problem_id).where(LossWords.problem_id.is_not(None)).distinct()
    merged = steps.survivors(db.session.scalars(named))
    if not merged:
        return LossWords.problem_id
    return case(merged, value=LossWords.problem_id, else_=LossWords.problem_id)


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


def _insert(table: Any, columns: tuple[str, ...], chosen: Select[Any]) -> None:
    db.session.connection().execute(insert(sa_table(table)).from_select(columns, chosen))
