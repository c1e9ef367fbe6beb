"""What was typed into a form without a session is there again after signing in."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from flask import Flask

from roadmap.web import drafts
from tests.support import cast
from tests.support.client import CheckingClient, Page, filled
from tests.support.company import Company
from tests.support.tables import everything, rows

pytestmark = pytest.mark.either

SIGN_IN = "main form:has([type=password])"
NEW = "main form[action='/products']"
PRODUCT = cast.person("product").email


def signs_in(page: Page, email: str = PRODUCT, password: str = cast.PASSWORD) -> Page:
    return page.submit(SIGN_IN, email=email, password=password)


def test_a_form_without_a_session_comes_back_after_signing_in(
    app: Flask, priya: CheckingClient
) -> None:
    form = priya.get("/products")
    priya.delete_cookie("roadmap")
    before = everything(app)
    asked = form.submit(NEW, name="Möbile “app” <b>&\u00a0x")
    assert asked.status_code == 401
    assert asked.text_of("h1") == "Please sign in again"
    assert "What you typed is kept" in asked.text
    assert everything(app) == before
    wrong = signs_in(asked, password="wrong")
    assert wrong.status_code == 422
    page = signs_in(wrong)
    assert page.request.path.startswith("/drafts/")
    assert "nothing was saved yet" in page.text_of("#flashes")
    assert page.value_of(f"{NEW} [name=name]") == "Möbile “app” <b>&\u00a0x"
    assert len(everything(app)["products"]) == len(before["products"])
    saved = page.submit(NEW)
    assert saved.status_code == 200
    # The page anew is still the same press.
    priya.get(page.path).submit(NEW)
    assert len(everything(app)["products"]) == len(before["products"]) + 1


def test_what_htmx_sends_without_a_session_comes_back_as_well(app: Flask) -> None:
    company = Company(app)
    core = company.team()
    company.initiative("First", work=[(core, 10)])
    company.initiative("Second", work=[(core, 10)])
    client = cast.visitor(app, "product")
    panel = client.fragment("/board/preview?initiative=2&to=1")
    client.delete_cookie("roadmap")
    asked = panel.submit(
        "#commit-form", reason="They asked\nfor it", owner=company.people["executive"], htmx=True
    )
    assert asked.status_code == 401
    assert asked.headers["HX-Retarget"] == "body"
    page = signs_in(asked)
    assert page.value_of("#commit-form [name=reason]") == "They asked\nfor it"
    assert page.value_of("#commit-form [name=owner]") == str(company.people["executive"])
    assert company.order() == ["First", "Second"]
    page.submit("#commit-form")
    assert company.order() == ["Second", "First"]


def test_a_page_of_an_earlier_session_shows_its_form_again(
    app: Flask, priya: CheckingClient
) -> None:
    form = priya.get("/products")
    priya.get("/products").submit("form[action='/sign-out']")
    priya.sign_in(PRODUCT)
    again = form.submit(NEW, name="Mobile")
    assert again.status_code == 400
    assert "nothing was saved yet" in again.text
    assert again.submit(NEW).status_code == 200
    assert sum("Mobile" in row for row in everything(app)["products"]) == 1


def test_a_bad_token_at_the_sign_in_shows_no_password(app: Flask, cast_ids: dict[str, int]) -> None:
    visitor = app.test_client()
    page = visitor.post(
        "/sign-in", data={"email": PRODUCT, "password": "open sesame 99", "csrf_token": "bad"}
    )
    assert page.status_code == 400
    assert "sesame" not in page.text
    assert page.value_of(f"{SIGN_IN} [name=email]") == PRODUCT
    assert page.has(".note-danger")


def test_what_somebody_else_typed_is_not_shown(app: Flask, priya: CheckingClient) -> None:
    form = priya.get("/products")
    priya.delete_cookie("roadmap")
    page = signs_in(form.submit(NEW, name="Secret plan"), cast.person("admin").email)
    assert page.request.path == "/board"
    assert "Secret plan" not in page.text
    assert "another person" in page.text
    assert not rows(app, "drafts")


def test_a_draft_is_its_users(app: Flask, priya: CheckingClient, ada: CheckingClient) -> None:
    form = priya.get("/products")
    priya.delete_cookie("roadmap")
    address = signs_in(form.submit(NEW, name="Mobile")).path
    assert priya.get(address).status_code == 200
    assert ada.get(address).status_code == 404
    assert priya.get(f"{address}%00").status_code == 404
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2)):
        assert cast.visitor(app, "product").get(address).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_other_sites_fill_no_form(app: Flask, headers: dict[str, str]) -> None:
    answer = app.test_client().post("/products", data={"name": "Planted"}, headers=headers)
    assert answer.status_code == 401
    assert not answer.has("[name=draft]")


@pytest.mark.parametrize("carried", ["x", "a.b.c", "\0", "é" * 50])
def test_what_we_did_not_pack_is_nothing(
    app: Flask, cast_ids: dict[str, int], carried: str
) -> None:
    visitor = app.test_client()
    page = visitor.get("/sign-in")
    data = dict(filled(page.one(SIGN_IN), {"email": PRODUCT, "password": cast.PASSWORD}))
    answer = visitor.post("/sign-in", data={**data, "draft": carried})
    assert answer.location == "/board"


def test_few_drafts_are_kept(app: Flask, priya: CheckingClient) -> None:
    for number in range(7):
        form = priya.get("/products")
        priya.delete_cookie("roadmap")
        signs_in(form.submit(NEW, name=f"Mobile {number}"))
    assert len(rows(app, "drafts")) == 5


def test_a_form_that_is_gone_shows_what_was_typed(app: Flask, priya: CheckingClient) -> None:
    data = {"to": "Acme, a promise", "day": "2027-03-01"}
    priya.delete_cookie("roadmap")
    page = signs_in(priya.post("/initiatives/99/promises", data=data))
    assert page.text_of("h1") == "What you typed"
    assert "Acme, a promise" in page.texts_of("textarea")


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_a_file_is_to_be_chosen_again(app: Flask, priya: CheckingClient, size: int) -> None:
    form = priya.get("/imports")
    upload = "form#upload"
    priya.delete_cookie("roadmap")
    data = dict(filled(form.one(upload), {}), deals=(BytesIO(b"x" * size), "deals.csv"))
    headers = {"Referer": "http://localhost/imports"}
    asked = priya.post("/imports", data=data, headers=headers)
    assert asked.status_code == 401
    page = signs_in(asked)
    assert page.has(upload)
    assert ("Choose the file again" in page.text) is (size == 10)


def test_no_password_is_ever_carried(app: Flask) -> None:
    data = {"name": "Mobile", "password": "sesame", "new_password": "sesame"}
    asked = app.test_client().post("/products", data={**data, "Passphrase": "sesame"})
    with app.test_request_context():
        post = drafts.unpack(str(asked.one(f"{SIGN_IN} [name=draft]")["value"]))
    assert post is not None
    assert post.fields == [("name", "Mobile")]
