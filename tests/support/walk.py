"""Every page of the product that a person can reach by following links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from tests.support import cast

START = "/board"
#: How many addresses of one endpoint are opened: the fullest of them stands for all.
TRIED = 2

LINK = re.compile(r'<a\b[^>]*?\shref="([^"]+)"')


@dataclass(frozen=True)
class Reached:
    """The fullest page found of an endpoint, and the first role that sees it."""

    endpoint: str
    path: str
    role: str
    html: str


def pages(app: Flask, roles: tuple[str, ...]) -> list[Reached]:
    """One page of each endpoint that answers HTML, as the first of the roles that reaches it."""
    found: dict[str, Reached] = {}
    for role in roles:
        for page in list(_walk(app, role, set(found))):
            known = found.get(page.endpoint)
            if known is None or (known.role == role and len(known.html) < len(page.html)):
                found[page.endpoint] = page
    return sorted(found.values(), key=lambda page: (page.role, page.endpoint))


def _walk(app: Flask, role: str, known: set[str]) -> Iterator[Reached]:
    """What this role reaches; of an endpoint that is known, one page, for its links."""
    client = cast.visitor(app, role)
    adapter = app.url_map.bind("localhost")
    waiting, seen, tried = [START], {START}, dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        endpoint = _endpoint(adapter, path)
        if endpoint is None or tried.get(endpoint, 0) >= (1 if endpoint in known else TRIED):
            continue
        tried[endpoint] = tried.get(endpoint, 0) + 1
        # Not through the client's own checks of markup, which other tests make of every page.
        answer = FlaskClient.open(client, path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            answer.close()
            continue
        yield Reached(endpoint, path, role, answer.text)
        for link in LINK.findall(answer.text):
            to = urljoin(path, unescape(link)).split("#")[0]
            if to.startswith("/") and not to.startswith("//") and to not in seen:
                seen.add(to)
                waiting.append(to)


def _endpoint(adapter: MapAdapter, path: str) -> str | None:
    try:
        return str(adapter.match(urlsplit(path).path, method="GET")[0])
    except HTTPException:
        return None
