"""Letters against a real mail server: none is lost, and none goes twice."""

import smtplib
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, update

from roadmap.extensions import db, reading
from roadmap.models import Mail, Notice, User, Workspace
from roadmap.notices import actions, composing, outbox
from roadmap.notices.outbox import NEVER, Sent
from roadmap.notices.post import Server
from tests.notices.conftest import MAIL, Tell
from tests.support import smtp
from tests.support.smtp import MailServer, taken_away

MORNING = datetime(2027, 1, 11, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def app_config() -> dict[str, object]:
    return {**MAIL}


def post_of(server: MailServer, security: str = "none", user: str | None = None) -> Server:
    return Server("127.0.0.1", server.port, security, user, smtp.PASSWORD)


def send(app: Flask, server: MailServer, now: datetime = MORNING, **how: str) -> Sent:
    with app.app_context():
        return outbox.send(lambda: now, post_of(server, **how).connect)


def written(app: Flask, now: datetime = MORNING) -> None:
    with app.app_context():
        composing.compose(now)


def only_letter(app: Flask) -> Mail:
    with app.app_context():
        return db.session.scalars(select(Mail)).one()


@pytest.fixture
def one(app: Flask, tell: Tell) -> None:
    """One letter to Rosa waits."""
    tell("rep", text="Meridel is out of reach", kind="missed", urgent=True)
    written(app)


def test_a_letter_arrives_once_as_plain_text_that_no_machine_answers(
    app: Flask, server: MailServer, one: None
) -> None:
    assert send(app, server) == Sent(sent=1)
    assert send(app, server, MORNING + timedelta(days=9)) == Sent()

    letter = server.letters[0]
    mail = only_letter(app)
    assert server.envelopes[0].mail_from == "roadmap@company.example"
    assert server.envelopes[0].rcpt_tos == ["rosa@demo.example"]
    assert letter["From"] == "Roadmap <roadmap@company.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"] == mail.message_id
    assert letter.get_content_type() == "text/plain"
    assert "Meridel is out of reach" in letter.get_content()
    assert (mail.sent_at, mail.attempts, mail.claimed_until) == (MORNING, 1, None)


def test_words_from_titles_never_become_headers(
    app: Flask, server: MailServer, tell: Tell, cast_ids: dict[str, int]
) -> None:
    evil = "Hi\r\nBcc: all@company.example\r\n\r\n.\r\nMAIL FROM:<x>\u2028X-Evil: 1\x00\x85end"
    with app.app_context():
        db.session.execute(
            update(User)
            .where(User.id == cast_ids["rep"])
            .values(name='Rosa\r\nBcc: b@c.example, "x" <y@z.example>')
        )
        db.session.commit()
    tell("rep", text=evil.replace("\x00", ""), urgent=True)
    written(app)

    assert send(app, server).sent == 1

    letter = server.letters[0]
    assert letter["Bcc"] is None
    assert letter["X-Evil"] is None
    assert len(server.envelopes) == 1
    assert server.envelopes[0].rcpt_tos == ["rosa@demo.example"]
    assert [each.addr_spec for each in letter["To"].addresses] == ["rosa@demo.example"]
    assert letter["Subject"] == (
        "My company: Hi Bcc: all@company.example . MAIL FROM:<x> X-Evil: 1 end"
    )
    assert "\n.\n" in letter.get_content().replace("\r\n", "\n")


BREAK = "=?utf-8?q?=0d=0a=0d=0a<h1>Pay</h1>?="
HOSTILE = (
    f"Hi {BREAK} now x.",
    BREAK,
    f"{BREAK} {BREAK}",
    "=?UTF-8?B?DQpCY2M6IGFAYi5leGFtcGxlDQoNCjxoMT5QYXk8L2gxPg==?=",
    "=?utf-8*en?Q?=0D=0ABcc:_a@b.example?=",
    "=?us-ascii?q?=0a?==?us-ascii?q?=0aX-Evil:_1?=",
    "=? utf-8?q?=0d=0a=0d=0aPay?=",
    "==?utf-8?q?=0d=0a=0d=0aPay?=?=",
    "=\u2028?utf-8?q?=0d=0a=0d=0aPay?=",
    "=\u202e?utf-8?q?=0d=0a=0d=0aPay?=",
    "=\x85?utf-8?q?=0d=0aBcc:_a@b.example?=",
    "é" * 50 + f" {BREAK}",
    "x" * 70 + f"{BREAK}" + "y" * 70,
    '"\\r\\n" <a@b.example>, =?utf-8?q?=2c?=',
)


