"""Every promise: to whom, whether it holds, and what rests on it."""

from __future__ import annotations

from functools import partial

from flask import Response, render_template, request

from roadmap.domain.promises import PROMISE_STATES
from roadmap.people.guards import allow
from roadmap.planning import picture as pictures
from roadmap.planning import promises
from roadmap.planning.promises import Filter
from roadmap.tradeoffs.decide import Answer
from roadmap.web import arguments
from roadmap.web.csv import cents, csv_response
from roadmap.web.paging import Numbered

from . import queries
from .blueprint import blueprint

FILTERS = ("state", "account", "owner", "initiative", "since", "until", "order")

HEADER = [
    "id", "promised_to", "account_id", "promised_by", "initiative_id", "initiative", "owner",
    "date", "forecast_or_shipped", "margin_weeks", "state", "broken_by_tradeoff", "open_deals",
    "open_amount", "deals_of_unknown_amount",
]  # fmt: skip


@blueprint.get("/promises")
@allow("read")
def promised() -> Answer:
    here, found = _here(), _lines()
    pages = Numbered(len(found))
    shown = pages.of(found)
    return render_template(
        "initiatives/promised.html",
        lines=shown,
        resting=promises.resting(shown),
        broken_by=promises.broken_by(shown),
        here=here,
        pages=pages,
        link=partial(arguments.address, "initiatives.promised", here),
        states=PROMISE_STATES,
        accounts=promises.customers(),
        owners=queries.present_owners(),
    )


@blueprint.get("/promises.csv")
@allow("read")
def promised_table() -> Response:
    found = _lines()
    resting, broken_by = promises.resting(found), promises.broken_by(found)
    rows = []
    for line in found:
        on_it = resting.get(line.id, promises.Resting())
        rows.append([
            line.id, line.to, line.account, line.by, line.initiative_id, line.initiative,
            line.owner, line.date, line.finish, line.margin, line.state, broken_by.get(line.id),
            on_it.deals, cents(on_it.amount), on_it.unknown,
        ])  # fmt: skip
    return csv_response("promises.csv", HEADER, rows)


def _lines() -> list[promises.Line]:
    wanted = Filter(
        state=arguments.choice("state", PROMISE_STATES),
        account=arguments.number("account"),
        owner=arguments.number("owner"),
        initiative=arguments.number("initiative"),
        since=arguments.day("since"),
        until=arguments.day("until"),
    )
    latest = request.args.get("order") == "latest"
    return promises.lines(pictures.current(), wanted, descending=latest)


def _here() -> dict[str, str]:
    """This request's filters, to be kept in the addresses of pages and files."""
    return {name: value for name in FILTERS if (value := request.args.get(name))}
