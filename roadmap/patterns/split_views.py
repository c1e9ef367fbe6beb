"""Splitting a problem: choose what goes, see the consequences, commit."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask_login import current_user

from roadmap.domain.errors import Conflict, Refused
from roadmap.market.steps import live
from roadmap.models import Problem
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.fields import whole_number

from . import split_preview, splitting
from .forms import SplitForm
from .splitting import Choice
from .views import Answer, blueprint

FIND, PREVIEW, COMMIT = "find", "preview", "commit"


@blueprint.get(f"/problems/<{ID}:id>/split")
@allow("triage")
def split(id: int) -> Answer:
    return _form(live(id), SplitForm(formdata=None))


@blueprint.post(f"/problems/<{ID}:id>/split")
@allow("triage")
def commit_split(id: int) -> Answer:
    """`step` says which button was pressed: find more deals, show what it would do, do it."""
    problem = live(id)
    form = SplitForm()
    pressed = request.form.get("step", PREVIEW)
    if pressed == FIND:
        return _form(problem, form)
    choice = _choice(form)
    if not form.validate() or not _makes_sense(form, choice):
        return _form(problem, form), 422
    if pressed != COMMIT:
        return _preview(problem, form, choice)
    try:
        made = splitting.split(id, choice, current_user, since=form.since, as_of=form.day)
    except Conflict:
        return _preview(live(id), form, choice, moved=True), 409
    except Refused as refusal:
        form.form_errors.append(str(refusal))
        return _form(live(id), form), 422
    flash(f"“{choice.title}” is a problem of its own now.", "ok")
    return htmx.go(url_for("market.problem", id=made))


def _choice(form: SplitForm) -> Choice:
    return Choice(
        title=form.title.data or "",
        statement=form.statement.data or "",
        requests=_ids("request"),
        deals=_ids("deal"),
        same_initiatives=bool(form.same_initiatives.data),
    )


def _makes_sense(form: SplitForm, choice: Choice) -> bool:
    if not (choice.requests or choice.deals):
        form.form_errors.append("Choose at least one request or deal.")
    if splitting.is_taken(choice.title):
        form.title.errors = [splitting.TAKEN]
    return not form.errors


def _ids(name: str) -> frozenset[int]:
    numbers = (whole_number(value) for value in request.form.getlist(name))
    return frozenset(number for number in numbers if number)


def _form(problem: Problem, form: SplitForm) -> str:
    words = arguments.text("q", posted=True)
    return render_template(
        "patterns/split.html",
        problem=problem,
        form=form,
        words=words,
        chosen=_ids("request"),
        offer=split_preview.offer(problem, words, _ids("deal")),
    )


def _preview(problem: Problem, form: SplitForm, choice: Choice, *, moved: bool = False) -> str:
    picture = pictures.current()
    form.shown(picture)
    return render_template(
        "patterns/split_preview.html",
        problem=problem,
        form=form,
        choice=choice,
        shown=split_preview.preview(picture, problem, choice),
        moved=moved,
    )
