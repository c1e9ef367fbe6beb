"""The way of every change from a request to the ledger: show it, then commit what was shown.

Whoever changes an effort, a need, a date, a state, a tie, a capacity or the order calls one of two
functions here. `show` answers with the preview; `settle` commits what its form sends back, or shows
the preview first when the form comes straight from an edit page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask import abort, flash, render_template, request
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from roadmap.domain.changes import Refused
from roadmap.extensions import db
from roadmap.models import Tradeoff
from roadmap.planning import picture as pictures
from roadmap.web import htmx
from roadmap.web.fields import whole_number
from roadmap.workspace.revision import Stale

from . import actions
from .actions import Builder, Signature
from .consequences import Consequences
from .drawing import Drawing
from .forms import CommitForm
from .proposals import Proposal, propose

Answer = str | Response | tuple[str, int]

#: How many initiatives and deals a preview names at first; `all=1` names every one.
SHOWN = 40

#: No total is larger: databases add up in 64 bits.
MOST_TOTAL = 2**63 - 1


@dataclass(frozen=True)
class Asked:
    """What is asked for: a change, where its form goes to, and where its asker came from."""

    build: Builder
    action: str
    back: str
    #: Fields of the edit page, sent along so that committing makes the same change.
    fields: Mapping[str, list[str]] = field(default_factory=dict)
    heading: str = "What gets delayed"
    reverts_id: int | None = None
    #: Where every initiative and deal is named, if there is such an address.
    wide: str = ""
    #: A sentence before the consequence, such as the answer to "Done by".
    note: str = ""


def show(asked: Asked) -> Answer:
    """The preview, as a page or, to htmx, as the panel's content. Refusals are said there, too."""
    try:
        proposal = _proposed(asked)
    except Refused as refusal:
        return _refused(asked, str(refusal))
    return _render(asked, proposal, _fresh_form(proposal))


def settle(asked: Asked, *, done: str) -> Answer:
    """Commit what was shown and go to `done`; 409 with a fresh preview where the board moved.

    Where the request brings no preview's form yet, a change without any consequence is made at once
    and any other is shown first.
    """
    form = CommitForm()
    shown = "revision" in request.form
    valid = not shown or form.validate()
    if form.revision.errors:
        abort(400)  # No page of ours sends such a one.
    since = form.revision.data if shown else None
    try:
        if not valid:
            return _again(asked, form, _proposed(asked), {})
        entry = actions.commit(
            asked.build,
            _signature(form) if shown else Signature(current_user),
            since=since,
            reverts_id=asked.reverts_id,
            only_if_free=not shown,
        )
    except Refused as refusal:
        return _refused(asked, str(refusal))
    except Stale:
        return _moved_meanwhile(asked, form)
    except actions.NotAllowed as refusal:
        return _not_allowed(asked, refusal.proposal, shown)
    except actions.Incomplete as lack:
        if shown:
            return _again(asked, form, lack.proposal, lack.errors)
        return _render(asked, lack.proposal, _fresh_form(lack.proposal))
    flash(_thanks(entry), "success")
    return htmx.go(done)


def _proposed(asked: Asked) -> Proposal:
    """What is asked for, on the board as it stands. Raises Refused."""
    picture = pictures.current()
    return propose(picture, asked.build(picture), asked.reverts_id)


def _signature(form: CommitForm) -> Signature:
    try:
        as_of = date.fromisoformat(form.as_of.data or "")
    except ValueError:
        abort(400)
    return Signature(
        by=current_user,
        owner_id=form.owner.data,
        sponsor_id=form.sponsor.data,
        reason=form.reason.data or "",
        as_of=as_of,
    )


def _fresh_form(proposal: Proposal) -> CommitForm:
    """A form on the present revision, with the owner that one would expect."""
    form = CommitForm(formdata=None)
    form.offer_people()
    form.revision.data = proposal.picture.revision
    form.as_of.data = proposal.picture.today.isoformat()
    form.shown.data = _figures(proposal)
    choices = {choice[0] for choice in form.owner.choices or ()}
    card = proposal.picture.cards.get(proposal.change.initiative_id or "")
    if card and card.owner_id in choices:
        form.owner.data = card.owner_id
    elif current_user.id in choices:
        form.owner.data = current_user.id
    return form


