"""Who is told what, and that the figure on the bell is always the number of unread notices."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from roadmap.extensions import db, reading
from roadmap.intake import seeing
from roadmap.models import Notice
from roadmap.notices import actions
from roadmap.people import actions as people
from tests.notices.conftest import Tell, bells, unread
from tests.support import cast
from tests.support.company import Company


def test_each_is_told_once_and_the_bell_counts_it(
    app: Flask, cast_ids: dict[str, int], tell: Tell
) -> None:
    tell("rep", "rep", "product", text="It moved", urgent=True)
    tell("rep", kind="shipped")

    assert bells(app) == unread(app) == {"Rosa": 2, "Priya": 1}
    with app.app_context(), reading():
        first = db.session.scalars(select(Notice).order_by(Notice.id)).all()[0]
        assert (first.text, first.urgent, first.read_at, first.mail_id) == (
            "It moved", True, None, None,
        )  # fmt: skip


def test_nobody_is_told_where_nobody_is_named(app: Flask, tell: Tell) -> None:
    tell()
    assert not bells(app)
    assert not unread(app)


def test_whoever_left_is_told_nothing(app: Flask, cast_ids: dict[str, int], tell: Tell) -> None:
    with app.app_context():
        user = people.find(cast.person("rep").email)
        assert user is not None
        people.deactivate(user)

    tell("rep", "product")

    assert bells(app) == unread(app) == {"Priya": 1}


def test_what_is_told_goes_with_the_transaction_that_told_it(
    app: Flask, cast_ids: dict[str, int]
) -> None:
    with app.app_context():
        actions.tell(cast_ids.values(), "later", "It moved")
        db.session.rollback()

    assert not bells(app)
    assert not unread(app)


def test_reading_and_taking_it_back_count_each_notice_once(
    app: Flask, cast_ids: dict[str, int], tell: Tell
) -> None:
    first, second = tell("rep"), tell("rep")
    others = tell("product")
    rosa = cast_ids["rep"]
    with app.app_context():
        for id in (first, first, others, 987_654):
            actions.read(rosa, id)
        assert bells(app) == unread(app) == {"Rosa": 1, "Priya": 1}
        for id in (first, second, second, others):
            actions.unread(rosa, id)
        assert bells(app) == unread(app) == {"Rosa": 2, "Priya": 1}


def test_what_came_after_the_page_was_shown_stays_unread(
    app: Flask, cast_ids: dict[str, int], tell: Tell
) -> None:
    tell("rep")
    shown = tell("rep")
    tell("rep")
    with app.app_context():
        actions.read_all(cast_ids["rep"], shown)

    assert bells(app) == unread(app) == {"Rosa": 1}


def test_the_count_stays_right_while_many_tell_and_read_at_once(
    app: Flask, cast_ids: dict[str, int], tell: Tell
) -> None:
    rosa = cast_ids["rep"]
    known = [tell("rep", "product") - 1 for _ in range(12)]
    start = Barrier(6)

    def at_once(number: int) -> None:
        start.wait()
        for round in range(8):
            if number % 3 == 0:
                tell("rep", "product")
            with app.app_context():
                if number % 3 == 1:
                    actions.read(rosa, known[round])
                    actions.unread(rosa, known[round + 2])
                elif number % 3 == 2:
                    actions.read_all(rosa, known[round])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(at_once, range(6)))

    assert bells(app) == unread(app)
    assert unread(app)["Priya"] == 12 + 2 * 8
    result = app.test_cli_runner().invoke(args=["check"])
    assert result.exit_code == 0, result.output


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("look", ["one notice", "all of my requests"])
def test_who_reads_waits_for_a_letter_that_is_being_written_before_touching_anything(
    app: Flask, cast_ids: dict[str, int], tell: Tell, look: str
) -> None:
    """Else each would hold what the other needs, and the database would end one of them."""
    rosa, id = cast_ids["rep"], Company(app).request()
    told = tell("rep", request_id=id)

    def read() -> None:
        with app.app_context():
            if look == "one notice":
                actions.read(rosa, told)
            else:
                seeing.see(rosa)

    with ThreadPoolExecutor(1) as pool, app.app_context():
        actions.hold(rosa)
        reading_it = pool.submit(read)
        wait_until_somebody_waits(app)
        db.session.execute(update(Notice).where(Notice.user_id == rosa).values(text="Written"))
        db.session.commit()
        reading_it.result(30)

    assert bells(app) == unread(app) == {}


def wait_until_somebody_waits(app: Flask) -> None:
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    deadline = time.monotonic() + 15
    with app.app_context(), db.engine.connect() as connection:
        while not connection.scalar(waiting):
            connection.rollback()
            assert time.monotonic() < deadline, "nobody waits"
