"""The search that every page leads to, and the glossary that all search boxes know."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for

from roadmap.domain.errors import Conflict
from roadmap.extensions import db
from roadmap.people.guards import allow
from roadmap.similar import glossary_suggestions
from roadmap.tradeoffs.decide import Answer
from roadmap.web import arguments, htmx
from roadmap.web.conflicts import mark
from roadmap.workspace import revision
from roadmap.workspace.edits import settle
from roadmap.workspace.settings import workspace

from . import queries
from .forms import GlossaryForm

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@allow("read")
def show() -> Answer:
    words = arguments.text("q")
    groups = queries.found(words) if words else []
    return render_template("search/show.html", words=words, groups=groups)


@blueprint.get("/glossary")
@allow("read")
def glossary() -> Answer:
    form = _stored()
    if line := arguments.text("add"):
        form.seen.data = mark(form.values())  # of what is stored, without the line
        form.glossary.data = f"{form.glossary.data or ''}\n{line}".strip()
    return _page(form)


@blueprint.post("/glossary")
@allow("shape")
def keep_glossary() -> Answer:
    form = GlossaryForm()
    if not form.validate():
        return _page(form), 422
    try:
        settle(form, _stored)
    except Conflict:
        return _page(form), 409
    row = revision.lock()
    row.glossary = form.glossary.data or ""
    revision.count(row)
    db.session.commit()
    flash("The glossary is saved.", "success")
    return htmx.go(url_for("search.glossary"))


def _stored() -> GlossaryForm:
    return GlossaryForm(formdata=None, data={"glossary": workspace().glossary})


def _page(form: GlossaryForm) -> str:
    suggested = [] if request.method == "POST" else glossary_suggestions.suggested()
    return render_template("search/glossary.html", form=form, suggested=suggested)
