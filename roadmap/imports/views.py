"""Imports: upload, say how the files are read, look at what would be done, apply, take back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from roadmap.domain.errors import Conflict
from roadmap.extensions import db
from roadmap.models import Import
from roadmap.models.imports import (
    APPLIED,
    APPLYING,
    ASKING,
    DEALS,
    FAILED,
    READY,
    REQUESTS,
    REVERTED,
    REVERTING,
    STAGING,
    UPLOADED,
    WORKING,
)
from roadmap.people.guards import allow, can
from roadmap.web import arguments, htmx
from roadmap.web.arguments import ID
from roadmap.web.bodies import takes_files
from roadmap.web.csv import csv_response
from roadmap.web.fields import whole_number
from roadmap.web.paging import PAGE
from roadmap.workspace.settings import workspace

from . import choices, deciding, jobs, keeping, listing, looking, uploads
from .report import Report

blueprint = Blueprint("imports", __name__)

Answer = str | Response | tuple[str, int]

MOST_BYTES = 100 * 1024 * 1024
#: All files of an upload together, and the rest of the form.
MOST_UPLOAD = 2 * MOST_BYTES + 1024 * 1024
#: States in which the files can still be read otherwise.
OPEN_STATES = (UPLOADED, ASKING, READY, FAILED)

NAMES = {
    UPLOADED: "not read yet", STAGING: "being read", ASKING: "asks something",
    READY: "ready to apply", APPLYING: "being applied", APPLIED: "applied",
    REVERTING: "being reverted", REVERTED: "reverted", FAILED: "cannot be read",
}  # fmt: skip


@blueprint.get("/imports")
@allow("import")
def index() -> Answer:
    return render_template(
        "imports/index.html",
        lines=listing.imports(),
        names=NAMES,
        saved=listing.saved_mappings(),
        undecided=deciding.undecided(),
    )


@blueprint.get("/imports.csv")
@allow("import")
def index_csv() -> Answer:
    return csv_response(
        "imports.csv",
        ("Import", "When", "By", "State", "Files", "SHA-256", "Rows", "New", "Changed",
         "Unchanged", "Skipped", "Failed"),
        (
            (
                line.id, line.created_at.isoformat(), line.by, NAMES[line.state],
                "; ".join(f["name"] for f in line.files),
                "; ".join(f["sha256"] for f in line.files), *line.counts.values(),
            )
            for line in listing.imports()
        ),
    )  # fmt: skip


@blueprint.post("/imports")
@takes_files(MOST_UPLOAD, lambda: can("import"))
@allow("import")
def upload() -> Answer:
    files = {kind: file for kind in uploads.KINDS if (file := _file(kind))}
    if files.keys().isdisjoint((DEALS, REQUESTS)):
        flash("Choose a file of deals or of requests first.", "warn")
        return htmx.go(url_for("imports.index"))
    made = keeping.receive(files, current_user.id)
    too_large = [f["name"] for f in made.files if f["size"] > MOST_BYTES]
    if too_large:
        keeping.discard(made.id)
        abort(413)
    return htmx.go(url_for("imports.show", id=made.id))


@blueprint.get(f"/imports/<{ID}:id>")
@allow("import")
def show(id: int) -> Answer:
    made = _find(id)
    if made.state in WORKING:
        return render_template("imports/working.html", **_progress(made))
    if made.state == READY and not arguments.text("change"):
        return _outcome(made)
    if made.state in OPEN_STATES:
        return _choosing(made)
    return _outcome(made)


@blueprint.get(f"/imports/<{ID}:id>/progress")
@allow("import")
@htmx.polled
def progress(id: int) -> Answer:
    made = _find(id)
    if made.state not in WORKING or not htmx.wants_fragment():
        _tell(made)
        return htmx.go(url_for("imports.show", id=id))
    return render_template("imports/_progress.html", **_progress(made))


@blueprint.post(f"/imports/<{ID}:id>/mapping")
@allow("import")
def choose(id: int) -> Answer:
    """How the files are read: kept, and looked at again, or checked whole."""
    made = _open(id)
    unsaved = keeping.choose(made, request.form, current_user.id)
    if unsaved is not None:
        return _choosing(made, unsaved), 422
    if request.form.get("then") == "look":
        return htmx.go(url_for("imports.show", id=id, change=1))
    return _start(made, STAGING)


@blueprint.post(f"/imports/<{ID}:id>/saved-mapping")
@allow("import")
def take_mapping(id: int) -> Answer:
    """Take a mapping that was saved under a name."""
    made = _open(id)
    if not keeping.take(made, request.form.get("mapping", ""), request.form.get("seen", "")):
        flash("There is no such mapping any more.", "warn")
    return htmx.go(url_for("imports.show", id=id, change=1))


@blueprint.post(f"/imports/<{ID}:id>/reading")
@allow("import")
def read_again(id: int) -> Answer:
    """Start again what somebody stopped working at."""
    made = _find(id, lock=True)
    if not jobs.is_silent(made):
        db.session.rollback()
        return htmx.go(url_for("imports.show", id=id))
    return _start(made, made.state)


@blueprint.post(f"/imports/<{ID}:id>/application")
@allow("import")
def apply(id: int) -> Answer:
    made = _find(id, lock=True)
    if made.state != READY:
        # A second click, or somebody else's.
        db.session.rollback()
        return htmx.go(url_for("imports.show", id=id))
    try:
        jobs.refuse_beside(made)
    except Conflict as busy:
        return _busy(id, busy)
    made.beside = {"by": current_user.id}
    return _start(made, APPLYING)


@blueprint.post(f"/imports/<{ID}:id>/removal")
@allow("import")
def discard(id: int) -> Answer:
    made = _find(id, lock=True)
    if made.state not in OPEN_STATES:
        db.session.rollback()
        return htmx.go(url_for("imports.show", id=id))
    keeping.discard(id)
    flash("The upload is gone. Nothing was changed.", "ok")
    return htmx.go(url_for("imports.index"))


@blueprint.post(f"/imports/<{ID}:id>/reversal")
@allow("import")
def revert(id: int) -> Answer:
    made = _find(id, lock=True)
    try:
        jobs.refuse_beside(made)
    except Conflict as busy:
        return _busy(id, busy)
    if made.state != APPLIED:
        return _not_revertible(made)
    made.reverted_by_id = current_user.id
    _start(made, REVERTING)
    made = _find(id)
    _tell(made)
    if made.dependences:
        return _outcome(made), 409
    return htmx.go(url_for("imports.show", id=id))


@blueprint.get(f"/imports/<{ID}:id>/rows.csv")
@allow("import")
def rows_csv(id: int) -> Answer:
    """The rows of a kind and an action: failing ones with column, value and reason."""
    made = _find(id)
    kind = arguments.choice("kind", listing.LIVE, made.kind)
    action = arguments.choice("action", listing.ACTIONS, "changed")
    rows = listing.rows_of(made.id, kind, action, workspace().currency, limit=None)
    return csv_response(
        f"import-{made.id}-{kind}-{action}.csv",
        ("Row", "Id", "Name", "Column", "Before", "After", "Value", "Reason"),
        (
            (line.row, line.external_id, line.name, *rest)
            for line in rows
            for rest in (
                [(c.name, c.before, c.after, "", "") for c in line.changes]
                or [(line.label, "", "", line.value, line.reason)]
            )
        ),
    )


@blueprint.post(f"/imports/mappings/<{ID}:mapping_id>/removal")
@allow("import")
def remove_mapping(mapping_id: int) -> Answer:
    keeping.remove_mapping(mapping_id)
    flash("The mapping is gone.", "ok")
    return htmx.go(url_for("imports.index"))


def _row_number(text: str) -> int | None:
    """The row that a page of rows comes after; those of accounts that deals name are below 0."""
    number = whole_number(text.removeprefix("-"))
    return number if number is None else -number if text.startswith("-") else number


def _file(kind: str) -> FileStorage | None:
    file = request.files.get(kind)
    return file if file and file.filename else None


def _find(id: int, *, lock: bool = False) -> Import:
    found = db.session.get(Import, id, populate_existing=True, with_for_update=lock or None)
    return found or abort(404)


def _open(id: int) -> Import:
    """An import whose files can still be read otherwise; whoever comes late sees what became of
    it."""
    made = _find(id, lock=True)
    if made.state not in OPEN_STATES:
        abort(409)
    return made


def _start(made: Import, state: str) -> Answer:
    jobs.start(made, state)
    return htmx.go(url_for("imports.show", id=made.id))


def _progress(made: Import) -> dict[str, Any]:
    done, total = jobs.progress(made)
    return {"made": made, "silent": jobs.is_silent(made), "done": done, "total": total}


def _tell(made: Import) -> None:
    if made.state == REVERTED:
        flash("Reverted: everything is as it was before this import.", "ok")


def _busy(id: int, busy: Conflict) -> Answer:
    """Deals are changed by one import at a time: this one stays as it is."""
    flash(str(busy), "warn")
    return _outcome(_find(id)), 409


def _not_revertible(made: Import) -> Answer:
    """A second click finds it reverted, or about to be; one that is being applied has to end."""
    db.session.rollback()
    if made.state == APPLYING:
        flash("This import is still being applied. Revert it when that is done.", "warn")
        return render_template("imports/working.html", **_progress(made)), 409
    return htmx.go(url_for("imports.show", id=made.id))


def _choosing(made: Import, unsaved: keeping.Unsaved | None = None) -> str:
    looks = looking.look(made)
    return render_template(
        "imports/choosing.html",
        made=made,
        looks=looks,
        choices=choices,
        saved=listing.saved_mappings(),
        suggested=keeping.suggested(made, looks),
        seen=keeping.chosen(made),
        same=listing.same_file(made),
        unsaved=unsaved,
    )


def _outcome(made: Import) -> str:
    kind = arguments.choice("kind", listing.LIVE, made.kind)
    action = arguments.choice("action", listing.ACTIONS)
    after = _row_number(request.args.get("after", ""))
    rows = (
        list(listing.rows_of(made.id, kind, action, workspace().currency, after)) if action else []
    )
    return render_template(
        "imports/outcome.html",
        made=made,
        report=Report.from_json(made.report, dry_run=made.state == READY),
        names=NAMES,
        kind=kind,
        action=action,
        rows=rows[:PAGE],
        next_row=rows[PAGE - 1].row if len(rows) > PAGE else None,
        vanishing=keeping.vanishing(made),
    )
