"""A tour of every page: what the server holds once several people have looked at everything.

Each person starts at every address that the routes offer and follows the links that the pages
show. Of the addresses of one route a few are looked at, with different arguments first. Every
request comes over a connection of its own, so that both workers see all of it.
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

#: How many addresses are looked at of one route, and of those that name the same arguments, too.
OF_ROUTE, ALIKE = 8, 2
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
        try:
            self._look_at_everything()
        except Exception as error:
            self.faults.append(repr(error)[:300])

    def _look_at_everything(self) -> None:
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
        """Whether not enough like it were looked at yet."""
        parts = urlsplit(address)
        try:
            endpoint, _ = self.routes.match(parts.path, "GET")
        except (HTTPException, RequestRedirect):
            return False
        names = frozenset(name for name, _ in parse_qsl(parts.query))
        alike = endpoint, names
        most = 1 if endpoint.endswith("csv") else OF_ROUTE
        if endpoint in LEFT_OUT or self.seen[endpoint] >= most or self.seen[alike] >= ALIKE:
            return False
        self.seen[endpoint] += 1
        self.seen[alike] += 1
        return True


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
