"""What all edit pages share: a form that leads to the preview, or saves what costs nothing."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, render_template, request, url_for

from roadmap.extensions import db
from roadmap.models import Initiative
from roadmap.tradeoffs import decide
from roadmap.tradeoffs.actions import Builder
from roadmap.tradeoffs.decide import Answer, Asked
from roadmap.web import htmx

from .forms import EditForm

BOTH = ["GET", "POST"]


def settle(
    initiative: Initiative,
    form: EditForm | None,
    now: str,
    page: str,
    heading: str,
    build: Builder,
    *,
    note: str = "",
    first: bool = False,
) -> Answer:
    """Make the change or show it first; `first` shows it even where no forecast moves.

    A form that was opened before somebody else's change comes back with what there is now.
    """
    if form is not None and form.is_stale(now):
        flash("Somebody changed this while you were looking. Nothing was saved.", "warning")
        return htmx.go(url_for(f"initiatives.{page}", id=initiative.id))
    asked = Asked(
        build=build,
        action=url_for(f"initiatives.{page}", id=initiative.id),
        back=url_for("initiatives.show", id=initiative.id),
        fields=decide.passed_on(),
        heading=heading,
        note=note,
    )
    if first and "revision" not in request.form:
        return decide.show(asked)
    return decide.settle(asked, done=url_for("initiatives.show", id=initiative.id))


def edit_page(
    name: str,
    initiative: Initiative,
    form: Any,
    now: str,
    *,
    status: int | None = None,
    **more: Any,
) -> Answer:
    """An edit page, with what is wrong beside its fields after a post."""
    if "seen" in form and request.method == "GET":
        form.seen.data = now
    page = render_template(f"initiatives/{name}.html", form=form, of=initiative, **more)
    return page, status or (422 if form.errors else 200)


def on_board(id: int) -> Initiative:
    """Its plan can be changed only while it is on the board; else its own page says so."""
    initiative = db.get_or_404(Initiative, id)
    if initiative.position is None:
        flash("It is off the board: put it back first.", "warning")
        abort(htmx.go(url_for("initiatives.show", id=id)))
    return initiative


def fresh(id: int) -> Initiative:
    """The row as it is under the lock."""
    return db.session.get_one(Initiative, id, populate_existing=True)
