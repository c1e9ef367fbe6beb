"""The market: segments, the ideal customer profile, problems."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Integer, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, Id, Moment, Name, now, one_of, within

LAYERS = ("executive", "manager", "user")

problem_segments = Table(
    "problem_segments",
    Base.metadata,
    Column("problem_id", ForeignKey("problems.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "segment_id", ForeignKey("segments.id", ondelete="CASCADE"), primary_key=True, index=True
    ),
)


class Segment(Base):
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


class Problem(Base):
    """A customer's business problem in the market's words: what requests and losses share."""

    __tablename__ = "problems"
    __table_args__ = (one_of("layer", LAYERS), within("revision", 0))

    id: Mapped[Id]
    title: Mapped[Name] = mapped_column(unique=True)
    statement: Mapped[str] = mapped_column(Text, default="")
    workaround: Mapped[str] = mapped_column(Text, default="")
    layer: Mapped[str | None] = mapped_column(String(20))
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment] = mapped_column(default=now)

    segments: Mapped[list[Segment]] = relationship(
        secondary=problem_segments, order_by=Segment.position
    )
