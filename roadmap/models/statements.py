"""What was said of deals: the evidence that all figures are counted from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, select, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from roadmap.domain.statements import (
    DEAL_BREAKER,
    HAND,
    HOLDING,
    MOST_WEIGHT,
    ORIGINS,
    SEVERITIES,
    strength,
)
from roadmap.domain.winloss import BUCKETS, PRODUCT, SOURCES

from .base import MOST_CENTS, Base, Cents, Id, Moment, now, one_by_one, within
from .deals import Deal
from .market import Problem
from .people import User

STANDING = text("ended_at IS NULL")


def _strength(context: DefaultExecutionContext) -> int:
    values = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return strength(values["source"], values.get("severity") or DEAL_BREAKER)


def _number(column: str, values: Sequence[str]) -> str:
    """SQL for the place of a column's value in a list."""
    cases = " ".join(f"WHEN '{value}' THEN {place}" for place, value in enumerate(values))
    return f"CASE {column} {cases} END"


class Statement(Base):
    """One thing said of one deal by one origin. It stands until it is ended, and then stays.

    The last block of columns is derived (see `domain.statements`) and kept here, so that half a
    million statements can be added up without reading each other: `evidence.counting` keeps it.
    """

    __tablename__ = "statements"
    __table_args__ = (
        one_by_one("origin", ORIGINS),
        one_by_one("source", SOURCES),
        one_by_one("bucket", BUCKETS),
        one_by_one("severity", SEVERITIES),
        within("weight", 1, MOST_WEIGHT),
        within("amount_then", 0, MOST_CENTS),
        within("fit_then", 0, 100),
        within("reason_weight", 1, MOST_WEIGHT),
        CheckConstraint("(problem_id IS NULL) = (root_id IS NULL)", name="counts_for_a_problem"),
        CheckConstraint("origin <> 'hand' OR origin_id IS NULL", name="hand_is_nothing_else"),
        CheckConstraint(
            "origin = 'hand' OR origin = 'crm' OR origin_id IS NOT NULL", name="origin_known"
        ),
        CheckConstraint(
            "ended_at IS NULL OR (NOT counts AND reason_weight IS NULL)", name="ended_is_silent"
        ),
        CheckConstraint("root_id IS NOT NULL OR NOT counts", name="counts_for_its_root"),
        CheckConstraint(
            "deal_id IS NOT NULL OR (origin = 'request' AND problem_id IS NOT NULL AND NOT counts"
            " AND reason_weight IS NULL)",
            name="of_a_deal",
        ),
        CheckConstraint("(problem_strength IS NOT NULL) = counts", name="counts_with_strength"),
        CheckConstraint(
            f"strength = {_number('source', SOURCES)} * {len(SEVERITIES)}"
            f" + {_number('severity', SEVERITIES)}",
            name="strength_of_both",
        ),
        Index("ix_statements_deal_id", "deal_id"),
        Index(
            "ix_statements_origin_id", "origin_id", "origin",
            sqlite_where=text("origin_id IS NOT NULL"),
            postgresql_where=text("origin_id IS NOT NULL"),
        ),
        # All that figures read of a problem's statements: with `ended_at`, which is null in
        # all of them, SQLite need not look at the rows for it.
        Index(
            "ix_statements_root_id", "root_id", "counts", "deal_id", "source", "reason_weight",
            "problem_strength", "ended_at",
            sqlite_where=STANDING, postgresql_where=STANDING,
        ),
    )  # fmt: skip

    id: Mapped[Id]
    origin: Mapped[str] = mapped_column(String(10), default=HAND)
    #: The request, conversation, report or wording of CRM that says it; null for a hand.
    origin_id: Mapped[int | None] = mapped_column(Integer)
    #: Null where a request says which problem it is about: that concerns no deal until it is
    #: confirmed, and counts for none.
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id", ondelete="RESTRICT"))
    #: As it was said; a split may have changed it. Null where no known problem is named.
    problem_id: Mapped[int | None] = mapped_column(ForeignKey("problems.id", ondelete="RESTRICT"))
    #: Where it counts: the problem itself, or the one that it was merged into.
    root_id: Mapped[int | None] = mapped_column(ForeignKey("problems.id", ondelete="RESTRICT"))
    #: A statement in another bucket than Product counts for no problem, even if it names one.
    bucket: Mapped[str] = mapped_column(String(20), default=PRODUCT)
    source: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str] = mapped_column(String(20), default=DEAL_BREAKER)
    weight: Mapped[int] = mapped_column(Integer, default=1)
    words: Mapped[str] = mapped_column(Text, default="")
    said_at: Mapped[Moment] = mapped_column(default=now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    amount_then: Mapped[Cents | None]
    stage_then: Mapped[str] = mapped_column(String(200), default="")
    fit_then: Mapped[int] = mapped_column(Integer, default=0)
    ended_at: Mapped[Moment | None]

    #: Source and severity as one ordered number.
    strength: Mapped[int] = mapped_column(Integer, default=_strength)
    counts: Mapped[bool] = mapped_column(default=False)
    #: What its reason weighs, where it is the first of it; null for those that it stands for.
    reason_weight: Mapped[int | None] = mapped_column(Integer)
    #: Of its problem for the deal: the strength of the strongest statement that counts for it.
    problem_strength: Mapped[int | None] = mapped_column(Integer)

    deal: Mapped[Deal | None] = relationship()
    problem: Mapped[Problem | None] = relationship(foreign_keys=[problem_id])
    root: Mapped[Problem | None] = relationship(foreign_keys=[root_id])
    by: Mapped[User | None] = relationship()


_S = Statement


def _reasons(names: bool, name: str) -> Any:
    """The reasons that name a problem, or those that name none: the first statement of each."""
    about = _S.root_id.is_not(None) if names else _S.root_id.is_(None)
    return (
        select(
            _S.id, _S.deal_id, _S.root_id.label("problem_id"), _S.source, _S.bucket,
            _S.reason_weight.label("weight"), _S.counts, _S.problem_strength,
            _S.problem_strength.in_(HOLDING).label("holds"), _S.words, _S.said_at, _S.by_id,
        )
        .where(_S.ended_at.is_(None), _S.reason_weight.is_not(None), about)
        .subquery(name)
    )  # fmt: skip


class _Reason:
    """It weighs what all statements that say the same from one source do together. Read only."""

    if TYPE_CHECKING:
        id: Mapped[int]
        deal_id: Mapped[int]
        problem_id: Mapped[int]
        source: Mapped[str]
        bucket: Mapped[str]
        weight: Mapped[int]
        counts: Mapped[bool]
        problem_strength: Mapped[int]
        holds: Mapped[bool]
        words: Mapped[str]
        said_at: Mapped[datetime]
        by_id: Mapped[int | None]


class Blocker(_Reason, Base):
    """A reason that names a problem: what stands, or stood, in a deal's way."""

    __table__ = _reasons(True, "blockers")
    __mapper_args__: Any = {"primary_key": [__table__.c.id]}  # noqa: RUF012


class LossReason(_Reason, Base):
    """A reason that names no problem, but a bucket."""

    __table__ = _reasons(False, "loss_reasons")
    __mapper_args__: Any = {"primary_key": [__table__.c.id]}  # noqa: RUF012
