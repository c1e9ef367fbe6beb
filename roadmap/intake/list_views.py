"""Lists of requests: one's own, by account, and all of them."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from roadmap.domain.triage import STATES
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.web import arguments, htmx
from roadmap.web.csv import cents, csv_response
from roadmap.web.fields import whole_number
from roadmap.web.filters import plural
from roadmap.workspace import clock

from . import listing, seeing
from . import mine as own
from .answers import STATE_NAMES
from .blueprint import blueprint

Answer = str | Response | tuple[str, int]


@blueprint.get("/requests/mine")
@allow("read")
def mine() -> Answer:
    """Before a customer call: by account, everything of mine and what is new."""
    account = arguments.number("account")
    every = own.mine(current_user.id, pictures.current())
    return render_template(
        "intake/mine.html",
        pages=[page for page in every.pages if account is None or page.id == account],
        accounts=[(page.id, page.name) for page in every.pages if page.id],
        more=every.more,
        account=account,
        news=sum(page.news for page in every.pages),
        states=STATE_NAMES,
    )


@blueprint.get("/requests/mine.csv")
@allow("read")
def mine_csv() -> Answer:
    every = own.mine(current_user.id, pictures.current(), arguments.number("account"))
    return csv_response(
        "my-requests.csv",
        (
            "Account", "Kind", "Title", "Amount", "State", "Problems", "Solved", "Needed by",
            "In time", "Unread", "Last reply", "Amount stands in",
        ),
        (row for page in every.pages for row in own.table(page)),
    )  # fmt: skip


@blueprint.post("/requests/mine/seen")
@allow("read")
def see() -> Answer:
    account = whole_number(request.form.get("account")) or None
    number = seeing.see(current_user.id, account)
    flash(f"{plural(number, 'notice')} marked as seen." if number else "Nothing was new.", "ok")
    return htmx.go(url_for("intake.mine", account=account))


@blueprint.get("/requests")
@allow("read")
def index() -> Answer:
    asked = listing.Filters.from_address()
    return render_template(
        "intake/index.html",
        page=listing.page_of_requests(asked),
        total=listing.count(asked),
        filters=asked,
        named=asked.named("nobody"),
        choices=[(state, STATE_NAMES[state][1].capitalize()) for state in STATES],
        states=STATE_NAMES,
        link=asked.link("intake.index"),
    )


@blueprint.get("/requests.csv")
@allow("read")
def index_csv() -> Answer:
    return csv_response(
        "requests.csv",
        (
            "Request", "State", "Asked on", "Account", "Prospect", "Asked by", "Problem", "Deals",
            "Amount of deals", "Deals without amount", "Page",
        ),
        (
            (
                line.title, STATE_NAMES[line.state][1], clock.day_of(line.created_at), line.account,
                None if line.account else line.prospect, line.requester, line.problem, line.deals,
                cents(line.amount), line.unknown,
                url_for("intake.show", id=line.id, _external=True),
            )
            for line in listing.all_requests(listing.Filters.from_address())
        ),
    )  # fmt: skip
