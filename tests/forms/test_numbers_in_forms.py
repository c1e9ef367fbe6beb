"""Numbers in forms are written and read with the workspace's own decimal mark."""

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Account, Workspace
from tests.support import cast
from tests.support.client import CheckingClient
from tests.support.company import Company

pytestmark = pytest.mark.either


def test_a_workspace_with_a_decimal_comma_reads_and_writes_it(
    app: Flask, ada: CheckingClient
) -> None:
    company = Company(app)
    core, acme = company.team("Core", people=2.4), company.account("Acme")
    ada.get("/settings").submit("form#settings", decimal_mark=",")
    kept = ada.get("/settings")
    assert kept.value_of("#recovery_rate") == "0,15"
    assert kept.value_of("#sponsor_threshold") == "500.000"
    kept.submit("form#settings", sponsor_threshold="1.200.000,50", recovery_rate="0,2")

    with app.app_context():
        row = db.session.scalars(select(Workspace)).one()
        assert (row.sponsor_threshold, row.recovery_rate) == (120_000_050, 2000)

    people = ada.get(f"/teams/{core}/people").submit("main form", **{"people-0": "2.5"})
    assert people.status_code == 422
    assert "such as 5 or 5,4" in people.text
    priya = cast.visitor(app, "product")
    page = priya.get(f"/accounts/{acme}/edit").submit("main form", employees="1.200")
    assert page.status_code == 200
    with app.app_context():
        assert db.session.get_one(Account, acme).employees == 1200
