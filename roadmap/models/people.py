"""Users: the people who sign in. A customer's people are not users."""

from __future__ import annotations

from flask_login import UserMixin
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base, Id, Moment, Name, now, one_of, within

REP = "rep"
PRODUCT = "product"
EXECUTIVE = "executive"
ADMIN = "admin"

ROLE_NAMES = {
    REP: "Sales rep",
    PRODUCT: "Product manager",
    EXECUTIVE: "Executive",
    ADMIN: "Administrator",
}


class User(UserMixin, Base):  # type: ignore[misc]
    __tablename__ = "users"
    __table_args__ = (one_of("role", ROLE_NAMES), within("unread_notices", 0))

    id: Mapped[Id]
    #: Lower case, so that one address is one user on every database.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[Name]
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    #: Changes with the password and on deactivation, which ends every open session.
    session_key: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[Moment] = mapped_column(default=now)
    #: Kept beside the notices, so that the bell on every page costs no query.
    unread_notices: Mapped[int] = mapped_column(default=0)
    #: Whether they want to be told by mail, too.
    wants_mail: Mapped[bool] = mapped_column(default=True)

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def role_name(self) -> str:
        return ROLE_NAMES[self.role]

    def get_id(self) -> str:
        return f"{self.id}:{self.session_key}"


class CrmOwner(Base):
    """A deal owner's name as CRM spells it, matched to a user once; without one, not reachable."""

    __tablename__ = "crm_owners"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )

    user: Mapped[User | None] = relationship()
