"""A visitor over real HTTP, for what only several processes at once can show.

priya = Visitor(server.url).sign_in("product")
preview = priya.get("/board/preview?initiative=3&to=1")
answer = priya.commit(preview, reason="Acme waits")
answer.status            # 303, or 409 with a fresh preview to commit
"""

import re
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Self
from urllib.parse import urlencode, urlsplit

from tests.support.cast import person

_FORM = re.compile(r'<form[^>]*id="commit-form".*?</form>', re.DOTALL)
_SIGN_IN = re.compile(r'<form[^>]*action="/sign-in.*?</form>', re.DOTALL)
_INPUT = re.compile(r"<input[^>]*>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Reply:
    status: int
    text: str
    location: str | None

    def fields(self, form: re.Pattern[str] = _FORM) -> dict[str, str]:
        """What the form's inputs hold, hidden ones included."""
        found = form.search(self.text)
        assert found, f"{self.status}: no such form in {self.text[:500]}"
        inputs = (dict(_ATTRIBUTE.findall(tag)) for tag in _INPUT.findall(found[0]))
        return {each["name"]: each.get("value", "") for each in inputs if "name" in each}


class Visitor:
    """One browser: a connection of its own and the cookies that the server gave it."""

    def __init__(self, url: str, cookie: str = "") -> None:
        self.url = url
        self.cookie = cookie

    def sign_in(self, role: str) -> Self:
        who = person(role)
        fields = self.get("/sign-in").fields(_SIGN_IN)
        answer = self.post("/sign-in", {**fields, "email": who.email, "password": who.password})
        assert answer.status == 303, answer.text[:2000]
        return self

    def also(self) -> "Visitor":
        """The same person's second window: signing in is limited, and slow on purpose."""
        return Visitor(self.url, self.cookie)

    def get(self, path: str) -> Reply:
        return self._ask("GET", path)

    def post(self, path: str, fields: dict[str, str]) -> Reply:
        return self._ask("POST", path, urlencode(fields))

    def commit(self, preview: Reply, **fields: object) -> Reply:
        """Send a preview's form with these fields filled in."""
        filled = {name: str(value) for name, value in fields.items()}
        return self.post("/board/promotions", {**preview.fields(), **filled})

    def _ask(self, method: str, path: str, body: str | None = None) -> Reply:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        headers = {"Cookie": self.cookie} if self.cookie else {}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        cookies = dict(each.split("=", 1) for each in self.cookie.split("; ") if each)
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            cookies[name] = value
        self.cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return Reply(answer.status, text, answer.headers["Location"])
