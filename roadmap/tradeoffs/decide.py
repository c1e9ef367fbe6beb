"""The way of every change from a request to the ledger: show it, then commit what was shown.

Whoever changes an effort, a need, a date, a state, a tie, a capacity or the order calls one of two
functions here. `show` answers with the preview; `settle` commits what its form sends back, or shows
the preview first when the form comes straight from an edit page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from flask import abort, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from roadmap.domain.errors import Conflict, NotAllowed, Refused
from roadmap.extensions import db
from roadmap.models import Tradeoff
from roadmap.people.guards import can
from roadmap.planning import picture as pictures
from roadmap.web import htmx, messages, submissions
from roadmap.web.conflicts import typed_texts

from . import actions, difference, wording
from .actions import Builder, Signature
from .consequences import Consequences
from .drawing import Drawing
from .forms import CommitForm
from .previews import Preview, preview_of

Answer = str | Response | tuple[str, int]

#: How many initiatives and deals a preview names at first; `all=1` names every one.
SHOWN = 40


@dataclass(frozen=True)
class Asked:
    """What is asked for: a change, where its form goes to, and where its asker came from."""

    build: Builder
    action: str
    back: str
    #: Fields of the edit page, sent along so that committing makes the same change.
    fields: Mapping[str, list[str]] = field(default_factory=dict)
    #: Those of them that a button sends: nobody typed them.
    pressed: Collection[str] = ()
    heading: str = "What gets delayed"
    reverts_id: int | None = None
    #: Where every initiative and deal is named, if there is such an address.
    wide: str = ""
    #: The id of the element of the page after it that stands for what was changed.
    focus: str = ""
    #: A sentence before the consequence, such as the answer to "Done by".
    note: str = ""


def show(asked: Asked) -> Answer:
    """The preview, as a page or, to htmx, as the panel's content. Refusals are said there, too."""
    try:
        preview = _proposed(asked)
    except Refused as refusal:
        return _refused(asked, str(refusal))
    return _render(asked, preview, _fresh_form(preview))


def settle(asked: Asked, *, done: str) -> Answer:
    """Commit what was shown and go to `done`; 409 with a fresh preview where it differs by now.

    Where the request brings no preview's form yet, a change without any consequence is made at once
    and any other is shown first.
    """
    form = CommitForm()
    shown = "revision" in request.form
    valid = not shown or form.validate()
    if form.revision.errors:
        abort(400)  # No page of ours sends such a one.
    try:
        if not valid:
            return _again(asked, form, _as_shown(asked, form), {})
        entry = actions.commit(
            asked.build,
            _signature(form) if shown else Signature(current_user),
            shown=(form.fingerprint.data or "") if shown else None,
            reverts_id=asked.reverts_id,
            only_if_free=not shown,
        )
    except Refused as lack:
        if lack.found is None:
            return _refused(asked, str(lack), since=form.revision.data if shown else None)
        if shown:
            return _again(asked, form, lack.found, lack.errors)
        return _render(asked, lack.found, _fresh_form(lack.found))
    except Conflict as conflict:
        if conflict.found is None:
            raise
        return _moved_meanwhile(asked, form, conflict.found)
    except NotAllowed as refusal:
        return _not_allowed(asked, refusal.found, shown)
    _say(entry, asked)
    return htmx.go(done)


def _proposed(asked: Asked) -> Preview:
    """What is asked for, on the board as it stands. Raises Refused."""
    picture = pictures.current()
    return preview_of(picture, asked.build(picture), asked.reverts_id)


def _as_shown(asked: Asked, form: CommitForm) -> Preview:
    """The same, where it is what the form's preview showed. Raises Refused and Conflict."""
    preview = _proposed(asked)
    if preview.fingerprint != form.fingerprint.data:
        raise Conflict(found=preview)
    return preview


def _signature(form: CommitForm) -> Signature:
    return Signature(
        by=current_user,
        owner_id=form.owner.data,
        sponsor_id=form.sponsor.data,
        reason=form.reason.data or "",
    )


