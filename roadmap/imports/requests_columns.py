"""What columns and statuses of a backlog are called. Words are plain: lower case, no spaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from roadmap.domain.triage import DECLINED, NEW

from .mapping import FileMapping, ImportMapping, column_key

#: The most telling name first; an id that people see goes before one that only the system knows.
_LABELS = {
    "id": (
        "externalid", "issuekey", "key", "id", "issueid", "requestid", "ideaid", "ticketid",
        "featureid", "postid", "cardid", "storyid", "suggestionid", "feedbackid", "itemid",
        "taskid", "caseid", "noteid", "insightid", "entryid", "workitemid", "recordid",
        "referenceno", "reference", "ref", "number", "no",
    ),
    "title": ("title", "summary", "subject", "headline", "requesttitle", "ideaname",
        "posttitle", "cardtitle", "cardname", "storytitle", "featurename", "tasktitle", "name"),
    "body": (
        "body", "description", "text", "details", "requestdescription", "postdetails",
        "postdescription",
        "carddescription", "featuredescription", "content", "message", "note", "feedback",
        "problem", "request",
    ),
    "quote": ("quote", "customerquote", "verbatim"),
    "account_id": (
        "accountid", "companyid", "customerid", "organisationid", "organizationid", "clientid",
    ),
    "account_name": (
        "accountname", "account", "companyname", "company", "customername", "customer",
        "organisationname", "organisation", "organizationname", "organization", "clientname",
        "client", "prospect",
    ),
    "requester": (
        "requester", "requesteremail", "requestername", "requestedby", "reporter", "submittedby",
        "submitter", "createdby", "author", "email",
    ),
    "date": (
        "createdat", "created", "createdon", "createddate", "datecreated", "creationdate",
        "createdtime", "submittedat", "submittedon", "submitted", "requestedon", "reportedon",
        "opened", "date",
    ),
    "needed_by": ("neededby", "needby", "neededbydate", "duedate", "due"),
    "status": ("status", "state", "requeststatus", "workflowstate"),
    "deleted": ("isdeleted", "deleted"),
}  # fmt: skip

_WAITING = (
    "accepted", "active", "approved", "backlog", "considering", "forlater", "futureconsideration",
    "gatheringfeedback", "icebox", "inbacklog", "indevelopment", "inprogress", "inreview", "later",
    "logged", "needsreview", "needstriage", "new", "onhold", "open", "parked", "pending", "planned",
    "received", "reopened", "review", "scheduled", "selectedfordevelopment", "started", "submitted",
    "todo", "triage", "underconsideration", "underreview", "unread", "waiting",
)  # fmt: skip
_DONE_WITH = (
    "alreadyexists", "archived", "canceled", "cancelled", "closed", "complete", "completed",
    "declined", "delivered", "done", "duplicate", "fixed", "implemented", "launched", "live",
    "merged", "notdoing", "notplanned", "obsolete", "outofscope", "rejected", "released",
    "resolved", "shipped", "willnotdo", "willnotimplement", "wontdo", "wontfix", "wontimplement",
)  # fmt: skip
STATES: Mapping[str, str] = MappingProxyType(
    {**dict.fromkeys(_WAITING, NEW), **dict.fromkeys(_DONE_WITH, DECLINED)}
)


def mapping(keys: frozenset[str]) -> ImportMapping:
    """The mapping of a file with these columns, found by their usual names."""
    columns: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for name, labels in _LABELS.items():
        found = next((label for label in labels if label in keys and label not in taken), None)
        if found is not None:
            columns[name] = (found,)
            taken.add(found)
    return ImportMapping(requests=FileMapping(MappingProxyType(columns)), states=STATES)


def is_header(keys: frozenset[str]) -> bool:
    """Whether a row of labels is a backlog's header, and not a title above it."""
    found = mapping(keys).requests.columns
    return "id" in found and ("title" in found or "body" in found)


def without_others(mapped: ImportMapping, header: Sequence[str]) -> FileMapping:
    """How the file is read, all columns that are no field left out: a request has no attributes."""
    used = {column_key(label) for labels in mapped.requests.columns.values() for label in labels}
    others = {column_key(label) for label in header} - used
    return replace(mapped.requests, ignored=frozenset(others))
