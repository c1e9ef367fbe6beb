"""The ledger. Its rows are written once: triggers in the database refuse UPDATE and DELETE."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, Cents, Id, Moment, Name, now, one_of
from .deals import Deal
from .people import User
from .planning import Initiative, Team

PROMOTION, ENTRY, LEAVE = "promotion", "entry", "leave"
EFFORT, NEEDS, NOT_BEFORE, STATE, TIES, CAPACITY, FISCAL_YEAR, PROMISE = (
    "effort",
    "needs",
    "not before",
    "state",
    "ties",
    "capacity",
    "fiscal year",
    "promise",
)
CHANGE_KINDS = (
    PROMOTION, ENTRY, LEAVE, EFFORT, NEEDS, NOT_BEFORE, STATE, TIES, CAPACITY,
    FISCAL_YEAR, PROMISE,
)  # fmt: skip


class Tradeoff(Base):
    """A committed change with its consequences as they were shown, its owner and its reason.

    `from_rank` is null when the initiative enters the board and `to_rank` when it leaves it; both
    are null where the order did not change. Replaying them in order of id gives the present order.
    """

    __tablename__ = "tradeoffs"
    __table_args__ = (
        one_of("kind", CHANGE_KINDS),
        UniqueConstraint("reverts_id"),
        Index("ix_tradeoffs_decided_at", "decided_at"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20))
    decided_at: Mapped[Moment] = mapped_column(default=now)
    #: The day that the forecasts were made for.
    as_of: Mapped[date]
    #: The board's revision that this made.
    revision: Mapped[int] = mapped_column(BigInteger)
    decided_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    sponsor_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    reason: Mapped[str] = mapped_column(Text)
    sentence: Mapped[str] = mapped_column(Text)
    initiative_id: Mapped[int | None] = mapped_column(
        ForeignKey("initiatives.id", ondelete="RESTRICT"), index=True
    )
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey("teams.id", ondelete="RESTRICT"), index=True
    )
    from_rank: Mapped[int | None] = mapped_column(Integer)
    to_rank: Mapped[int | None] = mapped_column(Integer)
    reverts_id: Mapped[int | None] = mapped_column(ForeignKey("tradeoffs.id", ondelete="RESTRICT"))
    #: The change and its inverse, as `domain.changes` writes them.
    change: Mapped[dict[str, Any]] = mapped_column(JSON)
    inverse: Mapped[dict[str, Any]] = mapped_column(JSON)
    delayed_count: Mapped[int] = mapped_column(Integer)
    advanced_count: Mapped[int] = mapped_column(Integer)
    pushed_count: Mapped[int] = mapped_column(Integer)
    pushed_amount: Mapped[Cents]
    #: Sum of amount times fit: cents in hundredths.
    pushed_weighted: Mapped[int] = mapped_column(BigInteger)
    brought_count: Mapped[int] = mapped_column(Integer)
    brought_amount: Mapped[Cents]
    brought_weighted: Mapped[int] = mapped_column(BigInteger)
    broken_count: Mapped[int] = mapped_column(Integer)
    mended_count: Mapped[int] = mapped_column(Integer)
    #: Why a sponsor was needed, in words; empty where none was.
    sponsor_reasons: Mapped[list[Any]] = mapped_column(JSON)
    #: Commitments that were taken back or moved later, and the deals that had counted on them.
    withdrawn_count: Mapped[int] = mapped_column(Integer, default=0)
    relied_count: Mapped[int] = mapped_column(Integer, default=0)
    relied_amount: Mapped[Cents] = mapped_column(default=0)
    #: Promises that were missed already, and are missed by more.
    worsened_count: Mapped[int] = mapped_column(Integer, default=0)

    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    sponsor: Mapped[User | None] = relationship(foreign_keys=[sponsor_id])
    initiative: Mapped[Initiative | None] = relationship()
    team: Mapped[Team | None] = relationship()
    reverts: Mapped[Tradeoff | None] = relationship(remote_side="Tradeoff.id")


class MovedForecast(Base):
    """An initiative whose forecast a trade-off moved, with its owner and title of that day."""

    __tablename__ = "tradeoff_forecasts"
    __table_args__ = (one_of("direction", ("delayed", "advanced")),)

    tradeoff_id: Mapped[int] = mapped_column(
        ForeignKey("tradeoffs.id", ondelete="RESTRICT"), primary_key=True
    )
    initiative_id: Mapped[int] = mapped_column(
        ForeignKey("initiatives.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    direction: Mapped[str] = mapped_column(String(10))
    title: Mapped[Name]
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    start_before: Mapped[date | None]
    finish_before: Mapped[date | None]
    start_after: Mapped[date | None]
    finish_after: Mapped[date | None]
    weeks: Mapped[int | None] = mapped_column(Integer)
    #: Sentences such as "“SSO” uses 12 days of Core that it had planned".
    causes: Mapped[list[Any]] = mapped_column(JSON)

    owner: Mapped[User | None] = relationship()
    initiative: Mapped[Initiative] = relationship()


class MovedDeal(Base):
    """A deal that a trade-off put out of reach, or within it, or that had counted on a commitment
    which was taken back; with its figures of that day.
    """

    __tablename__ = "tradeoff_deals"
    __table_args__ = (one_of("direction", ("pushed", "brought", "relied")),)

    tradeoff_id: Mapped[int] = mapped_column(
        ForeignKey("tradeoffs.id", ondelete="RESTRICT"), primary_key=True
    )
    deal_id: Mapped[int] = mapped_column(
        ForeignKey("deals.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    direction: Mapped[str] = mapped_column(String(10))
    name: Mapped[Name]
    account: Mapped[Name]
    #: The deal's owner as CRM had it.
    rep: Mapped[Name]
    amount: Mapped[Cents | None]
    fit: Mapped[int] = mapped_column(Integer)
    needed_by: Mapped[date | None]
    ready_before: Mapped[date | None]
    ready_after: Mapped[date | None]

    deal: Mapped[Deal] = relationship()

    @property
    def stand_in(self) -> str | None:
        """What the amount was a stand-in from, as far as the deal, unchanged, still says so."""
        return self.deal.amount_source if self.amount == self.deal.amount else None


PROMISE_DIRECTIONS = ("broken", "mended", "withdrawn", "worsened")


class MovedPromise(Base):
    """A promise that a trade-off broke, mended or took back, or that it has missed by more."""

    __tablename__ = "tradeoff_promises"
    __table_args__ = (one_of("direction", PROMISE_DIRECTIONS),)

    id: Mapped[Id]
    tradeoff_id: Mapped[int] = mapped_column(
        ForeignKey("tradeoffs.id", ondelete="RESTRICT"), index=True
    )
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiatives.id", ondelete="RESTRICT"))
    direction: Mapped[str] = mapped_column(String(10))
    title: Mapped[Name]
    date: Mapped[date]
    to: Mapped[Name] = mapped_column("promised_to")

    initiative: Mapped[Initiative] = relationship()
