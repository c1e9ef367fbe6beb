"""Settings: what other weights would reorder is shown before they are saved."""

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Workspace
from tests.support.client import CheckingClient
from tests.support.company import Company

pytestmark = pytest.mark.either


@pytest.fixture
def company(app: Flask) -> Company:
    """One initiative rests on an open deal of $100,000, the other on losses of $400,000.

    At a recovery rate of 0.15 the losses count $60,000, at 0.50 they count $200,000.
    """
    company = Company(app)
    core = company.team(people=2)
    now, then = company.problem("Now"), company.problem("Then")
    company.deal(amount=100_000_00, blockers=[now])
    company.deal(amount=400_000_00, status="lost", blockers=[then])
    company.initiative("For the open", work=[(core, 10)], solves=[now])
    company.initiative("For the lost", work=[(core, 10)], solves=[then])
    return company


def stored(app: Flask) -> Workspace:
    with app.app_context():
        return db.session.scalars(select(Workspace)).one()


def test_other_weights_show_what_they_reorder_and_are_saved_when_confirmed(
    company: Company, ada: CheckingClient, app: Flask
) -> None:
    shown = ada.get("/settings").submit("form#settings", recovery_rate="0.5")

    assert "2 initiatives would change places" in shown.text_of(".note-warn")
    rows = {row["Initiative"]: row for row in shown.rows_of("table")}
    assert rows["For the lost"]["Score's place now"] == "2"
    assert rows["For the lost"]["With these settings"] == "1"
    assert stored(app).recovery_rate == 1500

    shown.submit("form#settings")

    assert stored(app).recovery_rate == 5000
    assert ada.get("/board").texts_of(".row-rank small") == ["score 2", "score 1"]
    assert company.wrong_totals() == []


def test_evidence_weights_count_the_stored_totals_anew(
    company: Company, ada: CheckingClient, app: Flask
) -> None:
    ada.get("/settings").submit("form#settings", weight_rep="1", name="Ärger & Söhne")

    assert stored(app).weight_rep == 100
    assert stored(app).name == "Ärger & Söhne"
    assert company.wrong_totals() == []
    with company.looking() as picture:
        # A rep's word counts whole now: $100,000 at full fit, times hundredths of evidence and fit.
        assert picture.cards[picture.plan.order[0]].open_value == f"{100_000_00 * 10_000}/1"


def test_what_cannot_be_is_refused_beside_its_field(
    company: Company, ada: CheckingClient, app: Flask
) -> None:
    page = ada.get("/settings").submit(
        "form#settings", currency="XXXX", recovery_rate="1.5", window_months="0", name=" "
    )

    assert page.status_code == 422
    errors = page.text_of(".note-danger")
    assert "three letters" in errors
    assert "At most 1." in errors
    assert "At least 1." in errors
    assert "Enter the company's name." in errors
    assert stored(app).currency == "USD"


def test_executives_read_the_settings_and_others_do_not_see_them(
    company: Company, elias: CheckingClient, priya: CheckingClient
) -> None:
    assert not elias.get("/settings").has("button:-soup-contains('Save')")
    assert priya.get("/settings").status_code == 404


@pytest.mark.parametrize("amount", ["", "  ", None])
def test_the_sponsors_threshold_is_never_nothing(
    company: Company, ada: CheckingClient, app: Flask, amount: str | None
) -> None:
    page = ada.get("/settings").submit("form#settings", sponsor_threshold=amount)

    assert page.status_code == 422
    assert "Enter an amount; 0 always asks for a sponsor." in page.text
    assert stored(app).sponsor_threshold == 50_000_000

    ada.get("/settings").submit("form#settings", sponsor_threshold="0")

    assert stored(app).sponsor_threshold == 0


def test_shares_are_numbers(company: Company, ada: CheckingClient, app: Flask) -> None:
    for share in ("NaN", "sNaN", "-sNaN", "Infinity", "1e999999999", "-0.01"):
        page = ada.get("/settings").submit("form#settings", recovery_rate=share)

        assert page.status_code == 422, share
        assert page.value_of("[name=recovery_rate]") == share
    assert stored(app).recovery_rate == 1500
