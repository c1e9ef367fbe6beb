"""Accounts: the list, one with its fit taken apart, its attributes and its segment."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for

from roadmap.domain.errors import Conflict
from roadmap.extensions import db
from roadmap.market.queries import segment_choices
from roadmap.models import Account
from roadmap.people.guards import allow
from roadmap.web import htmx
from roadmap.web.arguments import ID, NONE
from roadmap.web.conflicts import leave
from roadmap.web.csv import csv_response
from roadmap.workspace.account_names import account_now
from roadmap.workspace.edits import settle

from . import accounts as queries
from . import actions, export, listing, merging
from .forms import AccountForm, SegmentForm, account_form
from .views import Answer, blueprint


@blueprint.get("/accounts")
@allow("read")
def accounts() -> Answer:
    asked = queries.Filters.from_address()
    return render_template(
        "deals/accounts.html",
        page=queries.page_of_accounts(asked),
        total=queries.count(asked),
        filters=asked,
        segments=segment_choices(),
        orders=queries.ORDERS,
        link=asked.link("deals.accounts"),
    )


@blueprint.get("/accounts.csv")
@allow("read")
def accounts_csv() -> Answer:
    return csv_response("accounts.csv", *export.all_accounts(queries.Filters.from_address()))


@blueprint.get(f"/accounts/<{ID}:id>")
@allow("read")
def account(id: int) -> Answer:
    found = find(id)
    fit, parts = queries.fit_of(found)
    ruled, rules = queries.segment_by_rules(found)
    return render_template(
        "deals/account.html",
        account=found,
        fit=fit,
        parts=parts,
        ruled=ruled,
        rules=rules,
        sums=queries.sums_of(id),
        deals=listing.page_of_deals(listing.Filters(account=id)).rows,
        segment_form=_segment_form(found),
        names=merging.names_of(id),
        newest=merging.newest_merge(id),
    )


@blueprint.get(f"/accounts/<{ID}:id>/edit")
@allow("shape")
def edit_account(id: int) -> Answer:
    found = find(id)
    return _edit_page(found, _stored(id))


@blueprint.post(f"/accounts/<{ID}:id>")
@allow("shape")
def change_account(id: int) -> Answer:
    found = find(id)
    form = account_form(queries.wanted_attributes(found))
    if not form.validate():
        return _edit_page(found, form, 422)
    try:
        settle(form, lambda: _stored(id))
    except Conflict:
        return _edit_page(find(id), form, 409)
    actions.change_account(
        id,
        industry=form.industry.data or None,
        region=form.region.data or None,
        employees=form.employees.data,
        revenue=form.revenue.data,
        attributes=form.attributes(),
    )
    flash("Saved; fit and segment follow.", "ok")
    return htmx.go(url_for("deals.account", id=id))


@blueprint.post(f"/accounts/<{ID}:id>/segment")
@allow("shape")
def choose_segment(id: int) -> Answer:
    find(id)
    form = _offered(SegmentForm())
    if not form.validate():
        flash("Choose one of the segments.", "warn")
        return htmx.go(url_for("deals.account", id=id))
    settle(form, lambda: _segment_form(find(id)))
    known = {str(number): number for number, _ in segment_choices()}
    chosen = form.segment.data
    actions.choose_segment(id, known.get(chosen), by_hand=chosen != "rules")
    flash("Saved.", "ok")
    return htmx.go(url_for("deals.account", id=id))


def find(id: int) -> Account:
    """The account. One that was merged leads to that which it was merged into."""
    found: Account = db.session.get(Account, account_now(id) or id) or abort(404)
    if found.id != id and request.method == "POST":
        said = f"It is merged into “{found.name}”: nothing was changed."
        leave(said, url_for("deals.account", id=found.id))
    return found if found.id == id else abort(redirect(url_for("deals.account", id=found.id), 303))


def _stored(id: int) -> AccountForm:
    found = find(id)
    names = queries.wanted_attributes(found)
    typed = {f"more_{n}": found.attributes.get(name) for n, name in enumerate(names, 1)}
    return account_form(names, formdata=None, obj=found, data=typed)


def _offered(form: SegmentForm) -> SegmentForm:
    form.offer(segment_choices())
    return form


def _segment_form(account: Account) -> SegmentForm:
    by_hand = str(account.segment_id or NONE)
    chosen = by_hand if account.segment_by_hand else "rules"
    return _offered(SegmentForm(formdata=None, segment=chosen))


def _edit_page(account: Account, form: AccountForm, status: int = 200) -> Answer:
    return render_template("deals/account_form.html", account=account, form=form), status
