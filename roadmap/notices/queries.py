"""A person's notices as the page shows them, and letters that wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import func, select, true

from roadmap.extensions import db
from roadmap.models import Notice
from roadmap.web.filters import local
from roadmap.web.paging import Numbered

from .targets import Target, target

#: How a kind is called on the page: (tone, words, icon).
KINDS = {
    "triaged": ("info", "Triaged", "check"),
    "merged": ("info", "Merged", "git-merge"),
    "asked": ("warn", "A question for you", "help"),
    "answered": ("info", "Answer", "message"),
    "replied": ("info", "Reply", "message"),
    "reminder": ("warn", "Reminder", "clock"),
    "handed": ("info", "Handed to you", "user"),
    "later": ("warn", "Later", "trending-down"),
    "earlier": ("ok", "Earlier", "trending-up"),
    "missed": ("danger", "Date missed", "alert-triangle"),
    "in time": ("ok", "In time", "circle-check"),
    "committed": ("accent", "Committed", "flag"),
    "shipped": ("ok", "Shipped", "rocket"),
    "declined": ("neutral", "Declined", "ban"),
}


@dataclass(frozen=True)
class Line:
    """A notice as the page shows it."""

    id: int
    at: datetime
    kind: str
    text: str
    read: bool
    target: Target | None

    @property
    def look(self) -> tuple[str, str, str]:
        return KINDS[self.kind]


@dataclass(frozen=True)
class Day:
    """The notices of one day, and what to call it: "Today", "Yesterday" or empty."""

    day: date
    name: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Extent:
    """How many notices a list has, and the newest of all this person's, read or not."""

    total: int
    newest: int


def extent(user_id: int, *, only_unread: bool) -> Extent:
    listed = Notice.read_at.is_(None) if only_unread else true()
    counted = func.count(Notice.id).filter(listed)
    total, newest = db.session.execute(
        select(counted, func.max(Notice.id)).where(Notice.user_id == user_id)
    ).one()
    return Extent(total, newest or 0)


def page(user_id: int, pages: Numbered, today: date, *, only_unread: bool) -> list[Day]:
    """A page of this person's notices, the newest first, by day."""
    statement = (
        select(
            Notice.id, Notice.at, Notice.kind, Notice.text, Notice.read_at, Notice.request_id,
            Notice.initiative_id,
        )
        .where(Notice.user_id == user_id)
        .order_by(Notice.at.desc(), Notice.id.desc())
    )  # fmt: skip
    if only_unread:
        statement = statement.where(Notice.read_at.is_(None))
    lines = [
        Line(id, at, kind, text, read_at is not None, target(request_id, initiative_id))
        for id, at, kind, text, read_at, request_id, initiative_id in db.session.execute(
            pages.limited(statement)
        )
    ]
    return [
        Day(day, _name(day, today), list(group))
        for day, group in groupby(lines, lambda line: local(line.at).date())
    ]


def find(user_id: int, notice_id: int) -> Notice | None:
    """One of this person's notices; there are no others for them."""
    return db.session.scalar(
        select(Notice).where(Notice.id == notice_id, Notice.user_id == user_id)
    )


def _name(day: date, today: date) -> str:
    return {0: "Today", 1: "Yesterday"}.get((today - day).days, "")
