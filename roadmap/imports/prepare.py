"""Files opened and surveyed, ready to be staged row by row. Touches no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from . import presets, requests_columns
from .layout import Layout
from .mapping import (
    ACCOUNTS,
    DEALS,
    REQUESTS,
    ImportMapping,
    MappingError,
    column_key,
    overlaid,
)
from .reading import Row, Sheet, UnreadableFile, open_sheet
from .report import FileReport
from .requests_staging import RequestStager, StagedRequest
from .staging import (
    ACCOUNT_KEY,
    DEAL_KEY,
    AccountStager,
    DealStager,
    StagedAccount,
    StagedDeal,
)
from .status import Statuses, is_deleted
from .survey import Conventions, survey
from .values import Unreadable, shown, text

Staged = TypeVar("Staged")


@dataclass
class Prepared:
    """A file whose form, columns and conventions are settled."""

    sheet: Sheet
    layout: Layout
    mapped: ImportMapping
    conventions: Conventions
    report: FileReport
    #: How often each name was met in the columns whose spelling is looked at.
    names: dict[str, Counter[str]] = field(default_factory=dict)

    def deals(self, stager: DealStager) -> Iterator[StagedDeal]:
        for deal in self._staged(stager.stage):
            if deal.values.get("product"):
                self._count("product", deal.values["product"])
            yield deal

    def accounts(self, stager: AccountStager) -> Iterator[StagedAccount]:
        for account in self._staged(stager.stage):
            for name in ("industry", "region"):
                if account.values.get(name):
                    self._count(name, account.values[name])
            yield account

    def requests(self, stager: RequestStager) -> Iterator[StagedRequest]:
        """Of rows with one id the first that can be taken counts."""
        taken: set[str] = set()
        for request in self._staged(stager.stage):
            if request.id in taken:
                self.report.skipped += 1
                self.report.note(
                    "Its id stands in an earlier row, which counts: skipped",
                    request.row,
                    request.id,
                )
                continue
            taken.add(request.id)
            yield request

    def _staged(self, stage: Callable[[Row], Staged]) -> Iterator[Staged]:
        """Each row that can be taken; the report counts the others with their reasons."""
        report, conventions = self.report, self.conventions
        for row in self.sheet.rows():
            report.rows += 1
            fault = self.sheet.fault(row.cells) or self._conflict(row)
            if fault:
                report.fail(row.number, fault)
                continue
            try:
                if is_deleted(self.layout, row.cells):
                    report.skipped += 1
                    where = "the backlog" if self.layout.kind == REQUESTS else "CRM"
                    report.note(f"Deleted in {where}: skipped", row.number)
                elif row.number in conventions.repeats:
                    report.skipped += 1
                    report.note("Repeats an earlier row word for word: skipped", row.number)
                else:
                    yield stage(row)
            except Unreadable as error:
                report.fail(row.number, str(error))
        self._finish()

    def _conflict(self, row: Row) -> str | None:
        rows = self.conventions.conflicts.get(row.number)
        if rows is None:
            return None
        listed = ", ".join(str(each) for each in rows[:5]) + (" …" if len(rows) > 5 else "")
        key = "id" if self.layout.has("id") else "name"
        return (
            f"its {key} {shown(self.layout.cell(row.cells, key))} stands in rows {listed} with "
            "different content, and nobody can tell which is right: export one row for each"
        )

    def _count(self, column: str, name: str) -> None:
        counter = self.names.setdefault(column, Counter())
        if name in counter or len(counter) < 2_000:
            counter[name] += 1

    def _finish(self) -> None:
        sheet, remarks = self.sheet, self.report.remarks
        if sheet.footer:
            lines = "; ".join(shown(line) for line in sheet.footer)
            remarks.append(f"The report's footer was left out, {len(sheet.footer)} rows: {lines}")
        if sheet.blank_rows:
            remarks.append(f"Blank rows left out: {sheet.blank_rows:,}")
        if sheet.nul_rows:
            remarks.append(f"Lines with NUL characters, which were removed: {sheet.nul_rows:,}")


def prepare_deals(path: Path, own: ImportMapping) -> Prepared:
    """The deals' file. Raises UnreadableFile or MappingError with what to do about it."""
    sheet = _open(path, DEALS, own)
    keys = _keys(sheet.header)
    preset = _preset(own.preset, keys)
    mapped = overlaid(presets.mapping(preset, keys), own)
    layout = Layout(DEALS, sheet.header, mapped.deals, own.demanded.get(DEALS, ()))
    columns = ", ".join(shown(label) for label in sheet.header[:60] if label)
    if not layout.has("id"):
        hint = f" Add the column “{preset.id_hint}” to the export" if preset.id_hint else ""
        raise MappingError(
            f"{path.name} has no column with the deal's id, without which a second import could "
            f"not tell which deal is which.{hint or ' Export it'}, or name it in a mapping "
            f'(--mapping): {{"deals": {{"id": "…"}}}}. The columns are: {columns}.'
        )
    if not Statuses(layout, mapped).can_tell:
        raise MappingError(
            f"{path.name} has no column that says whether a deal is open, won or lost. Name it in "
            f'a mapping (--mapping): {{"deals": {{"stage": "…"}}}}. The columns are: {columns}.'
        )
    return _prepared(sheet, layout, mapped, preset.title, DEAL_KEY, "id")