@pytest.mark.parametrize("evil", HOSTILE)
def test_no_words_of_anybody_end_the_headers_of_a_letter(
    app: Flask, server: MailServer, tell: Tell, cast_ids: dict[str, int], evil: str
) -> None:
    """Whatever a letter names: a title, the receiver, the workspace, whoever it comes from."""
    with app.app_context():
        db.session.execute(update(User).where(User.id == cast_ids["rep"]).values(name=evil[:200]))
        db.session.execute(update(Workspace).values(name=evil[:200]))
        db.session.commit()
    app.config["MAIL_FROM"] = f'"{BREAK}" <roadmap@company.example>'
    tell("rep", text=evil, urgent=True)
    written(app)

    assert send(app, server).sent == 1

    raw = server.envelopes[0].original_content or b""
    head, _, _ = raw.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert sorted(names) == sorted(
        [b"From", b"To", b"Subject", b"Content-Type", b"Content-Transfer-Encoding",
         b"MIME-Version", b"Date", b"Message-ID", b"Auto-Submitted"]
    )  # fmt: skip
    letter = server.letters[0]
    assert not any("\r" in value or "\n" in value for value in letter.values())
    assert "=?" not in str(letter["Subject"])
    assert [each.addr_spec for each in letter["To"].addresses] == ["rosa@demo.example"]
    assert letter.get_content().startswith("Hello ")
    assert evil.splitlines()[0][-20:].strip() in letter.get_content()


@pytest.mark.parametrize("address", ["=?utf-8?q?=0d=0abcc:x?=@demo.example", "a\u202eb@x.example"])
def test_an_address_that_would_be_decoded_gets_no_letter(
    app: Flask, server: MailServer, one: None, address: str
) -> None:
    with app.app_context():
        db.session.execute(update(Mail).values(to=address))
        db.session.commit()
    assert send(app, server).sent == 0
    assert not server.envelopes


@pytest.mark.parametrize(
    "text",
    [
        "Größe 5 übermäßig teuer – ≤ 3 €",
        "שלום עולם, זה דחוף",
        "مرحبا بالعالم",
        "🚀" * 90,
        "x" * 9_999,
    ],
    ids=["latin", "hebrew", "arabic", "rockets", "long"],
)  # fmt: skip
def test_words_arrive_as_they_were_written(
    app: Flask, server: MailServer, tell: Tell, text: str
) -> None:
    tell("rep", text=text, urgent=True)
    written(app)

    assert send(app, server).sent == 1

    letter = server.letters[0]
    assert str(letter["Subject"]).removeprefix("My company: ").rstrip("…") in text
    assert text[:900] in letter.get_content()
    raw = server.envelopes[0].original_content or b""
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_who_refuses_for_now_is_asked_later_and_later(
    app: Flask, server: MailServer, one: None
) -> None:
    server.refuse("451 4.3.0 Come back later")
    now, waits = MORNING, []
    for _ in range(11):
        assert send(app, server, now) == Sent(failed=1, fault="451 4.3.0 Come back later")
        mail = only_letter(app)
        assert send(app, server, mail.next_try_at - timedelta(seconds=1)) == Sent()
        waits.append(mail.next_try_at - now)
        now = mail.next_try_at

    assert [wait / MINUTE for wait in waits] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert (mail.attempts, mail.error) == (11, "451 4.3.0 Come back later")
    assert listed(app) == 0

    # It is tried on, however often it was, and by now it is named.
    assert send(app, server, now).failed == 1
    assert listed(app) == 1
    server.accept()
    assert send(app, server, now + timedelta(hours=6)).sent == 1
    assert (only_letter(app).error, listed(app)) == ("", 0)


@pytest.mark.parametrize("at", ["MAIL", "DATA"])
def test_a_server_that_refuses_what_may_be_put_right_is_asked_again(
    app: Flask, server: MailServer, one: None, at: str
) -> None:
    server.refuse("554 5.7.1 Not from you", at)
    assert send(app, server) == Sent(failed=1, fault="554 5.7.1 Not from you")
    server.accept()
    assert send(app, server, MORNING + MINUTE).sent == 1


def test_a_person_who_does_not_exist_is_not_tried_again_but_named(
    app: Flask, server: MailServer, tell: Tell
) -> None:
    tell("rep", urgent=True)
    written(app)
    server.refuse("550 5.1.1 No such person")
    assert send(app, server).failed == 1
    server.accept()

    assert send(app, server, MORNING + timedelta(days=300)) == Sent()
    mail = only_letter(app)
    assert (mail.sent_at, mail.next_try_at, mail.error) == (
        None, NEVER, "550 5.1.1 No such person",
    )  # fmt: skip
    assert listed(app) == 1

    result = app.test_cli_runner().invoke(args=["outbox", "retry"])
    assert result.output == "1 letter will be tried again.\n"
    assert send(app, server, datetime.now(UTC) + MINUTE).sent == 1


def test_one_who_is_refused_does_not_hold_up_the_others(
    app: Flask, server: MailServer, tell: Tell, cast_ids: dict[str, int]
) -> None:
    tell("rep", "product", "executive", urgent=True)
    with app.app_context():
        db.session.execute(
            update(User).where(User.id == cast_ids["rep"]).values(email="<a b>,c@demo.example")
        )
        db.session.commit()
    written(app)

    sent = send(app, server)

    assert (sent.sent, sent.failed) == (2, 1)
    assert "cannot be written to" in sent.fault
    assert all("c@demo.example" not in envelope.rcpt_tos for envelope in server.envelopes)


