"""What people are told: in the product, and by mail through an outbox."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, Id, Moment, Name, now, one_of, within
from .people import User
from .planning import Initiative
from .requests import Request

#: What a notice is about.
NOTICE_KINDS = (
    "triaged", "merged", "asked", "answered", "replied", "reminder", "handed", "later", "earlier",
    "missed", "in time", "committed", "shipped", "declined",
)  # fmt: skip

URGENT, DIGEST = "urgent", "digest"


class Mail(Base):
    """A letter in the outbox. It stays until it was sent, and then as the record of it.

    Whoever sends it claims it first, for a while: two workers never send the same one, and one that
    died loses its claim.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("kind", (URGENT, DIGEST)),
        within("attempts", 0),
        Index("ix_outbox_waiting", "sent_at", "next_try_at"),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    #: Where it goes: the address of the moment when it was written.
    to: Mapped[str] = mapped_column("to_address", String(254))
    #: The same at every try, so that a receiver knows a repeated letter.
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    subject: Mapped[Name]
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_try_at: Mapped[Moment] = mapped_column(default=now)
    claimed_until: Mapped[Moment | None]
    sent_at: Mapped[Moment | None]
    error: Mapped[str] = mapped_column(Text, default="")

    user: Mapped[User] = relationship()


class Notice(Base):
    """Something that one person is told. `users.unread_notices` counts the unread ones."""

    __tablename__ = "notices"
    __table_args__ = (
        one_of("kind", NOTICE_KINDS),
        Index("ix_notices_user_id_at", "user_id", "at", "id"),
        Index("ix_notices_mail_id_user_id", "mail_id", "user_id"),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    at: Mapped[Moment] = mapped_column(default=now)
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    #: A missed date does not wait for the day's digest.
    urgent: Mapped[bool] = mapped_column(default=False)
    request_id: Mapped[int | None] = mapped_column(
        ForeignKey("requests.id", ondelete="RESTRICT"), index=True
    )
    initiative_id: Mapped[int | None] = mapped_column(
        ForeignKey("initiatives.id", ondelete="RESTRICT")
    )
    read_at: Mapped[Moment | None]
    #: The letter that carries it; null while none does.
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="RESTRICT"))

    user: Mapped[User] = relationship()
    request: Mapped[Request | None] = relationship()
    initiative: Mapped[Initiative | None] = relationship()
