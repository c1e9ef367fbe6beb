"""The signed-in person: how a session finds its user, and where others are sent."""

from __future__ import annotations

from flask import Flask, abort, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from roadmap.extensions import login
from roadmap.models.base import now
from roadmap.web import htmx
from roadmap.web.fields import has_controls

from . import user_sessions

#: Addresses that answer without a session.
OPEN_TO_ALL = frozenset({"people.sign_in", "people.enter", "static", "healthz"})


def init_app(app: Flask) -> None:
    login.login_view = "people.sign_in"

    # Flask-Login's own guard would look at the browser's words; who one is, the token says.
    login.session_protection = None
    login.request_loader(lambda _request: user_sessions.find())

    @app.before_request
    def _require_session() -> Response | None:
        if request.endpoint is None or request.endpoint in OPEN_TO_ALL:
            return None
        if current_user.is_authenticated:
            return None
        if request.method not in ("GET", "HEAD") and not request.headers.get("HX-Request"):
            abort(401)
        return htmx.go(url_for("people.sign_in", next=_here()))

    @app.after_request
    def _note_use(response: Response) -> Response:
        id = user_sessions.current_id()
        if id is not None and user_sessions.is_due(now()) and not htmx.polls():
            response.call_on_close(lambda: user_sessions.note_use(app, id))
        return response


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
