"""What people fill in about initiatives. No field is called as the preview's own are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    Field,
    FormField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms import (
    Form as Row,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from roadmap.domain.plan import CONTRIBUTES, INITIATIVE_KINDS, ON_BOARD, SOLVES
from roadmap.web.conflicts import EditForm
from roadmap.web.fields import (
    LAST_DAY,
    MOST_NUMBER,
    Rows,
    choices,
    line,
    sensible_day,
    stripped,
    whole_number,
    words,
)
from roadmap.web.forms import Form
from roadmap.workspace.numbers import NumberField

from . import units

Choices = Sequence[tuple[Any, str]]

#: The most work items that one initiative may have.
MOST_ITEMS = 500


def number_or_none(value: object) -> int | None:
    return whole_number(value)


class WordsForm(EditForm):
    title = line("Title", required="Give it a title.")
    value = words(
        "What it is worth, in the customer's words",
        description="One or two sentences that a customer could have said.",
        render_kw={"rows": 3},
    )
    kind = RadioField(
        "Kind",
        [InputRequired("Choose one.")],
        choices=choices((kind, kind.title()) for kind in INITIATIVE_KINDS),
    )
    owner_id = SelectField(
        "Owner",
        coerce=number_or_none,
        description="Named in the record of whatever delays it.",
    )


def rank_field() -> NumberField:
    return NumberField(
        "Position on the board", least=1, most=MOST_NUMBER, description="Empty: the last one.",
        what="a position, such as 3, or nothing",
    )  # fmt: skip


class _RankForm(Form):
    #: How many positions there are to enter at.
    most: int = 1

    def validate_rank(self, field: Field) -> None:
        if (field.data or 1) > self.most:
            raise ValidationError(f"Write a position from 1 to {self.most:,}, or nothing.")


class NewForm(WordsForm, _RankForm):
    rank = rank_field()


class EntryForm(_RankForm):
    rank = rank_field()


def _parsed(parse: Callable[[str], int]) -> Callable[[Form, Field], None]:
    def check(form: Form, field: Field) -> None:
        if not field.data:
            return
        try:
            parse(field.data)
        except ValueError as error:
            raise ValidationError(str(error)) from error

    return check


def _some_people(text: str) -> int:
    days = units.week_of(text)
    if not days:
        raise ValueError("At least 0.2 people, or nothing for the whole team.")
    return days


def days_field(label: str, **kwargs: Any) -> StringField:
    return StringField(
        label,
        [Length(max=20), _parsed(units.days_of)],
        filters=[stripped],
        render_kw={"inputmode": "numeric"},
        **kwargs,
    )


class WorkRow(Row):
    title = line("What has to be built")
    product = SelectField("Product", coerce=number_or_none)
    team = SelectField("Team", coerce=number_or_none)
    days = days_field("Person-days left")
    most = StringField(
        "At most (people)",
        [Length(max=20), _parsed(_some_people)],
        filters=[stripped],
        render_kw={"inputmode": "decimal"},
    )

    @property
    def blank(self) -> bool:
        return not (self.title.data or self.days.data or self.most.data)


class WorkForm(EditForm):
    items = Rows(FormField(WorkRow), "Work items", max_entries=MOST_ITEMS)

    def values(self) -> dict[str, object]:
        return {"items": [entry.data for entry in self["items"] if not entry.form.blank]}

    def offer(self, products: Choices, teams: Choices) -> None:
        for entry in self.items:
            entry.form.product.choices = choices(products)
            entry.form.team.choices = choices(teams)

    def typed(self) -> list[dict[str, Any]]:
        """The rows as they were typed."""
        return [
            {name: entry.form[name].data for name in ("title", "product", "team", "days", "most")}
            for entry in self.items
        ]


class EffortForm(EditForm):
    left = Rows(days_field("Person-days left"), "Effort left", max_entries=MOST_ITEMS)
    #: The names of the work items: a figure says nothing without the one that it is of.
    names: Sequence[str] = ()

    def name_after(self, names: Sequence[str]) -> None:
        self.names = names
        for entry, name in zip(self.left, names, strict=False):
            entry.label.text = name

    def values(self) -> dict[str, object]:
        return {"left": [list(self.names), self.left.data]}


class NotBeforeForm(EditForm):
    day = DateField("Not before", [Optional(), sensible_day], description="Empty: at any time.")


class NeedsForm(EditForm):
    need = SelectMultipleField("Needs", coerce=number_or_none, choices=(), validate_choice=False)

    def chosen(self) -> tuple[str, ...]:
        return tuple(str(id) for id in sorted(id for id in self.need.data or () if id is not None))


class TiesField(Field):
    """The selects `tie-` and a problem's id; `data` is the kind of tie by problem."""

    data: dict[int, str]
    titles: Mapping[int, str]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        super().process(None, {} if formdata else dict(data or {}), extra_filters)
        for name, kind in (formdata or {}).items():
            problem = number_or_none(name.removeprefix("tie-")) if name.startswith("tie-") else None
            if problem is not None and kind in (SOLVES, CONTRIBUTES):
                self.data[problem] = kind

    def know(self, titles: Mapping[int, str]) -> None:
        """The problems among them that can be addressed; what was sent of others is dropped."""
        self.titles = titles
        self.data = {id: kind for id, kind in self.data.items() if id in titles}

    def text_of_value(self) -> str:
        return "\n".join(f"{self.titles[id]}: {kind}" for id, kind in self.data.items())


class TiesForm(EditForm):
    ties = TiesField("Problems")


class StateForm(EditForm):
    state = SelectField(
        "Change its state", choices=choices((state, state.capitalize()) for state in ON_BOARD)
    )


class PromiseForm(EditForm):
    day = DateField("Promised date", [InputRequired("Choose the date."), sensible_day])
    to = line("Promised to", required="Say to whom.")
    knowing = BooleanField("Record it all the same")


class ShipForm(Form):
    day = DateField("Shipped on", [InputRequired("Say when."), sensible_day])
    today: date = LAST_DAY

    def validate_day(self, field: Field) -> None:
        if field.data is not None and field.data > self.today:
            raise ValidationError("It cannot have shipped in the future.")


class DeclineForm(Form):
    why = words(
        "Why it is declined",
        required="Say why, for those who asked for it.",
        render_kw={"rows": 3},
    )


class ProductForm(EditForm):
    name = line("Name", required="Give it a name.")
