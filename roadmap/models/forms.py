"""What forms leave behind: presses that were carried out, and what was typed without a session."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, Moment


class Submission(Base):
    """A form that was sent and carried out: the same once more is answered alike."""

    __tablename__ = "submissions"

    #: A hash over the user, the page's token, the address and all fields.
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[Moment] = mapped_column(index=True)
    #: Where its answer leads and what it says; null until that is known.
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Draft(Base):
    """What somebody typed into a form whose session had ended, until they come back to it."""

    __tablename__ = "drafts"

    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    at: Mapped[Moment] = mapped_column(index=True)
    #: Address and fields, packed and signed: see `web/drafts.py`.
    content: Mapped[str] = mapped_column(Text)
