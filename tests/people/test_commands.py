"""`flask user …`: every way to a person, in plain words, with an exit code that scripts can use."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import User
from roadmap.people import passwords

PASSWORD = "a long password"
Flask_ = Callable[..., Result]


@pytest.fixture
def flask(app: Flask) -> Flask_:
    def run(*arguments: str, **options: object) -> Result:
        return app.test_cli_runner().invoke(args=["user", *arguments], **options)

    return run


@pytest.fixture
def nina(flask: Flask_) -> str:
    create(flask, "nina@acme.example")
    return "nina@acme.example"


def create(flask: Flask_, email: str, *more: str, role: str = "rep") -> Result:
    words = ("--name", "Nina", "--role", role, "--password", PASSWORD)
    return flask("create", email, *words, *more)


def user(app: Flask, email: str) -> User | None:
    with app.app_context():
        return db.session.scalar(select(User).where(User.email == email))


def test_a_new_person_can_sign_in_at_once(app: Flask, flask: Flask_) -> None:
    done = create(flask, " Nina@Acme.Example ", role="product")
    assert done.exit_code == 0
    assert done.output == "Nina <nina@acme.example> can sign in as product manager.\n"
    app.test_client().sign_in("nina@acme.example", PASSWORD)


def test_the_password_is_asked_for_twice_and_never_shown(app: Flask, flask: Flask_) -> None:
    words = ("create", "nina@acme.example", "--name", "Nina", "--role", "rep")
    done = flask(*words, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0
    assert PASSWORD not in done.output
    app.test_client().sign_in("nina@acme.example", PASSWORD)


def test_the_password_may_come_from_the_environment(app: Flask, flask: Flask_) -> None:
    words = ("create", "nina@acme.example", "--name", "Nina", "--role", "rep")
    assert flask(*words, env={"ROADMAP_PASSWORD": PASSWORD}).exit_code == 0
    app.test_client().sign_in("nina@acme.example", PASSWORD)


@pytest.mark.parametrize(
    ("words", "complaint", "code"),
    [
        (["nobody", "--name", "N", "--role", "rep"], "'nobody' is not an e-mail address.", 1),
        (["a@", "--name", "N", "--role", "rep"], "'a@' is not an e-mail address.", 1),
        (["@", "--name", "N", "--role", "rep"], "is not an e-mail address.", 1),
        (["a b@c", "--name", "N", "--role", "rep"], "is not an e-mail address.", 1),
        (["a@b@c", "--name", "N", "--role", "rep"], "is not an e-mail address.", 1),
        *(
            ([undeliverable, "--name", "N", "--role", "rep"], "is not an e-mail address.", 1)
            for undeliverable in (
                "=?utf-8?q?x?=@b.de",
                "a=?b@c.de",
                "a@=?b.de",
                "a..b@c.de",
                "a,b@c.de",
                "a<b@c.de",
                "jürgen@c.de",
                "a@bücher.de",
            )
        ),
        ([f"{'a' * 250}@bc.de", "--name", "N", "--role", "rep"], "is not an e-mail address.", 1),
        (["n@acme.example", "--name", "  ", "--role", "rep"], "1 to 200 characters", 1),
        (["n@acme.example", "--name", "N" * 201, "--role", "rep"], "1 to 200 characters", 1),
        (["n@acme.example", "--name", "N\nM", "--role", "rep"], "in one line", 1),
        (["NINA@acme.example", "--name", "N", "--role", "rep"], "is a user already.", 1),
        (["n@acme.example", "--name", "N", "--role", "boss"], "'boss' is not one of", 2),
        (["n@acme.example", "--role", "rep"], "Missing option '--name'", 2),
        (["n@acme.example", "--name", "N"], "Missing option '--role'", 2),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    app: Flask, flask: Flask_, nina: str, words: list[str], complaint: str, code: int
) -> None:
    done = flask("create", *words, "--password", PASSWORD)
    assert done.exit_code == code
    assert complaint in done.output
    assert "Traceback" not in done.output
    with app.app_context():
        assert db.session.scalars(select(User.email)).all() == [nina]


@pytest.mark.parametrize("password", ["", "too short", "p" * 1001])
@pytest.mark.parametrize("command", ["create", "password"])
def test_a_password_that_is_too_short_or_too_long_is_refused(
    app: Flask, flask: Flask_, nina: str, command: str, password: str
) -> None:
    words = ("--name", "N", "--role", "rep") if command == "create" else ()
    email = "new@acme.example" if command == "create" else nina
    done = flask(command, email, *words, "--password", password)
    assert done.exit_code == 1
    assert "The password must have at" in done.output
    assert user(app, "new@acme.example") is None
    app.test_client().sign_in(nina, PASSWORD)


def test_a_role_is_given_and_taken(app: Flask, flask: Flask_, nina: str) -> None:
    done = flask("role", nina, "executive")
    assert (done.exit_code, done.output) == (0, "nina@acme.example is executive now.\n")
    assert user(app, nina).role == "executive"
    refused = flask("role", nina, "owner")
    assert refused.exit_code == 2
    assert "'owner' is not one of" in refused.output
    assert user(app, nina).role == "executive"


def test_whoever_is_deactivated_stays_in_the_books_and_may_come_back(
    app: Flask, flask: Flask_, nina: str
) -> None:
    open_session = app.test_client().sign_in(nina, PASSWORD)
    done = flask("deactivate", nina)
    assert (done.exit_code, done.output) == (0, "nina@acme.example can no longer sign in.\n")
    assert open_session.get("/tradeoffs").location.startswith("/sign-in")
    assert user(app, nina).active is False

    back = flask("activate", nina.upper())
    assert back.exit_code == 0
    assert "can sign in again" in back.output
    app.test_client().sign_in(nina, PASSWORD)


def test_a_new_password_replaces_the_old_one(app: Flask, flask: Flask_, nina: str) -> None:
    before = user(app, nina).password_hash
    done = flask("password", nina, "--password", "another password")
    assert (done.exit_code, done.output) == (0, "nina@acme.example has a new password.\n")
    after = user(app, nina).password_hash
    with app.app_context():
        assert after != before
        assert passwords.matches(after, "another password")
        assert not passwords.matches(after, PASSWORD)


@pytest.mark.parametrize(
    "words", [["role", "x@y", "rep"], ["deactivate", "x@y"], ["activate", "x@y"],
              ["password", "x@y", "--password", PASSWORD]],
)  # fmt: skip
def test_nobody_is_said_to_be_nobody(flask: Flask_, words: list[str]) -> None:
    done = flask(*words)
    assert done.exit_code == 1
    assert "There is no user x@y." in done.output


def test_two_passwords_that_differ_are_asked_for_again(flask: Flask_, nina: str) -> None:
    done = flask(
        "password",
        nina,
        input=f"{PASSWORD}\nanother one\nthis is a third\nthis is a third\n",
    )
    assert done.exit_code == 0
    assert "do not match" in done.output


def test_bytes_that_are_no_text_are_refused_in_words(app: Flask, flask: Flask_, nina: str) -> None:
    # What is not UTF-8 on a command line arrives as halves of characters.
    before = user(app, nina)
    done = flask("password", nina, "--password", "\udcff" * 12)
    assert done.exit_code == 1
    assert "The password cannot be read: is the terminal set to UTF-8?" in done.output
    after = user(app, nina)
    assert before
    assert after
    assert after.password_hash == before.password_hash

    for command in (("role", "\udcff@acme.example", "rep"), ("deactivate", "\udcff@acme.example")):
        done = flask(*command)
        assert done.exit_code == 1
        assert "There is no user" in done.output
