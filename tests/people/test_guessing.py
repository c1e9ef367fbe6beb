"""Guessing: wrong passwords are counted by account and by address, right ones never are."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.test import TestResponse

from roadmap.extensions import db, reading
from roadmap.models import FailureCount
from roadmap.people import throttle
from tests.support import cast
from tests.support.cast import PASSWORD, person

ERRORS = re.compile(r'<ul class="field-errors".*?</ul>', re.DOTALL)
PRIYA, ROSA = person("product").email, person("rep").email

WRONG = "a wrong guess"

numbers = count(1)


@pytest.fixture(autouse=True)
def _cast(cast_ids: dict[str, int]) -> None:
    """The cast is there."""


def try_from(
    app: Flask, address: str, email: str, password: str = WRONG, *,
    browser: FlaskClient | None = None,
) -> TestResponse:  # fmt: skip
    """One try to sign in, in a browser that never did unless one is given."""
    browser = browser or stranger(app)
    data = {"csrf_token": token(browser), "email": email, "password": password}
    place = {"REMOTE_ADDR": address}
    return browser.post("/sign-in", data=data, environ_overrides=place)


def stranger(app: Flask) -> FlaskClient:
    """A browser whose answers are not looked through: there are many of them here."""
    return FlaskClient(app, app.response_class)


def token(browser: FlaskClient) -> str:
    """A form token of the browser's session, without asking for a page."""
    with browser.session_transaction() as session:
        secret = session.setdefault("csrf_token", "ab" * 20)
    key = browser.application.config["SECRET_KEY"]
    return str(URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(secret))


def somewhere() -> str:
    """An address that nobody else has."""
    number = next(numbers)
    return f"10.1.{number // 250}.{number % 250 + 1}"


def statuses(pages: list[TestResponse]) -> list[int]:
    return [page.status_code for page in pages]


def test_one_account_is_guarded_against_guesses_from_everywhere(app: Flask) -> None:
    found = [try_from(app, somewhere(), PRIYA) for _ in range(50)]
    assert statuses(found) == [422] * 10 + [429] * 40
    last = found[-1]
    assert 0 < int(last.headers["Retry-After"]) <= 15 * 60
    assert "Too many wrong passwords. Try again in 15 minutes." in last.text
    # A stranger's right guess is not looked at, either; nobody else is kept out.
    assert try_from(app, somewhere(), PRIYA, PASSWORD).status_code == 429
    assert try_from(app, somewhere(), PRIYA.upper(), PASSWORD).status_code == 429
    assert try_from(app, somewhere(), ROSA, PASSWORD).status_code == 303
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        assert try_from(app, somewhere(), PRIYA, PASSWORD).status_code == 303


def test_a_browser_that_signed_in_before_gets_in_while_others_guess(app: Flask) -> None:
    own, others = stranger(app), stranger(app)
    assert try_from(app, "10.9.9.9", PRIYA, PASSWORD, browser=own).status_code == 303
    assert try_from(app, "10.9.9.9", ROSA, PASSWORD, browser=others).status_code == 303
    for _ in range(11):
        last = try_from(app, "10.9.9.9", PRIYA)
    assert last.status_code == 429
    assert try_from(app, "10.9.9.9", PRIYA, PASSWORD, browser=own).status_code == 303
    # Having been somebody else here helps nobody.
    assert try_from(app, "10.9.9.9", PRIYA, PASSWORD, browser=others).status_code == 429
    # Nor may the browser itself guess without end, from however many addresses.
    found = [try_from(app, somewhere(), PRIYA, browser=own) for _ in range(12)]
    assert statuses(found) == [422] * 10 + [429] * 2


def test_a_made_up_cookie_makes_no_browser_known(app: Flask) -> None:
    for cookie in ("", "x", "x.y", "WzEsMl0.AAAA", "\x7f") * 2 + ("x",):
        browser = stranger(app)
        browser.set_cookie("roadmap-browser", cookie)
        last = try_from(app, somewhere(), PRIYA, browser=browser)
    assert last.status_code == 429


def test_one_address_may_be_a_whole_office_but_not_try_every_account(app: Flask) -> None:
    assert len(cast.CAST) * 3 > throttle.PER_ACCOUNT
    right = [try_from(app, "192.0.2.1", each.email, each.password) for each in cast.CAST * 3]
    assert set(statuses(right)) == {303}
    found = [try_from(app, "192.0.2.1", f"person{n}@demo.example") for n in range(35)]
    assert statuses(found) == [422] * 30 + [429] * 5
    assert try_from(app, "192.0.2.2", "person1@demo.example").status_code == 422


def test_a_network_of_many_addresses_is_one(app: Flask) -> None:
    found = [try_from(app, f"2001:db8:1:2::{n:x}", f"person{n}@demo.example") for n in range(31)]
    assert statuses(found)[-2:] == [422, 429]
    assert try_from(app, "2001:db8:1:3::1", ROSA).status_code == 422


def test_an_account_that_nobody_has_looks_like_any_other(app: Flask) -> None:
    answers = []
    for email in (PRIYA, "nobody@demo.example"):
        pages = [try_from(app, somewhere(), email) for _ in range(12)]
        answers.append([(page.status_code, ERRORS.findall(page.text)) for page in pages])
    assert answers[0] == answers[1]


def test_guesses_at_the_same_time_all_count(app: Flask) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: try_from(app, somewhere(), PRIYA), range(24)))
    assert statuses(found).count(422) == 10
    assert statuses(found).count(429) == 14


def test_slow_guesses_meet_the_limit_of_a_day(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "PER_ACCOUNT", 2)
    start = datetime.now(UTC)
    right = 0
    for quarter in range(12):
        with time_machine.travel(start + timedelta(minutes=16 * quarter)):
            right += statuses([try_from(app, somewhere(), PRIYA) for _ in range(2)]).count(422)
    assert right == 20
    with time_machine.travel(start + timedelta(days=1, minutes=1)):
        assert try_from(app, somewhere(), PRIYA, PASSWORD).status_code == 303
    with time_machine.travel(start + timedelta(days=3)):
        # What is over is taken away when somebody signs in.
        assert try_from(app, somewhere(), PRIYA, PASSWORD).status_code == 303
    with app.app_context(), reading():
        assert db.session.scalars(select(FailureCount.subject)).all() == []


def test_nobody_reads_in_the_table_who_mistyped_what(app: Flask) -> None:
    try_from(app, "192.0.2.7", "my secret typed into the wrong field")
    with app.app_context(), reading():
        rows = db.session.execute(select(FailureCount.subject)).all()
    assert len(rows) == 4
    assert "secret" not in str(rows)
    assert "192.0.2.7" not in str(rows)
