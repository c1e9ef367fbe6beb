"""What all edit pages share: a form that leads to the preview, or saves what costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, render_template, request, url_for

from roadmap.domain.change import Change
from roadmap.domain.errors import Conflict
from roadmap.extensions import db
from roadmap.models import Initiative
from roadmap.planning.picture import Picture
from roadmap.tradeoffs import decide
from roadmap.tradeoffs.actions import Builder
from roadmap.tradeoffs.decide import Answer, Asked
from roadmap.web import htmx
from roadmap.web.conflicts import EditForm

BOTH = ["GET", "POST"]
OFF_BOARD = "It is off the board: put it back first. Nothing was changed."
#: The pages of what has not to be on the board.
ANYWHERE = ("entry", "ties")


def settle(
    initiative: Initiative,
    page: str,
    heading: str,
    build: Builder,
    *,
    form: EditForm | None = None,
    stored: Callable[[], EditForm | None] = lambda: None,
    show: Callable[[], Answer] | None = None,
    note: str = "",
    first: bool = False,
) -> Answer:
    """Make the change or show it first; `first` shows it even where no forecast moves.

    Each time the change is built, `form` is merged with what is `stored` by then; where both
    changed the same, `show` answers with the form.
    """

    def merged(picture: Picture) -> Change:
        if fresh(initiative.id).position is None and page not in ANYWHERE:
            raise Conflict(OFF_BOARD)
        if form is not None:
            form.merge(stored())
        return build(picture)

    shown = url_for("initiatives.show", id=initiative.id)
    asked = Asked(
        build=merged,
        action=url_for(f"initiatives.{page}", id=initiative.id),
        back=shown,
        fields=decide.passed_on(),
        heading=heading,
        note=note,
    )
    try:
        if first and "revision" not in request.form:
            return decide.show(asked)
        return decide.settle(asked, done=shown)
    except Conflict as conflict:
        if conflict.form is None or show is None:
            raise
        return show()


def edit_page(
    name: str,
    initiative: Initiative,
    form: Any,
    *,
    status: int | None = None,
    **more: Any,
) -> Answer:
    """An edit page, with what is wrong beside its fields after a post."""
    page = render_template(f"initiatives/{name}.html", form=form, of=initiative, **more)
    clashes = getattr(form, "conflict", False)
    return page, status or (409 if clashes else 422 if form.errors else 200)


def on_board(id: int) -> Initiative:
    """Its plan can be changed only while it is on the board; else its own page says so."""
    initiative = db.get_or_404(Initiative, id)
    if initiative.position is None:
        if request.method == "POST":
            raise Conflict(OFF_BOARD)
        flash("It is off the board: put it back first.", "warning")
        abort(htmx.go(url_for("initiatives.show", id=id)))
    return initiative


def fresh(id: int) -> Initiative:
    """The row as it is under the lock."""
    return db.session.get_one(Initiative, id, populate_existing=True)
