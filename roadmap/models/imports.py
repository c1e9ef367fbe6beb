"""Imports: what somebody brought from CRM, row by row, and what they said about its words."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from roadmap.domain.deals import STATUSES
from roadmap.domain.winloss import BUCKETS

from .base import Base, Cents, Id, Moment, Name, now, one_by_one, one_of, within
from .market import Problem
from .people import User

#: Kinds of files.
DEALS, ACCOUNTS, PRODUCTS, REQUESTS = "deals", "accounts", "products", "requests"
#: From the files to the deals: looked at, compared in staging, shown, applied, taken back.
UPLOADED, STAGING, ASKING, READY = "uploaded", "staging", "asking", "ready"
APPLYING, APPLIED, REVERTING, REVERTED = "applying", "applied", "reverting", "reverted"
FAILED = "failed"
IMPORT_STATES = (
    UPLOADED, STAGING, ASKING, READY, APPLYING, APPLIED, REVERTING, REVERTED, FAILED,
)  # fmt: skip
#: A job is at it, or was until its process ended.
WORKING = (STAGING, APPLYING, REVERTING)
#: What it brought is among the deals.
IN_FORCE = (APPLIED, REVERTING)

NEW, CHANGED, UNCHANGED, SKIPPED, UNREADABLE = "new", "changed", "unchanged", "skipped", "failed"
ACTIONS = (NEW, CHANGED, UNCHANGED, SKIPPED, UNREADABLE)


class Import(Base):
    """One import: its files, how they are read, and what came of them.

    While files are read, `done` of `total` rows are. The process that works on it holds the lock
    `job` (see imports/locks.py); `beat_at` is its last sign of life for other machines. Whoever
    takes the work over counts `attempt`; the one before then stops.
    """

    __tablename__ = "imports"
    __table_args__ = (
        one_of("state", IMPORT_STATES),
        within("done", 0),
        within("total", 0),
        within("attempt", 0),
        CheckConstraint(
            "(state IN ('applied', 'reverting', 'reverted')) = (applied_at IS NOT NULL)",
            name="applied_dated",
        ),
        CheckConstraint("(state = 'reverted') = (reverted_at IS NOT NULL)", name="reverted_dated"),
    )

    id: Mapped[Id]
    created_at: Mapped[Moment] = mapped_column(default=now)
    #: Null where a command made it.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    state: Mapped[str] = mapped_column(String(10), default=UPLOADED)
    #: A list of {kind, name, sha256, size}; the files themselves go once they are of no more use.
    files: Mapped[list[Any]] = mapped_column(JSON, default=list)
    #: What the user said, in the form of the mapping file.
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: What the files leave open, to be asked.
    questions: Mapped[list[Any]] = mapped_column(JSON, default=list)
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: Whether every deal of the CRM is in it, so that one that is not has vanished.
    full_export: Mapped[bool] = mapped_column(default=False)
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    beat_at: Mapped[Moment | None]
    #: The evidence that the rows were compared with and, once applied, the revision that it made.
    compared_revision: Mapped[int] = mapped_column(BigInteger, default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    applied_at: Mapped[Moment | None]
    applied_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    reverted_at: Mapped[Moment | None]
    #: Who reverted it or, while a job does, who asked for that.
    reverted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    #: What applying did besides the rows: owners made and matched, deals flagged.
    beside: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: The lock of the process that works on it, or was the last to.
    job: Mapped[str] = mapped_column(String(32), default="")
    #: What rested on it when it was last to be reverted, and was not: {what, count, names}.
    dependences: Mapped[list[Any]] = mapped_column(JSON, default=list)

    @property
    def kind(self) -> str:
        """What it brings, in the first place: deals, or a backlog of requests."""
        return REQUESTS if any(file["kind"] == REQUESTS for file in self.files) else DEALS

    by: Mapped[User | None] = relationship(foreign_keys=[by_id])
    applied_by: Mapped[User | None] = relationship(foreign_keys=[applied_by_id])
    reverted_by: Mapped[User | None] = relationship(foreign_keys=[reverted_by_id])


class StagedDeal(Base):
    """A row of the deals' file as the deal that it would be, and what is to become of it.

    Only few rules are checked here, and there is no index: a row costs as much to write as to
    apply, and whatever is applied meets the rules of the deals.
    """

    __tablename__ = "staged_deals"
    __table_args__ = (one_by_one("action", ACTIONS), {"sqlite_with_rowid": False})

    import_id: Mapped[int] = mapped_column(
        ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True
    )
    row: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(String(10))
    #: Of a row that is skipped or fails: why, in which column, and what stands there.
    reason: Mapped[str | None] = mapped_column(Text)
    label: Mapped[str | None] = mapped_column(String(200))
    value: Mapped[str | None] = mapped_column(String(200))
    external_id: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str | None] = mapped_column(String(200))
    search_text: Mapped[str | None] = mapped_column(String(400))
    #: The external id of the account that it belongs to, and the name of its owner.
    account_key: Mapped[str | None] = mapped_column(String(200))
    owner: Mapped[str | None] = mapped_column(String(200))
    product: Mapped[str | None] = mapped_column(String(200))
    stage: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[str | None] = mapped_column(String(10))
    lost_to: Mapped[str | None] = mapped_column(String(20))
    amount: Mapped[Cents | None]
    amount_source: Mapped[str | None] = mapped_column(String(20))
    probability: Mapped[int | None] = mapped_column(Integer)
    opened_on: Mapped[date | None]
    close_date: Mapped[date | None]
    needed_by: Mapped[date | None]
    attributes: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    #: The key of its loss reason among the `LossWords`.
    words_key: Mapped[str | None] = mapped_column(String(200))
    #: Of a deal that is known: which it is and, where it changes, {column: [before, after]} and all
    #: attributes that it will have.
    deal_id: Mapped[int | None] = mapped_column(Integer)
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    merged: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    sort_key: Mapped[bytes | None]


class StagedAccount(Base):
    """An account as it would be: of a row of the accounts' file or, with a row below 0, one that
    deals name and nobody knows."""

    __tablename__ = "staged_accounts"
    __table_args__ = (
        one_by_one("action", ACTIONS),
        Index("ix_staged_accounts_external_id", "import_id", "external_id"),
        Index("ix_staged_accounts_search_text", "import_id", "search_text"),
        {"sqlite_with_rowid": False},
    )

    import_id: Mapped[int] = mapped_column(
        ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True
    )
    row: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(Text)
    label: Mapped[str | None] = mapped_column(String(200))
    value: Mapped[str | None] = mapped_column(String(200))
    external_id: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str | None] = mapped_column(String(200))
    search_text: Mapped[str | None] = mapped_column(String(400))
    industry: Mapped[str | None] = mapped_column(String(200))
    region: Mapped[str | None] = mapped_column(String(200))
    employees: Mapped[int | None] = mapped_column(Integer)
    revenue: Mapped[Cents | None]
    attributes: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    fit: Mapped[int | None] = mapped_column(Integer)
    segment_id: Mapped[int | None] = mapped_column(Integer)
    account_id: Mapped[int | None] = mapped_column(Integer)
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    merged: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    sort_key: Mapped[bytes | None]


class StagedRequest(Base):
    """A row of a backlog as the request that it would be; of a new one, `changes` has what it will
    be as after, and nothing as before."""

    __tablename__ = "staged_requests"
    __table_args__ = (one_by_one("action", ACTIONS), {"sqlite_with_rowid": False})

    import_id: Mapped[int] = mapped_column(
        ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True
    )
    row: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(Text)
    label: Mapped[str | None] = mapped_column(String(200))
    value: Mapped[str | None] = mapped_column(String(200))
    external_id: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str | None] = mapped_column(String(200))
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    #: What the row says, as `imports.requests_staging.StagedRequest` has it.
    said: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class SavedMapping(Base):
    """A mapping under a name; suggested for files with the same columns."""

    __tablename__ = "saved_mappings"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: The labels of the deals' file that it was made for.
    header: Mapped[list[Any]] = mapped_column(JSON)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    saved_at: Mapped[Moment] = mapped_column(default=now)


class StageWord(Base):
    """What a stage, or a status, of the CRM means: asked once, and remembered."""

    __tablename__ = "stage_words"
    __table_args__ = (one_of("setting", ("stages", "statuses")), one_of("meaning", STATUSES))

    setting: Mapped[str] = mapped_column(String(10), primary_key=True)
    #: The word without case, spaces and punctuation.
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    word: Mapped[Name]
    meaning: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    said_at: Mapped[Moment] = mapped_column(default=now)


class LossWords(Base):
    """What CRM says about why a deal was lost, and the bucket and problem that it stands for.

    Undecided until a product manager has said so; decided without a bucket, it gives no reason.
    """

    __tablename__ = "loss_words"
    __table_args__ = (
        one_of("bucket", BUCKETS),
        CheckConstraint("bucket IS NULL OR decided_at IS NOT NULL", name="bucket_decided"),
        CheckConstraint("problem_id IS NULL OR bucket = 'product'", name="problem_of_product"),
    )

    id: Mapped[Id]
    #: The text without case and with single spaces, cut at 200 characters.
    key: Mapped[Name] = mapped_column(unique=True)
    text: Mapped[str] = mapped_column(Text)
    bucket: Mapped[str | None] = mapped_column(String(20))
    problem_id: Mapped[int | None] = mapped_column(
        ForeignKey("problems.id", ondelete="RESTRICT"), index=True
    )
    decided_at: Mapped[Moment | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    problem: Mapped[Problem | None] = relationship()
    decided_by: Mapped[User | None] = relationship()


class LossWordsPart(Base):
    """One of several reasons that a wording names: its deals have those, and not the whole."""

    __tablename__ = "loss_words_parts"

    words_id: Mapped[int] = mapped_column(
        ForeignKey("loss_words.id", ondelete="CASCADE"), primary_key=True
    )
    part_id: Mapped[int] = mapped_column(
        ForeignKey("loss_words.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class ExchangeRate(Base):
    """What one unit of another currency is worth in the workspace's, as of a day."""

    __tablename__ = "exchange_rates"

    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    #: An exact decimal, such as "1.0853".
    rate: Mapped[str] = mapped_column(String(40))
    as_of: Mapped[date]
    source: Mapped[Name] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
