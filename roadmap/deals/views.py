"""Deals, what they wait for and why they were lost; the owners that CRM names."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from roadmap.domain.deals import BEFORE_ALL, LOST, OPEN, STATUSES
from roadmap.domain.errors import Conflict, Refused
from roadmap.domain.roles import REP
from roadmap.extensions import db
from roadmap.market.verdicts import BUCKET_NAMES, SOURCE_NAMES
from roadmap.models import CrmOwner, Deal
from roadmap.people.guards import allow, can
from roadmap.planning import picture
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.conflicts import mark
from roadmap.web.csv import cents, csv_response
from roadmap.workspace.edits import settle

from . import actions, export, listing, queries
from .forms import NeededByForm, OwnerForm, ReasonForm, TieForm
from .listing import ORDERS, TIES, Filters

blueprint = Blueprint("deals", __name__)

Answer = str | Response | tuple[str, int]

#: The forms of a deal's page, and the statuses of the deals that they are offered for.
OFFERED = {
    "tie_form": (OPEN, LOST),
    "needed_form": (OPEN,),
    "claimed_form": (LOST,),
    "verified_form": (LOST,),
}


@blueprint.get("/deals")
@allow("read")
def index() -> Answer:
    asked = Filters.from_address()
    return render_template(
        "deals/index.html",
        page=listing.page_of_deals(asked),
        sums=listing.sums(asked),
        filters=asked,
        named=asked.named(),
        choices=listing.choices(),
        orders=ORDERS,
        statuses=[(each, each.capitalize()) for each in STATUSES],
        ties=list(TIES.items()),
        link=asked.link("deals.index"),
    )


@blueprint.get("/deals.csv")
@allow("read")
def index_csv() -> Answer:
    return csv_response("deals.csv", *export.deals(Filters.from_address()))


@blueprint.get(f"/deals/<{ID}:id>")
@allow("read")
def show(id: int) -> Answer:
    return _show(_find(id))


@blueprint.post(f"/deals/<{ID}:id>/blockers")
@allow("shape")
def tie(id: int) -> Answer:
    deal = _find(id)
    form = TieForm()
    if not form.validate():
        return _show(deal, tie_form=form)
    try:
        actions.tie(
            id, form.problem.data or 0, form.source.data, current_user.id,
            severity=form.severity.data,
        )  # fmt: skip
    except Refused as refused:
        form.problem.errors = [str(refused)]
        return _show(_find(id), tie_form=form)
    flash("Tied. Its amount, stage and fit of today are kept with the tie.", "ok")
    if request.form.get("back") == "problem":
        return htmx.go(url_for("market.problem", id=form.problem.data))
    return htmx.go(url_for("deals.show", id=id))


@blueprint.post(f"/deals/<{ID}:id>/blockers/<{ID}:blocker_id>/removal")
@allow("shape")
def untie(id: int, blocker_id: int) -> Answer:
    _find(id)
    done = "Untied. It counts no longer, and stands below with what was said before."
    show = url_for("deals.show", id=id)
    return htmx.after_step(lambda: actions.untie(id, blocker_id), done, show)


@blueprint.post(f"/deals/<{ID}:id>/reasons")
@allow("report_own_deals")
def report(id: int) -> Answer:
    """What sales says: a claimed reason, by the rep of the deal or on their behalf."""
    return _give_reason(_own(id), "claimed")


@blueprint.post(f"/deals/<{ID}:id>/verified-reasons")
@allow("shape")
def verify(id: int) -> Answer:
    """What the customer says: a verified reason."""
    return _give_reason(_find(id), "verified")


@blueprint.post(f"/deals/<{ID}:id>/needed-by")
@allow("report_own_deals")
def need_by(id: int) -> Answer:
    deal = _own(id)
    form = NeededByForm()
    if not form.validate():
        return _show(deal, needed_form=form)
    try:
        settle(form, lambda: NeededByForm.of(_find(id)))
    except Conflict:
        return _show(_find(id), needed_form=form)
    actions.need_by(id, form.needed_by.data, current_user.id)
    flash("Saved.", "ok")
    return htmx.go(url_for("deals.show", id=id))


@blueprint.post(f"/deals/<{ID}:id>/dates/<{ID}:date_id>/withdrawal")
@allow("report_own_deals")
def take_back_date(id: int, date_id: int) -> Answer:
    _own(id)
    done = "Taken back. The date that was said before it holds again."
    show = url_for("deals.show", id=id)
    return htmx.after_step(lambda: actions.take_back_date(id, date_id), done, show)


@blueprint.get("/deals/owners")
@allow("read")
def owners() -> Answer:
    return render_template(
        "deals/owners.html",
        lines=queries.owner_lines(),
        users=queries.user_choices(),
        matching=arguments.number("match"),
        mark=lambda user_id: mark({"user": user_id}),
    )


@blueprint.get("/deals/owners.csv")
@allow("read")
def owners_csv() -> Answer:
    return csv_response(
        "crm-owners.csv",
        ("Name in CRM", "User", "Deals", "Open deals", "Open amount"),
        (
            (line.name, line.user, line.deals, line.open_deals, cents(line.open_amount))
            for line in queries.owner_lines()
        ),
    )


@blueprint.post(f"/deals/owners/<{ID}:id>/match")
@allow("shape")
def match_owner(id: int) -> Answer:
    owner = db.session.get(CrmOwner, id) or abort(404)
    form = _offered(OwnerForm())
    if not form.validate():
        flash("Choose one of the users.", "warn")
        return htmx.go(url_for("deals.owners", match=id))
    settle(form, lambda: _owner_form(db.session.get_one(CrmOwner, id).user_id))
    chosen = form.user.data
    actions.match_owner(id, chosen)
    names = dict(queries.user_choices())
    said = f"is {names[chosen]}" if chosen else "is nobody we can reach"
    flash(f"“{owner.name}” {said}.", "ok")
    return htmx.go(url_for("deals.owners"))


def _offered(form: OwnerForm) -> OwnerForm:
    form.offer(queries.user_choices())
    return form


def _owner_form(user_id: int | None) -> OwnerForm:
    return _offered(OwnerForm(formdata=None, user=user_id))


def _find(id: int) -> Deal:
    return queries.find(id) or abort(404)


def _own(id: int) -> Deal:
    """A deal that the person may report on: a rep only on their own."""
    deal = _find(id)
    if not _may_report(deal):
        abort(403)
    return deal


def _may_report(deal: Deal) -> bool:
    mine = current_user.role != REP or queries.owned_by(deal, current_user)
    return can("report_own_deals") and mine


def _give_reason(deal: Deal, kind: str) -> Answer:
    id = deal.id
    form = ReasonForm(kind, _problems())
    if form.validate():
        source = form.source.data if kind == "verified" else "rep"
        try:
            actions.give_reason(
                id, form.bucket.data, source, form.problem.data, form.note.data or "",
                current_user.id, form.severity.data,
            )  # fmt: skip
        except Refused as refused:
            form.bucket.errors = [str(refused)]
            deal = _find(id)
        else:
            flash("Recorded.", "ok")
            return htmx.go(url_for("deals.show", id=id))
    return _show(deal, **{f"{kind}_form": form})


def _problems() -> list[tuple[int, str]]:
    return queries.problem_choices("").all_of_them or []


def _show(deal: Deal, **typed: Any) -> Answer:
    """A deal's page; `typed` are the forms that were not accepted, as they were filled in.

    Raises Conflict where one is not offered, as the deal stands now.
    """
    if any(deal.status not in OFFERED[name] for name in typed):
        raise Conflict(f"The deal is {deal.status} by now. Nothing was recorded.")
    words = arguments.text("problem")
    problems = queries.problem_choices(words)
    forms = {
        "tie_form": TieForm(formdata=None),
        "needed_form": NeededByForm.of(deal),
        "claimed_form": ReasonForm("claimed", problems.all_of_them or [], formdata=None),
        "verified_form": ReasonForm("verified", problems.all_of_them or [], formdata=None),
        **typed,
    }
    forms["tie_form"].offer(problems.all_of_them or problems.matches)
    page = render_template(
        "deals/show.html",
        deal=deal,
        offered=[name for name, statuses in OFFERED.items() if deal.status in statuses],
        case=queries.case_of(deal, picture.current()),
        problems=problems,
        words=words,
        may_report=_may_report(deal),
        buckets=BUCKET_NAMES,
        sources=SOURCE_NAMES,
        date_min=BEFORE_ALL,
        **forms,
    )
    return page, 409 if forms["needed_form"].conflict else 422 if typed else 200
