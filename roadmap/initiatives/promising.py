"""Commitments: dates promised to somebody. Giving one, or an earlier date, costs nobody
anything; to take one back, or to move it later, is a trade-off.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, flash, url_for
from flask_login import current_user

from roadmap.domain.changes import ChangePromise, Promised
from roadmap.domain.errors import Conflict, Refused
from roadmap.domain.plan import promise_holds
from roadmap.extensions import db
from roadmap.models import Commitment, Initiative
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.planning.picture import Picture
from roadmap.tradeoffs import decide
from roadmap.tradeoffs.decide import Answer, Asked
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
    asked = _asked_for(initiative, form)
    if isinstance(asked, Promised):
        actions.promise(initiative, asked.date, asked.to, current_user)
        flash(f"Promised to {asked.to} for {day(asked.date)}.", "success")
        return htmx.go(url_for("initiatives.show", id=id))
    return asked


@blueprint.route(f"/initiatives/<{ID}:id>/promises/<{ID}:promise>", methods=BOTH)
@allow("shape")
def promise(id: int, promise: int) -> Answer:
    """Another date for a commitment, or another holder."""
    initiative = on_board(id)
    was = _commitment(id, promise)
    form = PromiseForm(data={"day": was.date, "to": was.to})
    asked = _asked_for(initiative, form, was)
    if not isinstance(asked, Promised):
        return asked
    if (asked.date, asked.to) == (was.date, was.to):
        flash("Nothing was changed.", "info")
        return htmx.go(url_for("initiatives.show", id=id))
    try:
        return _change(initiative, "promise", promise, form, "What the other date costs")
    except Conflict as conflict:
        if conflict.form is None:
            raise
        return _page(initiative, form, _commitment(id, promise))


@blueprint.post(f"/initiatives/<{ID}:id>/promises/<{ID}:promise>/withdrawal")
@allow("shape")
def withdraw(id: int, promise: int) -> Answer:
    initiative = on_board(id)
    _commitment(id, promise)
    return _change(initiative, "withdraw", promise, None, "What taking it back costs")


def _asked_for(
    initiative: Initiative, form: PromiseForm, was: Commitment | None = None
) -> Promised | Answer:
    """The commitment as it was typed, or the page that asks again: the forecast may miss it."""
    finish = pictures.current().schedule.finish(str(initiative.id))
    valid = form.validate_on_submit()
    promised, to = form.day.data or date.min, form.to.data or ""
    misses = valid and not promise_holds(promised, finish)
    if not valid or (misses and not form.knowing.data):
        status = 422 if misses else None
        return _page(initiative, form, was, status=status, misses=misses)
    return Promised(promised, to, current_user.id)


def _page(initiative: Initiative, form: PromiseForm, was: Commitment | None, **more: Any) -> Answer:
    finish = pictures.current().schedule.finish(str(initiative.id))
    return edit_page("promises", initiative, form, finish=finish, was=was, **more)


def _change(
    initiative: Initiative, page: str, promise: int, form: PromiseForm | None, heading: str
) -> Answer:
    """Make the change or show first what it costs; without a form it is taken back."""

    def build(picture: Picture) -> ChangePromise:
        row = db.session.get(Commitment, promise, populate_existing=True)
        if row is None:
            raise Conflict("It is not promised any more: somebody took it back meanwhile.")
        becomes = None
        if form is not None:
            form.merge(PromiseForm(formdata=None, data={"day": row.date, "to": row.to}))
            becomes = Promised(form.day.data or date.min, form.to.data or "", current_user.id)
        if becomes is not None and (becomes.date, becomes.to) == (row.date, row.to):
            raise Refused("It is promised like that already.")
        return ChangePromise(str(initiative.id), becomes, Promised(row.date, row.to, row.by_id))

    shown = url_for("initiatives.show", id=initiative.id)
    asked = Asked(
        build=build,
        action=url_for(f"initiatives.{page}", id=initiative.id, promise=promise),
        back=shown,
        fields=decide.passed_on(),
        heading=heading,
    )
    return decide.settle(asked, done=shown)


def _commitment(initiative_id: int, id: int) -> Commitment:
    found = db.get_or_404(Commitment, id)
    if found.initiative_id != initiative_id:
        abort(404)
    return found
