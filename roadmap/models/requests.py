"""What reps ask for: requests, the deals that they speak of, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Text,
    UniqueConstraint,
    and_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship, validates

from roadmap.domain.folding import folded
from roadmap.domain.rollup import LAYERS
from roadmap.domain.statements import DEAL_BREAKER, REQUEST, SEVERITIES
from roadmap.domain.triage import CONSEQUENCES, SAID_BY, STATES, WAITS_FOR
from roadmap.domain.winloss import OTHER_BUCKETS

from .base import MOST_CENTS, Base, Cents, Id, Moment, Name, now, one_of, within
from .deals import Account, Deal
from .market import Problem
from .people import User
from .statements import Statement

#: What happened to a request, in the past tense.
EVENT_KINDS = (
    "sent", "imported", "joined", "left", "answered", "confirmed", "merged", "elsewhere", "asked",
    "replied", "declined", "renamed", "linked", "undone",
)  # fmt: skip


#: Of a statement: it says which problem a request is about.
_NAMES_PROBLEM = (
    Statement.origin == REQUEST, Statement.deal_id.is_(None), Statement.ended_at.is_(None),
)  # fmt: skip


def _folded(*names: str) -> Callable[[Any], str]:
    def of_row(context: Any) -> str:
        row = context.get_current_parameters()
        return folded(" ".join(row.get(name) or "" for name in names))

    return of_row


class Request(Base):
    """What somebody heard from a customer, in the customer's words, and where it stands.

    The last block of columns is its disposition (see `domain.triage`), which changes as a whole and
    whose every change is an event.
    """

    __tablename__ = "requests"
    __table_args__ = (
        one_of("said_by", SAID_BY),
        one_of("said_by_layer", LAYERS),
        one_of("consequence", CONSEQUENCES),
        one_of("severity", SEVERITIES),
        one_of("state", STATES),
        one_of("bucket", OTHER_BUCKETS),
        one_of("waits_for", WAITS_FOR),
        within("revision", 0),
        CheckConstraint("merged_into_id <> id", name="not_into_itself"),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into"),
        CheckConstraint("(state = 'elsewhere') = (bucket IS NOT NULL)", name="elsewhere_bucket"),
        CheckConstraint("(bucket IS NULL) = (handed_to_id IS NULL)", name="elsewhere_owned"),
        CheckConstraint("(state = 'asking') = (waits_for IS NOT NULL)", name="asking_somebody"),
        CheckConstraint("NOT quote_confirmed OR state = 'confirmed'", name="quote_of_confirmed"),
        Index("ix_requests_state_created_at", "state", "created_at", "id"),
        # Of those alone that are merged: over all rows, databases would take it for useless.
        Index(
            "ix_requests_merged_into_id",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id] = mapped_column()
    #: Another system's id, where a backlog was brought over.
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    #: One form sent twice is one request.
    form_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    #: Who typed it; null where it was imported.
    submitted_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    #: Whose request it is: a product manager may type it on a rep's behalf.
    requester_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("accounts.id", ondelete="RESTRICT"), index=True
    )
    #: A company that CRM does not know yet, as it was typed: to be linked while it has no account.
    prospect: Mapped[str | None] = mapped_column(String(200))
    #: The first line of what was said: the only words of it that everybody may read.
    title: Mapped[Name]
    body: Mapped[str] = mapped_column(Text, default="")
    #: What they would do with it: the answer to the one question that a bare feature gets.
    purpose: Mapped[str] = mapped_column(Text, default="")
    quote: Mapped[str] = mapped_column(Text, default="")
    #: For the requester and product management alone.
    note: Mapped[str] = mapped_column(Text, default="")
    said_by: Mapped[str] = mapped_column(String(20), default="unknown")
    said_by_name: Mapped[Name] = mapped_column(default="")
    said_by_role: Mapped[Name] = mapped_column(default="")
    said_by_layer: Mapped[str | None] = mapped_column(String(20))
    said_on: Mapped[date | None]
    workaround: Mapped[str] = mapped_column(Text, default="")
    #: What was asked before severity was: kept as it was answered.
    consequence: Mapped[str] = mapped_column(String(20), default="unknown")
    needed_by: Mapped[date | None]
    competitor: Mapped[Name] = mapped_column(default="")
    created_at: Mapped[Moment] = mapped_column(default=now)
    #: The workspace's intake revision at its last change.
    revision: Mapped[int] = mapped_column(BigInteger, default=0, index=True)
    #: What its people were last told of forecast and initiatives: see `domain.news`.
    told: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    state: Mapped[str] = mapped_column(String(20), default="new")
    quote_confirmed: Mapped[bool] = mapped_column(default=False)
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("requests.id", ondelete="RESTRICT")
    )
    bucket: Mapped[str | None] = mapped_column(String(20))
    handed_to_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    waits_for: Mapped[str | None] = mapped_column(String(20))
    remind_on: Mapped[date | None]
    #: Of its problem for its deals: whether they would sign without a solution.
    severity: Mapped[str] = mapped_column(String(20), default=DEAL_BREAKER)
    #: What search boxes compare: of what everybody may read, and of what was said besides.
    search_text: Mapped[str] = mapped_column(Text, default=_folded("title", "prospect"))
    search_body: Mapped[str] = mapped_column(Text, default=_folded("body", "purpose", "quote"))

    @validates("title", "prospect")
    def _fold_title(self, name: str, value: str | None) -> str | None:
        said = {"title": self.title, "prospect": self.prospect, name: value}
        self.search_text = folded(" ".join(filter(None, said.values())))
        return value

    @validates("body", "purpose", "quote")
    def _fold_body(self, name: str, value: str) -> str:
        said = {"body": self.body, "purpose": self.purpose, "quote": self.quote, name: value}
        self.search_body = folded(" ".join(filter(None, said.values())))
        return value

    submitted_by: Mapped[User | None] = relationship(foreign_keys=[submitted_by_id])
    requester: Mapped[User | None] = relationship(foreign_keys=[requester_id])
    handed_to: Mapped[User | None] = relationship(foreign_keys=[handed_to_id])
    account: Mapped[Account | None] = relationship()
    #: Pending until it is confirmed; kept through a question and a refusal. Its statement says it
    #: (see `evidence.recording.name_problem`), which merges and splits move.
    problem_id: Mapped[int | None] = column_property(
        select(Statement.root_id)
        .where(Statement.origin_id == id, *_NAMES_PROBLEM)
        .correlate_except(Statement)
        .scalar_subquery()
    )
    problem: Mapped[Problem | None] = relationship(
        secondary=Statement.__table__,
        primaryjoin=lambda: and_(Statement.origin_id == Request.id, *_NAMES_PROBLEM),
        secondaryjoin=Statement.root_id == Problem.id,
        viewonly=True,
    )
    merged_into: Mapped[Request | None] = relationship(remote_side="Request.id")
    deals: Mapped[list[RequestDeal]] = relationship(
        cascade="all, delete-orphan", order_by="RequestDeal.deal_id", back_populates="request"
    )


def requests_about(problem_ids: Sequence[int]) -> Select[int]:
    """The ids of the requests that are about one of these problems, pending ones included."""
    return select(Statement.origin_id).where(  # type: ignore[return-value] # never null here
        Statement.root_id.in_(problem_ids), ~Statement.counts, *_NAMES_PROBLEM
    )


class RequestDeal(Base):
    """A deal that a request speaks of, with its figures of the moment when it was named."""

    __tablename__ = "request_deals"
    __table_args__ = (within("amount_then", 0, MOST_CENTS), within("fit_then", 0, 100))

    request_id: Mapped[int] = mapped_column(
        ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True
    )
    deal_id: Mapped[int] = mapped_column(
        ForeignKey("deals.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    amount_then: Mapped[Cents | None]
    stage_then: Mapped[str] = mapped_column(String(200), default="")
    fit_then: Mapped[int] = mapped_column(Integer, default=0)
    #: Whether the request's date is the deal's, once somebody said so; null: once it is confirmed.
    date_holds: Mapped[bool | None]

    request: Mapped[Request] = relationship(back_populates="deals")
    deal: Mapped[Deal] = relationship()


class RequestEvent(Base):
    """A step in a request's life: who, when, in what words, and the disposition on both sides."""

    __tablename__ = "request_events"
    __table_args__ = (one_of("kind", EVENT_KINDS), UniqueConstraint("undoes_id"))

    id: Mapped[Id]
    request_id: Mapped[int] = mapped_column(
        ForeignKey("requests.id", ondelete="RESTRICT"), index=True
    )
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[Moment] = mapped_column(default=now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    #: A question, an answer, a reply, a reason: for those who may read the request.
    text: Mapped[str] = mapped_column(Text, default="")
    #: What it changed, as it was and as it became; both empty where it changed nothing.
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    undoes_id: Mapped[int | None] = mapped_column(
        ForeignKey("request_events.id", ondelete="RESTRICT")
    )

    request: Mapped[Request] = relationship()
    by: Mapped[User | None] = relationship()


class RequestWatcher(Base):
    """Somebody besides the requester who wants to be told."""

    __tablename__ = "request_watchers"

    request_id: Mapped[int] = mapped_column(
        ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
