"""Every form of the product that posts, as its pages show them to whoever may send it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

from bs4 import Tag
from flask import Flask
from werkzeug.routing import MapAdapter, Rule

from roadmap.domain.rollup import LAYERS
from roadmap.domain.triage import REP
from roadmap.extensions import db
from roadmap.intake import triaging
from roadmap.models import Problem, User
from tests.people.test_permissions import GET, POST, TABLE, May, named, offered, one_of_everything
from tests.support import cast
from tests.support.client import CheckingClient, Page, control_values, controls
from tests.support.company import Company

ROLES = ("product", "admin", "rep")
#: Their forms are those of whoever asked, or of whoever the deal belongs to.
OF_A_REP = {"intake.show", "intake.mine", "notices.index", "interviews.report"}
#: What a field that takes a number asks a phone's keyboard for.
NUMBERS = ("numeric", "decimal")
UNTYPED = {"hidden", "file", "password", "checkbox", "radio", "submit"}

#: Pages that offer a form only when they are asked in a certain way, or by a certain person.
MORE = (
    ("rep", "/deals/{deal}"),
    ("rep", "/requests/mine"),
    ("rep", "/requests/{asked}"),
    ("product", "/requests/{asked}"),
    ("product", "/requests/{asked}/triage"),
    ("product", "/intake/joins?request={asked}"),
    ("product", "/deals/owners?match={owner}"),
    ("product", "/conversations/new?account={account}"),
    ("product", "/problems/{below}?parent=Signing"),
    ("product", "/imports/{uploaded}"),
    ("admin", "/settings/exchange-rates"),
    ("product", "/settings/fiscal-year?month=2"),
)
#: What no page of this company offers a form for, and why: none of them has words to lose.
ELSEWHERE: Mapping[str, str] = {
    "deals.untie": "a single button, beside a tie that was made by hand",
    "deals.take_back_date": "a single button, beside a date that was named by hand",
    "imports.apply": "a single button, once a file was checked",
    "imports.read_again": "a single button, once a process died",
    "imports.take_mapping": "a list of mappings that fit a file",
    "intake.fill": "a button of the request form, which stores nothing",
    "intake.similar": "a part of the request form, which stores nothing",
    "intake.choose_date": "a single button, where two dates of a deal have different verdicts",
    "intake.leave": "a single button, while a request waits to be confirmed",
    "intake.see": "a single button, where there is news",
    "intake.undo": "a single button, after a step",
    "market.save_profile": "a single button, after the profile was previewed",
    "notices.choose_mail": "a single button, where mail is set up",
    "notices.mark_unread": "a single button, once a notice was read",
    "notices.open": "a single button, where a notice leads to a page",
}


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
    more = _more(app, ids)
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
            _add(found, adapter, client, role, address)
        for of, address in MORE:
            if of == role:
                _add(found, adapter, client, role, address.format(**more))
    return found


def _more(app: Flask, ids: dict[str, object]) -> dict[str, int]:
    """Further things that pages offer forms for."""
    company = Company(app)
    account = company.account("Globex")
    owner = company.owner("A. Rep", company.people["rep"])
    deal = company.deal("New", account=account, owner=owner)
    asked = company.request("Signing in takes long for all of them.", deals=[deal])
    with app.app_context():
        below = Problem(title="Signing in below", layer=LAYERS[-1])
        above = Problem(title="Signing in above", layer=LAYERS[0])
        db.session.add_all((below, above))
        db.session.commit()
        by = db.session.get_one(User, company.people["product"])
        triaging.ask(asked, REP, date(2027, 3, 1), by, "Which of them?")
    page = cast.visitor(app, "product").get("/imports")
    file = BytesIO(b"Key,Label\n1,Acme\n"), "deals.csv"
    uploaded = page.submit("form#upload", deals=file, follow=False)
    number = int(str(uploaded.location).rpartition("/")[2])
    return {
        "asked": asked, "owner": company.owner("A. Nobody"), "account": account,
        "below": below.id, "uploaded": number, "deal": deal,
    }  # fmt: skip


def _add(
    found: dict[str, Form], adapter: MapAdapter, client: CheckingClient, role: str, address: str
) -> None:
    page = client.get(address)
    if page.status_code != 200 or page.mimetype != "text/html":
        return
    for form in map(action_of, posting(page)):
        endpoint, _ = adapter.match(urljoin("/", form).partition("?")[0], method=POST)
        found.setdefault(endpoint, Form(endpoint, role, address, form))


def _shown_to(rule: Rule, may: May) -> str:
    """The first who may see a page with forms; empty for what is none."""
    if rule.endpoint == "static" or rule.rule.endswith(".csv"):
        return ""
    if rule.endpoint in OF_A_REP:
        return "rep"
    return next((role for role in ROLES if role in may.roles), "")


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
    if control.get("inputmode") in NUMBERS:
        return "7"
    kinds = {"date": "2027-04-05", "email": "someone@acme.example"}
    return kinds.get(str(control.get("type")), text)


def held(form: Tag) -> dict[str, list[Any]]:
    """What the form's controls hold as they are rendered, of what somebody can see."""
    data: dict[str, list[Any]] = {}
    for control in controls(form):
        for name, value in control_values(control):
            data.setdefault(name, []).append(value)
    return data
