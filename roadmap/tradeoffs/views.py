"""The ledger: who decided, who owns it, what it cost; and reverting the last trade-off."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from roadmap.extensions import db
from roadmap.models import Tradeoff
from roadmap.people.guards import allow
from roadmap.web import arguments
from roadmap.web.arguments import ID
from roadmap.web.csv import cents, csv_response
from roadmap.web.paging import Numbered

from . import actions, queries
from .decide import Answer, Asked, settle
from .decide import show as show_preview
from .queries import Filter

blueprint = Blueprint("tradeoffs", __name__)

FILTERS = ("owner", "sponsor", "initiative", "since", "until", "all")

HEADER = [
    "id", "decided_at", "kind", "what", "reason", "decided_by", "owner", "sponsor", "initiative",
    "team", "from_rank", "to_rank", "delayed", "advanced", "deals_out_of_reach",
    "amount_out_of_reach", "deals_within_reach", "amount_within_reach", "net",
    "commitments_broken", "commitments_mended", "reverts", "commitments_taken_back",
    "deals_that_counted_on_them", "amount_that_counted_on_them", "commitments_worsened",
]  # fmt: skip


@blueprint.get("/tradeoffs")
@allow("read")
def index() -> Answer:
    wanted = _filter()
    pages = Numbered(queries.count(wanted))
    return render_template(
        "tradeoffs/index.html",
        lines=queries.lines(wanted, pages),
        wanted=wanted,
        pages=pages,
        link=partial(arguments.address, "tradeoffs.index", _here()),
        owners=queries.people(Tradeoff.owner_id),
        sponsors=queries.people(Tradeoff.sponsor_id),
        initiatives=queries.initiatives(),
        last=actions.last(),
        here=_here(),
    )


@blueprint.get("/tradeoffs.csv")
@allow("read")
def table() -> Response:
    rows = (
        [
            line.id, line.decided_at.isoformat(timespec="seconds"), line.kind, line.sentence,
            line.reason, line.decided_by, line.owner, line.sponsor, line.initiative, line.team,
            line.from_rank, line.to_rank, line.delayed, line.advanced, line.pushed_deals,
            cents(line.pushed), line.brought_deals, cents(line.brought), cents(line.net),
            line.broken, line.mended, line.reverts_id, line.withdrawn,
            line.relied_deals, cents(line.relied), line.worsened,
        ]
        for line in queries.lines(_filter())
    )  # fmt: skip
    return csv_response("tradeoffs.csv", HEADER, rows)


@blueprint.get(f"/tradeoffs/<{ID}:id>")
@allow("read")
def show(id: int) -> Answer:
    entry = db.get_or_404(Tradeoff, id)
    newest = actions.last()
    return render_template(
        "tradeoffs/show.html",
        entry=entry,
        details=queries.details(id),
        reverted_by=queries.reversal_of(id),
        is_last=newest is not None and newest.id == id,
    )


@blueprint.get(f"/tradeoffs/<{ID}:id>/reversal")
@allow("commit")
def preview_reversal(id: int) -> Answer:
    return show_preview(_reversal(id))


@blueprint.post(f"/tradeoffs/<{ID}:id>/reversal")
@allow("commit")
def revert(id: int) -> Answer:
    return settle(_reversal(id), done=url_for("tradeoffs.index"))


def _reversal(id: int) -> Asked:
    entry = db.get_or_404(Tradeoff, id)
    return Asked(
        build=actions.reversal(id),
        action=url_for("tradeoffs.revert", id=id),
        back=url_for("tradeoffs.show", id=id),
        heading="What reverting it does",
        reverts_id=id,
        note=f"Reverts: {entry.sentence}",
    )


def _filter() -> Filter:
    return Filter(
        owner=_person("owner"),
        sponsor=_person("sponsor"),
        initiative=arguments.number("initiative"),
        since=arguments.day("since"),
        until=arguments.day("until"),
        all_events=request.args.get("all") == "1",
    )


def _person(name: str) -> int | None:
    """A user's id; "me" makes an address that fits whoever opens it."""
    if request.args.get(name) == "me":
        return int(current_user.id)
    return arguments.number(name)


def _here() -> dict[str, str]:
    """This request's filters, to be kept in the addresses of pages and files."""
    return {name: value for name in FILTERS if (value := request.args.get(name))}
