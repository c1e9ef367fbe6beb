"""Another system's backlog: read into staging, compared, applied in one transaction, taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from roadmap.domain.errors import Conflict, Refused
from roadmap.domain.triage import DECLINED, NEW
from roadmap.extensions import db
from roadmap.models import (
    Import,
    Notice,
    Request,
    RequestDeal,
    RequestEvent,
    RequestWatcher,
)
from roadmap.models import StagedRequest as StagedRow
from roadmap.models.base import chunks
from roadmap.models.imports import (
    APPLIED,
    APPLYING,
    CHANGED,
    IN_FORCE,
    READY,
    REQUESTS,
    REVERTED,
    UNCHANGED,
)
from roadmap.models.imports import NEW as FRESH
from roadmap.workspace import clock, revision

from . import actions, queries, requests_book
from .dependences import Dependence, named
from .mapping import ImportMapping, MappingError, choice
from .prepare import Prepared, Rejected, prepare_requests
from .progress import Progress
from .report import FileReport, Report
from .requests_book import Compared, RequestBook
from .requests_staging import RequestStager, StagedRequest
from .values import plain, shown, text

#: Each is as long as a page or longer: fewer are held at a time than of deals.
CHUNK = 1_000
MOST_ASKED = 40
_MISSING = (
    (("body",), "the text: a request is its title alone"),
    (("account_id", "account_name"), "the account: nobody can tell who asks"),
    (("date",), "the date: the day of its first import counts"),
    (("status",), "the status: all of them wait for triage"),
)


def run(path: Path, mapping: ImportMapping | None = None, *, dry_run: bool = False) -> Report:
    """Import the requests in the file and say what was done.

    With `dry_run`, or where every row failed, nothing is kept; where nothing changes, no import is
    recorded. Raises UnreadableFile or MappingError, before anything is touched, where the file or
    the mapping cannot be used.
    """
    prepared = prepare_requests(path, mapping or ImportMapping())
    return actions.recorded(
        [(REQUESTS, path)], dry_run,
        lambda made: stage(made.id, prepared, Progress(made.id, made.attempt)),
        lambda made: apply(made.id, None, whatever=True),
    )  # fmt: skip


def opened(path: Path, own: ImportMapping, beat: Callable[[int], object]) -> Prepared:
    """The file, surveyed. Raises MappingError with a question for each status that nobody knows,
    which a command takes for waiting."""
    prepared = prepare_requests(path, own, beat)
    layout, sheet = prepared.layout, prepared.sheet
    known = prepared.mapped.states
    said = Counter(
        text(layout.cell(row.cells, "status")) for row in sheet.rows() if not sheet.fault(row.cells)
    )
    unknown = [word for word, _ in said.most_common() if word and plain(word) not in known]
    if unknown:
        meanings = ((NEW, "It waits for triage"), (DECLINED, "Somebody is done with it: declined"))
        raise MappingError(
            "The file has statuses that nobody has explained.",
            [choice(f"What does the status “{shown(word)}” mean?", [["states", word]], meanings)
             for word in unknown[:MOST_ASKED]],
        )  # fmt: skip
    return prepared


def stage(import_id: int, prepared: Prepared, progress: Progress) -> Report:
    """Read the file into staging and compare it with what is stored; the report is kept."""
    queries.empty_staging(import_id)
    layout, report = prepared.layout, prepared.report
    report.remarks += [
        f"There is no column for {consequence}"
        for names, consequence in _MISSING
        if not layout.has(*names)
    ]
    stager = RequestStager(layout, prepared.mapped, prepared.conventions, clock.today(), report)
    book = RequestBook(layout.fields, report)
    progress.begin(prepared.conventions.rows)
    for some in chunks(prepared.requests(stager), CHUNK):
        taken = [each for each in some if isinstance(each, StagedRequest)]
        rows = [_row(import_id, each) for each in book.compare(taken)]
        rows += [_refused(import_id, each) for each in some if isinstance(each, Rejected)]
        if rows:
            db.session.execute(insert(StagedRow), rows)
        db.session.commit()
        progress.loaded(len(some))
    found = Report(dry_run=True, files=[report])
    actions.count_into(import_id, found)
    made = db.session.get_one(Import, import_id, populate_existing=True)
    made.report = {**found.as_json(), "fields": sorted(layout.fields)}
    made.state = READY
    db.session.commit()
    return found


def apply(import_id: int, by_id: int | None, *, whatever: bool = False) -> bool:
    """Write what is staged, in one transaction; returns whether it did: another may have before.

    Compares the rows again first. If some are to become something else than what was shown, raises
    Conflict, unless `whatever` comes of it is wanted.
    """
    row = revision.lock()
    made = db.session.get_one(Import, import_id, populate_existing=True)
    if made.state == APPLIED:
        db.session.rollback()
        return False
    if made.state not in (READY, APPLYING):
        db.session.rollback()
        raise Refused("It is not ready to be applied.")
    moved, at = _compare_again(made), clock.now()
    if moved:
        actions.recount(import_id)
        if not whatever:
            db.session.commit()
            raise Conflict(str(moved))
    for some in _staged(import_id, (FRESH, CHANGED)):
        requests_book.write(row, some, at)
    made.state, made.applied_at, made.applied_by_id = APPLIED, at, by_id
    # It says after what it came, and before what: no other kind of import has rows of requests.
    made.compared_revision = row.intake_revision
    db.session.commit()
    queries.drop_unchanged(import_id)
    return True


def revert(import_id: int, by_id: int | None) -> None:
    """Restore what was before an import, in one transaction.

    Raises Refused, and changes nothing, where something later rests on it (`found`), and where
    there is nothing to take back.
    """
    row = revision.lock()
    made = db.session.get_one(Import, import_id, populate_existing=True)
    if made.state not in IN_FORCE:
        db.session.rollback()
        raise Refused("It was not applied, or was taken back already.")
    found = [each for each in _dependences(made) if each.count]
    if found:
        db.session.rollback()
        raise Refused("Something rests on it.", found=found)
    for ids in chunks(list(db.session.scalars(_requests(made, FRESH)))):
        for table, column in ((RequestEvent, RequestEvent.request_id), (Request, Request.id)):
            db.session.execute(delete(table).where(column.in_(ids)))
    row.intake_revision += 1
    for rows in chunks(_changed(made), CHUNK):
        requests_book.put(row, {request.id: changes for request, changes in rows}, 0)
        db.session.execute(
            delete(RequestEvent).where(
                RequestEvent.request_id.in_([request.id for request, _ in rows]),
                RequestEvent.at == made.applied_at,
                RequestEvent.text == requests_book.CHANGED_THERE,
            )
        )
    made.state, made.reverted_at, made.reverted_by_id = REVERTED, clock.now(), by_id
    db.session.commit()


def _dependences(made: Import) -> Iterator[Dependence]:
    """What rests on it: later imports of its rows, and whatever people did with its requests."""
    written = select(StagedRow.external_id).where(
        StagedRow.import_id == made.id, StagedRow.action.in_((FRESH, CHANGED))
    )
    later = (
        select(Import.id)
        .join(StagedRow, StagedRow.import_id == Import.id)
        .where(Import.state.in_(IN_FORCE), Import.compared_revision > made.compared_revision)
        .where(StagedRow.action.in_((FRESH, CHANGED)), StagedRow.external_id.in_(written))
    )
    yield named("Later imports touched its requests", later)
    new, other = _requests(made, FRESH), Request.__table__.alias("other")
    used = or_(
        select(RequestEvent.id)
        .where(RequestEvent.request_id == Request.id, RequestEvent.kind != requests_book.IMPORTED)
        .exists(),
        select(other.c.id).where(other.c.merged_into_id == Request.id).exists(),
        *(
            select(table.request_id).where(table.request_id == Request.id).exists()
            for table in (RequestDeal, RequestWatcher, Notice)
        ),
    )
    worked_on = select(Request.title).where(Request.id.in_(new), used)
    yield named("People have worked on requests that it brought", worked_on)
    edited = [
        request.title
        for request, changes in _changed(made)
        if any(getattr(request, name) != value
               for name, value in requests_book.after(changes, 1).items())
    ]  # fmt: skip
    yield Dependence("Requests were changed here since", len(edited), edited[:10])


def _requests(made: Import, action: str) -> Any:
    return (
        select(Request.id)
        .join(StagedRow, StagedRow.external_id == Request.external_id)
        .where(StagedRow.import_id == made.id, StagedRow.action == action)
    )


def _changed(made: Import) -> Iterator[tuple[Request, dict[str, list[Any]]]]:
    statement = (
        select(Request, StagedRow.changes)
        .join(StagedRow, StagedRow.external_id == Request.external_id)
        .where(StagedRow.import_id == made.id, StagedRow.action == CHANGED)
    )
    for request, changes in db.session.execute(statement):
        yield request, changes or {}


def _compare_again(made: Import) -> int:
    """Compare what is staged with what is stored now; returns how many rows are said otherwise."""
    moved = 0
    book = RequestBook(made.report["fields"], FileReport(REQUESTS, ""))
    for some in _staged(made.id, (FRESH, CHANGED, UNCHANGED)):
        for was, now in zip(some, book.compare([each.request for each in some]), strict=True):
            if (was.action, was.changes) != (now.action, now.changes):
                moved += 1
                db.session.execute(
                    update(StagedRow)
                    .where(StagedRow.import_id == made.id, StagedRow.row == now.request.row)
                    .values(action=now.action, changes=now.changes)
                )
    return moved


def _staged(import_id: int, wanted: tuple[str, ...]) -> Iterator[list[Compared]]:
    """The rows that are to become this, a chunk at a time."""
    last = 0
    while True:
        rows = db.session.execute(
            select(StagedRow.row, StagedRow.action, StagedRow.changes, StagedRow.said)
            .where(StagedRow.import_id == import_id, StagedRow.row > last)
            .where(StagedRow.action.in_(wanted))
            .order_by(StagedRow.row)
            .limit(CHUNK)
        ).all()
        if not rows:
            return
        last = rows[-1].row
        yield [Compared(_request(each.said), each.action, each.changes or {}) for each in rows]


def _row(import_id: int, compared: Compared) -> dict[str, Any]:
    request = compared.request
    said = asdict(request)
    said["values"] = {name: requests_book.plain(value) for name, value in said["values"].items()}
    return {
        **_BLANK, "import_id": import_id, "row": request.row, "action": compared.action,
        "external_id": request.id, "name": request.values["title"],
        "changes": compared.changes, "said": said,
    }  # fmt: skip


def _request(said: dict[str, Any]) -> StagedRequest:
    values = {name: [None, value] for name, value in said["values"].items()}
    return StagedRequest(**{**said, "values": requests_book.after(values, 1)})


def _refused(import_id: int, row: Rejected) -> dict[str, Any]:
    return {
        **_BLANK, "import_id": import_id, "row": row.row, "action": row.action,
        "reason": row.reason, "label": row.label[:200] or None, "value": row.cell[:200] or None,
        "external_id": row.id and row.id[:200],
    }  # fmt: skip


_BLANK = dict.fromkeys(
    ("reason", "label", "value", "external_id", "name", "changes", "said"), None
)  # fmt: skip


__all__ = ["apply", "opened", "revert", "run", "stage"]
