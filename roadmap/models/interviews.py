"""What customers said to us themselves: interviews and other conversations, and reps' reports."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    or_,
)
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from roadmap.domain.deals import LOST, WON
from roadmap.domain.interviews import (
    AGAINST,
    CANCELLED,
    CONVERSATION_KINDS,
    CONVERSATION_STATES,
    GENERAL,
)
from roadmap.domain.rollup import LAYERS
from roadmap.domain.statements import INTERVIEW, REPORT
from roadmap.domain.winloss import BUCKETS

from .base import Base, Id, Moment, Name, now, one_of, within
from .deals import Account, Deal
from .market import Problem
from .people import User
from .statements import Statement

conversation_problems = Table(
    "conversation_problems",
    Base.metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("problem_id", ForeignKey("problems.id", ondelete="RESTRICT"), primary_key=True),
    Index("ix_conversation_problems_problem_id", "problem_id"),
)


class Conversation(Base):
    """Somebody of ours and somebody of the customer's talked, or are to.

    A loss interview belongs to a lost deal and says why it was lost; the others say which problems
    were heard. One that is cancelled after it was held was withdrawn: its words stay, its reasons
    count for nothing.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        one_of("kind", CONVERSATION_KINDS),
        one_of("state", CONVERSATION_STATES),
        one_of("spoke_layer", LAYERS),
        within("revision", 0),
        CheckConstraint("kind <> 'loss interview' OR deal_id IS NOT NULL", name="loss_of_deal"),
        CheckConstraint("state <> 'held' OR held_on IS NOT NULL", name="held_on_day"),
        CheckConstraint("state <> 'cancelled' OR ask_quarter IS NULL", name="ask_stands"),
        # No customer is asked twice in a quarter, whoever asks.
        UniqueConstraint("account_id", "ask_quarter"),
        UniqueConstraint("deal_id", "ask_quarter"),
        Index("ix_conversations_held_on", "held_on", "id"),
        Index("ix_conversations_state_planned_on", "state", "planned_on"),
    )

    id: Mapped[Id]
    #: One form sent twice is one conversation.
    form_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id", ondelete="RESTRICT"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="RESTRICT"))
    #: The quarter, by its first day, whose one ask of this customer it is; null where it is none.
    ask_quarter: Mapped[date | None]
    asked_on: Mapped[date | None]
    planned_on: Mapped[date | None]
    held_on: Mapped[date | None]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    assigned_to_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    held_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    spoke_name: Mapped[Name] = mapped_column(default="")
    spoke_role: Mapped[Name] = mapped_column(default="")
    spoke_layer: Mapped[str | None] = mapped_column(String(20))
    #: They were asked why, and would not say.
    would_not_say: Mapped[bool] = mapped_column(default=False)
    quote: Mapped[str] = mapped_column(Text, default="")
    competitor_better: Mapped[str] = mapped_column(Text, default="")
    would_have_changed: Mapped[str] = mapped_column(Text, default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    #: What saving it, or withdrawing it, changed at that moment: see `domain.interviews.Effect`.
    effect: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[Moment] = mapped_column(default=now)
    changed_at: Mapped[Moment] = mapped_column(default=now)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    #: Counts its changes, so that two who edit it do not overwrite each other.
    revision: Mapped[int] = mapped_column(Integer, default=0)

    deal: Mapped[Deal | None] = relationship()
    account: Mapped[Account | None] = relationship()
    asked_by: Mapped[User | None] = relationship(foreign_keys=[asked_by_id])
    assigned_to: Mapped[User | None] = relationship(foreign_keys=[assigned_to_id])
    held_by: Mapped[User | None] = relationship(foreign_keys=[held_by_id])
    changed_by: Mapped[User | None] = relationship(foreign_keys=[changed_by_id])
    problems: Mapped[list[Problem]] = relationship(
        secondary=conversation_problems, order_by=Problem.sort_key
    )
    #: What it says of its deal: what stands or, once it was withdrawn, what stood until then.
    reasons: Mapped[list[Statement]] = relationship(
        primaryjoin=lambda: and_(
            Conversation.id == foreign(Statement.origin_id),
            Statement.origin == INTERVIEW,
            or_(
                Statement.ended_at.is_(None),
                and_(
                    Conversation.state == CANCELLED, Statement.ended_at >= Conversation.changed_at
                ),
            ),
        ),
        order_by=Statement.id,
        viewonly=True,
    )


class ScriptQuestion(Base):
    """A question of the interviews' script. Without any, the product's own questions stand."""

    __tablename__ = "script_questions"
    __table_args__ = (
        one_of("bucket", (GENERAL, *BUCKETS)),
        UniqueConstraint("bucket", "position"),
    )

    id: Mapped[Id]
    bucket: Mapped[str] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)


class DealReport(Base):
    """What the rep of a closed deal reports about it. The latest one stands, the others are kept.

    `against` and `competitor` stand beside CRM's own word, which an import would overwrite.
    """

    __tablename__ = "deal_reports"
    __table_args__ = (
        UniqueConstraint("deal_id", "number"),
        one_of("outcome", (WON, LOST)),
        one_of("against", AGAINST),
        one_of("bucket", BUCKETS),
    )

    id: Mapped[Id]
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id", ondelete="RESTRICT"))
    #: 1 for the first report of a deal.
    number: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(10))
    against: Mapped[str] = mapped_column(String(20))
    competitor: Mapped[Name] = mapped_column(default="")
    #: Null where the rep does not know.
    bucket: Mapped[str | None] = mapped_column(String(20))
    quote: Mapped[str] = mapped_column(Text, default="")
    #: After a loss what would have changed the outcome, after a win what decided it.
    decided_by: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    at: Mapped[Moment] = mapped_column(default=now)

    deal: Mapped[Deal] = relationship()
    by: Mapped[User] = relationship()
    #: What it says of its deal, which stands while it is the newest of a lost deal; none where the
    #: rep does not know.
    statement: Mapped[Statement | None] = relationship(
        primaryjoin=lambda: and_(
            DealReport.id == foreign(Statement.origin_id), Statement.origin == REPORT
        ),
        viewonly=True,
        uselist=False,
    )

    @property
    def problem(self) -> Problem | None:
        return self.statement.problem if self.statement else None
