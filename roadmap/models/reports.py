"""What was decided about a segment, with the figures that it was decided on."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, Cents, Id, Moment, Name, now, one_of, within
from .market import Segment
from .people import User

PIVOT, DOUBLE_DOWN, LEAVE = "pivot", "double down", "leave"
ANSWERS = (PIVOT, DOUBLE_DOWN, LEAVE)


class SegmentAnswer(Base):
    """An answer to "pivot, double down or leave?". A later one takes its place; none is changed.

    The figures are those of the whole segment report, without filters, on the day of the answer.
    The segment may be removed: what was decided, and what it was called, stays.
    """

    __tablename__ = "segment_answers"
    __table_args__ = (
        one_of("answer", ANSWERS),
        within("won_count", 0),
        within("lost_count", 0),
        within("open_count", 0),
        within("fit", 0, 100),
        CheckConstraint("until >= as_of", name="until_later"),
    )

    id: Mapped[Id]
    segment_id: Mapped[int | None] = mapped_column(
        ForeignKey("segments.id", ondelete="SET NULL"), index=True
    )
    segment_name: Mapped[Name]
    answer: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[date]
    as_of: Mapped[date]
    answered_at: Mapped[Moment] = mapped_column(default=now)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    won_count: Mapped[int] = mapped_column(Integer)
    won_amount: Mapped[Cents]
    lost_count: Mapped[int] = mapped_column(Integer)
    lost_amount: Mapped[Cents]
    open_count: Mapped[int] = mapped_column(Integer)
    open_amount: Mapped[Cents]
    fit: Mapped[int | None] = mapped_column(Integer)
    verdict: Mapped[str] = mapped_column(String(40))

    segment: Mapped[Segment | None] = relationship()
    by: Mapped[User] = relationship()
