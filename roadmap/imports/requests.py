"""Bringing an existing backlog over: from the file to the commit, in one transaction."""

from __future__ import annotations

from pathlib import Path

from roadmap.extensions import db
from roadmap.models import Workspace
from roadmap.models.base import chunks
from roadmap.workspace import clock, revision

from .mapping import ImportMapping
from .prepare import Prepared, prepare_requests
from .report import Report
from .requests_book import CHUNK, RequestBook
from .requests_staging import RequestStager

_MISSING = (
    (("body",), "the text: a request is its title alone"),
    (("account_id", "account_name"), "the account: nobody can tell who asks"),
    (("date",), "the date: the day of its first import counts"),
    (("status",), "the status: all of them wait for triage"),
)


def run(path: Path, mapping: ImportMapping | None = None, *, dry_run: bool = False) -> Report:
    """Import the requests in the file and say what was done.

    With `dry_run`, or where every row failed, nothing is kept. Raises UnreadableFile or
    MappingError, before anything is touched, where the file or the mapping cannot be used.
    """
    prepared = prepare_requests(path, mapping or ImportMapping())
    report = Report(dry_run=dry_run, files=[prepared.report])
    try:
        _apply(revision.lock(), prepared)
        if dry_run or report.nothing_read:
            db.session.rollback()
        else:
            db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    return report


def _apply(row: Workspace, prepared: Prepared) -> None:
    layout, report = prepared.layout, prepared.report
    report.remarks += [
        f"There is no column for {consequence}"
        for fields, consequence in _MISSING
        if not layout.has(*fields)
    ]
    stager = RequestStager(
        layout, prepared.mapped, prepared.conventions, clock.today(), report
    )  # fmt: skip
    book = RequestBook(
        row,
        clock.now(),
        report,
        has_account=layout.has("account_id", "account_name"),
        has_requester=layout.has("requester"),
    )
    for requests in chunks(prepared.requests(stager), CHUNK):
        book.store(requests)
