"""What somebody typed into a form that could not be taken, to be given back, but for passwords.

Whatever shows, keeps or sends on a form's words that it does not know asks here what it may.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request
from werkzeug.exceptions import HTTPException

F = TypeVar("F", bound=Callable[..., Any])

#: Names of fields whose values nobody may see again, whichever address they are sent to.
_SECRET = re.compile(r"pass|pwd|secret|csrf", re.IGNORECASE)
#: Of these, the page that sends a form again has what was made for it alone.
_PASSWORD = re.compile(r"pass|pwd|secret", re.IGNORECASE)


def takes_passwords(view: F) -> F:
    """Marks a handler whose form holds passwords: of what is sent there nothing is given back."""
    view.takes_passwords = True  # type: ignore[attr-defined]
    return view


def typed() -> list[tuple[str, str]]:
    """The names and values of the request's form that may be shown and kept."""
    view = current_app.view_functions.get(request.endpoint or "")
    if hasattr(view, "takes_passwords"):
        return []
    return [
        (name, value) for name, value in request.form.items(multi=True) if not _SECRET.search(name)
    ]


def sendable() -> list[tuple[str, str]] | None:
    """All fields of the request's form, for a page that sends the very same again; None where there
    is no form, or passwords or files are in it.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method != "POST" or hasattr(view, "takes_passwords"):
        return None
    try:
        fields = list(request.form.items(multi=True))
        files = bool(request.files)
    except (HTTPException, OSError):  # it did not arrive, or found no room
        return None
    return None if files or any(_PASSWORD.search(name) for name, _ in fields) else fields
