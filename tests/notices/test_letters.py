"""Which letters are written when, and what stands in them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from roadmap.extensions import db, reading
from roadmap.models import Mail, Notice, User
from roadmap.notices import actions, composing, letters
from roadmap.notices.post import Undeliverable
from tests.notices.conftest import MAIL, Tell, a_request
from tests.support.company import Company

MORNING = datetime(2027, 1, 11, 7, tzinfo=UTC)


@pytest.fixture
def app_config() -> dict[str, object]:
    # A path, too: the product may be served below one.
    return {**MAIL, "PUBLIC_URL": "https://roadmap.company.example/board"}


def compose(app: Flask, now: datetime = MORNING) -> int:
    with app.app_context():
        return composing.compose(now)


def outbox(app: Flask) -> Sequence[Mail]:
    with app.app_context():
        return db.session.scalars(select(Mail).order_by(Mail.id)).all()


def test_a_missed_date_leaves_at_once_and_the_rest_in_one_letter(app: Flask, tell: Tell) -> None:
    tell("rep", text="“SSO” is committed", kind="committed")
    tell("rep", text="Meridel is out of reach", kind="missed", urgent=True)
    tell("rep", text="The forecast moved")

    assert compose(app) == 2

    urgent, digest = outbox(app)
    assert (urgent.kind, urgent.to) == ("urgent", "rosa@demo.example")
    assert urgent.subject == "My company: Meridel is out of reach"
    assert digest.kind == "digest"
    assert digest.subject == "My company: 2 notices: The forecast moved"
    assert "“SSO” is committed" in digest.body
    assert "Meridel" not in digest.body


def test_each_notice_is_in_one_letter_and_none_is_written_for_nothing(
    app: Flask, tell: Tell
) -> None:
    tell("rep", "product", urgent=True)
    assert compose(app) == 2
    assert compose(app, MORNING + timedelta(days=3)) == 0
    with app.app_context(), reading():
        pairs = db.session.execute(select(Notice.user_id, Mail.user_id).join(Mail)).all()
    assert len(pairs) == 2
    assert all(mine == theirs for mine, theirs in pairs)


@pytest.mark.parametrize(
    ("first", "second", "written"),
    [
        ("2027-01-11T07:00:00", "2027-01-11T23:59:59", 0),
        ("2027-01-11T23:59:00", "2027-01-12T00:01:00", 0),
        ("2027-01-11T23:59:00", "2027-01-12T11:58:59", 0),
        ("2027-01-11T23:59:00", "2027-01-12T11:59:00", 1),
        # A cron job that is early by a second.
        ("2027-01-11T07:00:01", "2027-01-12T07:00:00", 1),
    ],
)
def test_a_digest_comes_once_a_day_at_most(
    app: Flask, tell: Tell, first: str, second: str, written: int
) -> None:
    tell("rep")
    assert compose(app, datetime.fromisoformat(first).replace(tzinfo=UTC)) == 1
    tell("rep", text="And this")
    assert compose(app, datetime.fromisoformat(second).replace(tzinfo=UTC)) == written


def test_an_urgent_letter_does_not_wait_for_the_days_digest(app: Flask, tell: Tell) -> None:
    tell("rep")
    compose(app)
    tell("rep", urgent=True)
    assert compose(app, MORNING + timedelta(seconds=30)) == 1
    tell("rep", urgent=True)
    assert compose(app, MORNING + timedelta(seconds=60)) == 1


def test_what_was_read_before_is_not_mailed(
    app: Flask, cast_ids: dict[str, int], tell: Tell
) -> None:
    read = tell("rep", text="Read already", urgent=True)
    tell("rep", text="Not read", urgent=True)
    with app.app_context():
        actions.read(cast_ids["rep"], read)

    assert compose(app) == 1
    assert "Read already" not in outbox(app)[0].body


@pytest.mark.parametrize("column", ["wants_mail", "active"])
def test_nothing_is_written_to_who_wants_none_or_has_left(
    app: Flask, cast_ids: dict[str, int], tell: Tell, column: str
) -> None:
    tell("rep", "product", urgent=True)
    with app.app_context():
        db.session.execute(update(User).where(User.id == cast_ids["rep"]).values({column: False}))
        db.session.commit()

    assert compose(app) == 1
    assert [mail.user_id for mail in outbox(app)] == [cast_ids["product"]]


def test_a_letter_leads_to_what_it_speaks_of_and_to_the_switch(
    requests_have_pages: None, app: Flask, tell: Tell
) -> None:
    initiative, request = Company(app).initiative("SSO"), a_request(app)
    tell("rep", initiative_id=initiative)
    tell("rep", request_id=request)
    compose(app)

    body = outbox(app)[0].body

    assert body.startswith("Hello Rosa Quintero,\n\n")
    assert f"\nhttps://roadmap.company.example/board/initiatives/{initiative}\n" in body
    assert f"\nhttps://roadmap.company.example/board/requests/{request}\n" in body
    assert "To switch it off: https://roadmap.company.example/board/notices#mail\n" in body


def test_a_heap_of_notices_is_cut_and_counted(app: Flask, tell: Tell) -> None:
    for number in range(60):
        tell("rep", text=f"No. {number}. " + "long " * 5_000)
    assert compose(app) == 1

    mail = outbox(app)[0]

    assert mail.subject.startswith("My company: 60 notices: No. 59. long long")
    assert len(mail.subject) <= 120
    assert mail.body.count("No. ") == 50
    assert "And 10 more notices." in mail.body
    assert len(mail.body) < 60_000
    assert compose(app, MORNING + timedelta(days=1)) == 0


def test_each_letter_has_a_name_of_its_own(app: Flask, tell: Tell) -> None:
    tell("rep", "product", "executive")
    compose(app)
    names = {mail.message_id for mail in outbox(app)}
    assert len(names) == 3
    assert all(name.endswith("@company.example>") for name in names)


def test_what_makes_no_address_is_named_and_kept_from_the_wire(app: Flask) -> None:
    with app.app_context():
        for to in ("a b@company.example", "a@b\r\nBcc: c@company.example", "<>", "a,b@c@d"):
            with pytest.raises(Undeliverable):
                letters.envelope(to, "Rosa", "Subject", "Body", "<1@x>", MORNING)


class TestWithoutMail:
    @pytest.fixture
    def app_config(self) -> dict[str, object]:
        return {"SMTP_HOST": None}

    def test_nothing_is_written(self, app: Flask, tell: Tell) -> None:
        tell("rep", urgent=True)
        assert compose(app) == 0
        assert not outbox(app)
