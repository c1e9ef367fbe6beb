"""Every form of the product that posts, as its pages show them to whoever may send it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from bs4 import Tag
from flask import Flask
from werkzeug.routing import Rule

from tests.people.test_permissions import GET, POST, TABLE, May, named, offered, one_of_everything
from tests.support import cast
from tests.support.client import CheckingClient, Page, control_values, controls

ROLES = ("product", "admin", "rep")
#: Their forms are those of whoever asked, or of whoever the deal belongs to.
OF_A_REP = {"intake.show", "intake.mine", "notices.index", "interviews.report"}
UNTYPED = {"hidden", "file", "password", "checkbox", "radio", "submit"}

#: What no page offers a form for in a company that is new to everything, and why.
ELSEWHERE: Mapping[str, str] = {}


@dataclass(frozen=True)
class Form:
    """A form by the page that it stands on."""

    endpoint: str
    role: str
    page: str
    action: str

    def __str__(self) -> str:
        return f"{self.endpoint} on {self.page} as {self.role}"

    def on(self, page: Page) -> Tag | None:
        found = [form for form in posting(page) if action_of(form) == self.action]
        return max(found, key=lambda form: len(visible(form)), default=None)


def posting(page: Page) -> list[Tag]:
    return page.all('main form[method="post"]')


def action_of(form: Tag) -> str:
    return str(form["action"])


def visible(form: Tag) -> list[Tag]:
    return [c for c in controls(form) if c.get("type") not in UNTYPED]


def all_forms(app: Flask) -> dict[str, Form]:
    """One form for each address that takes a post, by endpoint."""
    ids = one_of_everything(app)
    adapter = app.url_map.bind("localhost")
    found: dict[str, Form] = {}
    for role in ROLES:
        client = cast.visitor(app, role)
        for rule, method in offered(app):
            may = TABLE[rule.endpoint, method]
            if method != GET or role != _shown_to(rule, may) or may.part:
                continue
            values = {name: ids.get(f"{rule.endpoint}.{name}") or ids[named(rule, name)]
                      for name in rule.arguments}  # fmt: skip
            address = f"{adapter.build(rule.endpoint, values, GET)}?{may.query}"
            for form, page in _offered_by(client, address):
                endpoint, _ = adapter.match(urljoin("/", form).partition("?")[0], method=POST)
                found.setdefault(endpoint, Form(endpoint, role, page, form))
    return found


def _shown_to(rule: Rule, may: May) -> str:
    """The first who may see a page with forms; empty for what is none."""
    if rule.endpoint == "static" or rule.rule.endswith(".csv"):
        return ""
    if rule.endpoint in OF_A_REP:
        return "rep"
    return next((role for role in ROLES if role in may.roles), "")


def _offered_by(client: CheckingClient, address: str) -> Iterator[tuple[str, str]]:
    page = client.get(address)
    if page.status_code == 200 and page.mimetype == "text/html":
        for form in posting(page):
            yield action_of(form), address


def typed(form: Tag, text: str) -> dict[str, list[str]]:
    """The form's fields with something of ours wherever something can be typed or chosen."""
    data: dict[str, list[str]] = {}
    for number, control in enumerate(controls(form)):
        name = str(control["name"])
        values = [value for _, value in control_values(control)]
        if control in visible(form):
            values = [_value(control, f"{text} {number}")]
        elif control.get("type") in ("checkbox", "radio") and name not in data:
            values = [str(control.get("value", "on"))]
        data.setdefault(name, []).extend(values)
    return data


def _value(control: Tag, text: str) -> str:
    if control.name == "select":
        options = [str(o.get("value", o.get_text())) for o in control.select("option")]
        return options[-1] if options else ""
    kinds = {"date": "2027-04-05", "number": "7", "email": "someone@acme.example"}
    return kinds.get(str(control.get("type")), text)


def held(form: Tag) -> dict[str, list[Any]]:
    """What the form's controls hold as they are rendered, of what somebody can see."""
    data: dict[str, list[Any]] = {}
    for control in controls(form):
        for name, value in control_values(control):
            data.setdefault(name, []).append(value)
    return data
