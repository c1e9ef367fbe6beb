"""Merging an account: choose the one that stays, see the consequences, commit; and back again."""

from __future__ import annotations

from flask import abort, flash, render_template, request, url_for
from flask_login import current_user

from roadmap.domain.errors import Conflict, Refused
from roadmap.extensions import db
from roadmap.models import Account, AccountName
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.fields import whole_number

from . import merge_preview, merging
from .account_views import find
from .forms import MergeForm
from .views import Answer, blueprint


@blueprint.get(f"/accounts/<{ID}:id>/merge")
@allow("shape")
def merge_account(id: int) -> Answer:
    """`into` is the account that stays, `take` what to have of the other one; `q` looks for one."""
    account, into = find(id), arguments.number("into")
    if into is not None and into != id:
        return _preview(account, find(into), request.args.getlist("take"))
    words = arguments.text("q")
    found = merge_preview.candidates(account, words)
    return render_template("deals/merge.html", account=account, words=words, candidates=found)


@blueprint.post(f"/accounts/<{ID}:id>/merge")
@allow("shape")
def commit_account_merge(id: int) -> Answer:
    account, form, chosen = find(id), MergeForm(), request.form.getlist("take")
    kept = find(whole_number(form.into.data or "") or abort(400))
    name, into, kept_id = account.name, kept.name, kept.id
    try:
        seen = form.since, form.day
        merging.merge(id, kept_id, current_user.id, chosen=chosen, seen=seen)
    except Conflict:
        return _preview(find(id), find(kept_id), chosen, moved=True), 409
    except Refused as refusal:
        flash(str(refusal), "warn")
        return htmx.go(url_for("deals.account", id=id))
    flash(f"“{name}” is merged into “{into}”.", "ok")
    return htmx.go(url_for("deals.account", id=kept_id))


@blueprint.post(f"/accounts/<{ID}:id>/names/<{ID}:name_id>/reversal")
@allow("shape")
def split_account(id: int, name_id: int) -> Answer:
    name = db.session.get(AccountName, name_id)
    if name is None or name.account_id != id:
        abort(404)
    called = name.name
    try:
        id = merging.split(name_id)
    except Refused as refusal:
        flash(f"It stays merged. {refusal}", "warn")
        return htmx.go(url_for("deals.account", id=id))
    flash(f"“{called}” is an account of its own again, with what it brought.", "ok")
    return htmx.go(url_for("deals.account", id=id))


def _preview(account: Account, kept: Account, chosen: list[str], *, moved: bool = False) -> str:
    form = MergeForm(formdata=None)
    form.shown(pictures.current())
    form.into.data = str(kept.id)
    return render_template(
        "deals/merge_preview.html",
        shown=merge_preview.preview(account, kept, chosen),
        chosen=chosen,
        form=form,
        moved=moved,
    )
