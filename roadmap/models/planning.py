"""The plan: products, teams and their capacity, initiatives with their work, needs and promises."""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from roadmap.domain.plan import INITIATIVE_KINDS, ON_BOARD, SOLVES, STATES, TIES

from .base import MOST_DAYS, Base, Cents, Id, Moment, Name, now, one_of, within
from .market import Problem
from .naming import Named
from .people import User

_on_board = ", ".join(f"'{state}'" for state in ON_BOARD)


class Product(Named, Base):
    __tablename__ = "products"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)


class Team(Named, Base):
    __tablename__ = "teams"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)

    capacity: Mapped[list[Capacity]] = relationship(
        order_by="Capacity.quarter", cascade="all, delete-orphan", back_populates="team"
    )


class Capacity(Base):
    """What a team has for the roadmap in each week of a quarter, in whole person-days."""

    __tablename__ = "capacities"
    __table_args__ = (within("days_per_week", 0, 5_000),)

    team_id: Mapped[int] = mapped_column(
        ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True
    )
    #: Its first day.
    quarter: Mapped[date] = mapped_column(primary_key=True)
    days_per_week: Mapped[int] = mapped_column(Integer)

    team: Mapped[Team] = relationship(back_populates="capacity")


class Initiative(Named, Base):
    """A candidate on the board.

    `position` is the order's gap key: unique on the board, null off it. Ranks are counted from it.
    """

    __tablename__ = "initiatives"
    __table_args__ = (
        one_of("state", STATES),
        one_of("kind", INITIATIVE_KINDS),
        UniqueConstraint("position"),
        CheckConstraint(
            f"(state IN ({_on_board})) = (position IS NOT NULL)", name="position_on_board"
        ),
        CheckConstraint("(state = 'shipped') = (shipped_on IS NOT NULL)", name="shipped_on_day"),
        CheckConstraint(
            "(state = 'declined') = (decline_reason IS NOT NULL)", name="declined_with_reason"
        ),
    )

    id: Mapped[Id]
    title: Mapped[Name]
    #: What it is worth, in the customer's words.
    value: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    position: Mapped[int | None] = mapped_column(BigInteger)
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    not_before: Mapped[date | None]
    shipped_on: Mapped[date | None]
    decline_reason: Mapped[str | None] = mapped_column(Text)
    #: When somebody last said how much is left.
    effort_updated_on: Mapped[date | None]
    #: The workspace's revision at the last change of what its row shows.
    revision: Mapped[int] = mapped_column(BigInteger, default=0, index=True)
    created_at: Mapped[Moment] = mapped_column(default=now)

    owner: Mapped[User | None] = relationship()
    work: Mapped[list[WorkItem]] = relationship(
        order_by="WorkItem.position", cascade="all, delete-orphan", back_populates="initiative"
    )
    promises: Mapped[list[Commitment]] = relationship(
        order_by="Commitment.date", cascade="all, delete-orphan", back_populates="initiative"
    )
    ties: Mapped[list[ProblemTie]] = relationship(
        cascade="all, delete-orphan", back_populates="initiative"
    )


class WorkItem(Base):
    """A product requirement of an initiative; `person_days` remain, null while not estimated."""

    __tablename__ = "work_items"
    __table_args__ = (
        within("person_days", 0, MOST_DAYS),
        within("max_days", 1, MOST_DAYS),
    )

    id: Mapped[Id]
    initiative_id: Mapped[int] = mapped_column(
        ForeignKey("initiatives.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int] = mapped_column(Integer)
    title: Mapped[Name] = mapped_column(default="")
    product_id: Mapped[int] = mapped_column(
        ForeignKey("products.id", ondelete="RESTRICT"), index=True
    )
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="RESTRICT"), index=True)
    person_days: Mapped[int | None] = mapped_column(Integer)
    #: At most so many person-days in one week; null lets the whole team work on it.
    max_days: Mapped[int | None] = mapped_column(Integer)

    initiative: Mapped[Initiative] = relationship(back_populates="work")
    product: Mapped[Product] = relationship()
    team: Mapped[Team] = relationship()


class Need(Base):
    """`initiative` cannot start before `needed` has finished."""

    __tablename__ = "needs"
    __table_args__ = (CheckConstraint("initiative_id <> needed_id", name="not_itself"),)

    initiative_id: Mapped[int] = mapped_column(
        ForeignKey("initiatives.id", ondelete="CASCADE"), primary_key=True
    )
    needed_id: Mapped[int] = mapped_column(
        ForeignKey("initiatives.id", ondelete="RESTRICT"), primary_key=True, index=True
    )

    initiative: Mapped[Initiative] = relationship(foreign_keys=[initiative_id])
    needed: Mapped[Initiative] = relationship(foreign_keys=[needed_id])


class Commitment(Base):
    """A date promised to somebody, by somebody."""

    __tablename__ = "commitments"

    id: Mapped[Id]
    initiative_id: Mapped[int] = mapped_column(
        ForeignKey("initiatives.id", ondelete="CASCADE"), index=True
    )
    date: Mapped[date]
    to: Mapped[Name] = mapped_column("promised_to")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    initiative: Mapped[Initiative] = relationship(back_populates="promises")
    by: Mapped[User | None] = relationship()


class ProblemTie(Base):
    """An initiative addresses a problem: it solves it, or contributes to it."""

    __tablename__ = "initiative_problems"
    __table_args__ = (one_of("kind", TIES),)

    initiative_id: Mapped[int] = mapped_column(
        ForeignKey("initiatives.id", ondelete="CASCADE"), primary_key=True
    )
    problem_id: Mapped[int] = mapped_column(
        ForeignKey("problems.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    kind: Mapped[str] = mapped_column(String(20), default=SOLVES)

    initiative: Mapped[Initiative] = relationship(back_populates="ties")
    problem: Mapped[Problem] = relationship()


class Totals(Base):
    """What stands behind an initiative, maintained by difference as of `workspace.figures_as_of`.

    The two values are exact fractions, written "numerator/denominator", in hundredths of a
    hundredth of a cent times fit: see `domain.value`. `flask check` compares all with a new count.
    """

    __tablename__ = "initiative_totals"

    initiative_id: Mapped[int] = mapped_column(
        ForeignKey("initiatives.id", ondelete="CASCADE"), primary_key=True
    )
    open_count: Mapped[int] = mapped_column(default=0)
    open_amount: Mapped[Cents] = mapped_column(default=0)
    open_unknown: Mapped[int] = mapped_column(default=0)
    lost_count: Mapped[int] = mapped_column(default=0)
    lost_amount: Mapped[Cents] = mapped_column(default=0)
    lost_unknown: Mapped[int] = mapped_column(default=0)
    lost_all_count: Mapped[int] = mapped_column(default=0)
    lost_all_amount: Mapped[Cents] = mapped_column(default=0)
    lost_undated: Mapped[int] = mapped_column(default=0)
    deal_count: Mapped[int] = mapped_column(default=0)
    fit_sum: Mapped[int] = mapped_column(BigInteger, default=0)
    verified_count: Mapped[int] = mapped_column(default=0)
    open_value: Mapped[str] = mapped_column(String(200), default="0/1")
    lost_value: Mapped[str] = mapped_column(String(200), default="0/1")
