"""`flask import teams`: what is said of reps, which reports group by."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.imports.conftest import Writing
from tests.support.client import CheckingClient
from tests.support.company import Company

Teams = Callable[..., str]


@pytest.fixture
def teams(app: Flask, file: Writing) -> Teams:
    def run(content: str, *options: str) -> str:
        path = str(file(content, name="teams.csv"))
        return app.test_cli_runner().invoke(args=["import", "teams", path, *options]).output

    return run


def lost(elias: CheckingClient, by: str, narrowed: str = "") -> dict[str, str]:
    rows = elias.get(f"/reports/segments.csv?by={by}{narrowed}").table()
    return {row[by]: row["Lost deals"] for row in rows}


def test_reports_group_by_what_is_said_of_reps(
    app: Flask, elias: CheckingClient, teams: Teams
) -> None:
    company = Company(app)
    user = company.user(name="Ann Lee")
    address = f"user{1}@demo.example"
    owners = [company.owner("Ann Lee", user), company.owner("ann lee", user), company.owner("Bo")]
    for owner in (*owners, None):
        company.deal(status="lost", close_date="2026-12-01", owner=owner)
    content = f"E-mail,Name,Manager,Região\n{address},,Dana,West\n,BO,Dana,East\n,Cy,Eve,\n,,x,\n"
    assert "1 new, 2 changed, 0 unchanged" in teams(content, "--dry-run")
    assert "Manager (rep)" not in elias.get("/reports/segments").texts_of("[name=by] option")

    answer = teams(content)
    assert "grouped by: Manager, Região" in answer
    assert "without a name or e-mail address: row 5" in answer
    assert lost(elias, "Manager (rep)")["Dana"] == "3"
    found = lost(elias, "Região (rep)")
    assert (found["West"], found["East"], found["Not given"]) == ("2", "1", "1")
    assert lost(elias, "Manager (rep)", "&attr.Região (rep)=East")["Dana"] == "1"
    assert "0 new, 0 changed, 3 unchanged" in teams(content)
    teams(content.replace("BO,Dana", "BO,"))
    assert lost(elias, "Manager (rep)")["Dana"] == "2"


def test_a_file_that_names_nobody_is_refused(teams: Teams) -> None:
    assert "no column with people's names" in teams("Region,Manager\nWest,Dana\n")
