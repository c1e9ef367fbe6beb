"""Shipping and declining an initiative, and putting it back on the board."""

from __future__ import annotations

from roadmap.domain import changes
from roadmap.domain.change import Change
from roadmap.domain.errors import Refused
from roadmap.domain.plan import CANDIDATE, DECLINED, SHIPPED
from roadmap.extensions import db
from roadmap.models import Initiative
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.planning.picture import Picture
from roadmap.tradeoffs.decide import Answer
from roadmap.web.arguments import ID

from .blueprint import blueprint
from .editing import BOTH, edit_page, fresh, on_board, settle
from .forms import DeclineForm, EntryForm, ShipForm


@blueprint.route(f"/initiatives/<{ID}:id>/shipping", methods=BOTH)
@allow("shape")
def shipping(id: int) -> Answer:
    initiative = on_board(id)
    picture = pictures.current()
    form = ShipForm(data={"day": picture.today})
    form.today = picture.today
    if not form.validate_on_submit():
        return edit_page("shipping", initiative, form)
    return settle(
        initiative, "shipping", "What shipping it changes",
        lambda _: changes.Leave(str(id), SHIPPED, shipped_on=form.day.data),
    )  # fmt: skip


@blueprint.route(f"/initiatives/<{ID}:id>/declining", methods=BOTH)
@allow("shape")
def declining(id: int) -> Answer:
    initiative = on_board(id)
    form = DeclineForm()
    if not form.validate_on_submit():
        return edit_page("declining", initiative, form)
    return settle(
        initiative, "declining", "What declining it changes",
        lambda _: changes.Leave(str(id), DECLINED, note=form.why.data or ""),
    )  # fmt: skip


@blueprint.route(f"/initiatives/<{ID}:id>/entry", methods=BOTH)
@allow("shape")
def entry(id: int) -> Answer:
    """Back on the board, for one that was shipped or declined."""
    initiative = db.get_or_404(Initiative, id)
    form = EntryForm()
    form.most = len(pictures.current().plan.order) + 1
    if not form.validate_on_submit():
        return edit_page("entry", initiative, form)

    def build(picture: Picture) -> Change:
        row = fresh(id)
        if row.position is not None:
            raise Refused("It is on the board already.")
        rank = form.rank.data or len(picture.plan.order) + 1
        note = row.decline_reason or ""
        return changes.Enter(str(id), rank, CANDIDATE, row.state, note, row.shipped_on)

    return settle(initiative, "entry", "What putting it back delays", build)
