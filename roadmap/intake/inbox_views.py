"""The inbox of requests, and joining several of them to one problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import flash, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from roadmap.domain.errors import Conflict, Refused
from roadmap.market.queries import segment_choices
from roadmap.people.guards import allow
from roadmap.planning import picture
from roadmap.web import arguments, htmx
from roadmap.web.csv import cents, csv_response
from roadmap.web.fields import whole_number
from roadmap.web.filters import plural
from roadmap.web.paging import Numbered
from roadmap.workspace import clock, revision
from roadmap.workspace.settings import workspace

from . import candidates, consequence, history, inbox, triaging
from .blueprint import blueprint
from .history import STATE_WORDS
from .inbox import Filters

Answer = str | Response | tuple[str, int]

#: More than somebody reads before they join them, and as many as one lock is held for.
MOST_AT_ONCE = 200


@blueprint.get("/intake", endpoint="inbox")
@allow("triage", hidden=True)
def inbox_page() -> Answer:
    asked = Filters.from_address()
    counts = inbox.counts(asked)
    pages = Numbered(counts.by_view[asked.view])
    return render_template(
        "intake/inbox.html",
        lines=inbox.page(asked, pages),
        counts=counts,
        stake=inbox.stake(asked),
        pages=pages,
        filters=asked,
        segments=segment_choices(),
        requesters=inbox.requester_choices(),
        states=STATE_WORDS,
        today=clock.today(),
        tabs_of=_tabs(asked, counts.by_view),
        link=asked.link("intake.inbox"),
        done=history.done(arguments.number("done"), current_user.id),
    )


@blueprint.get("/intake.csv")
@allow("triage", hidden=True)
def inbox_csv() -> Answer:
    return csv_response(
        "intake.csv",
        (
            "Request", "Account", "Not in CRM yet", "ICP fit (%)", "Segment", "State",
            "Problem", "Asked by", "Sent", "Open deals", "Open amount",
            "Open deals without amount", "Waits for", "Remind on", "Page",
        ),
        (
            (
                line.title, line.account, line.prospect, line.fit, line.segment,
                STATE_WORDS[line.state], line.problem, line.requester, line.created_on,
                line.deals, cents(line.at_stake), line.unknown, line.waits_for, line.remind_on,
                url_for("intake.triage", id=line.id, _external=True),
            )
            for line in inbox.everything(Filters.from_address())
        ),
    )  # fmt: skip


@blueprint.get("/intake/joins")
@allow("triage", hidden=True)
def joining() -> Answer:
    """The requests that were ticked, and the problems that they may be joined to."""
    return _joining(_numbers(request.args.getlist("request")))


@blueprint.post("/intake/joins")
@allow("triage")
def confirm_many() -> Answer:
    ids = _numbers(request.form.getlist("request"))
    problem_id = whole_number(request.form.get("problem", ""))
    seen = whole_number(request.form.get("seen", ""), revision.MOST)
    if not 0 < len(ids) <= MOST_AT_ONCE:
        return _joining(ids[:MOST_AT_ONCE], f"Choose from 1 to {MOST_AT_ONCE} requests."), 422
    try:
        many = triaging.confirm_many(
            ids, problem_id or 0, current_user, seen=-1 if seen is None else seen
        )
    except Refused as refused:
        return _joining(ids, str(refused)), 422
    except Conflict:
        return _joining(ids, overtaken=True), 409
    problem = candidates.title_of(problem_id or 0)
    flash(f"{plural(many, 'request is', 'requests are')} part of “{problem}” now.", "ok")
    return htmx.go(Filters.from_address().link("intake.inbox")())


def _tabs(asked: Filters, by_view: Mapping[str, int]) -> list[tuple[str, str, bool]]:
    link = asked.link("intake.inbox")
    return [
        (f"{label} ({by_view[view]:,})", link(view=view), view == asked.view)
        for view, label in inbox.VIEWS.items()
    ]


def _joining(ids: Sequence[int], error: str = "", *, overtaken: bool = False) -> str:
    """The ticked requests beside problems to join: what was searched for, else what the first of
    them looks like.
    """
    now, asked = picture.current(), Filters.from_address()
    chosen = inbox.listed(ids)
    words = arguments.text("find")
    offered = candidates.found_by(words) if words else candidates.for_many([c.id for c in chosen])
    deals = consequence.named([line.id for line in chosen])
    return render_template(
        "intake/joining.html",
        lines=chosen,
        candidates=candidates.candidates(offered, deals, now),
        words=words,
        error=error,
        overtaken=overtaken,
        seen=workspace().intake_revision,
        states=STATE_WORDS,
        filters=asked,
        today=now.today,
        link=asked.link("intake.inbox"),
    )


def _numbers(texts: Sequence[str]) -> list[int]:
    """The ids among what came from outside, each once."""
    return sorted({number for text in texts if (number := whole_number(text))})
