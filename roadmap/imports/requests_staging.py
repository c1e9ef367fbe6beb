"""Rows of a backlog into requests as they shall be stored: pure, with every doubt noted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from roadmap.domain.asking import title_of
from roadmap.domain.triage import NEW
from roadmap.workspace import clock

from . import dates
from .layout import Layout
from .mapping import ImportMapping
from .markup import unmarked
from .reading import Row
from .report import FileReport
from .survey import Conventions
from .values import Unreadable, external_id, has_control, long_text, plain, shown, text

MOST_TITLE = 200
ACCOUNT_KEY = "001"


@dataclass(slots=True)
class StagedRequest:
    """A request as its row has it. `values` has only what the file says something about."""

    row: int
    id: str
    values: dict[str, Any]
    account_id: str
    account_name: str
    requester: str
    state: str
    #: The file's word for it.
    status: str


class RequestStager:
    def __init__(
        self,
        layout: Layout,
        mapped: ImportMapping,
        conventions: Conventions,
        today: date,
        report: FileReport,
    ) -> None:
        self.layout = layout
        self.mapped = mapped
        self.conventions = conventions
        self.today = today
        self.report = report

    def stage(self, row: Row) -> StagedRequest:
        """The row's request; raises Unreadable with the reason why it cannot be taken."""
        id = external_id(self.layout.cell(row.cells, "id"))
        title, body, quote = (self._words(row, name) for name in ("title", "body", "quote"))
        title = " ".join(title.split())
        if not title and not body:
            raise Unreadable("it has neither a title nor a text")
        values: dict[str, Any] = {"title": title or title_of(body), "body": body}
        if len(title) > MOST_TITLE:
            self.report.note(
                f"Title cut at {MOST_TITLE} characters; all of it begins the text", row.number
            )
            values["title"] = f"{title[: MOST_TITLE - 1]}…"
            values["body"] = f"{title}\n\n{body}".strip()
        if self.layout.has("quote"):
            values["quote"] = quote
        if self.layout.has("needed_by"):
            values["needed_by"] = self._day(row, "needed_by", "left out")
        created = self._created(row)
        if created is not None:
            values["created_at"] = clock.start_of(created)
        account_id, account_name = self._account(row)
        status, state = self._status(row)
        return StagedRequest(
            row.number, id, values, account_id, account_name, self._name(row, "requester"),
            state, status,
        )  # fmt: skip

    def id_of(self, row: Row) -> str | None:
        """The row's id as it is written, for whatever is said of a row that is not taken."""
        return text(self.layout.cell(row.cells, "id")) or None

    def _words(self, row: Row, name: str) -> str:
        cell = self.layout.cell(row.cells, name)
        if has_control(cell):
            label = self.layout.label(name)
            self.report.note(f"Control characters removed: {label}", row.number)
        return long_text(unmarked(cell))

    def _name(self, row: Row, name: str) -> str:
        """A short text, cut at 200 characters."""
        value = " ".join(text(self._words(row, name)).split())
        value = self.mapped.replace.get(name, {}).get(value.casefold(), value)
        if len(value) > MOST_TITLE:
            label = self.layout.label(name)
            self.report.note(f"Cut at {MOST_TITLE} characters: {label}", row.number)
            value = f"{value[: MOST_TITLE - 1]}…"
        return value

    def _account(self, row: Row) -> tuple[str, str]:
        """CRM's id and the name. An id that cannot be one is taken for a name."""
        said, name = self._name(row, "account_id"), self._name(row, "account_name")
        try:
            id = external_id(said, ACCOUNT_KEY) if said else ""
        except Unreadable:
            id, name = "", name or said
        if self.layout.has("account_id", "account_name") and not id and not name:
            self.report.note("No account named", row.number)
        return id, name

    def _created(self, row: Row) -> date | None:
        """The day it was asked for; None where the file does not say it."""
        found = self._day(row, "date", "the day of its first import counts")
        if found is not None and found > self.today:
            self.report.note(
                "Dated in the future: the day of its first import counts",
                row.number,
                self.layout.cell(row.cells, "date"),
            )
            return None
        return found

    def _day(self, row: Row, name: str, otherwise: str) -> date | None:
        cell = self.layout.cell(row.cells, name)
        try:
            return dates.day(cell, self.conventions.date_order, self.conventions.month_only)
        except Unreadable:
            label = self.layout.label(name)
            self.report.note(f"{label} is no date: {otherwise}", row.number, shown(cell))
            return None

    def _status(self, row: Row) -> tuple[str, str]:
        """The file's word, and what it comes to here."""
        word = self._name(row, "status")
        state = self.mapped.states.get(plain(word))
        if word and state is None:
            self.report.note("Unknown status: waits for triage as new", row.number, word)
        if self.layout.has("status"):
            self.report.stages[word, state or NEW] += 1
        return word, state or NEW
