"""`flask outbox …` and `flask worker`: rounds that go on whatever fails."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from roadmap import config
from roadmap.extensions import db, reading
from roadmap.models import Mail
from roadmap.notices import composing
from roadmap.notices.cli import make_commands
from roadmap.notices.rounds import make_round
from roadmap.notices.worker import Stop, work
from roadmap.workspace import revision
from roadmap.workspace.settings import workspace
from tests.notices.conftest import MAIL, Tell
from tests.support import databases
from tests.support.smtp import MailServer, taken_away

ROOT = Path(__file__).parents[2]


@pytest.fixture
def app_config(server: MailServer) -> dict[str, object]:
    return {**MAIL, "SMTP_PORT": server.port}


def outbox(
    app: Flask, command: str, catch_up: Callable[[], object] = lambda: None
) -> tuple[str, int]:
    """What `flask outbox COMMAND` says, on either channel, and its exit code."""
    group, _ = make_commands(catch_up)
    result = app.test_cli_runner().invoke(group, [command])
    return result.output, result.exit_code


def test_one_round_tells_writes_and_sends(app: Flask, server: MailServer, tell: Tell) -> None:
    said, code = outbox(app, "send", lambda: tell("rep", text="Out of reach", urgent=True))
    assert (said, code) == ("1 letter written, 1 letter sent\n", 0)
    assert "Out of reach" in server.letters[0].get_content()
    assert outbox(app, "send") == ("Nothing to send.\n", 0)
    assert outbox(app, "list") == ("No letter waits.\n", 0)


def test_what_could_not_leave_is_said_and_listed(
    app: Flask, server: MailServer, tell: Tell
) -> None:
    tell("rep", text="Out of reach", urgent=True)
    with taken_away(server):
        said, code = outbox(app, "send")
    assert (said.partition(" (")[0], code) == ("1 letter written, 1 letter failed", 0)
    assert "refused" in said

    said, code = outbox(app, "list")
    assert said.startswith(
        "1 urgent to rosa@demo.example, 'My company: Out of reach', tried 1 time, next try "
    )
    assert code == 0

    assert outbox(app, "retry") == ("1 letter will be tried again.\n", 0)
    assert outbox(app, "send") == ("1 letter sent\n", 0)


def test_a_letter_that_was_given_back_is_an_exit_code(
    app: Flask, server: MailServer, tell: Tell
) -> None:
    tell("rep", urgent=True)
    server.refuse("550 5.1.1 No such person")
    outbox(app, "send")

    said, code = outbox(app, "list")

    assert "cannot be delivered: 550 5.1.1 No such person\n" in said
    assert said.endswith("1 letter cannot leave without help.\n")
    assert code == 1


def test_a_fault_in_one_step_leaves_the_others_to_be_done(
    app: Flask, server: MailServer, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> None:
        raise RuntimeError("A fault in finding out")

    def away(now: datetime) -> int:
        raise OperationalError("SELECT 1", {}, Exception("The database went away"))

    tell("rep", urgent=True)
    with app.app_context():
        done = make_round(breaks)
    assert (done.in_words(), done.faults) == ("1 letter written, 1 letter sent", ["telling"])

    tell("rep", urgent=True)
    with app.app_context():
        composing.compose(datetime.now(UTC))
    monkeypatch.setattr(composing, "compose", away)
    said, code = outbox(app, "send")
    assert (said, code) == ("1 letter sent\n", 1)
    assert len(server.letters) == 2


def test_the_worker_goes_on_after_a_fault_until_it_is_asked_to_stop(
    app: Flask, server: MailServer, tell: Tell, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds = []
    stop = Stop()

    def catch_up() -> None:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise RuntimeError("A fault in finding out")
        if len(rounds) == 2:
            tell("rep", urgent=True)
        if len(rounds) == 4:
            stop._hear(signal.SIGTERM, None)

    with app.app_context():
        work(catch_up, stop, 0.001)

    assert rounds == [0, 1, 2, 3]
    assert capsys.readouterr().out.splitlines() == [
        "The worker is at work.", "1 letter written, 1 letter sent", "The worker has stopped.",
    ]  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_real_worker_sends_and_stops_when_told(
    app: Flask, database_url: str, server: MailServer, tell: Tell, tmp_path: Path,
    number: signal.Signals,
) -> None:  # fmt: skip
    tell("rep", text="Out of reach", urgent=True)
    databases.dispose(app)
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={
            **os.environ, **MAIL, "SMTP_PORT": str(server.port), "DATABASE_URL": database_url,
            "ROADMAP_INSTANCE": str(tmp_path), "WORKER_SECONDS": "600",
        },
    )  # fmt: skip
    try:
        assert process.stdout is not None
        first = [process.stdout.readline(), process.stdout.readline()]
        process.send_signal(number)
        said, _ = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()

    assert first == ["The worker is at work.\n", "1 letter written, 1 letter sent\n"], said
    assert (said, process.returncode) == ("The worker has stopped.\n", 0)
    assert "Out of reach" in server.letters[0].get_content()
    with app.app_context(), reading():
        assert db.session.scalar(select(Mail.sent_at)) is not None


def test_a_resting_worker_wakes_when_it_is_asked_to_stop() -> None:
    stop = Stop()
    threading.Timer(0.01, stop._hear, (signal.SIGTERM, None)).start()
    stop.rest(600)
    assert stop.asked()


class TestWithoutMail:
    @pytest.fixture
    def app_config(self) -> dict[str, object]:
        return {"SMTP_HOST": None}

    def test_people_are_told_in_the_product_all_the_same(self, app: Flask, tell: Tell) -> None:
        said, code = outbox(app, "send", lambda: tell("rep", urgent=True))
        assert said == "Nothing to send.\nMail is not set up: SMTP_HOST is not set.\n"
        assert code == 0
        with app.app_context(), reading():
            assert not db.session.scalars(select(Mail)).all()

    def test_each_round_looks_at_the_database_anew_and_lets_go_of_it(self, app: Flask) -> None:
        seen = []

        def look() -> None:
            seen.append(workspace().name)

        def rename(name: str) -> None:
            with app.app_context():
                revision.lock().name = name
                db.session.commit()

        with app.app_context():
            for name in ("Before", "After"):
                rename(name)
                make_round(look)
        assert seen == ["Before", "After"]


SET = {
    "SMTP_HOST": "mail.company.example",
    "MAIL_FROM": "Roadmap board <roadmap@company.example>",
    "PUBLIC_URL": "https://roadmap.company.example/",
}


def test_mail_is_set_up_from_the_environment() -> None:
    found = config.mail(SET)
    assert (found["SMTP_PORT"], found["SMTP_SECURITY"]) == (587, "starttls")
    assert found["PUBLIC_URL"] == "https://roadmap.company.example"
    assert config.mail({})["SMTP_HOST"] is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_SECURITY", "ssl"),
        ("MAIL_FROM", ""),
        ("MAIL_FROM", "roadmap"),
        ("MAIL_FROM", "a@b.example\r\nBcc: c@d.example"),
        ("MAIL_FROM", "ü@company.example"),
        ("PUBLIC_URL", ""),
        ("PUBLIC_URL", "roadmap.company.example"),
    ],
)
def test_mail_that_is_set_up_in_part_is_refused_at_the_start(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        config.mail({**SET, name: value})
