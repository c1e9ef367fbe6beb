from __future__ import annotations

from wtforms import DateField, Field, RadioField
from wtforms.validators import InputRequired, ValidationError

from roadmap.domain.errors import Conflict
from roadmap.models import SegmentAnswer
from roadmap.models.reports import ANSWERS, DOUBLE_DOWN, LEAVE, PIVOT
from roadmap.web.conflicts import EditForm, mark
from roadmap.web.fields import choices, sensible_day, words
from roadmap.workspace import clock

from .answers import Said

ANSWER_NAMES = {
    PIVOT: "Pivot: go after other customers, or serve these in another way",
    DOUBLE_DOWN: "Double down: we want these customers, and invest to win them",
    LEAVE: "Leave: losing here is fine for now",
}


class AnswerForm(EditForm):
    """A new answer; its mark is that of the answer that stands, which it takes the place of."""

    standing: SegmentAnswer | None = None

    answer = RadioField(
        "Answer",
        [InputRequired("Choose one.")],
        choices=choices((each, ANSWER_NAMES[each]) for each in ANSWERS),
    )
    reason = words("Why", required="Say why: whoever reads it later was not there.")
    until = DateField(
        "Until",
        [InputRequired("Choose the day on which to ask again."), sensible_day],
        description="The report asks again after this day, or earlier when the figures move.",
    )

    def values(self) -> dict[str, object]:
        return {"standing": self.standing.id if self.standing else None}

    def merge(self, stored: EditForm | None) -> None:
        assert isinstance(stored, AnswerForm)  # noqa: S101 (a segment's answers are never removed)
        now, row = mark(stored.values()), stored.standing
        if self.seen.data == now or row is None:
            return
        self.conflict, self.seen.data = True, now
        self.form_errors = [
            (
                f"{row.by.name} answered “{row.answer}” meanwhile: {row.reason} "
                "Yours is not saved yet; saving it again puts it in the place of theirs."
            )
        ]
        raise Conflict(form=self)

    def validate_until(self, field: Field) -> None:
        if field.data is not None and field.data < clock.today():
            raise ValidationError("Choose a day that is still to come.")

    def said(self) -> Said:
        assert self.until.data is not None  # noqa: S101 (it was validated)
        return Said(self.answer.data, self.reason.data or "", self.until.data)
