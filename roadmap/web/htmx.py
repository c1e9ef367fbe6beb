"""The one module that knows htmx's headers."""

from __future__ import annotations

from flask import Response, make_response, redirect, request
from werkzeug.wrappers import Response as BaseResponse


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page; going back in history needs the whole one."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def go(address: str) -> BaseResponse:
    """Leave for another page: a redirect, or htmx's own way to one, which reloads it whole."""
    if request.headers.get("HX-Request") != "true":
        return redirect(address, 303)
    response: Response = make_response("", 200)
    response.headers["HX-Redirect"] = address
    return response
