"""Imports as pages show them: the list, one with its counts, and every row of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from roadmap.extensions import db, streamed
from roadmap.models import Account, Deal, Import, Request, SavedMapping, User
from roadmap.models.imports import (
    ACCOUNTS,
    CHANGED,
    DEALS,
    IN_FORCE,
    NEW,
    REQUESTS,
    SKIPPED,
    UNREADABLE,
)
from roadmap.web.filters import money_full
from roadmap.web.paging import PAGE

from .queries import STAGED

#: By kind of file: what its rows become.
LIVE: Mapping[str, Any] = {DEALS: Deal, ACCOUNTS: Account, REQUESTS: Request}
ACTIONS = (NEW, CHANGED, SKIPPED, UNREADABLE)

#: What the columns are called in a change.
COLUMN_NAMES = {
    "name": "Name", "status": "Status", "stage": "Stage", "product": "Product", "amount": "Amount",
    "amount_source": "Amount's source", "probability": "Probability", "opened_on": "Opened",
    "close_date": "Closes", "needed_by": "Needed by", "lost_to": "Lost to", "account": "Account",
    "owner": "CRM owner", "external_id": "Id in CRM", "industry": "Industry", "region": "Region",
    "employees": "Employees", "revenue": "Revenue", "fit": "ICP fit", "segment_id": "Segment",
    "title": "Title", "body": "Text", "quote": "Quote", "note": "Note", "prospect": "Prospect",
    "requester": "Requested by", "created_at": "Requested on",
}  # fmt: skip
_MONEY = ("amount", "revenue")
#: Said in other words elsewhere: the reason's words are an attribute as well.
_UNSAID = ("words", "account_id", "requester_id")


class ImportLine(NamedTuple):
    """An import in the list; `counts` are its deals by what became of them."""

    id: int
    created_at: datetime
    by: str | None
    state: str
    files: Sequence[Mapping[str, Any]]
    counts: Mapping[str, int]


def imports() -> list[ImportLine]:
    """The latest first."""
    rows = db.session.execute(
        select(Import.id, Import.created_at, User.name, Import.state, Import.files, Import.report)
        .outerjoin(User, User.id == Import.by_id)
        .order_by(Import.id.desc())
        .limit(500)
    )
    return [
        ImportLine(id, at, by, state, files, counts_of(report))
        for id, at, by, state, files, report in rows
    ]


def counts_of(report: Mapping[str, Any]) -> dict[str, int]:
    """Of the deals or, of a backlog, the requests."""
    file = next((f for f in report.get("files", ()) if f["kind"] in (DEALS, REQUESTS)), None)
    names = ("rows", "new", "changed", "unchanged", "skipped", "failed")
    return {name: file[name] for name in names} if file else {}


class ChangedColumn(NamedTuple):
    name: str
    before: str
    after: str


class Line(NamedTuple):
    """A row of an import. `id` is the deal's or account's page, where there is one."""

    row: int
    action: str
    id: int | None
    external_id: str
    name: str
    changes: tuple[ChangedColumn, ...]
    label: str
    value: str
    reason: str


def rows_of(
    import_id: int,
    kind: str,
    action: str,
    currency: str,
    after: int | None = None,
    limit: int | None = PAGE + 1,
) -> Iterator[Line]:
    """Rows that become this, in the file's order, from behind the row `after`."""
    s, live = STAGED[kind], LIVE[kind]
    statement = (
        select(
            s.row, s.action, live.id, s.external_id, s.name, s.changes, s.label, s.value, s.reason
        )
        .outerjoin(live, live.external_id == s.external_id)
        .where(s.import_id == import_id, s.action == action)
        .order_by(s.row)
    )
    if after is not None:
        statement = statement.where(s.row > after)
    if limit is not None:
        statement = statement.limit(limit)
    for row in streamed(statement):
        yield Line(
            row.row, row.action, row.id, row.external_id or "", row.name or "",
            tuple(_changed(row.changes or {}, currency)), row.label or "", row.value or "",
            row.reason or "",
        )  # fmt: skip


def saved_mappings() -> list[SavedMapping]:
    return list(db.session.scalars(select(SavedMapping).order_by(SavedMapping.name)))


def same_file(made: Import) -> Import | None:
    """The last other import of the same deals, or requests, that was applied, if there is one."""
    digest = next((f["sha256"] for f in made.files if f["kind"] == made.kind), "")
    for other in db.session.scalars(
        select(Import)
        .where(Import.id < made.id, Import.state.in_(IN_FORCE))
        .order_by(Import.id.desc())
        .limit(200)
    ):
        if any(f["kind"] == made.kind and f["sha256"] == digest for f in other.files):
            return other
    return None


def _changed(changes: Mapping[str, Sequence[Any]], currency: str) -> Iterator[ChangedColumn]:
    for name, (before, after) in changes.items():
        if name == "attributes":
            labels = [k for k in {**before, **after} if before.get(k) != after.get(k)]
            for label in labels:
                yield ChangedColumn(label, before.get(label, "–"), after.get(label, "–"))
        elif name not in _UNSAID:
            title = COLUMN_NAMES.get(name, name)
            yield ChangedColumn(title, _said(name, before, currency), _said(name, after, currency))


def _said(name: str, value: Any, currency: str) -> str:
    if value is None:
        return "unknown" if name in _MONEY else "–"
    if name in _MONEY:
        return money_full(int(value), currency)
    return str(value)
