"""Days are those of the workspace's time zone; times are shown by the reader's clock."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask

from roadmap.extensions import db
from roadmap.models import Initiative, Mail, Notice, User, Workspace
from roadmap.models.notices import DIGEST
from roadmap.notices import composing
from roadmap.workspace import clock
from tests.support.client import CheckingClient
from tests.support.company import Company

pytestmark = pytest.mark.either

ROOT = Path(__file__).parents[2]
#: Late on the 11th in UTC, the 12th in Auckland, the 11th in New York.
LATE = "2027-01-11T20:30:00+00:00"


@pytest.fixture
def auckland(app: Flask) -> Flask:
    app.config["TODAY"] = LATE
    set_zone(app, "Pacific/Auckland")
    return app


def set_zone(app: Flask, zone: str) -> None:
    with app.app_context():
        db.session.get_one(Workspace, 1).time_zone = zone
        db.session.commit()


@pytest.mark.parametrize(
    ("zone", "today"),
    [("UTC", "2027-01-11"), ("Pacific/Auckland", "2027-01-12"), ("America/New_York", "2027-01-11"),
     ("Pacific/Kiritimati", "2027-01-12"), ("Asia/Kolkata", "2027-01-12"),
     ("Europe/Berlin", "2027-01-11")],
)  # fmt: skip
def test_today_is_the_day_in_the_workspaces_zone(app: Flask, zone: str, today: str) -> None:
    app.config["TODAY"] = LATE
    set_zone(app, zone)

    with app.app_context():
        assert clock.today().isoformat() == today
        assert clock.day_of(datetime(2027, 1, 11, 20, 30, tzinfo=UTC)) == clock.today()
        begin = clock.start_of(clock.today())
        assert clock.day_of(begin) == clock.today()
        assert begin <= clock.now() < clock.start_of(date(2027, 1, clock.today().day + 1))


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31)])
def test_a_day_begins_at_midnight_when_clocks_change(app: Flask, day: date) -> None:
    set_zone(app, "Europe/Berlin")
    with app.app_context():
        begin, end = clock.start_of(day), clock.start_of(date.fromordinal(day.toordinal() + 1))
        assert (end - begin).total_seconds() / 3600 in (23, 25)
        assert clock.day_of(begin) == day


def test_what_shipped_today_is_not_in_the_future_east_of_utc(
    auckland: Flask, priya: CheckingClient
) -> None:
    company = Company(auckland)
    id = company.initiative("SSO", work=[(company.team(people=2), 5)])

    page = priya.get(f"/initiatives/{id}/shipping")
    assert "in the future" in page.submit("form:has([name=day])", day="2027-01-13").text
    done = page.submit("form:has([name=day])", day="2027-01-12").submit("#commit-form")

    assert "Shipped on 12 Jan 2027" in done.text
    with auckland.app_context():
        assert db.session.get_one(Initiative, int(id)).shipped_on == date(2027, 1, 12)


def test_a_time_is_shown_by_the_readers_clock_with_its_zone(
    auckland: Flask, ada: CheckingClient
) -> None:
    assert "12 Jan 2027, 09:30 NZDT" in ada.get("/time-zone").text

    page = ada.get("/time-zone").submit("form#time-zone", time_zone="America/New_York")

    assert "Times are shown in America/New York." in page.text
    assert "11 Jan 2027, 15:30 EST" in page.text
    assert ada.post("/time-zone", data={"time_zone": "Mars/Olympus"}).status_code in (400, 422)
    page.submit("form#time-zone", time_zone="Asia/Dubai")
    assert "12 Jan 2027, 00:30 UTC+04" in ada.get("/time-zone").text
    # What day it is stays the company's to say.
    assert "As of 12 Jan 2027" in ada.get("/board").text


def test_notices_are_under_the_readers_day(auckland: Flask, rosa: CheckingClient) -> None:
    with auckland.app_context():
        reader = db.session.query(User).filter_by(role="rep").one()
        reader.time_zone = "America/New_York"
        db.session.add(
            Notice(user_id=reader.id, at=clock.now(), kind="later", text="Later now.", urgent=False)
        )
        db.session.commit()

    page = rosa.get("/notices")

    assert "Today, 11 Jan 2027" in page.text_of(".notice-day")
    assert "15:30 EST" in page.text


def test_a_zone_that_is_none_is_refused_in_the_settings(app: Flask, ada: CheckingClient) -> None:
    form = ada.get("/settings")

    assert form.submit("form#settings", time_zone="Europe/Berlin").status_code == 200
    with app.app_context():
        assert db.session.get_one(Workspace, 1).time_zone == "Europe/Berlin"


def test_a_digest_is_due_on_the_workspaces_next_day(auckland: Flask) -> None:
    Company(auckland)
    with auckland.app_context():
        user = db.session.query(User).filter_by(role="rep").one()
        written = datetime(2027, 1, 10, 22, 0, tzinfo=UTC)
        db.session.add(
            Mail(
                user_id=user.id, kind=DIGEST, to=user.email, message_id="<1@x>", subject="s",
                body="b", created_at=written, next_try_at=written,
            )
        )  # fmt: skip
        db.session.commit()
        # Eleven in the morning of the 11th in Auckland; 23:30 of the same day there is 10:30 UTC.
        same_day = datetime(2027, 1, 11, 10, 30, tzinfo=UTC)
        next_day = datetime(2027, 1, 11, 11, 30, tzinfo=UTC)
        assert not composing._digest_is_due(user.id, same_day)
        assert composing._digest_is_due(user.id, next_day)


def test_dates_and_times_are_written_in_one_way() -> None:
    """Templates write them with `day`, `moment` and `clock_time`; only addresses, values of fields
    and CSV have the ISO form; only the clock and tables of moments ask the system what time it is.
    """
    own = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for found in re.findall(r"strftime|\.year\b|\.ctime|UTC", path.read_text())
    ]
    system = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in sorted((ROOT / "roadmap").rglob("*.py"))
        for found in re.findall(
            r"date\.today\(|datetime\.now\(|utcnow|\bstrftime\(|_at\.date\(\)|time\.min, UTC",
            path.read_text(),
        )
        if path.name not in ("clock.py", "base.py")
    ]
    assert not own
    assert not system
