"""`flask check` notices when a deal does not carry what an interview says."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from roadmap.checks.interviews import interviews
from roadmap.extensions import db
from roadmap.models import Blocker, Conversation, InterviewReason, LossReason
from tests.support.company import Company


def faults(app: Flask) -> list[str]:
    with app.app_context():
        return list(interviews())


@pytest.mark.parametrize(
    ("model", "values", "said"),
    [
        (InterviewReason, {"blocker_id": None, "loss_reason_id": None}, "stands on no deal"),
        (LossReason, {"weight": 9}, "weighs 1, but its deal says 9"),
        (LossReason, {"bucket": "process"}, "is price, but its deal says process"),
        (LossReason, {"source": "rep"}, "as if somebody else had said it"),
        (Blocker, {"weight": 9}, "weighs 9, but its interviews say 2"),
        (Conversation, {"state": "cancelled", "ask_quarter": None}, "was withdrawn, but stands"),
    ],
)
def test_a_difference_is_named(app: Flask, model: Any, values: dict[str, Any], said: str) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
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
