"""The forms that move evidence: each carries the revision and the day that it was shown for."""

from __future__ import annotations

from datetime import date

from wtforms import BooleanField, HiddenField

from roadmap.planning.picture import Picture
from roadmap.web.fields import line, whole_number, words
from roadmap.web.forms import Form
from roadmap.workspace import revision


class SeenForm(Form):
    revision = HiddenField()
    as_of = HiddenField()

    def shown(self, picture: Picture) -> None:
        """From now on it is a form for what this picture shows."""
        self.revision.raw_data = self.as_of.raw_data = None
        self.revision.data = str(picture.revision)
        self.as_of.data = picture.today.isoformat()

    @property
    def since(self) -> int:
        """The revision that was shown; one that never was counts as the oldest."""
        return whole_number(self.revision.data or "", revision.MOST) or 0

    @property
    def day(self) -> date | None:
        try:
            return date.fromisoformat(self.as_of.data or "")
        except ValueError:
            return None


class MergeForm(SeenForm):
    into = HiddenField()


class SplitForm(SeenForm):
    title = line("New problem", required="Name the new problem in the market's words.")
    statement = words("Statement", render_kw={"rows": 4})
    same_initiatives = BooleanField("The same initiatives address it", default=True)
