"""Each form of the product, found on its pages: nothing typed is lost, nothing is done twice, and
what is refused says so.
"""

import re
from collections.abc import Mapping

import pytest
from flask import Flask

from tests.forms.forms import ELSEWHERE, NUMBERS, ROLES, Form, all_forms, held, typed, visible
from tests.people.test_permissions import POST, offered
from tests.support import cast
from tests.support.client import CheckingClient, controls
from tests.support.tables import everything

pytestmark = pytest.mark.either

#: Signing in and out has no need of either, and of a form with passwords nothing may be kept.
OPEN = {"people.enter", "people.sign_out", "people.change_password"}
#: What a form holds that nobody types into it.
KEPT = {"hidden", "file"}


def test_no_form_loses_what_was_typed_or_is_carried_out_twice(app: Flask) -> None:
    forms = {name: form for name, form in all_forms(app).items() if name not in OPEN}
    posts = {rule.endpoint for rule, method in offered(app) if method == POST} - OPEN
    unseen = posts - forms.keys() - ELSEWHERE.keys()
    assert not unseen, f"Name a page in MORE that offers the forms of {sorted(unseen)}"
    visitors = {role: cast.visitor(app, role) for role in ROLES}
    before = everything(app)
    wrong: list[str] = []
    for form in forms.values():
        wrong += lost(visitors[form.role], form)
    assert everything(app) == before
    for form in sorted(forms.values(), key=lambda each: "remov" in each.action):
        wrong += twice(app, visitors[form.role], form)
    assert not wrong, "\n".join(wrong)


def lost(client: CheckingClient, form: Form) -> list[str]:
    element = form.on(client.get(form.page))
    assert element is not None
    data = typed(element, "Typed by hand")
    client.delete_cookie("roadmap")
    headers = {"Referer": f"http://localhost{form.page}"}
    asked = client.post(form.action, data=data, headers=headers)
    if asked.status_code != 401:
        return [f"{form} answers {asked.status_code} without a session"]
    page = asked.submit(
        "main form:has([type=password])",
        email=cast.person(form.role).email, password=cast.PASSWORD,
    )  # fmt: skip
    again = form.on(page)
    if page.status_code != 200 or again is None:
        return [f"{form} leads to {page.path} ({page.status_code}) without its form"]
    now = held(again)
    return [
        f"{form} lost {control['name']}: {data[control['name']]}, not {now.get(control['name'])}"
        for control in visible(element)
        if now.get(str(control["name"]), [])[: len(data[str(control["name"])])]
        != data[str(control["name"])]
    ]


def twice(app: Flask, client: CheckingClient, form: Form) -> list[str]:
    page = client.get(form.page)
    element = form.on(page) if page.status_code == 200 else None
    if element is None:
        return []
    data = typed(element, "Twice")
    first = client.post(form.action, data=data)
    rows = everything(app)
    second = client.post(form.action, data=data)
    faults = []
    if first.status_code == 303 and (second.status_code, second.location) != (303, first.location):
        faults.append(f"{form} answers {second.status_code} {second.location} the second time,"
                      f" {first.location} the first")  # fmt: skip
    if everything(app) != rows:
        faults.append(f"{form} was carried out twice")
    return faults


#: What is sent in every field at once, and whether htmx sends it where the form is htmx's.
SENSELESS = {"": False, "x" * 20_100: True, "a\0b": False}
CHOICES = "nothing but choices, and what is none of them counts as not chosen or is said by itself"
#: Forms with something to fill in that are answered otherwise, and why.
NEVER_REFUSED: Mapping[str, str] = {
    "deals.choose_segment": CHOICES, "deals.match_owner": CHOICES, "initiatives.needs": CHOICES,
    "initiatives.ties": CHOICES, "imports.decide": CHOICES, "imports.take_mapping": CHOICES,
    "initiatives.state": "no page of ours sends what is no state: 400",
    "interviews.save_questions": "product managers read them, and administrators change them",
}  # fmt: skip


def test_every_refused_form_says_so_where_the_eye_is(app: Flask) -> None:
    """The client checks each answer, see `markup.unsaid_errors`; single buttons go last."""
    forms = {name: form for name, form in all_forms(app).items() if name not in OPEN}
    visitors = {role: cast.visitor(app, role) for role in ROLES}
    words = {name: filled_in(visitors[form.role], form) for name, form in forms.items()}
    unread = [fault for form in forms.values() for fault in misread(visitors[form.role], form)]
    assert not unread, "\n".join(unread)
    refused = set()
    for name in sorted(filter(words.get, forms), key=lambda name: -words[name]):
        form = forms[name]
        for value, by_htmx in SENSELESS.items():
            element = form.on(visitors[form.role].get(form.page))
            if element is None:
                break  # it was taken as it was sent
            data = typed(element, "")
            typed_in = [c for c in controls(element) if c.get("type") not in KEPT]
            data |= {str(control["name"]): [value] for control in typed_in}
            headers = {"HX-Request": "true"} if by_htmx and element.has_attr("hx-post") else {}
            answer = visitors[form.role].post(form.action, data=data, headers=headers)
            assert answer.status_code < 500, f"{form} answers {answer.status}"
            refused |= {name} if answer.status_code == 422 else set()
    unrefused = {name for name, count in words.items() if count} - refused
    assert unrefused <= NEVER_REFUSED.keys()


#: The reader's own test has all that is none; here it matters that each field asks the reader.
NO_NUMBER = ("2,5", "NaN", "1" + "0" * 400)
SAYS_HOW = re.compile(r"(such as|from) [0-9]|At most [0-9]")
NUMBERS_ELSEWHERE = {
    "imports.choose": "the browser refuses a header's row that is no number",
    "market.preview_profile": "rows by repeated names, with a test of their own",
}


def misread(client: CheckingClient, form: Form) -> list[str]:
    """Fields for numbers that do not refuse what is none, with what can be written instead."""
    element = form.on(client.get(form.page))
    fields = [c for c in controls(element) if c.get("inputmode") in NUMBERS] if element else []
    faults = []
    for text in NO_NUMBER if element and form.endpoint not in NUMBERS_ELSEWHERE and fields else ():
        data = typed(element, "Said") | {str(field["name"]): [text] for field in fields}
        answer = client.post(form.action, data=data)
        told = {str(each["id"]): each.get_text() for each in answer.all(".field-errors")}
        faults += [
            f"{form}: {field['name']} takes {text[:9]} for a number"
            for field in fields
            if not SAYS_HOW.search(told.get(f"{field['id']}-errors", ""))
        ]
    return faults


def filled_in(client: CheckingClient, form: Form) -> int:
    """How many controls of the form somebody fills in."""
    element = form.on(client.get(form.page))
    assert element is not None, f"{form} is not there any more"
    return len(visible(element))
