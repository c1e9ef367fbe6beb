"""Signing in: who gets in, where they land, and how often somebody may guess."""

import re
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from roadmap import config
from roadmap.extensions import db
from roadmap.models import User
from roadmap.people import actions, passwords
from roadmap.people.session import safe_next
from tests.support import databases
from tests.support.cast import PASSWORD, person
from tests.support.client import CheckingClient, Page

PRIYA = person("product").email
REFUSED = "That e-mail address and password do not belong together."


@pytest.fixture(autouse=True)
def _cast(cast_ids: dict[str, int]) -> None:
    """The cast is there."""


def try_to_sign_in(client: CheckingClient, email: str, password: str = PASSWORD) -> Page:
    form = "main form:has([type=password])"
    return client.get("/sign-in").submit(form, email=email, password=password, follow=False)


def enter_by(client: CheckingClient, address: str) -> Page:
    """Sign in on a page that was asked for on the way to this address."""
    start = client.get("/sign-in", query_string={"next": address})
    form = "main form:has([type=password])"
    return start.submit(form, email=PRIYA, password=PASSWORD, follow=False)


def is_signed_in(client: CheckingClient) -> bool:
    return client.get("/tradeoffs").status_code == 200


def test_the_right_password_opens_the_board(client: CheckingClient) -> None:
    page = try_to_sign_in(client, PRIYA)
    assert (page.status_code, page.location) == (303, "/board")
    assert person("product").name in client.get("/tradeoffs").text


def test_an_address_counts_in_any_case_and_with_space_around_it(app: Flask) -> None:
    for email in (f"  {PRIYA}  ", PRIYA.upper(), PRIYA.capitalize()):
        visitor = app.test_client()
        assert try_to_sign_in(visitor, email).status_code == 303
        assert is_signed_in(visitor)


STRANGERS = [
    (PRIYA, "wrong password"),
    (PRIYA, PASSWORD.upper()),
    (PRIYA, f"{PASSWORD} "),
    (PRIYA, "\x00"),
    (PRIYA, "p" * 1000),
    ("nobody@demo.example", PASSWORD),
    ("no address at all", PASSWORD),
    ("' OR '1'='1", PASSWORD),
    ("%", PASSWORD),
    ("<script>alert(1)</script>@demo.example", PASSWORD),
    ("🚀@مثال.example", PASSWORD),
]

INCOMPLETE = [
    ("", PASSWORD, "Enter your e-mail address."),
    (PRIYA, "", "Enter your password."),
    ("e" * 255, PASSWORD, "254"),
    (f"{PRIYA}\x00", PASSWORD, "control characters"),
    (PRIYA, "p" * 1001, "1000"),
    (PRIYA, "p" * 500_000, "1000"),
]


def test_whoever_does_not_fit_stays_outside_and_is_not_told_which_half_was_wrong(
    client: CheckingClient,
) -> None:
    for email, password in STRANGERS:
        page = try_to_sign_in(client, email, password)
        assert page.status_code == 422, email
        assert REFUSED in page.text
        assert page.value_of("input#email") == email
        assert page.one("input#password").get("value", "") == ""
        assert not is_signed_in(client)


def test_what_cannot_be_right_is_said_beside_its_field(client: CheckingClient) -> None:
    for email, password, complaint in INCOMPLETE:
        page = try_to_sign_in(client, email, password)
        assert page.status_code == 422, email
        assert complaint in page.text
        assert not is_signed_in(client)


def test_more_than_a_form_may_hold_is_refused_before_it_is_read(client: CheckingClient) -> None:
    page = try_to_sign_in(client, PRIYA, "p" * 3_000_000)
    assert page.status_code == 413
    assert page.text_of("h1") == "Too large"


def test_a_deactivated_person_stays_outside_and_is_not_told_why(
    app: Flask, client: CheckingClient
) -> None:
    with app.app_context():
        actions.deactivate(actions.find(PRIYA))
    page = try_to_sign_in(client, PRIYA)
    assert page.status_code == 422
    assert REFUSED in page.text
    assert not is_signed_in(client)
    with app.app_context():
        actions.activate(actions.find(PRIYA))
    assert try_to_sign_in(client, PRIYA).status_code == 303


