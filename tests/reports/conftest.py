from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.reports import companies, naive
from tests.support.company import Company


@pytest.fixture
def app_config() -> dict[str, Any]:
    return {"TODAY": companies.TODAY.isoformat()}


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


@pytest.fixture
def random_company(app: Flask, company: Company) -> Callable[[int], list[naive.Deal]]:
    """Stores the company of a seed, in place of what there was."""

    def store(seed: int) -> list[naive.Deal]:
        deals = companies.company(seed)
        with app.app_context():
            companies.store(deals)
        return deals

    return store
