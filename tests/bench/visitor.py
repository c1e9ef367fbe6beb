"""Somebody who uses the product over one kept connection, and how long each answer took."""

import gzip
import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from bs4 import BeautifulSoup

from tests.bench.company import PASSWORD


@dataclass(frozen=True)
class Answer:
    """`seconds` from the first byte sent to the last received; `body` as it came over the wire."""

    status: int
    seconds: float
    body: bytes
    headers: Mapping[str, str]

    @property
    def queries(self) -> int:
        return int(self.headers.get("x-queries", -1))

    @property
    def cpu(self) -> float:
        """Milliseconds that the server's thread was at work."""
        return int(self.headers.get("x-cpu", 0)) / 1000

    @property
    def text(self) -> str:
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()


class Visitor:
    """One connection is served by one worker, so what that worker keeps is known."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.connection = self._connect()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def leave(self) -> None:
        """End the connection; the next request opens one, perhaps to another worker."""
        self.connection.close()
        self.connection = self._connect()

    def get(self, path: str, *, encoding: str = "identity", **headers: str) -> Answer:
        return self._ask("GET", path, None, {"Accept-Encoding": encoding, **headers})

    def post(self, path: str, fields: Mapping[str, str] | None = None) -> Answer:
        body = urlencode(fields or {}).encode()
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def sign_in(self, email: str) -> None:
        form = fields_of(self.get("/sign-in").text)
        answer = self.post("/sign-in", {**form, "email": email, "password": PASSWORD})
        assert answer.status in (302, 303), answer.text[:2000]

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            return self._exchange(method, path, body, headers)
        except (ConnectionError, http.client.BadStatusLine):
            # The server closes a connection that nothing came over for a while; nothing was sent.
            self.leave()
            return self._exchange(method, path, body, headers)

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> Answer:
        started = time.perf_counter()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        seconds = time.perf_counter() - started
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                cookie = value.split(";", 1)[0]
                key, _, kept = cookie.partition("=")
                self.cookies[key] = kept
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, seconds, content, found)


def fields_of(html: str, form: str = "main form[method=post], form") -> dict[str, str]:
    """What a form holds as it came, ready to be sent back."""
    soup = BeautifulSoup(html, "html.parser")
    found: dict[str, str] = {}
    for each in soup.select(form):
        if each.get("method", "get").lower() != "post":
            continue
        for field in each.select("input[name]"):
            found.setdefault(str(field["name"]), str(field.get("value", "")))
        for area in each.select("textarea[name]"):
            found.setdefault(str(area["name"]), area.get_text())
        for select in each.select("select[name]"):
            chosen = select.select_one("option[selected]")
            found.setdefault(str(select["name"]), str(chosen["value"]) if chosen else "")
    return found