def _fresh_form(preview: Preview) -> CommitForm:
    """A form on the present revision, with the owner that one would expect."""
    form = CommitForm(formdata=None)
    form.offer_people()
    form.revision.data = preview.picture.revision
    form.fingerprint.data = preview.fingerprint
    form.shown.data = difference.totals(preview)
    card = preview.picture.cards.get(preview.change.initiative_id or "")
    if card and card.owner_id in form.people:
        form.owner.data = card.owner_id
    elif current_user.id in form.people:
        form.owner.data = current_user.id
    return form


def _again(asked: Asked, form: CommitForm, preview: Preview, errors: Mapping[str, str]) -> Answer:
    """The same preview with what is wrong beside its fields and all that was typed."""
    form.offer_people()
    for name, message in errors.items():
        form[name].errors = [*form[name].errors, message]
    return _render(asked, preview, form), 422


def _moved_meanwhile(asked: Asked, form: CommitForm, preview: Preview) -> Answer:
    """Nothing was committed: the fresh preview, with what differs and who changed what since."""
    since = form.revision.data or 0
    fresh = _fresh_form(preview)
    fresh.reason.data = form.reason.data
    fresh.owner.data = form.owner.data
    fresh.sponsor.data = form.sponsor.data
    page = _render(
        asked,
        preview,
        fresh,
        conflict=_events_since(since),
        difference=difference.sentences(
            form.fingerprint.data or "", form.shown.data or "", preview
        ),
        evidence_changed=preview.picture.evidence_revision > since,
    )
    return page, 409


def _not_allowed(asked: Asked, preview: Preview, shown: bool) -> Answer:
    """The change has a price and this person may not decide on it: they see it all the same."""
    page = _render(asked, preview, _fresh_form(preview))
    return (page, 403) if shown else page


def _events_since(revision: int) -> list[Tradeoff]:
    return list(
        db.session.scalars(
            select(Tradeoff)
            .where(Tradeoff.revision > revision)
            .order_by(Tradeoff.id.desc())
            .limit(5)
        )
    )


def _render(asked: Asked, preview: Preview, form: CommitForm, **more: object) -> str:
    everything = request.args.get("all") == "1"
    consequences = Consequences(preview, None if everything else SHOWN)
    in_panel = htmx.wants_fragment()
    template = "tradeoffs/_preview.html" if in_panel else "tradeoffs/preview.html"
    return render_template(
        template,
        asked=asked,
        in_panel=in_panel,
        shown=consequences,
        drawing=Drawing(consequences),
        preview=preview,
        form=form,
        **more,
    )


def _refused(asked: Asked, message: str, since: int | None = None) -> Answer:
    """The plain answer to what cannot be done: 409 where it could when it was shown."""
    conflict = [] if since is None else _events_since(since)
    template = "tradeoffs/_refusal.html" if htmx.wants_fragment() else "tradeoffs/refusal.html"
    typed = typed_texts(leaving_out={*CommitForm()._fields, *asked.pressed} - {"reason"})
    page = render_template(template, asked=asked, message=message, conflict=conflict, typed=typed)
    return page, 409 if conflict else 422


def _say(entry: Tradeoff | None, asked: Asked) -> None:
    """What was done, where it is recorded, and the way back."""
    if entry is None:
        messages.done("Saved. No forecast moved.", focus=asked.focus)
        return
    revert = ("Revert", url_for("tradeoffs.revert", id=entry.id)) if can("commit") else None
    messages.done(
        f"{'Reverted' if entry.reverts_id else 'Committed'}: {wording.done(entry)}",
        link=(f"Trade-off {entry.id}", url_for("tradeoffs.show", id=entry.id)),
        button=revert,
        focus=asked.focus or (f"tradeoff-{entry.id}" if entry.reverts_id else ""),
    )


def passed_on() -> dict[str, list[str]]:
    """The edit page's own fields of this request, to be sent along with the preview's form."""
    ours = {submissions.CSRF, submissions.TOKEN, *CommitForm()._fields}
    return {name: request.form.getlist(name) for name in request.form if name not in ours}
