"""The one module that knows htmx's headers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Response, current_app, flash, g, make_response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from roadmap.domain.errors import Refused

F = TypeVar("F", bound=Callable[..., Any])


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page; going back in history needs the whole one."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def polled(view: F) -> F:
    """Marks a handler that pages ask by themselves, again and again: nobody is at work there."""
    view.polled = True  # type: ignore[attr-defined]
    return view


def polls() -> bool:
    """Whether a page asks by itself. The same address may be one that a person opens."""
    view = current_app.view_functions.get(request.endpoint or "")
    return hasattr(view, "polled") and request.headers.get("HX-Request") == "true"


def go(address: str) -> BaseResponse:
    """Leave for another page: a redirect, or htmx's own way to one, which reloads it whole.

    To the page that htmx is on a browser would only scroll: that one is loaded anew where it
    stands, with its filters where the address names none.
    """
    g.went = address
    if request.headers.get("HX-Request") != "true":
        return redirect(address, 303)
    response: Response = make_response("", 200)
    present = current_page() or ""
    if address.partition("#")[0] in (present, present.partition("?")[0]):
        response.headers["HX-Refresh"] = "true"
    else:
        response.headers["HX-Redirect"] = address
    return response


def after_step(act: Callable[[], object], done: str, address: str) -> BaseResponse:
    """Take a step and leave for a page, which says that it is `done` (nothing, where that is empty)
    or, where it makes no sense any more, why.
    """
    try:
        act()
    except Refused as refused:
        flash(str(refused), "warn")
    else:
        if done:
            flash(done, "ok")
    return go(address)


def current_page() -> str | None:
    """The page that htmx is on, as its path and query; None where the browser does not say."""
    try:
        parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return None
    return parts._replace(scheme="", netloc="", fragment="").geturl() or None


def standing_on() -> str | None:
    """The page of ours that a form was sent from, by path and query; None where nobody says."""
    address = request.headers.get("HX-Current-URL") or request.referrer or ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    ours = parts.netloc == request.host and parts.path.startswith("/")
    path = parts._replace(scheme="", netloc="", fragment="").geturl()
    return path if ours and not path.startswith(("//", "/\\")) else None
