"""Errors in plain words, as a page or, to htmx, as a fragment."""

from __future__ import annotations

from flask import Flask, current_app, g, render_template, request
from flask.globals import request_ctx
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from roadmap.domain.errors import Conflict
from roadmap.extensions import db

from . import conflicts, htmx

Answer = tuple[str, int] | tuple[str, int, dict[str, str]]

MESSAGES = {
    400: (
        "That did not arrive whole",
        "The request could not be understood. Go back and try again.",
    ),
    401: ("Please sign in again", "Your session has ended. Nothing was changed."),
    403: ("Not yours to change", "Your role does not allow this. Nothing was changed."),
    404: ("Nothing here", "There is no such page, or it is not visible to you."),
    405: ("Not that way", "This address does not take that kind of request."),
    409: ("The board moved", "Somebody changed this in the meantime. Nothing was changed."),
    413: ("Too large", "What you sent is larger than this page takes. Nothing was changed."),
    415: ("Not a form", "This address takes the fields of a form. Nothing was changed."),
    429: ("Too many tries", "Wait a minute, then try again."),
    500: ("Our mistake", "Something failed on our side. Nothing was changed; please try again."),
    503: ("Busy", "The database did not answer in time. Nothing was changed; please try again."),
}


def init_app(app: Flask) -> None:
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _failed)
    app.register_error_handler(SQLAlchemyError, _database)
    app.register_error_handler(Conflict, _overtaken)


def _expired(error: CSRFError) -> Answer:
    title = "This page is too old"
    return _page(400, title, "Its form no longer fits your session. Reload the page and try again.")


def _failed(error: HTTPException) -> Answer | HTTPException:
    if error.code is None or error.code < 400:
        return error
    title, message = MESSAGES.get(error.code, MESSAGES[400])
    if isinstance(error, InternalServerError):
        return _after_a_fault(error.code, title, message)
    return _page(error.code, title, message)


def _overtaken(conflict: Conflict) -> Answer:
    """What somebody typed, beside what is stored now; or, where that is gone, to be copied."""
    db.session.rollback()
    part = "_" if htmx.wants_fragment() else ""
    page = render_template(
        f"errors/{part}conflict.html",
        form=conflict.form,
        message=str(conflict),
        typed=conflicts.typed_texts(),
        sent=conflicts.sent_besides(conflict.form),
    )
    return page, 409


def _database(error: SQLAlchemyError) -> Answer:
    current_app.logger.error("The database refused", exc_info=error)
    busy = "locked" in str(error) or "timeout" in str(error).lower()
    status = 503 if busy else 500
    return _after_a_fault(status, *MESSAGES[status])


def _after_a_fault(status: int, title: str, message: str) -> Answer:
    """The page for what failed on our side; plain words where not even a page can be read."""
    g.reads = True  # it must not wait again for the lock that could not be had
    try:
        db.session.rollback()
        return _page(status, title, message)
    except SQLAlchemyError:
        return _plain(status, title, message)


def _page(status: int, title: str, message: str) -> Answer:
    if request_ctx.url_adapter is None:
        # The Host header is no host, so no address can be made, nor a page that has any.
        return _plain(status, title, message)
    template = "errors/_error.html" if htmx.wants_fragment() else "errors/error.html"
    # What a form was about may be gone by now: what was typed into it can be copied from here.
    typed = conflicts.typed_texts() if request.method == "POST" and status in (404, 409) else []
    page = render_template(template, status=status, title=title, message=message, typed=typed)
    return page, status


def _plain(status: int, title: str, message: str) -> Answer:
    return f"{title}. {message}", status, {"Content-Type": "text/plain; charset=utf-8"}
