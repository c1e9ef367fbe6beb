"""Commitments: dates promised to somebody."""

from __future__ import annotations

from datetime import date

from flask import abort, flash, url_for
from flask_login import current_user

from roadmap.extensions import db
from roadmap.models import Commitment, Initiative
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.tradeoffs.decide import Answer
from roadmap.web import htmx
from roadmap.web.arguments import ID
from roadmap.web.filters import day

from . import actions
from .blueprint import blueprint
from .editing import BOTH, edit_page, on_board
from .forms import PromiseForm


@blueprint.route(f"/initiatives/<{ID}:id>/promises", methods=BOTH)
@allow("shape")
def promises(id: int) -> Answer:
    initiative = on_board(id)
    form = PromiseForm()
    finish = pictures.current().schedule.finish(str(id))
    valid = form.validate_on_submit()
    promised, to = form.day.data or date.min, form.to.data or ""
    misses = valid and (finish is None or finish > promised)
    if not valid or (misses and not form.knowing.data):
        words = {"misses": misses, "finish": finish}
        return edit_page("promises", initiative, form, "", status=422 if misses else None, **words)
    actions.promise(initiative, promised, to, current_user)
    flash(f"Promised to {to} for {day(promised)}.", "success")
    return htmx.go(url_for("initiatives.show", id=id))


@blueprint.post(f"/initiatives/<{ID}:id>/promises/<{ID}:promise>/withdrawal")
@allow("shape")
def withdraw(id: int, promise: int) -> Answer:
    initiative = db.get_or_404(Initiative, id)
    commitment = db.get_or_404(Commitment, promise)
    if commitment.initiative_id != id:
        abort(404)
    words = f"The promise to {commitment.to} for {day(commitment.date)} is taken back."
    actions.withdraw(initiative, promise)
    flash(words, "success")
    return htmx.go(url_for("initiatives.show", id=id))
