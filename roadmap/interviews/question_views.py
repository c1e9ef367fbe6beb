"""The script's questions: product management reads them, an administrator writes them."""

from __future__ import annotations

from flask import flash, render_template, url_for
from wtforms import TextAreaField

from roadmap.domain.errors import Conflict
from roadmap.domain.interviews import GENERAL
from roadmap.domain.winloss import BUCKETS
from roadmap.market.verdicts import BUCKET_NAMES
from roadmap.people.guards import allow
from roadmap.web import htmx
from roadmap.web.conflicts import EditForm
from roadmap.web.fields import words
from roadmap.workspace.edits import settle

from . import script
from .blueprint import blueprint
from .views import Answer


def _part(label: str) -> TextAreaField:
    return words(label, render_kw={"rows": 5})


class QuestionsForm(EditForm):
    """One question a line. A field may not be called `process`, as one of the buckets is."""

    about_general = _part("To begin with")

    def wanted(self) -> dict[str, list[str]]:
        return {
            part: [
                line.strip()
                for line in (self[f"about_{part}"].data or "").splitlines()
                if line.strip()
            ]
            for part in (GENERAL, *BUCKETS)
        }


for _bucket in BUCKETS:
    setattr(QuestionsForm, f"about_{_bucket}", _part(BUCKET_NAMES[_bucket]))


@blueprint.get("/interviews/questions")
@allow("shape")
def questions() -> Answer:
    return render_template("interviews/questions.html", form=_stored())


@blueprint.post("/interviews/questions")
@allow("administer")
def save_questions() -> Answer:
    form = QuestionsForm()
    if not form.validate():
        return render_template("interviews/questions.html", form=form), 422
    try:
        settle(form, _stored)
    except Conflict:
        return render_template("interviews/questions.html", form=form), 409
    wanted = form.wanted()
    script.rewrite(wanted)
    kept = any(wanted.values())
    flash("Saved." if kept else "The product's own questions are back.", "ok")
    return htmx.go(url_for("interviews.questions"))


def _stored() -> QuestionsForm:
    asked = script.questions().items()
    held = {f"about_{part}": "\n".join(questions) for part, questions in asked}
    return QuestionsForm(formdata=None, data=held)
