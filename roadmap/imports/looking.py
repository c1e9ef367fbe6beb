"""What can be told of an upload at a glance, for somebody to confirm or correct: its form, its
first rows, and which column is taken for which field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from roadmap.models import Import
from roadmap.models.imports import DEALS, REQUESTS

from . import columns, mapping, survey, uploads
from .layout import Layout
from .mapping import FIELDS, ImportMapping, MappingError
from .reading import Sheet, UnreadableFile
from .survey_dates import ORDER_WORDS
from .values import shown

SAMPLE = 5
#: So many rows are looked at for how dates and figures are written; all, when it is checked.
GLANCE = 500

_DECIMAL_WORDS = {".": "1,234.56", ",": "1.234,56"}

#: An e-mail address, or a phone number that is written as one.
_REACHES = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|(?=(?:\D*\d){7})(?:\+|00|\(|0\d+[ /-])[\d /().-]+")

#: What the fields are called on the page.
FIELD_NAMES = {
    "id": "Id in CRM", "name": "Name", "account_id": "Account's id",
    "account_name": "Account's name",
    "owner": "Owner", "product": "Product", "stage": "Stage", "pipeline": "Pipeline",
    "status": "Status", "won": "Won?", "closed": "Closed?", "amount": "Amount",
    "won_amount": "Amount once won", "currency": "Currency", "close_date": "Close date",
    "closed_on": "Closed on",
    "won_on": "Won on", "lost_on": "Lost on", "active": "Active?",
    "opened_on": "Opened on", "needed_by": "Needed by",
    "probability": "Probability", "lost_to": "Lost to", "loss_reason": "Loss reason",
    "deleted": "Deleted?", "industry": "Industry", "region": "Region",
    "employees": "Employees", "revenue": "Revenue",
    "account_industry": "Account's industry", "account_region": "Account's region",
    "account_employees": "Account's employees", "account_revenue": "Account's revenue",
    "title": "Title", "body": "Text", "quote": "Quote", "requester": "Requested by",
    "date": "Requested on",
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """One file at a glance. `columns` are (field, its name, the label taken for it or "")."""

    kind: str
    name: str
    form: str
    source: str
    header: Sequence[str]
    header_row: int
    rows: Sequence[tuple[int, Sequence[str]]]
    columns: Sequence[tuple[str, str, str]]
    #: By field without a column, what holds for every row; "" for nothing.
    constants: Mapping[str, str]
    #: The places in the header that are not imported.
    skipped: frozenset[int]
    kept: Sequence[str]
    error: str = ""
    #: Whether CRM writes 0 into the amount of a lost deal, as far as is known.
    lost_zero: bool = False
    #: What the first rows show of how dates and figures are written, in words.
    written: Sequence[str] = ()
    #: Of a workbook: the sheet that is read, all of them, and others with its columns.
    title: str = ""
    titles: Sequence[str] = ()
    alike: Sequence[str] = ()
    #: Columns that would be kept and whose first rows have e-mail addresses or phone numbers.
    personal: Sequence[str] = ()

    @property
    def offered(self) -> Sequence[tuple[str, str]]:
        """The sheets, as a select offers them."""
        return [(title, title) for title in self.titles]

    @property
    def labels(self) -> Sequence[str]:
        """What the columns are called, also those without a name."""
        return [label or f"Column {place}" for place, label in enumerate(self.header, 1)]


def look(made: Import) -> list[Look]:
    """The deals' file and, if there is one, the accounts'; or the backlog. An unreadable one says
    why."""
    own = mapping.parse(made.mapping)
    found, preset, named = [], "", frozenset[str]()
    for file in sorted(made.files, key=lambda file: file["kind"] != DEALS):
        kind, name = file["kind"], file["name"]
        if kind not in FIELDS:
            continue
        try:
            path = uploads.path(file)
            if kind == DEALS:
                sheet = columns.open_deals(path, own)
                known, mapped, layout = columns.arranged(sheet, own)
                preset, source = known.name, known.title
                named = columns.named_accounts(sheet, layout)
            elif kind == REQUESTS:
                sheet = columns.opened(path, REQUESTS, own)
                mapped, layout = columns.arranged_requests(sheet, own)
                source = ""
            else:
                sheet = columns.open_accounts(path, own)
                mapped, layout = columns.arranged_accounts(sheet, own, preset, named)
                source = ""
        except (UnreadableFile, MappingError) as error:
            found.append(Look(kind, name, "", "", (), 0, (), (), {}, frozenset(), (), str(error)))
            continue
        found.append(_look(kind, name, source, sheet, layout, mapped))
    return found


def plainly(error: Exception) -> str:
    """What is wrong, without how to say it on a command line."""
    return getattr(error, "plain", "") or str(error)


def _look(
    kind: str, name: str, source: str, sheet: Sheet, layout: Layout, mapped: ImportMapping
) -> Look:
    first = islice(sheet.records(), sheet.header_row, sheet.header_row + SAMPLE)
    rows = [(row.number, [shown(cell, 40) for cell in row.cells]) for row in first]
    columns = [(field, FIELD_NAMES[field], layout.taken(field)) for field in FIELDS[kind]]
    return Look(
        kind, name, sheet.form, source, sheet.header, sheet.header_row, rows, columns,
        {field: layout.constant(field) for field, _, taken in columns if not taken},
        layout.skipped, list(layout.attributes), lost_zero=bool(mapped.lost_zero_is_unknown),
        written=_written(sheet, layout, mapped), personal=_personal(rows, layout),
        title=sheet.separator if sheet.titles else "", titles=sheet.titles, alike=sheet.alike,
    )  # fmt: skip


def _personal(rows: Sequence[tuple[int, Sequence[str]]], layout: Layout) -> list[str]:
    """The attributes that look like ways to reach people."""

    def cells(place: int) -> list[str]:
        return [row[place] for _, row in rows if place < len(row) and row[place]]

    return [
        label
        for label, place in layout.attributes.items()
        if (said := cells(place)) and all(map(_REACHES.fullmatch, said))
    ]


def _written(sheet: Sheet, layout: Layout, mapped: ImportMapping) -> list[str]:
    """How the first rows write dates and figures, as far as they decide it."""
    order, decimal = survey.glance(sheet, layout, mapped, GLANCE)
    found = []
    if order:
        found.append(f"dates as {ORDER_WORDS[order]}")
    if decimal:
        found.append(f"figures as {_DECIMAL_WORDS[decimal]}")
    return found
