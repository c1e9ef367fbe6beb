"""A team's name, and its people per quarter."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import Field, Form, StringField
from wtforms.validators import Length, ValidationError

from roadmap.initiatives import units
from roadmap.web.conflicts import EditForm
from roadmap.web.fields import Rows, line, stripped


class TeamForm(EditForm):
    name = line("Name", required="Give it a name.")


def steps_of_a_fifth(form: Form, field: Field) -> None:
    if not field.data:
        return
    try:
        units.week_of(field.data)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class PeopleForm(EditForm):
    """One field a quarter, in the order of the quarters shown; empty: as in the one before."""

    people = Rows(
        StringField(
            "People",
            [Length(max=10), steps_of_a_fifth],
            filters=[stripped],
            render_kw={"inputmode": "decimal"},
        ),
        "People",
        max_entries=100,
    )
    #: The names of the quarters: figures say nothing without those that they are of.
    quarters: Sequence[str] = ()

    def values(self) -> dict[str, object]:
        return {"people": [list(self.quarters), self.people.data]}
