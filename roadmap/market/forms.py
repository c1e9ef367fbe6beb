from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any

from wtforms import Field, SelectField, SelectMultipleField
from wtforms.form import BaseForm
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from roadmap.domain.icp import Criterion
from roadmap.domain.rollup import LAYERS
from roadmap.web.conflicts import EditForm
from roadmap.web.fields import choices, line, whole_number, words

from . import rules


class ProblemForm(EditForm):
    title = line("Problem", required="Name the problem in the market's words.")
    statement = words("Statement", render_kw={"rows": 5})
    layer = SelectField(
        "Who feels it",
        choices=choices([("", "Not known yet"), *((each, each.capitalize()) for each in LAYERS)]),
    )
    segments = SelectMultipleField(
        "Segments",
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    workaround = words("Workaround", render_kw={"rows": 3})

    def offer(self, segments: list[tuple[int, str]]) -> None:
        """The segments that there are to choose from."""
        self.segments.choices = choices(segments)


def _id(value: Any) -> int | None:
    """The id that a button sends, empty for none; 0, which no problem has, for whatever is none."""
    return whole_number(value) or 0 if value else None


class ParentForm(EditForm):
    """The problem that another one rolls up to; its pages show it as buttons."""

    parent = SelectField("Rolls up to", coerce=_id, validate_choice=False)

    def offer(self, titles: Mapping[int, str]) -> None:
        self.parent.choices = choices([("", "Nothing"), *titles.items()])


class RulesField(Field):
    """Rules as rows of four inputs each, see `rules.read`; `data` are the criteria."""

    data: list[Criterion]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        super().process(None, list(data or ()), extra_filters)
        self.rows: Sequence[rules.RuleRow] = rules.as_rows(self.data)
        if formdata:
            rows, self.data = rules.read(formdata)
            # What is wrong is corrected before there is more to fill in.
            wrong = any(row.wrong for row in rows)
            self.rows = rows if wrong else rules.with_blanks(rows)

    def pre_validate(self, form: BaseForm) -> None:
        if self.row_errors:
            raise ValidationError("Some of them make no sense.")

    @property
    def row_errors(self) -> list[tuple[str, str]]:
        """The id of each wrong control, and what is wrong there."""
        return [
            (f"{row.wrong}-{number}", f"{row.wrong.capitalize()} {number}: {row.error}")
            for number, row in enumerate(self.rows, 1)
            if row.wrong
        ]

    def text_of_value(self) -> str:
        return "\n".join(_sentence(one) for one in self.data)


def _sentence(one: Criterion) -> str:
    weight = f" (weight {one.weight})" if one.weight != 1 else ""
    return f"{rules.sentence(one)}{weight}"


class RulesForm(EditForm):
    rules = RulesField("Rules")

    def values(self) -> dict[str, object]:
        found = super().values()
        return found | {"rules": [astuple(criterion) for criterion in self.rules.data]}


class SegmentForm(RulesForm):
    name = line("Segment", required="Name the segment.")
    description = words("Description", render_kw={"rows": 2})
