from __future__ import annotations

from wtforms import HiddenField, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from roadmap.models.market import LAYERS
from roadmap.web.fields import choices, line, words
from roadmap.web.forms import Form


class ProblemForm(Form):
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
    seen = HiddenField()

    def offer(self, segments: list[tuple[int, str]]) -> None:
        """The segments that there are to choose from."""
        self.segments.choices = choices(segments)


class SegmentForm(Form):
    """Its rules are rows beside it: see `rules.read`."""

    name = line("Segment", required="Name the segment.")
    description = words("Description", render_kw={"rows": 2})
