"""What a preview's form carries: the revision and the day that it was shown for."""

from __future__ import annotations

from datetime import date

from wtforms import HiddenField

from roadmap.web.fields import whole_number
from roadmap.web.forms import Form
from roadmap.workspace import revision

from .picture import Picture


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