def test_a_server_that_is_away_is_asked_once_a_round_and_gets_all_when_it_is_back(
    app: Flask, server: MailServer, tell: Tell
) -> None:
    tell("rep", "product", "executive", urgent=True)
    written(app)
    with taken_away(server):
        sent = send(app, server)
    assert (sent.sent, sent.failed) == (0, 1)
    assert "refused" in sent.fault.lower()

    assert send(app, server).sent == 2
    assert send(app, server, MORNING + MINUTE).sent == 1
    assert len({str(letter["Message-ID"]) for letter in server.letters}) == 3


def test_a_line_that_the_server_closed_between_two_letters_is_opened_anew(
    app: Flask, server: MailServer, tell: Tell
) -> None:
    tell("rep", "product", urgent=True)
    written(app)
    lines: list[smtplib.SMTP] = []
    cut: list[None] = []

    def connect() -> smtplib.SMTP:
        lines.append(post_of(server).connect())
        return lines[-1]

    def now() -> datetime:
        if server.envelopes and not cut:
            cut.append(lines[0].sock.shutdown(socket.SHUT_RDWR))
        return MORNING

    with app.app_context():
        assert outbox.send(now, connect).sent == 2
    assert len(lines) == 2


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_server_that_does_not_know_us_gets_no_letter(app: Flask, one: None) -> None:
    with MailServer(auth_required=True) as strict:
        wrong = Server("127.0.0.1", strict.port, "none", smtp.USER, "another password")
        with app.app_context():
            sent = outbox.send(lambda: MORNING, wrong.connect)
        assert sent.failed == 1
        assert sent.fault.startswith("535 ")
        assert "another password" not in only_letter(app).error

        assert send(app, strict, MORNING + MINUTE, user=smtp.USER).sent == 1


def test_without_encryption_where_it_was_asked_for_nothing_leaves(
    app: Flask, server: MailServer, one: None
) -> None:
    sent = send(app, server, security="starttls")
    assert "STARTTLS" in sent.fault
    assert not server.envelopes


def test_two_senders_at_once_send_each_letter_once(
    app: Flask, server: MailServer, tell: Tell, cast_ids: dict[str, int]
) -> None:
    for _ in range(10):
        tell(*cast_ids.values(), urgent=True)
        written(app)
    start = Barrier(4)

    def at_once(_: int) -> Sent:
        start.wait()
        return send(app, server)

    with ThreadPoolExecutor(4) as pool:
        rounds = list(pool.map(at_once, range(4)))

    assert sum(each.sent for each in rounds) == 40
    assert sum(each.failed for each in rounds) == 0
    assert set(Counter(str(each["Message-ID"]) for each in server.letters).values()) == {1}


def test_two_who_write_at_once_write_each_letter_once(
    app: Flask, tell: Tell, cast_ids: dict[str, int]
) -> None:
    tell(*cast_ids.values())
    start = Barrier(4)

    def at_once(_: int) -> int:
        start.wait()
        with app.app_context():
            return composing.compose(MORNING)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(at_once, range(4))) == 4
    with app.app_context(), reading():
        assert None not in db.session.scalars(select(Notice.mail_id)).all()


def test_a_sender_that_dies_before_it_could_record_sends_the_same_letter_again(
    app: Flask, server: MailServer, one: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = outbox._record

    def dies(mail_id: int, **values: object) -> None:
        if "sent_at" in values:
            raise SystemExit
        record(mail_id, **values)

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "_record", dies)
        with pytest.raises(SystemExit):
            send(app, server)
    assert len(server.letters) == 1

    assert send(app, server, MORNING + 9 * MINUTE) == Sent()
    assert send(app, server, MORNING + 10 * MINUTE).sent == 1

    first, again = server.letters
    assert first["Message-ID"] == again["Message-ID"]
    assert only_letter(app).attempts == 2


def test_a_letter_waits_while_its_receiver_wants_none(
    app: Flask, server: MailServer, one: None, cast_ids: dict[str, int]
) -> None:
    with app.app_context():
        actions.want_mail(cast_ids["rep"], False)
    assert send(app, server) == Sent()
    result = app.test_cli_runner().invoke(args=["outbox", "list"])
    assert "held: its receiver wants no mail now" in result.output

    with app.app_context():
        actions.want_mail(cast_ids["rep"], True)
    assert send(app, server).sent == 1


def test_urgent_letters_leave_first_and_a_stop_is_heard_between_two(
    app: Flask, server: MailServer, tell: Tell
) -> None:
    tell("rep", text="Can wait")
    tell("product", text="Cannot wait", urgent=True)
    written(app)

    with app.app_context():
        outbox.send(lambda: MORNING, post_of(server).connect, lambda: bool(server.envelopes))

    assert [letter["Subject"] for letter in server.letters] == ["My company: Cannot wait"]


def listed(app: Flask) -> int:
    return app.test_cli_runner().invoke(args=["outbox", "list"]).exit_code
