"""Which passwords are taken, changing one's own, and that nobody ever sees one again."""

import json
import logging
import re
import unicodedata
from base64 import urlsafe_b64decode
from io import BytesIO
from typing import Any
from zlib import decompress

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from roadmap import serve
from roadmap.domain.errors import Refused
from roadmap.extensions import db
from roadmap.models import User
from roadmap.people import actions, passwords, throttle
from roadmap.people.password_rules import refusal
from tests.support import cast
from tests.support.cast import person
from tests.support.client import HTMX, CheckingClient
from tests.support.tables import everything

PRIYA = person("product").email
NEW = "four green kettles sing"
ABOUT = ("Priya Nair", PRIYA, "Acme Rail")

SHORT = ("", "a", "1234567890", "fourteen chars", "ﬃ" * 4)
GUESSED = (
    "1234567890123456",
    "098765432109876",
    "abcdefghijklmnop",
    "aaaaaaaaaaaaaaaa",
    "abababababababab",
    "qwertyuiopasdfgh",
    "1q2w3e4r5t6y7u8i",
    "asdfasdfasdfasdf",
    "123451234512345",
    "111222333444555",
    "passwordpassword",
    "Password12345678",
    "P@ssw0rd12345678",
    "letmeinletmein1",
    "iloveyouiloveyou",
    "qwerty123456789",
    "Summer2024!Summer",
    "january-february",
    "welcome.welcome1",
    "dragonmonkey1234",
    PRIYA,
    PRIYA.upper(),
    "priya.nair.2026",
    "PriyaNair1234567",
    "Nair, Priya 2026!",
    "acmerail-acmerail",
    "Acme Rail Roadmap",
    "roadmap-board-1",
    "roadmapboard2026",
    "roadmap-demo-demo",
    " " * 15,
    "-" * 20,
    "correcthorsebatterystaple",
    "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44\uff11\uff12\uff13\uff14\uff15\uff16\uff17",
    "п" * 15,
    "🚀" * 15,
)
GOOD = (
    NEW,
    "correct horse battery staple",
    "purple monkey dragon",
    "gX7$kP2!vQ9@mW4",
    "!%&/?=#+*~-_.:;",
    "пароль длинный и хороший",
    "🚀🌍🎉🍕🌊🔥🎈🎁🏆🚲🚗🚌🚂🍎🍏",
    "Žluťoučký kůň úpěl",
    "a long password",
    "x y" * 4 + "quite a lot more",
    "p4" + "qv7" * 3 + "hzt" * 200,
)


def test_what_is_guessed_first_is_refused_and_no_rule_says_which_characters() -> None:
    assert not [word for word in SHORT if "at least 15" not in str(refusal(word))]
    assert not [word for word in GUESSED if not refusal(word, ABOUT)]
    assert [(word, found) for word in GOOD if (found := refusal(word, ABOUT))] == []
    assert refusal("ab" * 501)
    for word in (*SHORT[2:], *GUESSED):
        assert word not in str(refusal(word, ABOUT))


def test_one_password_is_the_same_however_a_keyboard_composes_it(app: Flask) -> None:
    composed = "Žluťoučký kůň úpěl"
    apart = unicodedata.normalize("NFD", composed)
    with app.app_context():
        assert passwords.matches(passwords.hashed(composed), apart)
        # What was hashed before passwords were normalised still fits.
        old = passwords.hasher().hash(apart)
        assert passwords.matches(old, apart)
        assert not passwords.matches(old, "Zlutoucky kun upel")


def change(client: CheckingClient, present: str, new: str, again: str | None = None) -> Any:
    page = client.get("/tradeoffs").follow("Change password")
    return page.submit(
        "main form", present_password=present, new_password=new,
        new_password_again=new if again is None else again,
    )  # fmt: skip


def test_one_changes_ones_own_password_and_other_sessions_end(
    app: Flask, priya: CheckingClient
) -> None:
    phone = cast.visitor(app, "product")
    with priya.session_transaction() as session:
        before = dict(session)
    page = change(priya, cast.PASSWORD, NEW)
    assert page.path == "/sessions"
    assert "Your password is changed. Your other sessions have ended." in page.text
    assert len(page.rows_of("#sessions")) == 1
    assert phone.get("/tradeoffs").status_code == 303
    with priya.session_transaction() as session:
        assert session["session_token"] != before["session_token"]
    app.test_client().sign_in(PRIYA, NEW)
    data = {"email": PRIYA, "password": cast.PASSWORD}
    token = {
        "csrf_token": app.test_client().get("/sign-in").value_of("form.form [name=csrf_token]")
    }
    assert app.test_client().post("/sign-in", data=data | token).status_code in (400, 422)


def test_what_cannot_be_a_password_is_said_and_nothing_changes(
    app: Flask, priya: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "PER_ACCOUNT", 2)
    before = everything(app)["users"]
    tries = [
        (cast.PASSWORD, "too short a one"[:14], None, "at least 15 characters"),
        (cast.PASSWORD, "Priya Nair 123456", None, "harder to guess"),
        (cast.PASSWORD, cast.PASSWORD, None, "at least 15 characters"),
        (cast.PASSWORD, NEW, "four green kettles sink", "The two new passwords differ."),
        (cast.PASSWORD, "", None, "Enter a new password."),
        ("", NEW, None, "Enter your present password."),
        *[("not it", NEW, None, "That is not your present password.")] * 2,
        ("not it", NEW, None, "Too many wrong passwords."),
        (cast.PASSWORD, NEW, None, "Too many wrong passwords."),
    ]
    for present, new, again, complaint in tries:
        page = change(priya, present, new, again)
        assert page.status_code == (429 if "Too many" in complaint else 422)
        assert complaint in page.text_of(".note-danger")
        for word in filter(None, (present, new, again)):
            assert f'"{word}"' not in page.text
    assert everything(app)["users"] == before


