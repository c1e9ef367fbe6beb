"""Errors in plain words, as a page or, to htmx, as a fragment."""

from __future__ import annotations

from contextlib import suppress

from flask import Flask, current_app, g, render_template, request
from flask.globals import request_ctx
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from roadmap.domain.errors import Conflict, NotAllowed, NotFound
from roadmap.extensions import db

from . import conflicts, htmx, outage
from .typed import sendable

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
    500: ("Our mistake", "Something failed on our side."),
}
GONE = "Somebody changed or took away what this is about meanwhile. Nothing was changed."


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _failed)
    app.register_error_handler(Conflict, _overtaken)
    app.register_error_handler(
        NotAllowed, lambda refusal: page(403, MESSAGES[403][0], str(refusal))
    )
    app.register_error_handler(NotFound, lambda _: page(404, *MESSAGES[404]))
    app.register_error_handler(Exception, _fault)


def _failed(error: HTTPException) -> Answer | HTTPException:
    if error.code is None or error.code < 400:
        return error
    title, message = MESSAGES.get(error.code, MESSAGES[400])
    if isinstance(error, InternalServerError):
        return _mistake()
    return page(error.code, title, message)


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


def _fault(error: Exception) -> Answer:
    found = outage.outage(error)
    if found is not None:
        current_app.logger.error("An outage: %s", found.message, exc_info=error)
        return unavailable(found)
    if request.method == "POST" and g.get("commit") != "done" and outage.gone(error):
        return _overtaken(Conflict(GONE))
    if isinstance(error, SQLAlchemyError):
        current_app.logger.error("The database refused", exc_info=error)
        return _mistake()
    raise error


def _mistake() -> Answer:
    """The page for what failed on our side; plain words where not even a page can be read."""
    g.reads = True  # it must not wait for a lock
    title, message = MESSAGES[500]
    message = f"{message} {outage.consequence(None)} Please try again.".replace("  ", " ")
    try:
        db.session.rollback()
        return page(500, title, message)
    except SQLAlchemyError:
        return _plain(500, title, message)


def unavailable(found: outage.Outage) -> Answer:
    """The page for an outage. It asks the database nothing, and loses nothing that was typed: htmx
    shows it above the page, which stays as it is; a whole page carries the form to send it again.
    """
    with suppress(SQLAlchemyError):
        db.session.rollback()
    headers = {"Retry-After": str(found.retry_after)}
    if request_ctx.url_adapter is None:
        return _plain(503, found.title, found.message)
    if htmx.wants_fragment():
        headers |= {"HX-Retarget": "#flashes", "HX-Reswap": "innerHTML"}
    # Not `render_template`, which would look up the workspace and who is signed in.
    name = "errors/_outage.html" if htmx.wants_fragment() else "errors/outage.html"
    page = current_app.jinja_env.get_template(name).render(
        outage=found, consequence=outage.consequence(found), again=sendable(), here=_here()
    )
    return page, 503, headers


def _here() -> str:
    """The address to ask again: of what was asked for, or of the form that sent it."""
    if request.method != "POST" or sendable() is not None:
        return str(request.full_path).rstrip("?")
    before = request.referrer or ""
    return before if before.startswith(request.host_url) else "/"


def page(status: int, title: str, message: str) -> Answer:
    """One page for every error or, to htmx, its words as a part."""
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
