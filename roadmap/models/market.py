"""The market: segments, the ideal customer profile, problems."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Integer, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from roadmap.domain.rollup import LAYERS

from .base import Base, Id, Moment, Name, now, one_of, within
from .naming import Named
from .people import User

problem_segments = Table(
    "problem_segments",
    Base.metadata,
    Column("problem_id", ForeignKey("problems.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "segment_id", ForeignKey("segments.id", ondelete="CASCADE"), primary_key=True, index=True
    ),
)


class Segment(Named, Base):
    """A market segment. An account belongs to the first, by position, whose rules it meets."""

    __tablename__ = "segments"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(Integer, unique=True)
    #: A list of {attribute, operator, value}; an empty list matches no account by itself.
    rules: Mapped[list[Any]] = mapped_column(JSON, default=list)


class Criterion(Base):
    """One weighted criterion of the ideal customer profile."""

    __tablename__ = "icp_criteria"
    __table_args__ = (
        CheckConstraint("weight >= 1 AND weight <= 1000", name="weight_range"),
        one_of("operator", ("is", "any_of", "at_least", "at_most", "between")),
    )

    id: Mapped[Id]
    position: Mapped[int] = mapped_column(Integer)
    attribute: Mapped[str] = mapped_column(String(80))
    operator: Mapped[str] = mapped_column(String(20))
    #: A list: texts for is and any_of, numbers for the others (two for between).
    values: Mapped[list[Any]] = mapped_column(JSON)
    weight: Mapped[int] = mapped_column(Integer, default=1)


class Problem(Named, Base):
    """A customer's business problem in the market's words: what requests and losses share."""

    __tablename__ = "problems"
    __table_args__ = (
        one_of("layer", LAYERS),
        within("revision", 0),
        CheckConstraint("parent_id <> id", name="not_above_itself"),
        CheckConstraint("merged_into_id <> id", name="not_into_itself"),
    )

    id: Mapped[Id]
    title: Mapped[Name] = mapped_column(unique=True)
    statement: Mapped[str] = mapped_column(Text, default="")
    workaround: Mapped[str] = mapped_column(Text, default="")
    layer: Mapped[str | None] = mapped_column(String(20))
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment] = mapped_column(default=now)
    #: The problem higher in the customer's organisation that this one is part of.
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("problems.id", ondelete="RESTRICT"), index=True
    )
    #: Where its evidence went. A merged problem is on no list and has no evidence of its own.
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("problems.id", ondelete="RESTRICT"), index=True
    )

    segments: Mapped[list[Segment]] = relationship(
        secondary=problem_segments, order_by=Segment.position
    )
    parent: Mapped[Problem | None] = relationship(
        foreign_keys=[parent_id], remote_side="Problem.id"
    )
    merged_into: Mapped[Problem | None] = relationship(
        foreign_keys=[merged_into_id], remote_side="Problem.id"
    )


class ProblemStep(Base):
    """A problem was merged into another, or another was split off it: what moved, to go back."""

    __tablename__ = "problem_steps"
    __table_args__ = (one_of("kind", ("merge", "split")),)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(10))
    #: The one that stays.
    problem_id: Mapped[int] = mapped_column(
        ForeignKey("problems.id", ondelete="RESTRICT"), index=True
    )
    #: The one that was merged into it, or split off it.
    other_id: Mapped[int] = mapped_column(
        ForeignKey("problems.id", ondelete="RESTRICT"), index=True
    )
    at: Mapped[Moment] = mapped_column(default=now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    #: Ids and rows that moved, so that undoing is exact.
    moved: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone_at: Mapped[Moment | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    problem: Mapped[Problem] = relationship(foreign_keys=[problem_id])
    other: Mapped[Problem] = relationship(foreign_keys=[other_id])
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])
