"""A tour of every page: what the server holds once several people have looked at everything.

Each person starts at every address that the routes offer and follows the links that the pages
show. Addresses are alike when they name the same route and the same arguments; of those, a few are
looked at. Every request comes over a connection of its own, so that both workers see all of it.
"""

import html
import re
import threading
from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import parse_qsl, urljoin, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

from roadmap import create_app
from tests.bench.company import REP_ID, managers
from tests.bench.visitor import Visitor

#: How many addresses are looked at that are alike.
ALIKE = 3
#: Ends the session, or is no page.
LEFT_OUT = {"people.sign_out", "static"}

_LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')


def people() -> tuple[str, ...]:
    """A product manager, the executive, the rep and the administrator."""
    return managers()[0], *(f"user{id}@bench.example" for id in range(REP_ID - 1, REP_ID + 2))


class Tour(threading.Thread):
    """One person's."""

    def __init__(self, port: int, email: str, routes: MapAdapter) -> None:
        super().__init__(daemon=True)
        self.port, self.email, self.routes = port, email, routes
        self.seen: Counter[object] = Counter()
        self.faults: list[str] = []

    def run(self) -> None:
        visitor = Visitor(self.port)
        visitor.sign_in(self.email)
        ahead = deque(address for address in _starts(self.routes) if self._wanted(address))
        asked: set[str] = set(ahead)
        while ahead:
            address = ahead.popleft()
            visitor.leave()
            answer = visitor.get(address, encoding="gzip")
            if answer.status >= 500:
                self.faults.append(f"{answer.status} {address}")
            if "text/html" not in answer.headers.get("content-type", ""):
                continue
            for link in _LINK.findall(answer.text):
                found = urljoin(address, html.unescape(link))
                if found not in asked and self._wanted(found):
                    asked.add(found)
                    ahead.append(found)

    def _wanted(self, address: str) -> bool:
        """Whether enough like it were not looked at yet."""
        parts = urlsplit(address)
        try:
            endpoint, _ = self.routes.match(parts.path, "GET")
        except (HTTPException, RequestRedirect):
            return False
        names = frozenset(name for name, _ in parse_qsl(parts.query))
        self.seen[endpoint, names] += 1
        return endpoint not in LEFT_OUT and self.seen[endpoint, names] <= ALIKE


def everything(port: int, database_url: str) -> Iterator[Tour]:
    """Everybody's tour, two people at a time; each when it is done."""
    app = create_app({"DATABASE_URL": database_url, "SECRET_KEY": "only for its routes"})
    routes = app.url_map.bind("")
    tours = [Tour(port, email, routes) for email in people()]
    for pair in (tours[:2], tours[2:]):
        for tour in pair:
            tour.start()
        for tour in pair:
            tour.join()
            yield tour


def _starts(routes: MapAdapter) -> list[str]:
    """Every address that needs no arguments."""
    rules = [rule for rule in routes.map.iter_rules() if "GET" in (rule.methods or ())]
    return sorted(rule.rule for rule in rules if not rule.arguments)
