"""Requests of a backlog, compared with what is there, and written where they differ.

What people did with a request here goes before what its file says: the file's words are taken again
only while nobody has triaged it, its title only until somebody renamed it, its account only until
somebody linked it. Its status counts once, when it is brought over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select

from roadmap.domain.triage import WAITING, Disposition
from roadmap.extensions import db
from roadmap.models import Account, Request, RequestEvent, User, Workspace
from roadmap.models.imports import CHANGED, NEW, UNCHANGED

from . import queries
from .report import FileReport
from .requests_staging import StagedRequest

#: What a file may say of a request.
COLUMNS = (
    "title", "body", "quote", "note", "account_id", "prospect", "requester_id", "needed_by",
    "created_at",
)  # fmt: skip
#: Of people and accounts, a change says the names, too: (id's column, name's, whose).
NAMED: Sequence[tuple[str, str, Any]] = (
    ("account_id", "account", Account), ("requester_id", "requester", User),
)  # fmt: skip
IMPORTED, CHANGED_THERE = "imported", "What it says there has changed."
Values = dict[str, Any]


class Known(NamedTuple):
    """A request that is here already; `status` is the file's word when it was brought over."""

    id: int
    state: str
    values: Values
    status: str
    renamed: bool
    linked: bool


class Compared(NamedTuple):
    """What is to become of a row; `changes` are {column: [before, after]}, fit for JSON."""

    request: StagedRequest
    action: str
    changes: dict[str, list[Any]]


class RequestBook:
    """Compares staged requests, a chunk at a time."""

    def __init__(self, fields: Collection[str], report: FileReport) -> None:
        """`fields` are those that the file says something about."""
        self.has_account = not {"account_id", "account_name"}.isdisjoint(fields)
        self.has_requester = "requester" in fields
        self.report = report
        self.users = queries.users_by_name()

    def compare(self, requests: Sequence[StagedRequest]) -> list[Compared]:
        """What each comes to; the report notes what is kept."""
        known = _known([request.id for request in requests])
        accounts = self._accounts(requests)
        found = []
        for request in requests:
            said = {**request.values, **accounts[request.row], **self._requester(request)}
            before = known.get(request.id)
            if before is None:
                action, changes = NEW, {name: [None, plain(value)] for name, value in said.items()}
            else:
                changes = self._changes(request, said, before)
                action = CHANGED if changes else UNCHANGED
            found.append(Compared(request, action, changes))
        self._name([each for each in found if each.action == CHANGED])
        return found

    def _changes(self, request: StagedRequest, said: Values, known: Known) -> dict[str, list[Any]]:
        if known.status != request.status:
            self.report.note(
                "Status changed in the file, kept here: triage decides",
                request.row,
                f"{request.id}: {request.status or 'none'}",
            )
        kept = {"title"} if known.renamed else set()
        kept |= {"account_id", "prospect"} if known.linked else set()
        changes = {
            name: [plain(known.values[name]), plain(value)]
            for name, value in said.items()
            if name not in kept and value != known.values[name]
        }
        if changes and known.state not in WAITING:
            self.report.note(
                "Changed in the file, kept here: it waits for triage no longer",
                request.row,
                request.id,
            )
            return {}
        return changes

    def _name(self, changed: Iterable[Compared]) -> None:
        """Say whose account and which person, besides their ids."""
        for column, name, table in NAMED:
            concerned = [each.changes for each in changed if column in each.changes]
            ids = {id for changes in concerned for id in changes[column] if id}
            rows = db.session.execute(select(table.id, table.name).where(table.id.in_(ids)))
            names = {each.id: each.name for each in rows}
            for changes in concerned:
                changes[name] = [names.get(id) for id in changes[column]]

    def _accounts(self, requests: Sequence[StagedRequest]) -> dict[int, Values]:
        """By row, the account that CRM knows, else the name as of a prospect."""
        if not self.has_account:
            return {request.row: {} for request in requests}
        names = {request.account_name for request in requests} - {""}
        by_id = queries.account_ids({*names, *(request.account_id for request in requests)})
        by_name = queries.account_ids_by_name({name.casefold() for name in names})
        return {request.row: self._account(request, by_id, by_name) for request in requests}

    def _account(
        self, request: StagedRequest, by_id: dict[str, int], by_name: dict[str, list[int]]
    ) -> Values:
        name = request.account_name
        named = by_name.get(name.casefold(), [])
        id = by_id.get(request.account_id) or (named[0] if len(named) == 1 else by_id.get(name))
        prospect = None if id else name or request.account_id or None
        if len(named) > 1 and not id:
            self.report.note(
                "Several accounts have this name: kept as a prospect, to be linked",
                request.row, name,
            )  # fmt: skip
        elif prospect:
            self.report.note(
                "Accounts that CRM does not know: kept as prospects, to be linked",
                request.row, prospect,
            )  # fmt: skip
        return {"account_id": id, "prospect": prospect}

    def _requester(self, request: StagedRequest) -> Values:
        """The user of this name or address; whoever is none stays named in the note."""
        if not self.has_requester:
            return {}
        name = request.requester
        found = self.users.get(name.casefold(), []) if name else []
        if name and len(found) != 1:
            self.report.note("Requesters that match no user: named in the note", request.row, name)
            return {"requester_id": None, "note": f"Requested by {name}."}
        return {"requester_id": found[0] if found else None, "note": ""}


