"""What the tests of intake share: somebody else's steps, and what is stored after a step."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Blocker, Request, User
from tests.support.company import Company


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


@pytest.fixture
def act(company: Company) -> Callable[..., Any]:
    """Do something as somebody: `act(triaging.confirm, id, problem)`, by the product manager."""

    def act(what: Callable[..., Any], *args: Any, by: str = "product", **kwargs: Any) -> Any:
        with company.app.app_context():
            user = db.session.get_one(User, company.people[by])
            return what(*args, by=user, **kwargs)

    return act


@pytest.fixture
def state(company: Company) -> Callable[[int], str]:
    """Where a request stands, as it is stored."""

    def state(id: int) -> str:
        with company.app.app_context():
            return db.session.get_one(Request, id).state

    return state


@pytest.fixture
def ties(company: Company) -> Callable[[], set[tuple[int, int, str]]]:
    """All blockers: deal, problem, source."""

    def ties() -> set[tuple[int, int, str]]:
        with company.app.app_context():
            rows = db.session.execute(select(Blocker.deal_id, Blocker.problem_id, Blocker.source))
            return {(deal, problem, source) for deal, problem, source in rows}

    return ties
