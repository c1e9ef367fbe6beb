"""The signed-in person: how a session finds its user, and where others are sent."""

from __future__ import annotations

from flask import Flask, abort, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from roadmap.extensions import db, login
from roadmap.models import User
from roadmap.web import htmx
from roadmap.web.fields import has_controls

#: Addresses that answer without a session.
OPEN_TO_ALL = frozenset({"people.sign_in", "people.enter", "static", "healthz"})


def init_app(app: Flask) -> None:
    login.login_view = "people.sign_in"

    @login.user_loader  # type: ignore[untyped-decorator]
    def _load(session_id: str) -> User | None:
        number, _, key = session_id.partition(":")
        known = number.isascii() and number.isdigit() and len(number) < 10
        # A plain select: looking an entity up by its key costs three times as much, on every page.
        found = select(User).where(User.id == int(number)) if known else None
        user = None if found is None else db.session.scalars(found).one_or_none()
        return user if user and user.active and user.session_key == key else None

    @app.before_request
    def _require_session() -> Response | None:
        if request.endpoint is None or request.endpoint in OPEN_TO_ALL:
            return None
        if current_user.is_authenticated:
            return None
        if request.method not in ("GET", "HEAD") and not request.headers.get("HX-Request"):
            abort(401)
        return htmx.go(url_for("people.sign_in", next=_here()))


def _here() -> str | None:
    """The page to come back to: of a part, or of a form that htmx sent, the one it stands on."""
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return htmx.current_page() or here


def safe_next(address: str | None) -> str:
    """Where to go after signing in: a path of ours, never another site."""
    # A browser reads `/\` as `//`, which is another site, and drops line breaks and tabs first.
    if not address or has_controls(address) or address.startswith(("//", "/\\")):
        return url_for("board.show")
    return address if address.startswith("/") else url_for("board.show")
