"""The forms of triage. They share one page, so the ids of their fields say which form they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from wtforms import BooleanField, DateField, Field, HiddenField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from roadmap.domain.triage import CUSTOMER, REP
from roadmap.domain.winloss import OTHER_BUCKETS
from roadmap.market.forms import ProblemForm
from roadmap.market.verdicts import BUCKET_NAMES
from roadmap.web.conflicts import EditForm
from roadmap.web.fields import choices, line, sensible_day, whole_number, words
from roadmap.web.forms import Form
from roadmap.workspace import clock, revision

from .answers import GAP

#: A question that nobody answered comes back after this long.
REMINDED_AFTER = timedelta(days=7)


def _id(value: Any) -> int:
    """An id from a form; 0, which nothing has, for whatever is none."""
    return whole_number(value or "") or 0


class StepForm(Form):
    """A step with a request that was shown at the revision `seen`, with `last` as newest event."""

    seen = HiddenField()
    last = HiddenField()

    name = ""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for field in self:
            field.id = f"{self.name}-{field.name.replace('_', '-')}"

    @property
    def revision(self) -> int:
        """What was seen; -1, which no request is at, where the form does not say."""
        seen = whole_number(self.seen.data or "", revision.MOST)
        return -1 if seen is None else seen

    def show(self, seen: int, last: int) -> None:
        """Rest on what the page shows now, whatever was sent."""
        for field, value in ((self.seen, seen), (self.last, last)):
            field.data, field.raw_data = str(value), None


class ConfirmForm(StepForm):
    name = "confirm"
    quote = BooleanField("The quote is the customer's own words")


class StartForm(StepForm, ProblemForm):  # type: ignore[misc] # a new problem has no mark
    """A new problem. Its `seen` is the request's."""

    name = "start"
    quote = BooleanField("The quote is the customer's own words")


class MergeForm(StepForm):
    name = "merge"


class HandOverForm(StepForm):
    name = "bucket"
    bucket = SelectField(
        "It is about", choices=choices((each, BUCKET_NAMES[each]) for each in OTHER_BUCKETS)
    )
    owner = SelectField("Who takes it", coerce=_id, validate_choice=False)
    text = words("In words", render_kw={"rows": 2})

    def offer(self, people: list[tuple[int, str]]) -> None:
        self.owner.choices = choices([("", "Choose a person"), *people])


class AskForm(StepForm):
    name = "question"
    waits_for = SelectField(
        "Ask",
        choices=choices([
            (REP, "The rep, for an answer"),
            (CUSTOMER, "The rep, for a conversation with the customer"),
        ]),
    )  # fmt: skip
    text = words("Question", required="Say what you want to know.", render_kw={"rows": 3})
    remind_on = DateField(
        "Remind me on",
        [InputRequired("Choose the day on which it comes back to the inbox."), sensible_day],
        default=lambda: clock.today() + REMINDED_AFTER,
    )

    def validate_remind_on(self, field: Field) -> None:
        if field.data is not None and field.data < clock.today():
            raise ValidationError("Choose a day that is still to come.")


class ReplyForm(StepForm):
    name = "reply"
    text = words("Reply", required="Write the reply.", render_kw={"rows": 6})

    def validate_text(self, field: Field) -> None:
        if GAP in (field.data or ""):
            raise ValidationError(
                f"Fill the gap in “{GAP}”: what helps them until then? Or take the sentence out."
            )


class DeclineForm(StepForm):
    name = "refusal"
    text = words("Why not", required="Say why, for whoever asked.", render_kw={"rows": 4})


class RenameForm(EditForm, StepForm):  # type: ignore[misc] # its mark is the title's
    """It may be renamed whatever step was taken with it meanwhile."""

    name = "title"

    def show(self, seen: int, last: int) -> None:
        self.last.data, self.last.raw_data = str(last), None

    title = line("First line", required="Write the first line.")


class LinkForm(StepForm):
    name = "link"
    account = HiddenField()
    deals = SelectMultipleField(
        "Its deals",
        coerce=_id,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def offer(self, deals: list[tuple[int, str]]) -> None:
        self.deals.choices = choices(deals)


class UndoForm(StepForm):
    name = "undoing"
