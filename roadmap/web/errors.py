"""Errors in plain words, as a page or, to htmx, as a fragment."""

from __future__ import annotations

from flask import Flask, current_app, g, render_template
from flask.globals import request_ctx
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from roadmap.extensions import db

from . import htmx

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
    app.register_error_handler(HTTPException, _failed)
    app.register_error_handler(SQLAlchemyError, _database)


def _failed(error: HTTPException) -> Answer | HTTPException:
    if error.code is None or error.code < 400:
        return error
    title, message = MESSAGES.get(error.code, MESSAGES[400])
    if isinstance(error, InternalServerError):
        return _after_a_fault(error.code, title, message)
    return page(error.code, title, message)


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
        return page(status, title, message)
    except SQLAlchemyError:
        return _plain(status, title, message)


def page(status: int, title: str, message: str) -> Answer:
    """One page for every error or, to htmx, its words as a part."""
    if request_ctx.url_adapter is None:
        # The Host header is no host, so no address can be made, nor a page that has any.
        return _plain(status, title, message)
    template = "errors/_error.html" if htmx.wants_fragment() else "errors/error.html"
    return render_template(template, status=status, title=title, message=message), status


def _plain(status: int, title: str, message: str) -> Answer:
    return f"{title}. {message}", status, {"Content-Type": "text/plain; charset=utf-8"}
