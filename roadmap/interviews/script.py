"""The questions to ask in a loss interview, by bucket; a workspace may have its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select

from roadmap.domain.interviews import GENERAL
from roadmap.domain.winloss import BUCKETS
from roadmap.extensions import db
from roadmap.models import ScriptQuestion
from roadmap.workspace import revision

PARTS = (GENERAL, *BUCKETS)

#: What is asked until somebody writes other questions.
QUESTIONS: Mapping[str, Sequence[str]] = {
    GENERAL: (
        "What were you trying to get done when you started to look?",
        "Who was part of the decision, and what mattered to each of them?",
        "When did you know how it would end? What had just happened?",
        "If you could change one thing about how it went, which?",
    ),
    "product": (
        "What did you have to do that our product would not let you?",
        "What do you do about it today, and what does that cost you?",
        "Had we had exactly that, what else would have stood in the way?",
    ),
    "price": (
        "What did you compare our price with?",
        "What would have made it worth the difference?",
        "Where in your budget did it have to come from?",
    ),
    "process": (
        "Where did we make it harder than it had to be: selling, security, contract, onboarding?",
        "What did you have to ask for twice?",
    ),
    "presence": (
        "Whom did you think of first, and why?",
        "When did you first hear of us, and was the list already made?",
        "What did the others do better?",
    ),
}


def questions() -> dict[str, list[str]]:
    """The questions by part, in order; those of the product while the workspace has none."""
    rows = db.session.execute(
        select(ScriptQuestion.bucket, ScriptQuestion.text).order_by(
            ScriptQuestion.bucket, ScriptQuestion.position
        )
    ).all()
    if not rows:
        return {part: list(QUESTIONS.get(part, ())) for part in PARTS}
    found: dict[str, list[str]] = {part: [] for part in PARTS}
    for part, text in rows:
        found[part].append(text)
    return found


def rewrite(wanted: Mapping[str, Sequence[str]]) -> None:
    """Store other questions. None at all brings the product's own back."""
    revision.lock()
    db.session.execute(delete(ScriptQuestion))
    db.session.add_all(
        ScriptQuestion(bucket=part, position=position, text=text)
        for part in PARTS
        for position, text in enumerate(wanted.get(part, ()))
    )
    db.session.commit()
