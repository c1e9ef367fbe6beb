"""Requests of a backlog into the database: compared with what is there, written where they differ.

What people did with a request here goes before what its file says: the file's words are taken again
only while nobody has triaged it, its title only until somebody renamed it, its account only until
somebody linked it. Its status counts once, when it is brought over.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from roadmap.domain.triage import WAITING, Disposition
from roadmap.extensions import db
from roadmap.models import Request, RequestEvent, Workspace

from . import queries
from .report import FileReport
from .requests_staging import StagedRequest
from .writing import insert_rows, update_rows

#: What a file may say of a request.
COLUMNS = (
    "title", "body", "quote", "note", "account_id", "prospect", "requester_id", "needed_by",
    "created_at",
)  # fmt: skip
#: Each is as long as a page or longer: fewer are held at a time than of deals.
CHUNK = 1_000
IMPORTED = "imported"
Values = dict[str, Any]


class Known(NamedTuple):
    """A request that is here already; `status` is the file's word when it was brought over."""

    id: int
    state: str
    values: Values
    status: str
    renamed: bool
    linked: bool


class RequestBook:
    """Writes staged requests, a chunk at a time; the workspace's row is locked."""

    def __init__(
        self, row: Workspace, now: datetime, report: FileReport, *, has_account: bool,
        has_requester: bool,
    ) -> None:  # fmt: skip
        self.row = row
        self.now = now
        self.report = report
        self.has_account = has_account
        self.has_requester = has_requester
        self.users = queries.users_by_name()

    def store(self, requests: Sequence[StagedRequest]) -> None:
        """Insert what is new and update what differs; nothing is deleted."""
        known = _known([request.id for request in requests])
        accounts = self._accounts(requests)
        new: list[StagedRequest] = []
        rows: list[Values] = []
        changed: list[tuple[int, Values]] = []
        for request in requests:
            said = {**request.values, **accounts[request.row], **self._requester(request)}
            if request.id not in known:
                new.append(request)
                rows.append(self._fresh(request, said))
                self.report.new += 1
                continue
            after = self._changed(request, said, known[request.id])
            if after is None:
                self.report.unchanged += 1
            else:
                self.report.changed += 1
                changed.append((known[request.id].id, after))
        insert_rows(Request, rows)
        update_rows(Request, (*COLUMNS, "revision"), changed)
        self._tell(new, [id for id, _ in changed])

    def _fresh(self, request: StagedRequest, said: Values) -> Values:
        empty = {"quote": "", "note": "", "created_at": self.now}
        return {
            **dict.fromkeys(COLUMNS),
            **empty,
            **said,
            "external_id": request.id,
            "state": request.state,
            "revision": self._counted(),
        }

    def _changed(self, request: StagedRequest, said: Values, known: Known) -> Values | None:
        """What it becomes; None where it stays as it is."""
        if known.status != request.status:
            self.report.note(
                "Status changed in the file, kept here: triage decides",
                request.row,
                f"{request.id}: {request.status or 'none'}",
            )
        if known.renamed:
            said.pop("title")
        if known.linked:
            said.pop("account_id", None)
            said.pop("prospect", None)
        after = {**known.values, **said}
        if after == known.values:
            return None
        if known.state not in WAITING:
            self.report.note(
                "Changed in the file, kept here: it waits for triage no longer",
                request.row,
                request.id,
            )
            return None
        return {**after, "revision": self._counted()}

    def _counted(self) -> int:
        self.row.intake_revision += 1
        return self.row.intake_revision

    def _tell(self, new: Sequence[StagedRequest], changed: Sequence[int]) -> None:
        """The history of each: that it was brought over, or that the file's words were."""
        ids = _ids([request.id for request in new])
        found = [
            _event(ids[request.id], request.status, Disposition(request.state).as_json(), self.now)
            for request in new
        ]
        found += [_event(id, "What it says there has changed.", {}, self.now) for id in changed]
        insert_rows(RequestEvent, found)

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


def _event(request_id: int, text: str, after: dict[str, Any], at: datetime) -> Values:
    return {
        "request_id": request_id, "kind": IMPORTED, "at": at, "text": text, "before": {},
        "after": after,
    }  # fmt: skip
