"""What tests of notices share: somebody is told, and what is stored then."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db, reading
from roadmap.models import Notice, Request, User
from roadmap.notices import actions
from roadmap.workspace import revision
from tests.support.smtp import MailServer

Tell = Callable[..., int]

#: Settings with which letters are written; where they leave is said to `outbox.send`.
MAIL = {
    "SMTP_HOST": "127.0.0.1",
    "SMTP_SECURITY": "none",
    "MAIL_FROM": "Roadmap <roadmap@company.example>",
    "PUBLIC_URL": "https://roadmap.company.example",
}


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def tell(app: Flask, cast_ids: dict[str, int]) -> Tell:
    """`tell("rep", text="…")` tells people, by role or id; gives the last notice's id."""

    def told(*who: str | int, kind: str = "later", text: str = "It moved", **more: Any) -> int:
        ids = [each if isinstance(each, int) else cast_ids[each] for each in who]
        with app.app_context():
            revision.lock()
            actions.tell(ids, kind, text, **more)
            db.session.commit()
            return db.session.scalar(select(Notice.id).order_by(Notice.id.desc())) or 0

    return told


@pytest.fixture
def requests_have_pages(app: Flask) -> None:
    """An address for requests, also where this application has no feature that shows them.

    Ask for it before anybody signs in: an application takes no rules once it has answered.
    """
    if "intake.show" not in app.view_functions:
        app.add_url_rule("/requests/<int:id>", "intake.show", lambda id: f"Request {id}")


def a_request(app: Flask, title: str = "They cannot sign in") -> int:
    with app.app_context():
        request = Request(title=title)
        db.session.add(request)
        db.session.commit()
        return request.id


def bells(app: Flask) -> dict[str, int]:
    """The stored figure of each who has one above zero, by first name."""
    with app.app_context(), reading():
        people = db.session.execute(select(User.name, User.unread_notices))
        return {name.split()[0]: count for name, count in people if count}


def unread(app: Flask) -> dict[str, int]:
    """The unread notices that are there, by first name."""
    with app.app_context(), reading():
        found = db.session.execute(
            select(User.name)
            .join(Notice, Notice.user_id == User.id)
            .where(Notice.read_at.is_(None))
            .order_by(Notice.id)
        ).scalars()
        counts: dict[str, int] = {}
        for name in found:
            counts[name.split()[0]] = counts.get(name.split()[0], 0) + 1
        return counts
