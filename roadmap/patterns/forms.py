"""The forms that move evidence: each carries the revision and the day that it was shown for."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField

from roadmap.planning.seen import SeenForm
from roadmap.web.fields import line, words


class MergeForm(SeenForm):
    into = HiddenField()


class SplitForm(SeenForm):
    title = line("New problem", required="Name the new problem in the market's words.")
    statement = words("Statement", render_kw={"rows": 4})
    same_initiatives = BooleanField("The same initiatives address it", default=True)
