"""What one person is told: the list behind the bell, read and unread, and letters on or off."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, abort, current_app, flash, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from roadmap.models import Notice
from roadmap.people.guards import allow
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.fields import whole_number
from roadmap.web.filters import local
from roadmap.web.paging import Numbered
from roadmap.workspace import clock

from . import actions, queries
from .targets import target

blueprint = Blueprint("notices", __name__)


@blueprint.get("/notices")
@allow("read")
def index() -> str:
    only_unread = arguments.choice("show", ["unread"]) == "unread"
    extent = queries.extent(current_user.id, only_unread=only_unread)
    pages = Numbered(extent.total)
    here = {"show": "unread"} if only_unread else {}
    today = local(clock.now()).date()
    return render_template(
        "notices/index.html",
        days=queries.page(current_user.id, pages, today, only_unread=only_unread),
        only_unread=only_unread,
        here=here,
        link=partial(arguments.address, "notices.index", here),
        extent=extent,
        pages=pages,
        mail_leaves=current_app.config["SMTP_HOST"] is not None,
    )


@blueprint.post(f"/notices/<{ID}:id>/opening")
@allow("read")
def open(id: int) -> Response:
    """Read it and go to what it speaks of, as one step."""
    notice = _own(id)
    actions.read(current_user.id, id)
    place = target(notice.request_id, notice.initiative_id)
    return htmx.go(place.here() if place else url_for("notices.index"))


@blueprint.post(f"/notices/<{ID}:id>/read")
@allow("read")
def mark_read(id: int) -> Response:
    _own(id)
    actions.read(current_user.id, id)
    return _back()


@blueprint.post(f"/notices/<{ID}:id>/unread")
@allow("read")
def mark_unread(id: int) -> Response:
    _own(id)
    actions.unread(current_user.id, id)
    return _back()


@blueprint.post("/notices/read")
@allow("read")
def mark_all_read() -> Response:
    up_to = whole_number(request.form.get("up_to", ""))
    if up_to is None:
        abort(400)
    actions.read_all(current_user.id, up_to)
    return _back()


@blueprint.post("/notices/mail")
@allow("read")
def choose_mail() -> Response:
    wanted = request.form.get("wanted") == "yes"
    actions.want_mail(current_user.id, wanted)
    flash("You get mail, too." if wanted else "You get no more mail. Notices stay here.", "ok")
    return _back()


def _own(id: int) -> Notice:
    return queries.find(current_user.id, id) or abort(404)


def _back() -> Response:
    """The list as it was: the same page of it, with the same filter."""
    return htmx.go(
        arguments.address(
            "notices.index",
            {"show": arguments.choice("show", ["unread"]), "page": arguments.number("page")},
        )
    )
