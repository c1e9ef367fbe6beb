"""Initiatives: the list, one of them with its evidence and its reasons, and its own words."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, flash, render_template, url_for
from flask_login import current_user

from roadmap.domain.errors import Conflict
from roadmap.domain.plan import STATES
from roadmap.extensions import db
from roadmap.models import Initiative
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.tradeoffs.decide import Answer
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.csv import cents, csv_response
from roadmap.web.fields import choices
from roadmap.web.paging import Numbered
from roadmap.workspace.edits import settle

from . import actions, edits, leaving, product_views, promise_views, promising, queries
from . import evidence as evidences
from .blueprint import blueprint
from .forms import NewForm, WordsForm
from .page import InitiativePage
from .queries import Filter

HEADER = [
    "id", "rank", "title", "kind", "state", "owner", "finish", "without_date_because",
    "person_days", "open_deals", "open_amount", "open_at_stake", "shipped_on",
    "declined_because",
]  # fmt: skip

DEALS_HEADER = [
    "id", "deal", "account", "status", "amount", "fit", "evidence", "evidence_percent",
    "initiatives_sharing", "value", "needed_by", "ready", "in_time", "closed", "in_window",
    "amount_stands_in",
]  # fmt: skip
#: Of deals for which some problem is less than a deal breaker.
SEVERITY_HEADER = ["severity", "severity_percent"]

__all__ = ["blueprint"]

#: The modules whose addresses belong to the same blueprint.
FURTHER = (edits, leaving, product_views, promise_views, promising)

#: Which deals of an initiative are listed, and what the list is called.
WHICH = {
    "all": "Open, and lost in the window",
    "open": "Open",
    "late": "Open and late",
    "free": "Open, and nothing holds them",
    "lost": "Lost in the window",
    "before": "Lost before it, or undated",
}


@blueprint.get("/initiatives")
@allow("read")
def index() -> Answer:
    picture = pictures.current()
    wanted = Filter.from_address()
    pages = Numbered(queries.count(wanted), queries.PAGE)
    return render_template(
        "initiatives/index.html",
        lines=list(queries.lines(picture, wanted, pages)),
        here=wanted.address(),
        pages=pages,
        link=wanted.link("initiatives.index"),
        states=STATES,
        owners=queries.present_owners(),
        products=queries.products(),
    )


@blueprint.get("/initiatives.csv")
@allow("read")
def table() -> Response:
    rows = (
        [
            line.id, line.rank, line.title, line.kind, line.state, line.owner, line.finish,
            line.without, line.person_days, line.open_count, cents(line.open_amount),
            cents(line.at_stake), line.left_on, line.reason,
        ]
        for line in queries.lines(pictures.current(), Filter.from_address())
    )  # fmt: skip
    return csv_response("initiatives.csv", HEADER, rows)


@blueprint.route("/initiatives/new", methods=["GET", "POST"])
@allow("shape")
def new() -> Answer:
    form = NewForm(kind="incremental", owner_id=current_user.id)
    form.owner_id.choices = choices(queries.owners())
    form.most = len(pictures.current().plan.order) + 1
    if not form.validate_on_submit():
        return render_template("initiatives/new.html", form=form), 422 if form.errors else 200
    initiative = actions.enter(**_words(form), rank=form.rank.data, by=current_user)
    flash(f"“{initiative.title}” is on the board. Now say what there is to build.", "success")
    return htmx.go(url_for("initiatives.show", id=initiative.id))


@blueprint.get(f"/initiatives/<{ID}:id>")
@allow("read")
def show(id: int) -> Answer:
    initiative = db.get_or_404(Initiative, id)
    return render_template(
        "initiatives/show.html", page=InitiativePage(pictures.current(), initiative)
    )


@blueprint.get(f"/initiatives/<{ID}:id>/deals")
@allow("read")
def deals(id: int) -> Answer:
    initiative = db.get_or_404(Initiative, id)
    which = arguments.choice("which", WHICH, "all")
    picture = pictures.current()
    found = evidences.evidence(picture, id)
    listed = found.listed(which)
    pages = Numbered(len(listed), evidences.PAGE)
    return render_template(
        "initiatives/deals.html",
        initiative=initiative,
        evidence=found,
        today=picture.today,
        deals=evidences.named(pages.of(listed)),
        which=which,
        names=WHICH,
        pages=pages,
        link=partial(arguments.address, "initiatives.deals", {"id": id, "which": which}),
    )


@blueprint.get(f"/initiatives/<{ID}:id>/deals.csv")
@allow("read")
def deals_table(id: int) -> Response:
    db.get_or_404(Initiative, id)
    found = evidences.evidence(pictures.current(), id)
    listed = found.listed(arguments.choice("which", WHICH, "all"))
    graded = any(deal.is_graded for deal in listed)
    rows = (
        [
            deal.id, row.name, row.account, deal.status, cents(deal.amount), deal.fit,
            deal.source, deal.evidence, deal.sharers, cents(deal.cents), deal.needed_by,
            evidences.ready_words(deal),
            deal.in_time if deal.status == "open" and deal.held else None,
            deal.closed, deal.in_window if deal.status == "lost" else None,
            row.amount_source, *((deal.severity, deal.factor) if graded else ()),
        ]
        for row in evidences.named(listed)
        for deal in (row.deal,)
    )  # fmt: skip
    header = DEALS_HEADER + (SEVERITY_HEADER if graded else [])
    return csv_response(f"initiative-{id}-deals.csv", header, rows)


@blueprint.route(f"/initiatives/<{ID}:id>/edit", methods=["GET", "POST"])
@allow("shape")
def edit(id: int) -> Answer:
    form = _words_form(id)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            settle(form, lambda: _words_form(id, formdata=None))
        except Conflict:
            status = 409
        else:
            actions.rewrite(db.session.get_one(Initiative, id), **_words(form))
            flash("Saved.", "success")
            return htmx.go(url_for("initiatives.show", id=id))
    of = db.get_or_404(Initiative, id)
    return render_template("initiatives/edit.html", form=form, of=of), status


def _words_form(id: int, **kwargs: Any) -> WordsForm:
    initiative = db.get_or_404(Initiative, id)
    form = WordsForm(obj=initiative, **kwargs)
    form.owner_id.choices = choices(queries.owners(initiative.owner_id))
    return form


def _words(form: WordsForm) -> dict[str, Any]:
    return {
        "title": form.title.data,
        "value": form.value.data,
        "kind": form.kind.data,
        "owner_id": form.owner_id.data,
    }
