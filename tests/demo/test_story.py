"""The demo company: a story that holds whatever day it is told on, told whole or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from roadmap.checks.queries import CHECKS
from roadmap.demo import history
from roadmap.demo import load as loading
from roadmap.domain.impact import Impact, impact, needs_sponsor
from roadmap.domain.winloss import Reason, false_loss, hidden_product_loss
from roadmap.extensions import db
from roadmap.intake import telling
from roadmap.models import (
    Base,
    Blocker,
    CrmOwner,
    Deal,
    Initiative,
    LossReason,
    Notice,
    Tradeoff,
    User,
    Workspace,
)
from roadmap.people.demo_people import CAST
from roadmap.planning.export import plan_with_deals
from roadmap.planning.picture import current
from tests.support import databases
from tests.support.cast import visitor
from tests.support.client import CheckingClient

HERO = "Single sign-on and SCIM provisioning"

#: Weekdays and a weekend, both sides of a quarter's and a year's end, a leap day.
DAYS = (
    "2026-09-30", "2026-10-01", "2026-11-28", "2026-12-31", "2027-01-03", "2027-02-26",
    "2028-02-29",
)  # fmt: skip


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> databases.SQLite:
    return databases.SQLite(tmp_path_factory.mktemp("story"))


@contextmanager
def told_on(day: str, sqlite: databases.SQLite) -> Iterator[Flask]:
    """The company as it is loaded on a day."""
    with sqlite.fresh() as url:
        app = databases.create(url, TODAY=day)
        result = app.test_cli_runner().invoke(args=["demo", "load"])
        assert result.exit_code == 0, result.output
        with app.app_context():
            yield app
        databases.dispose(app)


def promoted(day: str, title: str, to: int) -> tuple[int, Impact]:
    """The present rank, and what moving it would do."""
    plan = plan_with_deals(date.fromisoformat(day))
    id = next(id for id in plan.order if plan.initiatives[id].title == title)
    return plan.ranks[id], impact(plan, plan.moved(id, to))


@pytest.mark.parametrize("day", DAYS)
def test_the_story_is_the_same_on_every_day(day: str, sqlite: databases.SQLite) -> None:
    with told_on(day, sqlite):
        assert [fault for check in CHECKS.values() for fault in check()] == []
        rank, found = promoted(day, HERO, 2)
        assert rank == 9
        assert len(found.delayed) >= 3
        assert found.reach.pushed_amount > 3_000_000_00
        assert found.reach.brought_amount > 2_000_000_00
        assert [promise.to for promise in found.broken] == ["Ostravik Energie"]
        assert needs_sponsor(found)
        moves = promotions()
        assert [move.reverts_id for move in moves] == [None, None, None, moves[2].id]
        hurt, cheap, contested, _ = moves
        assert hurt.delayed_count >= 4
        assert hurt.pushed_amount > 3_000_000_00
        assert hurt.broken_count == 1
        assert hurt.sponsor_id is not None
        assert (cheap.pushed_count, cheap.broken_count) == (0, 0)
        assert cheap.brought_amount > 0
        assert contested.pushed_amount > contested.brought_amount
        telling.catch_up()
        missed = db.session.scalars(
            select(Notice).join(User).where(User.email == CAST[0].email, Notice.urgent)
        ).all()
        assert ["Lindqvarn renewal 1" in notice.text for notice in missed] == [True]


def promotions() -> list[Tradeoff]:
    found = select(Tradeoff).where(Tradeoff.kind == "promotion").order_by(Tradeoff.id)
    return list(db.session.scalars(found))


def test_a_growing_effort_delayed_something(demo_app: Flask) -> None:
    with demo_app.app_context():
        grown = db.session.scalars(
            select(Tradeoff).where(Tradeoff.kind == "effort", Tradeoff.delayed_count > 0)
        ).one()
        assert "partial confirmations" in grown.reason
        assert grown.owner is not None
        assert grown.owner.name == "Marek Dubovsky"


def test_the_board_has_everything_that_a_board_can_have(demo_app: Flask) -> None:
    with demo_app.test_request_context():
        picture = current()
        states = {placement.state for placement in picture.schedule.values()}
        assert states == {"scheduled", "unestimated", "blocked", "beyond"}
        cards = picture.cards.values()
        assert {card.kind for card in cards} == {"strategic", "incremental"}
        assert {card.state for card in cards} == {"candidate", "committed", "in progress"}
        assert any(one.not_before for one in picture.plan.initiatives.values())
        assert picture.lines
        held = [
            (picture.schedule.finish(id) or date.max) <= promise.date
            for id in picture.plan.order
            for promise in picture.plan.initiatives[id].promised
        ]
        assert True in held
        assert False in held
        gone = db.session.scalars(select(Initiative.state).where(Initiative.position.is_(None)))
        assert set(gone) == {"shipped", "declined"}
        assert any(
            card.baseline and (picture.schedule.finish(card.id) or date.max) > card.baseline
            for card in cards
        ), "nothing slipped since the start of the quarter"


def test_losses_hold_a_false_one_and_a_hidden_one(demo_app: Flask) -> None:
    with demo_app.app_context():
        false, hidden = set(), set()
        for deal in db.session.scalars(select(Deal).where(Deal.status == "lost")):
            blockers = db.session.scalars(select(Blocker).where(Blocker.deal_id == deal.id))
            others = db.session.scalars(select(LossReason).where(LossReason.deal_id == deal.id))
            reasons = [Reason(b.bucket, b.source, str(b.problem_id)) for b in blockers]
            reasons += [Reason(reason.bucket, reason.source) for reason in others]
            if false_loss(reasons):
                false.add(deal.name)
            if hidden_product_loss(reasons):
                hidden.add(deal.name)
        assert "Blackmere field service" in false
        assert "Saltmarsh plants" in hidden


def test_somebody_owns_deals_who_cannot_be_reached(demo_app: Flask) -> None:
    with demo_app.app_context():
        unmatched = db.session.scalar(
            select(func.count()).select_from(Deal).join(CrmOwner).where(CrmOwner.user_id.is_(None))
        )
        assert unmatched


def test_the_cast_can_sign_in_and_the_page_says_how(demo_client: CheckingClient) -> None:
    page = demo_client.get("/sign-in")
    for person in CAST:
        assert person.email in page.text
        board = visitor(demo_client.application, person.role).get("/board")
        assert HERO in board.text


def test_two_loads_on_one_day_are_equal(sqlite: databases.SQLite) -> None:
    found = []
    for _ in range(2):
        with told_on("2027-01-11", sqlite):
            found.append({table.name: rows_of(table.name) for table in Base.metadata.sorted_tables})
    assert found[0] == found[1]


def rows_of(table: str) -> list[tuple[object, ...]]:
    """What a table holds, without what is random for safety's sake."""
    columns = [c for c in Base.metadata.tables[table].c if c.name not in SECRET]
    return [tuple(row) for row in db.session.execute(select(*columns).order_by(*columns[:2]))]


