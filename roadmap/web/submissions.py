"""A form that is sent twice is carried out once, and both are answered alike.

Every form that posts has the token of its page (`csrf()` in `templates/macros/forms.html`). A post
of it claims a row for its user, token, address and fields, within the transaction in which its
handler writes: whoever sends the same meanwhile waits for that row, finds it, and gets the first
one's answer. What was changed in the form is another submission, and so is whatever stored nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask, Response, current_app, flash, g, has_app_context, request, session
from flask_login import current_user
from sqlalchemy import bindparam, delete, event, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction
from werkzeug.wrappers import Response as BaseResponse

from roadmap.extensions import db, only_reads, reading
from roadmap.models import Submission
from roadmap.models.base import UtcDateTime, now

from . import htmx

#: The field with the page's token, and the one that is ours as well but says nothing of the press.
TOKEN, CSRF = "form_token", "csrf_token"

#: For how long the same form, sent again, gets the first one's answer.
REMEMBERED = timedelta(days=1)

#: How often whoever came second looks for the first one's answer, and the seconds between.
LOOKS, PAUSE = 100, 0.02

_CLAIM = text(
    "INSERT INTO submissions (key, at) VALUES (:key, :at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("at", type_=UtcDateTime()))


@dataclass(slots=True)
class Press:
    """One submission: its row is claimed in the open transaction, or was committed with it."""

    key: str
    claimed: bool = False
    committed: bool = False


class Repeated(Exception):
    """Somebody sent the same form at the same time, and was first."""


def init_app(app: Flask) -> None:
    """Goes after whatever may refuse a request: no session, a bad token."""
    app.jinja_env.globals[TOKEN] = form_token
    app.before_request(_begin)
    app.after_request(_remember)
    app.register_error_handler(Repeated, lambda _: _answer_again(g.press))


def form_token() -> str:
    """The token of this page's forms, which says for whom it was made; empty without a session."""
    if not current_user.is_authenticated:
        return ""
    if TOKEN not in g:
        token = secrets.token_urlsafe(9)
        setattr(g, TOKEN, f"{token}.{_mark(token, current_user.id)}")
    return str(g.get(TOKEN))


def made_for(token: str, user_id: int) -> bool:
    """Whether a page was made for this user, as far as its token tells."""
    number, _, mark = token.partition(".")
    return not token or hmac.compare_digest(mark.encode(), _mark(number, user_id).encode())


def _mark(token: str, user_id: int) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"form {token} {user_id}".encode(), hashlib.sha256).hexdigest()[:16]


def _begin() -> BaseResponse | None:
    """Claim the row first, so that the same again waits here, and not where it fails as stale."""
    if request.method != "POST" or only_reads() or not request.form.get(TOKEN):
        return None
    if not current_user.is_authenticated:
        return None
    g.press = press = Press(_key())
    if hasattr(current_app.view_functions.get(request.endpoint or ""), "takes_files"):
        # Moving files takes long, and must not keep anybody waiting: claimed as it commits.
        return None
    return None if _claimed(press) else _answer_again(press)


def _key() -> str:
    fields = [pair for pair in request.form.items(multi=True) if pair[0] != CSRF]
    files = [(name, file.filename) for name, file in request.files.items(multi=True)]
    told = [
        current_user.id,
        request.full_path,
        fields,
        files,
        request.content_length if files else 0,
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _present() -> Press | None:
    return g.get("press") if has_app_context() else None


def _claimed(press: Press) -> bool:
    result: Any = db.session.execute(_CLAIM, {"key": press.key, "at": now()})
    press.claimed = result.rowcount == 1
    return press.claimed


@event.listens_for(db.session, "before_commit")
def _before_commit(session: Session) -> None:
    press = _present()
    if press and not press.claimed and not press.committed and not _claimed(press):
        raise Repeated


@event.listens_for(db.session, "after_commit")
def _after_commit(session: Session) -> None:
    press = _present()
    if press and press.claimed and not session.in_nested_transaction():
        press.committed = True


@event.listens_for(db.session, "after_transaction_end")
def _after_transaction(session: Session, transaction: SessionTransaction) -> None:
    # What was rolled back, or left, took the row along.
    if transaction.parent is None and (press := _present()):
        press.claimed = False


def _answer_again(press: Press) -> BaseResponse:
    """The first one's answer, as soon as it is known."""
    g.press = None
    result = _first_result(press.key)
    if result is None:
        flash("This was saved already; it was not done twice.", "info")
        return htmx.go(htmx.standing_on() or "/")
    session["_flashes"] = [tuple(each) for each in result["flashes"]]
    return htmx.go(result["to"])


def _first_result(key: str) -> dict[str, Any] | None:
    for _ in range(LOOKS):
        with reading():
            found = db.session.execute(
                select(Submission.result).where(Submission.key == key)
            ).one_or_none()
        if found is None or found.result is not None:
            break
        time.sleep(PAUSE)
    return found.result if found else None


def _remember(response: Response) -> Response:
    """Keep where the answer leads, once whoever sent the form has it; forget what failed."""
    press = g.get("press")
    if not press:
        return response
    if not press.committed:
        # Nothing of it stands: it may be sent again.
        db.session.rollback()
    elif 400 <= response.status_code < 500:
        db.session.rollback()
        _write(delete(Submission).where(Submission.key == press.key))
    else:
        to = g.get("went") or response.location or htmx.standing_on() or "/"
        result = {"to": to, "flashes": session.get("_flashes", [])}
        keep = update(Submission).where(Submission.key == press.key).values(result=result)
        old = delete(Submission).where(Submission.at < now() - REMEMBERED)
        app = current_app._get_current_object()  # type: ignore[attr-defined]

        def write() -> None:
            with app.app_context():
                # One in sixteen cleans up.
                _write(keep, *([old] if press.key.startswith("0") else []))

        response.call_on_close(write)
    return response


def _write(*statements: Any) -> None:
    """Without waiting for the disk: what a power cut takes is an answer that nobody waits for."""
    sqlite = db.engine.dialect.name == "sqlite"
    with suppress(SQLAlchemyError), db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if sqlite:
            driver.execute("PRAGMA synchronous = NORMAL")
        try:
            if not sqlite:
                connection.execute(text("SET LOCAL synchronous_commit = off"))
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        finally:
            connection.rollback()
            if sqlite:
                driver.execute("PRAGMA synchronous = FULL")
