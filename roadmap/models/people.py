"""Users: the people who sign in, and their sessions. A customer's people are not users."""

from __future__ import annotations

from typing import Any

from flask_login import UserMixin
from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from roadmap.domain.roles import ROLE_NAMES

from .base import Base, Id, Moment, Name, now, one_of, within
from .naming import Named


class User(UserMixin, Named, Base):  # type: ignore[misc]
    __tablename__ = "users"
    __table_args__ = (one_of("role", ROLE_NAMES), within("unread_notices", 0))

    id: Mapped[Id]
    #: Lower case, so that one address is one user on every database.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[Name]
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Moment] = mapped_column(default=now)
    #: Kept beside the notices, so that the bell on every page costs no query.
    unread_notices: Mapped[int] = mapped_column(default=0)
    #: Whether they want to be told by mail, too.
    wants_mail: Mapped[bool] = mapped_column(default=True)

    #: The zone that times are shown to them in; null: the workspace's.
    time_zone: Mapped[str | None] = mapped_column(String(64))

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def role_name(self) -> str:
        return ROLE_NAMES[self.role]


class UserSession(Base):
    """One browser that somebody is signed in with. Without its row, its cookie is nobody's."""

    __tablename__ = "user_sessions"

    id: Mapped[Id]
    #: Of the token that the browser's cookie holds: whoever reads the database can be nobody.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Moment]
    #: Of the latest request that a person made; a page that asks by itself does not count.
    seen_at: Mapped[Moment]
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(60))


class FailureCount(Base):
    """How many wrong passwords there were since a moment: for one account, address or browser."""

    __tablename__ = "sign_in_failures"

    #: A hash, so that nobody reads here who mistyped what.
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[Moment]
    count: Mapped[int]


class CrmOwner(Named, Base):
    """A deal owner's name as CRM spells it, matched to a user once; without one, not reachable."""

    __tablename__ = "crm_owners"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )

    #: What a file of teams says of them, such as their manager and region: text by name.
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, sort_order=1)

    user: Mapped[User | None] = relationship()