SECRET = ("password_hash",)


def test_loading_again_is_refused_unless_only_wanted_if_empty(demo_app: Flask) -> None:
    runner = demo_app.test_cli_runner()
    with demo_app.app_context():
        before = db.session.scalar(select(func.count()).select_from(Tradeoff))
    again = runner.invoke(args=["demo", "load"])
    assert again.exit_code == 1
    assert "There are users here already" in again.stderr
    quiet = runner.invoke(args=["demo", "load", "--if-empty"])
    assert (quiet.exit_code, quiet.output) == (0, "")
    with demo_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Tradeoff)) == before


def test_an_interrupted_load_leaves_nothing_and_can_be_repeated(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: history.Story) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, app.app_context():
        patch.setitem(history.EVENTS, 42, (interrupted,))
        with pytest.raises(KeyboardInterrupt):
            loading.load()
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(User)) == 0
        assert db.session.scalar(select(func.count()).select_from(Deal)) == 0
        assert db.session.scalars(select(Workspace.name)).one() != "Varnholt"
        assert app.config["TODAY"] == databases.TODAY
    assert app.test_cli_runner().invoke(args=["demo", "load"]).exit_code == 0


def test_the_story_ends_today(demo_app: Flask) -> None:
    """Nothing is decided in the future, and the clock runs as before."""
    with demo_app.app_context():
        last = db.session.scalar(select(func.max(Tradeoff.as_of)))
        assert last is not None
        assert last <= date.fromisoformat(databases.TODAY)
        as_of = db.session.execute(text("SELECT figures_as_of FROM workspace")).scalar_one()
        assert str(as_of) == databases.TODAY
        assert demo_app.config["TODAY"] == databases.TODAY


def test_without_the_demo_there_is_nobody_to_sign_in_as(client: CheckingClient) -> None:
    page = client.get("/sign-in")
    assert all(person.email not in page.text for person in CAST)
