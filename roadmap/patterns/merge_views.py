"""Merging a problem: choose the survivor, see the consequences, commit; and undoing a step."""

from __future__ import annotations

from flask import abort, flash, render_template, url_for
from flask_login import current_user

from roadmap.domain.errors import Conflict, Refused
from roadmap.extensions import db
from roadmap.market.steps import live
from roadmap.models import Problem, ProblemStep
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.fields import whole_number

from . import merge_preview, merging, undoing
from .forms import MergeForm
from .views import Answer, blueprint


@blueprint.get(f"/problems/<{ID}:id>/merge")
@allow("triage")
def merge(id: int) -> Answer:
    """`into` is the survivor whose preview is asked for; `q` looks for one."""
    problem = live(id)
    survivor = arguments.number("into")
    if survivor is not None and survivor != id:
        return _preview(problem, live(survivor))
    words = arguments.text("q")
    return render_template(
        "patterns/merge.html",
        problem=problem,
        words=words,
        candidates=merge_preview.candidates(problem, words),
    )


@blueprint.post(f"/problems/<{ID}:id>/merge")
@allow("triage")
def commit_merge(id: int) -> Answer:
    problem = live(id)
    form = MergeForm()
    survivor = live(whole_number(form.into.data or "") or abort(400))
    try:
        merging.merge(id, survivor.id, current_user, since=form.since, as_of=form.day)
    except Conflict:
        return _preview(live(id), live(survivor.id), moved=True), 409
    except Refused as refusal:
        flash(str(refusal), "warn")
        return htmx.go(url_for("market.problem", id=id))
    flash(f"“{problem.title}” is merged into “{survivor.title}”.", "ok")
    return htmx.go(url_for("market.problem", id=survivor.id))


@blueprint.post(f"/problems/<{ID}:id>/steps/<{ID}:step_id>/reversal")
@allow("triage")
def undo(id: int, step_id: int) -> Answer:
    step = db.session.get(ProblemStep, step_id)
    if step is None or id not in (step.problem_id, step.other_id):
        abort(404)
    try:
        undone = undoing.undo(step_id, current_user)
    except Refused as refusal:
        flash(f"It stays as it is. {refusal}", "warn")
        return htmx.go(url_for("market.problem", id=id))
    flash("Undone: everything that moved is back where it was.", "ok")
    back = undone.other_id if undone.kind == "merge" else undone.problem_id
    return htmx.go(url_for("market.problem", id=back))


def _preview(problem: Problem, survivor: Problem, *, moved: bool = False) -> str:
    picture = pictures.current()
    form = MergeForm(formdata=None)
    form.shown(picture)
    form.into.data = str(survivor.id)
    return render_template(
        "patterns/merge_preview.html",
        shown=merge_preview.preview(picture, problem, survivor),
        form=form,
        moved=moved,
    )
