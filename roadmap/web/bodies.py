"""What a request may bring: the fields of a form, and not too many of them.

Refused at the door, because what comes after it takes every value of a form for a text: Flask-WTF
would read the fields out of a JSON body or an uploaded file as well, whatever they hold.
"""

from __future__ import annotations

from flask import Flask, abort, request

#: A form that is sent without content has no type.
FORMS = frozenset({"", "application/x-www-form-urlencoded", "multipart/form-data"})

#: Far more than any page has, and few enough to be looked up in one statement: SQLite takes 32,766
#: parameters, PostgreSQL 65,535.
MOST_FIELDS = 10_000


def init_app(app: Flask) -> None:
    """Goes before whoever else looks at the form, such as CSRF protection."""

    @app.before_request
    def _only_forms() -> None:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return
        if request.mimetype not in FORMS or request.files:
            abort(415)
        if sum(map(len, request.form.listvalues())) > MOST_FIELDS:
            abort(413)