def prepare_accounts(path: Path, own: ImportMapping, preset_of_deals: str) -> Prepared:
    """The accounts' file, of the same system as the deals'."""
    sheet = _open(path, ACCOUNTS, own)
    preset = presets.BY_NAME[preset_of_deals]
    found = presets.with_accounts(presets.mapping(preset, frozenset()), _keys(sheet.header))
    mapped = overlaid(found, own)
    layout = Layout(ACCOUNTS, sheet.header, mapped.accounts, own.demanded.get(ACCOUNTS, ()))
    if not layout.has("id", "name"):
        columns = ", ".join(shown(label) for label in sheet.header[:60] if label)
        raise MappingError(
            f"{path.name} has no column with the account's id or name. Name it in a mapping "
            f'(--mapping): {{"accounts": {{"name": "…"}}}}. The columns are: {columns}.'
        )
    key = "id" if layout.has("id") else "name"
    return _prepared(sheet, layout, mapped, "", ACCOUNT_KEY, key)


def prepare_requests(path: Path, own: ImportMapping) -> Prepared:
    """The file of another system's backlog."""
    sheet = _open(path, REQUESTS, own)
    found = requests_columns.mapping(_keys(sheet.header))
    mapped = overlaid(found, own)
    layout = Layout(
        REQUESTS,
        sheet.header,
        requests_columns.without_others(mapped, sheet.header),
        own.demanded.get(REQUESTS, ()),
    )
    columns = ", ".join(shown(label) for label in sheet.header[:60] if label)
    if not layout.has("id"):
        raise MappingError(
            f"{path.name} has no column with the request's id, without which a second import could "
            "not tell which request is which. Export it, or name it in a mapping (--mapping): "
            f'{{"requests": {{"id": "…"}}}}. The columns are: {columns}.'
        )
    if not layout.has("title", "body"):
        raise MappingError(
            f"{path.name} has no column that says what is asked for. Name it in a mapping "
            f'(--mapping): {{"requests": {{"title": "…", "body": "…"}}}}. The columns are: '
            f"{columns}."
        )
    return _prepared(sheet, layout, mapped, "", "", "id")


def product_names(path: Path, own: ImportMapping) -> list[str]:
    """The names in a file of products."""

    def places(cells: Sequence[str]) -> list[int]:
        keys = [column_key(cell) for cell in cells]
        return [keys.index(key) for key in ("productname", "product", "name") if key in keys]

    sheet = open_sheet(
        path, lambda cells: bool(places(cells)), encoding=own.encoding, separator=own.separator
    )
    found = places(sheet.header)
    if not found:
        raise UnreadableFile(f"{path.name} has no column called product or name.")
    names = (text(row.cells[found[0]]) for row in sheet.rows() if len(row.cells) > found[0])
    return [name for name in dict.fromkeys(names) if name]


def _open(path: Path, kind: str, own: ImportMapping) -> Sheet:
    return open_sheet(
        path,
        partial(_is_header, kind, own),
        encoding=own.encoding,
        separator=own.separator,
    )


_KNOWN_HEADERS = {
    DEALS: presets.is_deals_header,
    ACCOUNTS: presets.is_accounts_header,
    REQUESTS: requests_columns.is_header,
}


def _is_header(kind: str, own: ImportMapping, cells: Sequence[str]) -> bool:
    keys = _keys(cells)
    named = [label for labels in own.file(kind).columns.values() for label in labels]
    if named and all(column_key(label) in keys for label in named):
        return True
    return _KNOWN_HEADERS[kind](keys)


def _preset(name: str, keys: frozenset[str]) -> presets.Preset:
    if not name:
        return presets.recognised(keys)
    if name not in presets.BY_NAME:
        listed = ", ".join(presets.BY_NAME)
        raise MappingError(f"preset: there is no {shown(name)}; there are {listed}.")
    return presets.BY_NAME[name]


def _prepared(
    sheet: Sheet, layout: Layout, mapped: ImportMapping, source: str, prefix: str, key: str
) -> Prepared:
    report = FileReport(layout.kind, sheet.path.name, form=sheet.form, source=source)
    report.columns = layout.described()
    conventions = survey(sheet, layout, mapped, prefix, key)
    if sheet.encoding == "cp1252" and not mapped.encoding:
        report.remarks.append(
            "The file is not UTF-8 and was read as Windows-1252: look at the names with accents"
        )
    if sheet.header_row > 1:
        report.remarks.append(f"Rows above the header left out: {sheet.header_row - 1}")
    report.remarks += [
        f"Two columns are called {label}: the first is taken for its field"
        for label in layout.repeated
    ]
    if conventions.date_order:
        words = {"ymd": "year, month, day", "dmy": "day, month, year", "mdy": "month, day, year"}
        report.remarks.append(f"Dates are read as {words[conventions.date_order]}")
    report.remarks += conventions.remarks
    return Prepared(sheet, layout, mapped, conventions, report)


def _keys(labels: Sequence[str]) -> frozenset[str]:
    return frozenset(column_key(label) for label in labels)
