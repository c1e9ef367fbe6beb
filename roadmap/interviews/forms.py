from __future__ import annotations

from datetime import date
from typing import Any, cast

from wtforms import (
    BooleanField,
    DateField,
    Field,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms import (
    Form as Row,
)
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from roadmap.domain.interviews import OTHER_KINDS, Given
from roadmap.domain.rollup import LAYERS
from roadmap.domain.statements import DEAL_BREAKER, MOST_WEIGHT
from roadmap.domain.winloss import BUCKETS
from roadmap.market.verdicts import BUCKET_NAMES, SIGNED_WITHOUT
from roadmap.models import Conversation
from roadmap.web.conflicts import EditForm
from roadmap.web.fields import Rows, choices, line, sensible_day, sound_token, whole_number, words
from roadmap.web.filters import moment
from roadmap.workspace import clock
from roadmap.workspace.numbers import NumberField

from .actions import Spoken
from .problems import ProblemField, Problems

#: How many reasons a form shows at first, and how many one interview may give.
FIRST_ROWS, MOST_ROWS = 3, 20

LAYER_CHOICES = choices([("", "Not known"), *((each, each.capitalize()) for each in LAYERS)])
KIND_NAMES = {each: each.capitalize() for each in OTHER_KINDS} | {
    "demo": "Demo sat in on",
    "loss interview": "Loss interview",
}


def chosen_id(value: Any) -> int | None:
    """The id that a select sent; None where nothing was chosen."""
    text = str(value or "")
    if not text:
        return None
    number = whole_number(text)
    if not number:
        raise ValueError("That is none of the choices.")
    return number


def not_later_than_today(form: BaseForm, field: Field) -> None:
    if field.data is not None and field.data > clock.today():
        raise ValidationError("It cannot have been held in the future.")


def _person(label: str) -> SelectField:
    return SelectField(label, coerce=chosen_id, validators=[InputRequired("Choose a person.")])


class PlanForm(EditForm):
    assigned_to = _person("Who asks")
    planned_on = DateField("When", [InputRequired("Choose a day."), sensible_day])
    token = HiddenField(filters=[sound_token])

    def offer(self, people: list[tuple[int, str]]) -> None:
        self.assigned_to.choices = choices(people)

    def plan(self) -> tuple[int, date]:
        """Whose it is and when, once it is valid."""
        return self.assigned_to.data, cast(date, self.planned_on.data)


class ReasonRow(Row):
    bucket = SelectField("Reason", choices=choices(
        [("", "None"), *((each, BUCKET_NAMES[each]) for each in BUCKETS)]
    ))  # fmt: skip
    problem = ProblemField("Problem")
    weight = NumberField("Weight", least=1, most=MOST_WEIGHT, default=1)
    severity = SelectField(
        "Would they have signed without it?",
        choices=choices(SIGNED_WITHOUT.items()),
        default=DEAL_BREAKER,
    )
    quote = words("Quote", render_kw={"rows": 2})

    def validate_problem(self, field: Field) -> None:
        if field.data is not None and self.bucket.data != "product":
            raise ValidationError("Only a Product reason names a problem.")

    def validate_quote(self, field: Field) -> None:
        if field.data and not self.bucket.data:
            raise ValidationError("Say which reason this quote is about.")


class SpokenForm(EditForm):
    """What every conversation has: when, who of ours, who of theirs, what was heard."""

    held_on = DateField(
        "Held on", [InputRequired("Choose a day."), sensible_day, not_later_than_today]
    )
    held_by = _person("Held by")
    name = line("Who spoke", required="Name the customer's person.")
    role = line("Their role")
    layer = SelectField("Where they stand", choices=LAYER_CHOICES)
    notes = words("Notes", render_kw={"rows": 4})
    token = HiddenField(filters=[sound_token])

    def offer_people(self, people: list[tuple[int, str]]) -> None:
        self.held_by.choices = choices(people)

    def _held(self) -> dict[str, Any]:
        return {
            "held_on": self.held_on.data,
            "held_by_id": self.held_by.data,
            "name": self.name.data,
            "role": self.role.data,
            "layer": self.layer.data or None,
            "notes": self.notes.data,
        }


class LogForm(SpokenForm):
    """A loss interview's log."""

    together = (("reasons", "would_not_say"),)
    reasons = Rows(FormField(ReasonRow), "Reasons", min_entries=FIRST_ROWS, max_entries=MOST_ROWS)
    would_not_say = BooleanField("They would not say why")
    competitor_better = words("What the competitor did better", render_kw={"rows": 2})
    would_have_changed = words("What would have changed the outcome", render_kw={"rows": 2})

    def offer(self, people: list[tuple[int, str]], problems: Problems) -> None:
        self.offer_people(people)
        for row in self.reasons:
            row.form.problem.choose_from(problems)

    def values(self) -> dict[str, object]:
        return super().values() | {"reasons": [list(given) for given in self.given()]}

    def more(self) -> None:
        """One more row for a reason."""
        if len(self.reasons) < MOST_ROWS:
            self.reasons.append_entry()

    def validate_would_not_say(self, field: Field) -> None:
        given = self.given()
        if not given and not field.data:
            raise ValidationError("Give at least one reason above, or say that they would not.")
        if given and field.data:
            raise ValidationError("Either they gave a reason, or they would not say why.")

    def given(self) -> list[Given]:
        return [
            Given(
                row.bucket.data,
                row.problem.data,
                row.weight.data or 1,
                row.quote.data or "",
                row.severity.data,
            )
            for row in (entry.form for entry in self.reasons)
            if row.bucket.data
        ]

    def spoken(self) -> Spoken:
        return Spoken(
            **self._held(),
            reasons=self.given(),
            would_not_say=self.would_not_say.data,
            competitor_better=self.competitor_better.data or "",
            would_have_changed=self.would_have_changed.data or "",
        )


class TalkForm(SpokenForm):
    """A demo, a visit, a call or a win interview."""

    kind = RadioField(
        "What it was",
        choices=choices((each, KIND_NAMES[each]) for each in OTHER_KINDS[1:] + OTHER_KINDS[:1]),
        validators=[InputRequired("Say what it was.")],
    )
    deal = SelectField("Deal", coerce=chosen_id)
    problems = SelectMultipleField(
        "Problems heard",
        coerce=chosen_id,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    quote = words("In their words", render_kw={"rows": 3})

    def offer(
        self,
        people: list[tuple[int, str]],
        problems: list[tuple[int, str]],
        deals: list[tuple[int, str]] | None = None,
    ) -> None:
        self.offer_people(people)
        self.problems.choices = choices(problems)
        self.deal.choices = choices([("", "None in particular"), *(deals or [])])

    def spoken(self) -> Spoken:
        ids = [id for id in self.problems.data or [] if id is not None]
        return Spoken(**self._held(), problem_ids=ids, quote=self.quote.data or "")


def who_changed(conversation: Conversation) -> str:
    """Such as "Ana Lima, 3 November 2026, 10:15,"."""
    who = conversation.changed_by.name if conversation.changed_by else "Somebody else"
    return f"{who}, {moment(conversation.changed_at)},"


def typed_before(conversation: Conversation, today: date, user_id: int) -> dict[str, Any]:
    """What a form starts with: what was logged, else what is likely."""
    held = conversation.held_on is not None
    return {
        "held_on": conversation.held_on or today,
        "held_by": conversation.held_by_id or conversation.assigned_to_id or user_id,
        "name": conversation.spoke_name,
        "role": conversation.spoke_role,
        "layer": conversation.spoke_layer or "",
        "notes": conversation.notes,
        "would_not_say": conversation.would_not_say,
        "competitor_better": conversation.competitor_better,
        "would_have_changed": conversation.would_have_changed,
        "quote": conversation.quote,
        "kind": conversation.kind,
        "deal": conversation.deal_id,
        "problems": [problem.id for problem in conversation.problems] if held else [],
        "reasons": [
            {
                "bucket": reason.bucket,
                "problem": reason.root_id,
                "weight": reason.weight,
                "quote": reason.words,
                "severity": reason.severity,
            }
            for reason in conversation.reasons
        ],
    }
