"""Accounts and deals from CRM, and what stood, or stands, in a deal's way."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    func,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql import ColumnElement

from roadmap.domain.deals import AMOUNT_SOURCES, LOST_TO, STATUSES
from roadmap.domain.statements import DATE_ORIGINS, HAND

from .base import MOST_CENTS, Base, Cents, Id, Moment, Name, now, one_of, within
from .market import Segment
from .naming import Named, search_text_in
from .people import CrmOwner, User


class Account(Named, Base):
    """A customer company. `external_id` is CRM's id, or its name where CRM gives no id."""

    __tablename__ = "accounts"
    __table_args__ = (
        within("fit", 0, 100),
        within("employees", 0),
        within("revenue", 0),
        Index("ix_accounts_search_text", "search_text"),
        Index("ix_accounts_sort_key", "sort_key", "id"),
    )

    id: Mapped[Id]
    external_id: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[Name]
    #: The name, case folded: the two databases disagree on lower('Ä').
    search_text: Mapped[str] = mapped_column(String(400), default=search_text_in)
    industry: Mapped[str | None] = mapped_column(String(200))
    region: Mapped[str | None] = mapped_column(String(200))
    employees: Mapped[int | None] = mapped_column(Integer)
    revenue: Mapped[Cents | None]
    #: Whatever else CRM says: text by name.
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    segment_id: Mapped[int | None] = mapped_column(
        ForeignKey("segments.id", ondelete="SET NULL"), index=True
    )
    segment_by_hand: Mapped[bool] = mapped_column(default=False)
    #: ICP fit, computed from the profile whenever it or the account changes.
    fit: Mapped[int] = mapped_column(Integer, default=0)

    segment: Mapped[Segment | None] = relationship()


class AccountName(Base):
    """A name that an account is found by besides its own: one that it had until an import gave it
    another, or that of an account that was merged into it, which is no row of `accounts` meanwhile.
    """

    __tablename__ = "account_names"
    __table_args__ = (
        CheckConstraint(
            "(former_id IS NULL) = (external_id IS NULL) AND (former_id IS NULL) = (moved IS NULL)",
            name="merged_whole",
        ),
        CheckConstraint("former_id <> account_id", name="not_into_itself"),
        Index("ix_account_names_search_text", "search_text"),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="RESTRICT"), index=True
    )
    name: Mapped[Name]
    search_text: Mapped[str] = mapped_column(String(400), default=search_text_in)
    #: Of a merged account: its ids in CRM and here, and all that its merge moved, to go back.
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    former_id: Mapped[int | None] = mapped_column(Integer, index=True)
    moved: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    #: The import that gave the account another name.
    import_id: Mapped[int | None] = mapped_column(
        ForeignKey("imports.id", ondelete="RESTRICT"), index=True
    )
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    at: Mapped[Moment] = mapped_column(default=now)

    account: Mapped[Account] = relationship()
    by: Mapped[User | None] = relationship()


class Deal(Named, Base):
    __tablename__ = "deals"
    __table_args__ = (
        one_of("status", STATUSES),
        one_of("lost_to", LOST_TO),
        one_of("amount_source", AMOUNT_SOURCES),
        CheckConstraint("lost_to IS NULL OR status = 'lost'", name="lost_to_only_lost"),
        CheckConstraint("amount_source IS NULL OR amount IS NOT NULL", name="source_of_amount"),
        within("amount", 0, MOST_CENTS),
        within("probability", 0, 100),
        Index("ix_deals_close_date", "close_date", "id"),
        Index("ix_deals_amount", "amount", "id"),
        Index("ix_deals_search_text", "search_text", "account_id", "id"),
        Index("ix_deals_sort_key", "sort_key", "id"),
        Index("ix_deals_status_close_date", "status", "close_date"),
        Index("ix_deals_account_id", "account_id"),
        Index("ix_deals_crm_owner_id", "crm_owner_id"),
        Index("ix_deals_loss_words_id", "loss_words_id"),
    )

    id: Mapped[Id]
    external_id: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[Name]
    search_text: Mapped[str] = mapped_column(String(400), default=search_text_in)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="RESTRICT"))
    crm_owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("crm_owners.id", ondelete="RESTRICT")
    )
    #: The product's name as CRM has it.
    product: Mapped[str | None] = mapped_column(String(200))
    stage: Mapped[str] = mapped_column(String(200), default="")
    status: Mapped[str] = mapped_column(String(10))
    lost_to: Mapped[str | None] = mapped_column(String(20))
    #: Null while unknown, which is not 0.
    amount: Mapped[Cents | None]
    #: In percent, where CRM gives one.
    probability: Mapped[int | None] = mapped_column(Integer)
    opened_on: Mapped[date | None]
    #: The day it was closed or, while open, the expected one.
    close_date: Mapped[date | None]
    #: The newest date in its list, which `evidence.dates` keeps: see `DealDate`.
    own_needed_by: Mapped[date | None] = mapped_column("needed_by")
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: Null where the amount is CRM's own.
    amount_source: Mapped[str | None] = mapped_column(String(20))
    #: The day of the full export that it was missing from; null once it is back.
    vanished_on: Mapped[date | None]
    #: What CRM says about why it was lost: see `LossWords`.
    loss_words_id: Mapped[int | None] = mapped_column(
        ForeignKey("loss_words.id", ondelete="RESTRICT")
    )

    account: Mapped[Account | None] = relationship()
    crm_owner: Mapped[CrmOwner | None] = relationship()

    @hybrid_property
    def needed_by(self) -> date | None:
        """Its own date, else the day on which it is expected to close."""
        return self.own_needed_by or self.close_date

    @needed_by.inplace.expression
    @classmethod
    def _needed_by(cls) -> ColumnElement[date | None]:
        return func.coalesce(cls.own_needed_by, cls.close_date)


class DealDate(Base):
    """By when a deal needs its solution, as somebody said; without a day, that there is no date of
    its own. It stands until it is ended, and the newest that stands holds.
    """

    __tablename__ = "deal_dates"
    __table_args__ = (
        one_of("origin", DATE_ORIGINS),
        CheckConstraint("(origin = 'hand') = (origin_id IS NULL)", name="hand_is_nobody_else"),
        Index("ix_deal_dates_deal_id", "deal_id"),
        Index(
            "ix_deal_dates_origin_id", "origin_id", "origin",
            sqlite_where=text("origin_id IS NOT NULL"),
            postgresql_where=text("origin_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Id]
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id", ondelete="RESTRICT"))
    day: Mapped[date | None]
    origin: Mapped[str] = mapped_column(String(10), default=HAND)
    #: The request or the import that says it; null for a hand.
    origin_id: Mapped[int | None] = mapped_column(Integer)
    #: Null where it is not known, or an import.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    said_at: Mapped[Moment] = mapped_column(default=now)
    ended_at: Mapped[Moment | None]

    by: Mapped[User | None] = relationship()
