"""The signed-in person: how a session finds its user, and where others are sent."""

from __future__ import annotations

from flask import Flask, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy import select
from werkzeug.wrappers import Response

from roadmap.extensions import db, login
from roadmap.models import User
from roadmap.web import drafts, errors, htmx
from roadmap.web.fields import has_controls

from . import signing_in
from .forms import SignInForm

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

    app.register_error_handler(CSRFError, _expired)

    @app.before_request
    def _require_session() -> Response | None:
        if request.endpoint is None or request.endpoint in OPEN_TO_ALL:
            return None
        if current_user.is_authenticated:
            return None
        if request.method not in ("GET", "HEAD") and (drafts.typed() or not htmx.wants_fragment()):
            return signing_in.instead()
        return htmx.go(url_for("people.sign_in", next=_here()))


def _expired(error: CSRFError) -> errors.Answer | Response:
    """A form of another session: it comes back as it was typed, with what it lacks."""
    if not current_user.is_authenticated:
        form = SignInForm()
        form.form_errors.append("This page is too old. Please try again.")
        return signing_in.page(form, 400)
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
