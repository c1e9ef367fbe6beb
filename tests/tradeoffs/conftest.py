"""The product served by real processes, on either database, for a company that a test built."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from flask import Flask

from tests.support import databases
from tests.support.browser import Server, serving
from tests.support.company import Company

Serve = Callable[[], AbstractContextManager[Server]]


@pytest.fixture
def crowd(app: Flask) -> Company:
    """Twenty initiatives in a row, whose moves delay each other, and deals that care."""
    company = Company(app)
    core, web = company.team("Core", people=3), company.team("Web", people=2)
    problems = [company.problem(f"Problem {n}") for n in range(5)]
    # Without a profile of the ideal customer nobody fits it, which `flask check` knows.
    account = company.account("Acme", fit=0)
    for n, problem in enumerate(problems):
        for day in ("2027-02-26", "2027-04-30", "2027-08-27"):
            amount = (n + 1) * 90_000_00
            company.deal(amount=amount, needed_by=day, account=account, blockers=[problem])
    for n in range(20):
        company.initiative(
            f"Initiative {n + 1}",
            work=[((core, web)[n % 2], 15), (core, 5)],
            solves=[problems[n % 5]],
            promised=[("2027-03-26", "Acme")] if n % 4 == 0 else [],
        )
    return company


@pytest.fixture
def serve(
    crowd: Company, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Serve]:
    """`with serve() as server`: start it; a second call starts it again on the same data."""

    def start() -> AbstractContextManager[Server]:
        return serving(database_url, tmp_path, databases.TODAY)

    yield start
    # The test's own application must let go of the database, too.
    databases.dispose(crowd.app)
