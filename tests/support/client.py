"""A test client that reads every answer as strictly as a careful colleague would.

    page = client.get("/problems")
    page.text_of("h1")                       # "Problems"
    page.submit("form#new-problem", title="Cannot export")

Every HTML answer is checked on the way (tests/support/markup.py says for what), so each test of a
view is also a test of its markup, links and forms. CSRF protection stays on: `submit` sends what
the form holds, token and hidden fields included, as a browser would.
"""

import csv
import gzip
import io
import re
from collections.abc import Iterator
from typing import Any, Self
from urllib.parse import urldefrag, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask, Response, session
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from tests.support import markup

HTMX = {"HX-Request": "true"}
#: What every CSV file begins with.
MARK = "\ufeff"


class Page(TestResponse, Response):
    """An answer, with what a person would see in it."""

    client: "CheckingClient"
    _soup: BeautifulSoup | None = None

    @property
    def soup(self) -> BeautifulSoup:
        if self._soup is None:
            self._soup = BeautifulSoup(self.text, "html.parser")
        return self._soup

    @property
    def path(self) -> str:
        """The path that was answered, after any redirects, with its query."""
        query = self.request.query_string.decode()
        return self.request.path + (f"?{query}" if query else "")

    def all(self, selector: str) -> list[Tag]:
        return list(self.soup.select(selector))

    def one(self, selector: str) -> Tag:
        """The only element that fits; anything else fails the test."""
        found = self.all(selector)
        assert len(found) == 1, (
            f"{len(found)} elements fit {selector!r} on {self.path}:\n{self._outline()}"
        )
        return found[0]

    def has(self, selector: str) -> bool:
        return bool(self.all(selector))

    def text_of(self, selector: str) -> str:
        """The words of the only element that fits, with spaces drawn together."""
        return words(self.one(selector))

    def texts_of(self, selector: str) -> list[str]:
        return [words(element) for element in self.all(selector)]

    def value_of(self, selector: str) -> str | list[str]:
        """What a form's control holds as rendered."""
        control = self.one(selector)
        held = [value for _, value in control_values(control)]
        return held if control.has_attr("multiple") else (held or [""])[0]

    def rows_of(self, table: str) -> list[dict[str, str]]:
        """A table's body as one dict per row, keyed by the words of the column heads."""
        element = self.one(table)
        heads = [words(head) for head in element.select("thead th")]
        return [
            dict(zip(heads, map(words, row.find_all(["td", "th"], recursive=False)), strict=False))
            for row in element.select("tbody > tr")
        ]

    def table(self) -> list[dict[str, str]]:
        """A CSV file's rows, keyed by its header."""
        return list(csv.DictReader(io.StringIO(self.text.removeprefix(MARK), newline="")))

    def lines(self) -> list[str]:
        """The lines of a CSV file, its header the first."""
        return self.text.removeprefix(MARK).splitlines()

    def link(self, text: str) -> str:
        """The address of the only link with these words (or this accessible name)."""
        found = [a for a in self.all("a[href]") if text in (words(a), a.get("aria-label"))]
        addresses = {str(a["href"]) for a in found}
        assert len(addresses) == 1, f"{len(addresses)} links say {text!r} on {self.path}"
        return urljoin(self.path, addresses.pop())

    def follow(self, text: str) -> "Page":
        return self.client.get(self.link(text))

    def submit(
        self, selector: str = "main form", *, press: str | None = None, htmx: bool = False,
        follow: bool = True, **values: Any,
    ) -> "Page":  # fmt: skip
        """Fill the form as rendered, change `values` in it, send it as a browser would.

        A value may be a list (several choices), a bool (a checkbox), None (send nothing) or a
        (stream, filename) pair. A field or choice that the form does not offer fails the test.
        `press` is the value or the words of the button; without it the form is sent as by Enter.
        Redirects are followed unless `follow` is False.
        """
        form = self.one(selector)
        assert form.name == "form", f"{selector!r} is a <{form.name}>, not a form"
        button = pressed(form, press)
        attributes = {**form.attrs}
        if button is not None:
            for name in ("action", "method"):
                if button.has_attr(f"form{name}"):
                    attributes[name] = button[f"form{name}"]
        fields = filled(form, values)
        if button is not None and button.get("name"):
            fields.append((str(button["name"]), str(button.get("value", ""))))
        data: dict[str, list[Any]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        method = str(attributes.get("method", "get")).upper()
        address = urljoin(self.path, str(attributes.get("action") or self.path))
        sent = {"query_string": data} if method == "GET" else {"data": data}
        if method == "GET":
            address = address.partition("?")[0]
        return self.client.open(
            address,
            method=method,
            headers=HTMX if htmx else None,
            follow_redirects=follow,
            **sent,
        )

    def _outline(self) -> str:
        return words(self.soup)[:1500]


class CheckingClient(FlaskClient):
    def __init__(self, application: Flask, _response: Any = None, **kwargs: Any) -> None:
        # Flask passes its own response class; this one knows how to read.
        super().__init__(application, Page, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> Page:
        # A browser reads an answer to its end; one left half read would keep its request open.
        kwargs.setdefault("buffered", True)
        page = super().open(*args, **kwargs)
        assert isinstance(page, Page)
        page.client = self
        for each in (*page.history, page):
            # A form with large files was written to one by itself.
            each.request.environ["wsgi.input"].close()
        check(page, self.application)
        return page

    # The parent promises a TestResponse only; these say what really comes back.
    def get(self, *args: Any, **kwargs: Any) -> Page:
        return self.open(*args, **{**kwargs, "method": "GET"})

    def post(self, *args: Any, **kwargs: Any) -> Page:
        return self.open(*args, **{**kwargs, "method": "POST"})

    def fragment(self, address: str, **kwargs: Any) -> Page:
        """The answer that htmx would get."""
        return self.get(address, headers={**HTMX, **kwargs.pop("headers", {})}, **kwargs)

    def sign_in(self, email: str, password: str = "") -> Self:
        """Sign in through the real form."""
        if not password:
            from tests.support.cast import PASSWORD as password  # noqa: N811
        form = self.get("/sign-in")
        page = form.submit(
            "main form:has([type=password])",
            email=email,
            password=password,
            follow=False,
        )
        assert page.status_code == 303, f"{email} could not sign in:\n{page._outline()}"
        return self

    def begin_session(self, email: str) -> Self:
        """Be signed in as this user without the form and its password."""
        from roadmap.extensions import db, writing
        from roadmap.people import actions, user_sessions

        request = self.application.test_request_context()
        with self.session_transaction() as kept, request, writing():
            user = actions.find(email)
            assert user is not None, f"{email} is nobody here"
            user_sessions.begin(user)
            db.session.commit()
            kept.update(session)
        return self


def words(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())


# --- forms ---------------------------------------------------------------------------------------


def controls(form: Tag) -> list[Tag]:
    """The form's controls that a browser would send, in source order."""
    found = list(form.select("input[name], select[name], textarea[name]"))
    if form.get("id"):
        top = list(form.parents)[-1]
        found += [
            c for c in top.select(f'[form="{form["id"]}"][name]:not(button)') if c not in found
        ]
    return [
        c
        for c in found
        if not c.has_attr("disabled")
        and not (c.find_parent("fieldset", disabled=True))
        and c.get("type") not in {"submit", "button", "reset", "image"}
    ]


def control_values(control: Tag) -> Iterator[tuple[str, str]]:
    """The (name, value) pairs that one control sends as rendered."""
    name = str(control.get("name", ""))
    if control.name == "textarea":
        # A parser drops the first line break of a textarea, so that a template may add one.
        yield name, re.sub(r"\A\r?\n", "", control.get_text())
    elif control.name == "select":
        chosen = control.select("option[selected]")
        if not chosen and not control.has_attr("multiple"):
            chosen = control.select("option:not([disabled])")[:1]
        yield from ((name, choice(option)) for option in chosen)
    elif control.get("type") in {"checkbox", "radio"}:
        if control.has_attr("checked"):
            yield name, str(control.get("value", "on"))
    elif control.get("type") != "file":
        yield name, str(control.get("value", ""))


def choice(option: Tag) -> str:
    return str(option["value"]) if option.has_attr("value") else words(option)


def filled(form: Tag, values: dict[str, Any]) -> list[tuple[str, Any]]:
    offered = controls(form)
    names = {str(c["name"]) for c in offered}
    # Keywords cannot hold a hyphen; WTForms' nested names do.
    wanted = {
        name if name in names else name.replace("__", "-"): value for name, value in values.items()
    }
    unknown = wanted.keys() - names
    assert not unknown, f"The form has no {sorted(unknown)}; it has {sorted(names)}"
    sent = [pair for c in offered if c["name"] not in wanted for pair in control_values(c)]
    for name, value in wanted.items():
        own = [c for c in offered if c["name"] == name]
        sent += [(name, one) for one in given(own, name, value)]
    return sent


def given(own: list[Tag], name: str, value: Any) -> list[Any]:
    """The values to send for one name, which must be among those that its controls offer."""
    offered = [choice(option) for c in own for option in c.select("option:not([disabled])")]
    offered += [str(c.get("value", "on")) for c in own if c.get("type") in {"checkbox", "radio"}]
    if value is None or value is False:
        return []
    if value is True:
        return offered[:1]
    several = value if isinstance(value, list | set) else [value]
    if own[0].get("type") == "file":
        return list(several)
    if own[0].name == "select" or own[0].get("type") in {"checkbox", "radio"}:
        for one in several:
            assert str(one) in offered, f"{name} offers {offered}, not {one!r}"
    return [str(one) for one in several]


def pressed(form: Tag, press: str | None) -> Tag | None:
    buttons = list(form.select("button:not([type]), button[type=submit], input[type=submit]"))
    if form.get("id"):
        top = list(form.parents)[-1]
        buttons += [b for b in top.select(f'button[form="{form["id"]}"]') if b not in buttons]
    if press is None:
        return next((b for b in buttons if not b.has_attr("disabled")), None)
    found = [b for b in buttons if press in (b.get("value"), words(b), b.get("aria-label"))]
    assert len(found) == 1, f"{len(found)} buttons say {press!r}: {[words(b) for b in buttons]}"
    assert not found[0].has_attr("disabled"), f"The button {press!r} is disabled"
    return found[0]


# --- what is checked -----------------------------------------------------------------------------


def check(page: Page, app: Flask) -> None:
    if 300 <= page.status_code < 400:
        if page.location and (fault := route(app, page.request.path)(page.location, "GET")):
            raise AssertionError(f"The redirect leads nowhere: {fault}")
        return
    if page.mimetype == "text/csv" and page.data:
        assert page.text.startswith(MARK), f"{page.path} has no byte-order mark"
    if page.mimetype != "text/html" or page.request.method == "HEAD" or not page.data:
        return
    if page.headers.get("Content-Encoding") == "gzip":
        page.set_data(gzip.decompress(page.get_data()))
    found = markup.problems(page.text, route(app, page.path))
    if not markup.is_page(page.text) and "HX-Request" not in page.request.headers:
        found.append("A fragment answers a request that does not come from htmx")
    if page.status_code in (409, 422):
        found += markup.unsaid_errors(page.soup)
    assert not found, "\n  ".join(
        [f"{page.request.method} {page.path} answers {page.status} with faults:", *found]
    )


def route(app: Flask, base: str) -> markup.Route:
    """Tells whether a local address leads anywhere under a method, relative to `base`."""
    adapter = app.url_map.bind("localhost")
    known: dict[tuple[str, str, str], str | None] = app.extensions.setdefault("tests.routes", {})

    def fault(address: str, method: str) -> str | None:
        # Relative ones are few, and most pages carry the same menu.
        key = ("" if address.startswith("/") else base, address, method)
        if key not in known:
            known[key] = found(address, method)
        return known[key]

    def found(address: str, method: str) -> str | None:
        whole, anchor = urldefrag(urljoin(f"http://localhost{base}", address))
        parts = urlsplit(whole)
        if parts.netloc != "localhost":
            return None
        try:
            endpoint, _ = adapter.match(parts.path, method=method)
        except RequestRedirect:
            return None
        except MethodNotAllowed:
            return f"{parts.path} does not take {method}"
        except HTTPException:
            return f"{parts.path} is no address of this application"
        if endpoint == "static":
            return asset_fault(app, parts.path, anchor)
        return None

    return fault


def asset_fault(app: Flask, path: str, anchor: str) -> str | None:
    """A static file must be there, and hold the symbol that the address names."""
    seen: dict[str, str | None] = app.extensions.setdefault("tests.assets", {})
    if path not in seen:
        # Asked for through the whole application, because WhiteNoise may answer before Flask.
        answer = FlaskClient(app, Response).get(path)
        seen[path] = answer.get_data(as_text=False).decode("utf-8", "replace")
        if answer.status_code != 200:
            seen[path] = None
        answer.close()
    body = seen[path]
    if body is None:
        return f"{path} is no static file"
    if anchor and not re.search(rf"""\bid=["']{re.escape(anchor)}["']""", body):
        return f"{path} has no symbol #{anchor}"
    return None