def write(row: Workspace, some: Sequence[Compared], at: datetime) -> None:
    """Insert what is new and change what differs, with an event each; `row` is locked."""
    new = [each for each in some if each.action == NEW]
    if new:
        empty = {**dict.fromkeys(COLUMNS), "quote": "", "note": "", "created_at": at}
        rows = [
            {
                **empty, **after(each.changes, 1), "external_id": each.request.id,
                "state": each.request.state, "revision": _counted(row),
            }
            for each in new
        ]  # fmt: skip
        db.session.execute(insert(Request), rows)
    ids = _ids([each.request.id for each in some if each.action != UNCHANGED])
    events = [
        _event(ids[each.request.id], each.request.status,
               Disposition(each.request.state).as_json(), at)
        for each in new
    ]  # fmt: skip
    changed = {ids[each.request.id]: each.changes for each in some if each.action == CHANGED}
    put(row, changed, 1)
    events += [_event(id, CHANGED_THERE, {}, at) for id in changed]
    if events:
        db.session.execute(insert(RequestEvent), events)


def put(row: Workspace, changed: Mapping[int, Mapping[str, Sequence[Any]]], side: int) -> None:
    """Give requests what changes say of them: 0 for before, 1 for after."""
    for request in db.session.scalars(select(Request).where(Request.id.in_(changed))):
        for name, value in after(changed[request.id], side).items():
            setattr(request, name, value)
        request.revision = _counted(row)
    db.session.flush()


def after(changes: Mapping[str, Sequence[Any]], side: int) -> Values:
    """The columns of one side of changes, as the request has them."""
    readers = {"needed_by": date.fromisoformat, "created_at": datetime.fromisoformat}
    return {
        name: readers[name](sides[side]) if name in readers and sides[side] else sides[side]
        for name, sides in changes.items()
        if name in COLUMNS
    }


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value


def _counted(row: Workspace) -> int:
    row.intake_revision += 1
    return row.intake_revision


def _known(external_ids: Collection[str]) -> dict[str, Known]:
    """The requests with these ids that are here already."""
    columns = [getattr(Request, name) for name in COLUMNS]
    rows = db.session.execute(
        select(Request.external_id, Request.id, Request.state, *columns).where(
            Request.external_id.in_(external_ids)
        )
    ).all()
    events: dict[int, dict[str, str]] = {}
    for id, kind, text in db.session.execute(
        select(RequestEvent.request_id, RequestEvent.kind, RequestEvent.text)
        .join(Request, Request.id == RequestEvent.request_id)
        .where(
            Request.external_id.in_(external_ids),
            RequestEvent.kind.in_((IMPORTED, "renamed", "linked")),
        )
        .order_by(RequestEvent.id)
    ):
        events.setdefault(id, {}).setdefault(kind, text)
    return {
        external_id: Known(
            id,
            state,
            dict(zip(COLUMNS, values, strict=True)),
            events.get(id, {}).get(IMPORTED, ""),
            "renamed" in events.get(id, {}),
            "linked" in events.get(id, {}),
        )
        for external_id, id, state, *values in rows
    }


def _ids(external_ids: Collection[str]) -> dict[str, int]:
    rows = db.session.execute(
        select(Request.external_id, Request.id).where(Request.external_id.in_(external_ids))
    )
    return {external_id or "": id for external_id, id in rows}


def _event(request_id: int, text: str, after: Values, at: datetime) -> Values:
    return {
        "request_id": request_id, "kind": IMPORTED, "at": at, "text": text, "before": {},
        "after": after,
    }  # fmt: skip
