"""Static files, at addresses that change with their content, so that browsers may keep them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from flask import Flask, has_request_context, request, url_for
from whitenoise import WhiteNoise

A_YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Serve `static/` below `/static/<fingerprint>/`, compressed, from memory-mapped files."""
    folder = Path(app.root_path) / "static"
    prefix = f"static/{fingerprint(folder)}"
    app.add_url_rule(
        f"/{prefix}/<path:filename>", endpoint="static", view_func=_missing, methods=["GET"]
    )
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(folder),
        prefix=prefix,
        max_age=A_YEAR,
        immutable_file_test=_always,
        # They are for our own pages, and are what their type says.
        allow_all_origins=False,
        add_headers_function=_plainly,
    )
    app.jinja_env.globals["url_for"] = _addresses()


def fingerprint(folder: Path) -> str:
    """A short hash over the names and contents of all files below the folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _addresses() -> Callable[..., str]:
    """`url_for` for templates, which knows the address of a static file after the first time: a
    page names sixty, and building them all would be a quarter of its cost."""
    known: dict[tuple[str, str], str] = {}

    def address(endpoint: str, **values: Any) -> str:
        if endpoint != "static" or values.keys() != {"filename"} or not has_request_context():
            return url_for(endpoint, **values)
        key = request.script_root, values["filename"]
        found = known.get(key)
        if found is None:
            found = known[key] = url_for(endpoint, **values)
        return found

    return address


def _missing(filename: str) -> tuple[str, int]:
    """WhiteNoise answers for every file that exists; what reaches Flask does not."""
    return f"There is no file {filename!r}.", 404, {"Content-Type": "text/plain; charset=utf-8"}  # type: ignore[return-value]


def _plainly(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def _always(path: str, url: str) -> bool:
    return True
