"""The settings' page: executives read it, administrators write it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for

from roadmap.domain.errors import Conflict
from roadmap.extensions import db
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.planning.totals import FACTORS
from roadmap.tradeoffs.decide import Answer
from roadmap.web import htmx
from roadmap.workspace.edits import settle
from roadmap.workspace.settings import workspace

from . import actions
from .forms import PARTS, SettingsForm, parts

blueprint = Blueprint("settings", __name__)

#: The settings that are stored as they are typed; the others are shares.
PLAIN = (
    "name", "currency", "time_zone", "decimal_mark", "sponsor_threshold", "window_months",
    "conversations_target", *FACTORS.values(),
)  # fmt: skip


@blueprint.get("/settings")
@allow("see_administration", hidden=True)
def show() -> Answer:
    return render_template("settings/show.html", form=_stored())


@blueprint.post("/settings")
@allow("administer")
def save() -> Answer:
    """The first time, what other weights would reorder is shown; confirmed, it is saved."""
    form = SettingsForm()
    if not form.validate():
        return render_template("settings/show.html", form=form), 422
    try:
        settle(form, _stored)
    except Conflict:
        return render_template("settings/show.html", form=form), 409
    wanted = _wanted(form)
    if request.form.get("confirmed") != "yes":
        moved = actions.reordered(pictures.current(), workspace(), wanted)
        if moved:
            db.session.rollback()
            return render_template("settings/show.html", form=form, moved=moved)
    actions.save(wanted)
    flash("The settings are saved.", "success")
    return htmx.go(url_for("settings.show"))


def _stored() -> SettingsForm:
    row = workspace()
    stored = {name: getattr(row, name) for name in PLAIN}
    shares = {name: Decimal(getattr(row, name)) / size for name, size in PARTS.items()}
    return SettingsForm(formdata=None, data=stored | shares)


def _wanted(form: SettingsForm) -> dict[str, Any]:
    found = {name: getattr(form, name).data for name in PLAIN}
    return found | {name: parts(name, getattr(form, name).data) for name in PARTS}