def test_an_unknown_address_costs_as_much_work_as_a_known_one(
    app: Flask, client: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    with app.app_context():
        real = passwords.hasher()

    class Counting:
        def verify(self, stored: str, password: str) -> Any:
            verified.append(stored)
            return real.verify(stored, password)

    monkeypatch.setattr(passwords, "hasher", Counting)
    for email in (PRIYA, "nobody@demo.example"):
        try_to_sign_in(client, email, "wrong password")
    assert len(verified) == 2
    assert len({parameters(stored) for stored in verified}) == 1


def test_one_lands_where_one_wanted_to_go(app: Flask) -> None:
    for address in (
        "/board",
        "/tradeoffs?owner=me",
        "/board?q=a%20b#initiative-3",
        "/problems?q=%C3%A4&page=2",
    ):
        assert enter_by(app.test_client(), address).location == address


HOSTILE = [
    "//evil.example",
    "///evil.example",
    "////evil.example/board",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https://evil.example/board",
    "http:evil.example",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/board\r\nSet-Cookie: a=b",
    "/\x00",
    "/\x7f/evil.example",
    "board",
    "evil.example",
    "",
    "?q=1",
    "http://[::1",
    "//[",
    "/board\ud800",
    "/board\x85",
]


@pytest.mark.only("sqlite")
def test_nobody_is_sent_to_another_place(app: Flask) -> None:
    with app.test_request_context():
        for address in HOSTILE:
            assert safe_next(address) == "/board", repr(address)


@pytest.mark.only("sqlite")
def test_no_answer_leads_to_another_place(app: Flask) -> None:
    for address in filter(str.isascii, HOSTILE):
        visitor = app.test_client()
        entered = enter_by(visitor, address)
        again = visitor.get("/sign-in", query_string={"next": address})
        for page in (entered, again):
            assert page.location == "/board", repr(address)
            assert "Set-Cookie: a=b" not in str(page.headers)


def test_one_signs_out_from_any_page(priya: CheckingClient) -> None:
    page = priya.get("/tradeoffs").submit("form[action='/sign-out']")
    assert page.path == "/sign-in"
    assert "You are signed out." in page.text
    assert not is_signed_in(priya)


def test_a_signed_in_person_is_not_asked_again(priya: CheckingClient) -> None:
    assert priya.get("/sign-in?next=/tradeoffs").location == "/tradeoffs"


def test_an_empty_installation_has_nobody_who_could_sign_in(database: databases.Database) -> None:
    with database.fresh() as url:
        app = databases.create(url)
        with app.app_context():
            assert db.session.scalars(select(User)).all() == []
        page = app.test_client().get("/sign-in")
        assert PASSWORD not in page.text
        assert not page.has(".demo-people")
        for role in ("rep", "product", "executive", "admin"):
            assert try_to_sign_in(app.test_client(), person(role).email).status_code == 422
        databases.dispose(app)


def test_passwords_are_kept_as_argon2id_hashes_of_the_cost_that_the_library_advises(
    app: Flask, cast_ids: dict[str, int]
) -> None:
    with app.app_context():
        quick = db.session.scalars(select(User.password_hash)).all()
        assert len(set(quick)) == len(quick)  # each with a salt of its own
        app.config["QUICK_PASSWORDS"] = False
        kept = passwords.hashed(PASSWORD)
        assert passwords.matches(kept, PASSWORD)
        assert not passwords.matches(kept, PASSWORD + "x")
    assert all(stored.startswith("$argon2id$") for stored in (*quick, kept))
    assert parameters(kept) == parameters(PasswordHasher(2, 19_456, 1).hash(PASSWORD))


def test_only_a_test_can_ask_for_quick_hashes() -> None:
    names = re.findall(r'"([A-Z_]+)"', Path(config.__file__).read_text())
    assert "SESSION_DAYS" in names
    assert "QUICK_PASSWORDS" not in names


def parameters(stored: str) -> str:
    """Variant, version and cost of a hash: what precedes salt and digest."""
    return stored.rsplit("$", 2)[0]