def _again(asked: Asked, form: CommitForm, proposal: Proposal, errors: Mapping[str, str]) -> Answer:
    """The same preview with what is wrong beside its fields and all that was typed."""
    form.offer_people()
    for name, message in errors.items():
        form[name].errors = [*form[name].errors, message]
    return _render(asked, proposal, form), 422


def _moved_meanwhile(asked: Asked, form: CommitForm) -> Answer:
    """Nothing was committed: the fresh preview, with who changed what in between."""
    since = form.revision.data
    was = form.shown.data or ""
    try:
        proposal = _proposed(asked)
    except Refused as refusal:
        return _refused(asked, str(refusal), _events_since(since), status=409)
    fresh = _fresh_form(proposal)
    fresh.reason.data = form.reason.data
    fresh.owner.data = form.owner.data
    fresh.sponsor.data = form.sponsor.data
    page = _render(
        asked,
        proposal,
        fresh,
        conflict=_events_since(since),
        difference=_difference(was, proposal),
        evidence_changed=proposal.picture.evidence_revision > (since or 0),
    )
    return page, 409


def _not_allowed(asked: Asked, proposal: Proposal, shown: bool) -> Answer:
    """The change has a price and this person may not decide on it: they see it all the same."""
    page = _render(asked, proposal, _fresh_form(proposal))
    return (page, 403) if shown else page


def _events_since(revision: int | None) -> list[Tradeoff]:
    return list(
        db.session.scalars(
            select(Tradeoff)
            .where(Tradeoff.revision > (revision or 0))
            .order_by(Tradeoff.id.desc())
            .limit(5)
        )
    )


def _figures(proposal: Proposal) -> str:
    """The preview's totals in a form that a later one can be compared with."""
    reach = proposal.impact.reach
    numbers = (
        len(proposal.impact.delayed),
        reach.pushed_amount,
        reach.brought_amount,
        len(proposal.impact.broken),
        len(proposal.impact.withdrawn),
    )
    return ",".join(map(str, numbers))


def _difference(was: str, proposal: Proposal) -> list[tuple[str, int, int]]:
    """What the totals were and are, as (name, was, is), where they differ."""
    names = ("delayed", "pushed", "brought", "broken", "withdrawn")
    now = _figures(proposal).split(",")
    then = was.split(",")
    known = [number for part in then if (number := whole_number(part, MOST_TOTAL)) is not None]
    if len(known) != len(now):
        return []
    pairs = zip(names, known, map(int, now), strict=True)
    return [(name, old, new) for name, old, new in pairs if old != new]


def _render(asked: Asked, proposal: Proposal, form: CommitForm, **more: object) -> str:
    everything = request.args.get("all") == "1"
    consequences = Consequences(proposal, None if everything else SHOWN)
    in_panel = htmx.wants_fragment()
    template = "tradeoffs/_preview.html" if in_panel else "tradeoffs/preview.html"
    return render_template(
        template,
        asked=asked,
        in_panel=in_panel,
        shown=consequences,
        drawing=Drawing(consequences),
        proposal=proposal,
        form=form,
        **more,
    )


def _refused(
    asked: Asked, message: str, conflict: list[Tradeoff] | None = None, status: int = 422
) -> Answer:
    template = "tradeoffs/_refusal.html" if htmx.wants_fragment() else "tradeoffs/refusal.html"
    return render_template(template, asked=asked, message=message, conflict=conflict), status


def _thanks(entry: Tradeoff | None) -> str:
    return "Saved. No forecast moved." if entry is None else entry.sentence


def passed_on() -> dict[str, list[str]]:
    """The edit page's own fields of this request, to be sent along with the preview's form."""
    ours = {"csrf_token", "form_token", "revision", "as_of", "shown", "owner", "sponsor", "reason"}
    return {name: request.form.getlist(name) for name in request.form if name not in ours}