def test_a_hash_from_before_the_rules_still_signs_in(app: Flask, cast_ids: dict[str, int]) -> None:
    with app.app_context():
        old = passwords.hashed("1234567890")
        db.session.execute(update(User).where(User.email == PRIYA).values(password_hash=old))
        db.session.commit()
    app.test_client().sign_in(PRIYA, "1234567890")


def test_only_the_demo_has_a_password_that_is_not_good_enough(app: Flask) -> None:
    with app.app_context():
        for email, password in (
            ("nina@acme.example", cast.PASSWORD),
            ("nina@demo.example", "roadmap-dem0"),
            ("nina@acme.example", "nina@acme.example"),
        ):
            with pytest.raises(Refused) as refused:
                actions.create(email, "Nina", "rep", password)
            assert f"{password} " not in str(refused.value)
        assert db.session.scalars(select(User)).all() == []


# --- no password is ever seen again --------------------------------------------------------------

CANARY = "zq canary zq 5309 word"


def secrets_in(text: str) -> bool:
    return "canary" in text or "5309" in text


def cookie_text(cookie: str) -> str:
    """What a cookie of ours holds, unpacked as Flask packs it."""
    value = cookie.partition("=")[2].partition(";")[0]
    packed = value.startswith(".")
    payload = value.lstrip(".").partition(".")[0]
    data = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return (decompress(data) if packed else data).decode("utf-8", "replace")


@pytest.mark.either
def test_no_answer_cookie_or_log_holds_a_password_that_was_sent(
    app: Flask, priya: CheckingClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    seen: set[int] = set()
    leaks = []
    token = str(priya.get("/tradeoffs").value_of("form[action='/sign-out'] [name=csrf_token]"))
    names = ("password", "present_password", "new_password", "new_password_again", "Passwd", "pwd")
    fields = {"email": PRIYA, "next": "/board"} | dict.fromkeys(names, CANARY)
    ours = ("/sign-in", "/password")
    posts = {
        re.sub(r"<[^>]*>", "1", rule.rule)
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint != "people.sign_out"
    } | {"/nowhere"}
    for address in sorted(posts):
        here = {"Referer": f"http://localhost{address}"}
        mine = {"any": CANARY, "text": CANARY} if address in ours else {}
        ways: list[dict[str, Any]] = [
            {"data": fields | mine, "headers": here},
            {"data": fields | mine | {"csrf_token": "bad"}, "headers": here},
            {"data": fields | mine | {"csrf_token": token}, "headers": here},
            {"data": fields | {"csrf_token": token}, "headers": {**here, **HTMX}},
            {"data": json.dumps(fields), "content_type": "application/json", "headers": here},
        ]
        if address in ours:
            ways += [
                {"data": fields | {"x": (BytesIO(CANARY.encode()), "a.txt")}, "headers": here},
                {"data": fields | {"csrf_token": token, "pad": "p" * 3_000_000}, "headers": here},
                {"data": fields | {"csrf_token": token, "email": "x"}, "headers": here},
                *[{"data": fields | {"csrf_token": token}, "headers": here}] * 12,
            ]
        for way in ways:
            # The check of each answer's markup would take most of the time.
            answer = FlaskClient.open(priya, address, method="POST", buffered=True, **way)
            seen.add(answer.status_code)
            told = [answer.text, str(answer.headers)]
            told += map(cookie_text, answer.headers.getlist("Set-Cookie"))
            if any(map(secrets_in, told)):
                leaks.append((address, answer.status_code, way))
    assert {400, 403, 404, 413, 415, 422, 429} <= seen
    assert not leaks
    page = app.test_client().get("/sign-in", query_string={"email": PRIYA, "password": CANARY})
    assert not secrets_in(page.text)
    assert not secrets_in(caplog.text)
    assert not secrets_in(str(everything(app)))


def test_a_failing_database_logs_no_password_and_no_typed_text(
    app: Flask, cast_ids: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    visitor = app.test_client()
    token = visitor.get("/sign-in").value_of("form.form [name=csrf_token]")
    with app.app_context():
        db.session.execute(db.text("ALTER TABLE users RENAME TO elsewhere"))
        db.session.commit()
    data = {"csrf_token": token, "email": CANARY, "password": CANARY}
    answer = visitor.post("/sign-in", data=data)
    assert answer.status_code == 500
    assert "The database refused" in caplog.text
    assert not secrets_in(caplog.text + answer.text)


def test_the_command_line_and_the_server_repeat_no_password(app: Flask) -> None:
    assert not hasattr(serve, "accesslog")
    runner = app.test_cli_runner()
    words = ["user", "create", "nina@acme.example", "--name", "Nina", "--role", "rep"]
    for password in ("canary", "canary" * 5, "canary" * 300, "canary\udcff" * 5):
        done = runner.invoke(args=[*words, "--password", password])
        assert done.exit_code == 1
        assert not secrets_in(done.output)
