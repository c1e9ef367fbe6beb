"""Problems and requests to compare texts with."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from flask import Flask

from roadmap.evidence.recording import name_problem
from roadmap.extensions import db, reading
from roadmap.models import Request, RequestDeal
from roadmap.similar import Context, Suggestion, Text, suggest
from roadmap.workspace import revision
from tests.support.company import Company

Suggest = Callable[..., list[Suggestion]]


class Intake:
    """Requests as other features leave them: each write counts the intake's revision."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def request(self, title: str, body: str = "", deals: Sequence[int] = (), **columns: Any) -> int:
        with self.app.app_context():
            row = revision.lock()
            row.intake_revision += 1
            problem = columns.pop("problem_id", None)
            request = Request(title=title, body=body, revision=row.intake_revision, **columns)
            request.deals = [RequestDeal(deal_id=deal) for deal in deals]
            db.session.add(request)
            db.session.flush()
            name_problem(request, problem, None)
            db.session.commit()
            return request.id

    def change(self, id: int, **columns: Any) -> None:
        with self.app.app_context():
            row = revision.lock()
            row.intake_revision += 1
            request = db.session.get_one(Request, id)
            if "problem_id" in columns:
                name_problem(request, columns.pop("problem_id"), None)
            for name, value in {**columns, "revision": row.intake_revision}.items():
                setattr(request, name, value)
            db.session.commit()


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


@pytest.fixture
def intake(app: Flask, company: Company) -> Intake:
    return Intake(app)


@pytest.fixture
def ask(app: Flask) -> Iterator[Suggest]:
    """What is suggested for a text: `ask("…")`, `ask("…", Context(…), limit=3)`."""

    def suggested(
        text: str | Text, context: Context | None = None, limit: int = 5
    ) -> list[Suggestion]:
        said = Text(body=text) if isinstance(text, str) else text
        with app.app_context(), reading():
            return suggest(said, context or Context(), limit)

    return suggested
