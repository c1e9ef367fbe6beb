"""What a request may bring: the fields of a form, not too many of them, and files only where asked.

Refused at the door, because what comes after it takes every value of a form for a text: Flask-WTF
would read the fields out of a JSON body or an uploaded file as well, whatever they hold.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar

from flask import Flask, Request, abort, current_app, g, request
from flask_login import current_user

from roadmap.extensions import db

F = TypeVar("F", bound=Callable[..., Any])

#: A form that is sent without content has no type.
FORMS = frozenset({"", "application/x-www-form-urlencoded", "multipart/form-data"})

#: Far more than any page has, and few enough to be looked up in one statement: SQLite takes 32,766
#: parameters, PostgreSQL 65,535.
MOST_FIELDS = 10_000


class StreamingRequest(Request):
    """A request whose files go to the disk of the instance as they come, never to memory.

    A file that is left there by a request that ended is one without a name: it is gone.
    """

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        folder = Path(current_app.instance_path)
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile("w+b", dir=folder)


def takes_files(most: int, allowed: Callable[[], bool]) -> Callable[[F], F]:
    """Marks a handler that takes files, of at most so many bytes together, from whom it allows."""

    def decorate(view: F) -> F:
        view.takes_files = most, allowed  # type: ignore[attr-defined]
        return view

    return decorate


def init_app(app: Flask) -> None:
    """Goes before whoever else looks at the form, such as CSRF protection."""
    app.request_class = StreamingRequest

    @app.before_request
    def _only_forms() -> None:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return
        if request.mimetype not in FORMS:
            abort(415)
        files = _files()
        if files is None:
            return  # they are asked to sign in, whatever they bring
        if files:
            request.max_content_length = files
        if request.files and not files:
            abort(415)
        if sum(map(len, request.form.listvalues())) > MOST_FIELDS:
            abort(413)


def _files() -> int | None:
    """How many bytes of files this request may bring; 0 for none, None where nobody is signed in.

    To know who asks, the database is asked: nobody must wait for a long upload to arrive, nor it
    for those who write.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    most, allowed = getattr(view, "takes_files", (0, bool))
    if not most:
        return 0
    g.reads = True
    known, allows = current_user.is_authenticated, allowed()
    db.session.commit()
    g.reads = False
    return int(most) * allows if known else None
