"""`flask check` notices what is said by nobody, or by an interview that was withdrawn."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from roadmap.checks.queries import origins, statements
from roadmap.extensions import db
from roadmap.models import Conversation, Statement
from tests.support.company import Company


def faults(app: Flask) -> list[str]:
    with app.app_context():
        return [*origins(), *statements()]


@pytest.mark.parametrize(
    ("model", "values", "said"),
    [
        (Statement, {"reason_weight": 9}, "its reason weighs 2"),
        (Statement, {"origin_id": 77}, "is of interview that is not there"),
        (Statement, {"origin": "report"}, "is of report that is not there"),
        (Statement, {"root_id": Statement.root_id + 1}, "is not where its own problem went"),
        (Conversation, {"state": "cancelled", "ask_quarter": None}, "was withdrawn"),
    ],
)
def test_a_difference_is_named(app: Flask, model: Any, values: dict[str, Any], said: str) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    company.problem("No export")
    company.interview(company.deal(status="lost"), ("product", pain, 2), ("price", None))
    company.interview(company.deal(status="lost"), held=True)
    assert faults(app) == []
    with app.app_context():
        db.session.execute(update(model).values(values))
        db.session.commit()
    assert said in " ".join(faults(app))


def test_an_interview_without_a_word_is_named(app: Flask) -> None:
    company = Company(app)
    company.interview(company.deal(status="lost"), held=True)
    with app.app_context():
        db.session.execute(update(Conversation).values(would_not_say=False))
        db.session.commit()
    assert faults(app) == ["interview 1 gives no reason, and does not say that they would not"]
