"""The workspace: one row of settings, and the revision that every write to the board bumps."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from roadmap.domain.folding import COMMON
from roadmap.domain.numbers import MARKS

from .base import Base, Cents, Name, one_of, within


class Workspace(Base):
    """The one row of the company that this installation serves.

    `revision` counts every write that the board shows. The others are the revisions of the last
    write that changed the plan (effort, capacity, ties, states), the order alone, or the evidence
    (deals, blockers, fit): a preview rests on these three, a page on all.
    """

    __tablename__ = "workspace"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        one_of("decimal_mark", MARKS),
        within("recovery_rate", 0, 10_000),
        within("window_months", 1, 60),
        within("weight_interview", 0, 100),
        within("weight_customer", 0, 100),
        within("weight_rep", 0, 100),
        within("weight_crm", 0, 100),
        within("factor_deal_breaker", 0, 100),
        within("factor_hindrance", 0, 100),
        within("factor_nice_to_have", 0, 100),
        within("sponsor_threshold", 0),
        within("conversations_target", 0, 100),
        within("fiscal_start", 1, 12),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[Name] = mapped_column(default="My company")
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    revision: Mapped[int] = mapped_column(BigInteger, default=1)
    plan_revision: Mapped[int] = mapped_column(BigInteger, default=1)
    order_revision: Mapped[int] = mapped_column(BigInteger, default=1)
    evidence_revision: Mapped[int] = mapped_column(BigInteger, default=1)
    #: The day for which the stored totals and the daily forecast were made; null before the first.
    figures_as_of: Mapped[date | None]
    #: Pushed-out pipeline above this asks for an executive sponsor.
    sponsor_threshold: Mapped[Cents] = mapped_column(default=50_000_000)
    #: In hundredths of a percent: 1500 is 0.15.
    recovery_rate: Mapped[int] = mapped_column(Integer, default=1500)
    window_months: Mapped[int] = mapped_column(Integer, default=6)
    #: Evidence weights in hundredths.
    weight_interview: Mapped[int] = mapped_column(Integer, default=100)
    weight_customer: Mapped[int] = mapped_column(Integer, default=80)
    weight_rep: Mapped[int] = mapped_column(Integer, default=50)
    weight_crm: Mapped[int] = mapped_column(Integer, default=30)
    #: Counts every write to a request; the board shows none of them.
    intake_revision: Mapped[int] = mapped_column(BigInteger, default=0)
    #: The revision and the day up to which people were told what moved: see `intake.telling`.
    told_revision: Mapped[int] = mapped_column(BigInteger, default=0)
    told_as_of: Mapped[date | None]
    #: How many direct conversations a product manager is to hold in a month.
    conversations_target: Mapped[int] = mapped_column(Integer, default=2)
    #: What a problem of each severity weighs, in whole percent.
    factor_deal_breaker: Mapped[int] = mapped_column(Integer, default=100)
    factor_hindrance: Mapped[int] = mapped_column(Integer, default=50)
    factor_nice_to_have: Mapped[int] = mapped_column(Integer, default=10)
    #: Whose days are everybody's, such as "Europe/Berlin".
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    #: What people type between a number's whole part and its fraction.
    decimal_mark: Mapped[str] = mapped_column(String(1), default=".")
    #: The month with which fiscal years, and so quarters, begin.
    fiscal_start: Mapped[int] = mapped_column(Integer, default=1)
    #: Lines of words that mean the same: "SSO = single sign-on = SAML".
    glossary: Mapped[str] = mapped_column(Text, default=COMMON)


class Forecast(Base):
    """One initiative's forecast as it stood on one day: the baseline that slips are measured by."""

    __tablename__ = "forecasts"
    __table_args__ = (Index("ix_forecasts_initiative_id_day", "initiative_id", "day"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    initiative_id: Mapped[int] = mapped_column(
        ForeignKey("initiatives.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[str] = mapped_column(String(20))
    finish: Mapped[date | None]
