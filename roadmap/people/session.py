"""The signed-in person: how a session finds its user, and where others are sent."""

from __future__ import annotations

from flask import Flask, g, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from roadmap.extensions import login, only_reads
from roadmap.models.base import now
from roadmap.web import drafts, errors, htmx
from roadmap.web.fields import has_controls

from . import sign_in_page, user_sessions
from .forms import SignInForm

#: Addresses that answer without a session.
OPEN_TO_ALL = frozenset({"people.sign_in", "people.enter", "static", "healthz"})


def init_app(app: Flask) -> None:
    login.login_view = "people.sign_in"

    # Flask-Login's own guard would look at the browser's words; who one is, the token says.
    login.session_protection = None
    login.request_loader(lambda _request: user_sessions.find())

    app.register_error_handler(CSRFError, _expired)

    @app.before_request
    def _require_session() -> Response | None:
        if request.endpoint is None or request.endpoint in OPEN_TO_ALL:
            return None
        if current_user.is_authenticated:
            return None
        address = url_for("people.sign_in", next=_here())
        if htmx.wants_fragment() and (only_reads() or not drafts.typed()):
            return sign_in_page.notice(address)
        if request.method in ("GET", "HEAD"):
            return htmx.go(address)
        g.reads = True  # nothing is stored: who only has to sign in waits for nobody who writes
        return sign_in_page.instead()

    @app.after_request
    def _note_use(response: Response) -> Response:
        id = user_sessions.current_id()
        if id is not None and user_sessions.is_due(now()) and not htmx.polls():
            response.call_on_close(lambda: user_sessions.note_use(app, id))
        return response


def _expired(error: CSRFError) -> errors.Answer | Response:
    """A form of another session: it comes back as it was typed, with what it lacks."""
    if not current_user.is_authenticated:
        form = SignInForm()
        form.form_errors.append("This page is too old. Please try again.")
        return sign_in_page.page(form, 400)
    post = drafts.typed()
    if post is None:
        return errors.page(
            400, "This page is too old", "Nothing was changed. Reload it and try again."
        )
    return drafts.show(post, drafts.TOO_OLD, 400)


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
