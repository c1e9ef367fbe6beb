"""The measured company is sound and the same every time; the figures say what they mean."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import func, select

from roadmap.checks.queries import CHECKS
from roadmap.extensions import db
from roadmap.models import Blocker, Deal, Initiative, Request, Tradeoff, Workspace
from roadmap.planning.gather import gather
from tests.bench import company
from tests.bench.measures import Figure, percentile
from tests.support import databases


@contextmanager
def built(app: Flask) -> Iterator[None]:
    company.build(app, company.SIZES["small"])
    with app.app_context():
        yield


@pytest.fixture
def app_config() -> dict[str, str]:
    return {"TODAY": company.TODAY.isoformat()}


def test_the_measured_company_holds_what_it_says_and_passes_every_check(app: Flask) -> None:
    size = company.SIZES["small"]
    with built(app):
        for model, count in (
            (Initiative, size.initiatives),
            (Deal, size.deals),
            (Blocker, size.blockers),
            (Tradeoff, size.initiatives),
            (Request, size.requests),
        ):
            assert db.session.scalar(select(func.count()).select_from(model)) == count
        assert [fault for check in CHECKS.values() for fault in check()] == []


def test_most_of_it_fits_before_the_horizon(app: Flask) -> None:
    from roadmap.domain.schedule import schedule

    with built(app):
        placed = schedule(gather(company.TODAY).plan)
        scheduled = [one for one in placed.values() if one.state == "scheduled"]
        assert len(scheduled) > 0.9 * len(placed)


def test_its_next_trade_off_gets_a_number_of_its_own(app: Flask) -> None:
    """The ids were given by hand, and the database has to count on from there."""
    with built(app):
        team = db.session.execute(
            db.text("INSERT INTO teams (name) VALUES ('Another') RETURNING id")
        ).scalar_one()
        assert team == company.SIZES["small"].teams + 1
        assert (
            db.session.scalars(select(Workspace.revision)).one()
            > company.SIZES["small"].initiatives
        )


def test_it_is_the_same_every_time(database: databases.Database) -> None:
    found = []
    for _ in range(2):
        with database.fresh() as url:
            app = databases.create(url, TODAY=company.TODAY.isoformat())
            with built(app):
                deals = select(Deal.id, Deal.name, Deal.amount, Deal.close_date).order_by(Deal.id)
                requests = select(Request.id, Request.title, Request.body, Request.account_id)
                found.append(
                    (
                        db.session.execute(deals).all(),
                        db.session.execute(requests.order_by(Request.id)).all(),
                    )
                )
            databases.dispose(app)
    assert found[0] == found[1]


def test_a_target_is_met_in_units_of_its_floor() -> None:
    figure = Figure("page", samples=[10, 11, 30], floor=[4, 5, 6], target=2.2)
    assert (figure.p50, figure.p95, figure.one) == (11, 30, 5)
    assert figure.met
    assert not Figure("page", [10, 12, 30], [4, 5, 6], target=2.2).met
    assert not Figure("page", [11], [5], target=3, most_queries=1, queries=2).met
    assert not Figure("page", [1, 1, 30], [5], target=3, target_p95=5).met
    assert Figure("page", [11], [5]).met is None


def test_a_percentile_is_a_sample_that_was_taken() -> None:
    assert percentile([3, 1, 2], 95) == 3
    assert percentile(list(range(1, 101)), 95) == 95
    assert percentile([7], 50) == 7
