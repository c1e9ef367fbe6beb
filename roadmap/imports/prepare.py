"""Files opened and surveyed, ready to be staged row by row. Touches no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from roadmap.models.imports import SKIPPED, UNREADABLE

from . import dates, deal_rows, presets, requests_columns
from .account_staging import AccountStager
from .deal_rows import Deals
from .layout import Layout
from .mapping import (
    ACCOUNTS,
    DEALS,
    REQUESTS,
    FileMapping,
    ImportMapping,
    MappingError,
    column_key,
    overlaid,
)
from .reading import Batch, Row, Sheet
from .report import FileReport
from .requests_staging import RequestStager, StagedRequest
from .sheets import open_sheet
from .staged import StagedAccount
from .staging import ACCOUNT_KEY, DEAL_KEY, DealCells
from .status import DELETED_FIELDS, Statuses, says_deleted
from .survey import Conventions, survey
from .values import Cells, Unreadable, external_id, external_ids, is_blank, shown

FAILED = UNREADABLE
#: So many names of a column are compared.
MOST_NAMES = 2_000
#: So many rows are looked at for what a column holds, and for which ids two files share.
MOST_LOOKED_AT, MOST_COMPARED = 200, 5_000
DELETED, REPEATS = "deleted in CRM", "repeats an earlier row word for word"
Beat = Callable[[int], object]
_Deleted = Callable[[Sequence[str]], bool | Unreadable]
Staged = TypeVar("Staged", StagedAccount, StagedRequest)
Staged_co = TypeVar("Staged_co", covariant=True)


class Rejected(NamedTuple):
    """A row that is not taken: why and, where it is known, for what in which column."""

    row: int
    action: str
    reason: str
    label: str = ""
    cell: str = ""
    id: str | None = None


class _Stager(Protocol[Staged_co]):
    def stage(self, row: Row) -> Staged_co: ...
    def id_of(self, row: Row) -> str | None: ...


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

    def deals(self, cells: DealCells) -> Iterator[tuple[Deals, list[Rejected]]]:
        """Deals, as a list of values for each field of `StagedDeal`, and the rows that are not
        taken; many at once."""
        deleted = self._deleted()
        apart = {*self.conventions.repeats, *self.conventions.conflicts}
        for batch in self.sheet.batches():
            self.report.rows += len(batch.numbers)
            fitting, others = self.sheet.fitting(batch)
            if deleted or not apart.isdisjoint(fitting.numbers):
                fitting, more = self._parted(fitting, deleted)
                others += more
            deals, failed = deal_rows.read(cells, fitting)
            causes = [*((row, self._barred(row, deleted)) for row in others), *failed]
            causes.sort(key=lambda each: each[0].number)
            refused = [self._rejected(row, why, cells.id_of(row)) for row, why in causes]
            self.report.stages.update(zip(deals["stage"], deals["status"], strict=True))
            self._count("product", filter(None, deals["product"]))
            yield deals, refused
        self._finish()

    def accounts(self, stager: AccountStager) -> Iterator[StagedAccount | Rejected]:
        for account in self._staged(stager):
            if isinstance(account, StagedAccount):
                for name in ("industry", "region"):
                    self._count(name, filter(None, [account.values.get(name)]))
            yield account

    def requests(self, stager: RequestStager) -> Iterator[StagedRequest]:
        """Of rows with one id the first that can be taken counts."""
        taken: set[str] = set()
        for request in self._staged(stager):
            if isinstance(request, Rejected):
                continue
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

    def _staged(self, stager: _Stager[Staged]) -> Iterator[Staged | Rejected]:
        """Each row, or why it is not taken; the report counts those that are not."""
        deleted = self._deleted()
        for row in self.sheet.rows():
            self.report.rows += 1
            try:
                why = self._barred(row, deleted)
                found = None if why else stager.stage(row)
            except Unreadable as error:
                why, found = error, None
            yield found or self._rejected(row, why, stager.id_of(row))
        self._finish()

    def _parted(self, batch: Batch, deleted: _Deleted | None) -> tuple[Batch, list[Row]]:
        """The rows to be looked into, and those for which nobody has to."""
        barred = [row for row in batch.rows() if self._barred(row, deleted)]
        numbers = {row.number for row in barred}
        kept = [row for row in batch.rows() if row.number not in numbers]
        return Batch([row.number for row in kept], [row.cells for row in kept]), barred

    def _barred(self, row: Row, deleted: _Deleted | None) -> Unreadable | str:
        """What is wrong with a row as a whole, or why it is skipped; "" for nothing."""
        wrong = self.sheet.fault(row.cells) or self._conflict(row)
        if wrong:
            return Unreadable(wrong)
        gone = deleted(row.cells) if deleted else False
        if isinstance(gone, Unreadable):
            return gone
        return DELETED if gone else REPEATS if row.number in self.conventions.repeats else ""

    def _rejected(self, row: Row, why: Unreadable | str, id: str | None) -> Rejected:
        report = self.report
        if isinstance(why, Unreadable):
            column = f" (column {shown(why.label)})" if why.label else ""
            report.fail(row.number, f"{why}{column}")
            return Rejected(row.number, FAILED, str(why), why.label, why.cell, id)
        where = "the backlog" if self.layout.kind == REQUESTS else "CRM"
        notes = {DELETED: f"Deleted in {where}", REPEATS: "Repeats an earlier row word for word"}
        report.note(f"{notes[why]}: skipped", row.number)
        report.skipped += 1
        return Rejected(row.number, SKIPPED, why, id=id)

    def _deleted(self) -> _Deleted | None:
        """What says whether a row is deleted, or why nobody can tell; None without a column."""
        together = self.layout.together(*DELETED_FIELDS)
        if not together.any:
            return None
        known: Cells[tuple[str, ...]] = Cells(lambda key: says_deleted(together.said(key)))

        def deleted(cells: Sequence[str]) -> bool | Unreadable:
            found: bool | Unreadable = known[together.key(cells)]
            if isinstance(found, Unreadable):
                found.at(self.layout.label("deleted"), self.layout.cell(cells, "deleted"))
            return found

        return deleted

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

    def _count(self, column: str, names: Iterable[str]) -> None:
        counter = self.names.setdefault(column, Counter())
        for name, count in Counter(names).items():
            if name in counter or len(counter) < MOST_NAMES:
                counter[name] += count

    def _finish(self) -> None:
        sheet, remarks = self.sheet, self.report.remarks
        if sheet.footer:
            lines = "; ".join(shown(line) for line in sheet.footer)
            remarks.append(f"The report's footer was left out, {len(sheet.footer)} rows: {lines}")
        if sheet.blank_rows:
            remarks.append(f"Blank rows left out: {sheet.blank_rows:,}")
        if sheet.header_again:
            remarks.append(f"The columns' names again, left out: {sheet.header_again:,} rows")
        if sheet.nul_rows:
            remarks.append(f"Lines with NUL characters, which were removed: {sheet.nul_rows:,}")


def prepare_deals(path: Path, own: ImportMapping, beat: Beat | None = None) -> Prepared:
    """The deals' file, surveyed; `beat` is told how many rows were.

    Raises UnreadableFile or MappingError with what to do about it.
    """
    sheet = open_deals(path, own)
    preset, mapped, layout = arranged(sheet, own)
    columns = ", ".join(shown(label) for label in sheet.header[:60] if label)
    if not layout.has("id"):
        hint = f" Add the column “{preset.id_hint}” to the export" if preset.id_hint else ""
        raise MappingError(
            f"{path.name} has no column with the deal's id, without which a second import could "
            f"not tell which deal is which.{hint or ' Export it'}, or name it in a mapping "
            f'(--mapping): {{"deals": {{"id": "…"}}}}. The columns are: {columns}.',
            plain=f"No column is taken for the deal's id, without which a second import could not "
            f"tell which deal is which. Choose one.{hint and hint + '.'}",
        )
    if not Statuses(layout, mapped).can_tell:
        raise MappingError(
            f"{path.name} has no column that says whether a deal is open, won or lost. Name it in "
            f'a mapping (--mapping): {{"deals": {{"stage": "…"}}}}; or say what all of them are: '
            f'{{"constants": {{"deals": {{"status": "lost"}}}}}}. The columns are: {columns}.',
            [{"setting": "status_of_all"}],
        )
    return _prepared(sheet, layout, mapped, preset.title, DEAL_KEY, "id", beat)


def prepare_accounts(
    path: Path,
    own: ImportMapping,
    preset_of_deals: str,
    beat: Beat | None = None,
    named: Collection[str] = (),
) -> Prepared:
    """The accounts' file, of the same system as the deals', which name the ids `named`."""
    sheet = open_accounts(path, own)
    mapped, layout = arranged_accounts(sheet, own, preset_of_deals, named)
    if not layout.has("id", "name"):
        columns = ", ".join(shown(label) for label in sheet.header[:60] if label)
        raise MappingError(
            f"{path.name} has no column with the account's id or name. Name it in a mapping "
            f'(--mapping): {{"accounts": {{"name": "…"}}}}. The columns are: {columns}.',
            plain="No column is taken for the account's id or name. Choose one.",
        )
    key = "id" if layout.has("id") else "name"
    return _prepared(sheet, layout, mapped, "", ACCOUNT_KEY, key, beat)


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
    return _prepared(sheet, layout, mapped, "", "", "id", None)


def open_deals(path: Path, own: ImportMapping) -> Sheet:
    return _open(path, DEALS, own)


def open_accounts(path: Path, own: ImportMapping) -> Sheet:
    return _open(path, ACCOUNTS, own)


def arranged(sheet: Sheet, own: ImportMapping) -> tuple[presets.Preset, ImportMapping, Layout]:
    """The export that the deals' columns give away, its mapping with the user's above it, and
    where each field stands."""
    keys = _keys(sheet.header)
    preset = _preset(own.preset, keys)
    found = presets.mapping(preset, keys, _added(sheet.header))
    found = replace(found, deals=_by_days(found.deals, sheet, own))
    mapped = overlaid(found, own)
    return preset, mapped, Layout(DEALS, sheet.header, mapped.deals, own.demanded.get(DEALS, ()))


def arranged_accounts(
    sheet: Sheet, own: ImportMapping, preset_of_deals: str, named: Collection[str] = ()
) -> tuple[ImportMapping, Layout]:
    """The same of the accounts' file. `named` are ids of accounts that deals name: of several
    columns that may be the id, the one that has them is."""
    preset = presets.BY_NAME[preset_of_deals or presets.GENERIC.name]
    found = presets.with_accounts(
        presets.mapping(preset, frozenset()), _keys(sheet.header), _added(sheet.header)
    )
    found = replace(found, accounts=_by_ids(found.accounts, sheet, named))
    mapped = overlaid(found, own)
    demanded = own.demanded.get(ACCOUNTS, ())
    return mapped, Layout(ACCOUNTS, sheet.header, mapped.accounts, demanded)


def _open(path: Path, kind: str, own: ImportMapping) -> Sheet:
    return open_sheet(
        path,
        partial(_is_header, kind, own),
        encoding=own.encoding,
        separator=own.separator,
        header_row=own.header_rows.get(kind),
        one_column=kind == ACCOUNTS,
        title=own.sheets.get(kind),
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
    sheet: Sheet,
    layout: Layout,
    mapped: ImportMapping,
    source: str,
    prefix: str,
    key: str,
    beat: Beat | None,
) -> Prepared:
    report = FileReport(layout.kind, sheet.path.name, form=sheet.form, source=source)
    report.columns = layout.described()
    conventions = survey(sheet, layout, mapped, prefix, key, beat)
    if sheet.encoding == "cp1252" and not mapped.encoding:
        some = ", ".join(f"“{shown(word)}”" for word in conventions.accented)
        report.remarks.append(
            "The file is not UTF-8 and was read as Windows-1252: look at the names with accents"
            + (f", such as {some}" if some else "")
        )
    if sheet.alike:
        others = ", ".join(map(shown, sheet.alike))
        report.remarks.append(f"Sheets with the same columns that are not read: {others}")
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


def named_accounts(sheet: Sheet, layout: Layout) -> frozenset[str]:
    """The ids of accounts that the first deals name."""
    cells = (layout.cell(cells, "account_id") for cells in _first(sheet, MOST_COMPARED))
    return frozenset(external_id(cell, ACCOUNT_KEY) for cell in cells if not is_blank(cell))


def _by_ids(columns: FileMapping, sheet: Sheet, named: Collection[str]) -> FileMapping:
    """The columns with the id that most rows share with what deals name."""
    places = [
        place for place, label in enumerate(sheet.header)
        if column_key(label) in presets.ACCOUNT_IDS
    ]  # fmt: skip
    if len(places) < 2 or not named:
        return columns
    count = Counter[int]()
    for cells in _first(sheet, MOST_COMPARED):
        count.update(
            place for place in places if external_ids([cells[place]], ACCOUNT_KEY)[0] in named
        )
    best = max(places, key=lambda place: count[place])
    own = columns.columns.get("id", ())
    if not count[best] or any(
        count[p] == count[best] for p in places if column_key(sheet.header[p]) in own
    ):
        return columns
    return replace(columns, columns={**columns.columns, "id": (sheet.header[best],)})


def _by_days(columns: FileMapping, sheet: Sheet, own: ImportMapping) -> FileMapping:
    """Columns called Closed, Won or Lost have yes or no, or else the day, in them."""
    found = dict(columns.columns)
    for place, label in enumerate(sheet.header):
        key = column_key(label)
        name = {"closed": "closed_on", "won": "won_on", "lost": "lost_on"}.get(key)
        if name is None or {key, name} & own.deals.columns.keys():
            continue
        cells = [
            cells[place] for cells in _first(sheet, MOST_LOOKED_AT) if not is_blank(cells[place])
        ]
        if cells and all(map(dates.is_day, cells)):
            if found.get(key) == (key,):
                del found[key]
            found[name] = (*found.get(name, ()), label)
    return replace(columns, columns=found)


def _first(sheet: Sheet, most: int) -> Iterator[list[str]]:
    """The cells of the first rows that fit below the header."""
    records = islice(sheet.records(), sheet.header_row, sheet.header_row + most)
    return (row.cells for row in records if row.cells and sheet.fault(row.cells) is None)


def _added(labels: Sequence[str]) -> frozenset[str]:
    """The keys of columns that somebody added to a system, where it has none of its own like it."""
    added = {label for label in labels if label[-3:].casefold() == "__c"}
    return _keys(list(added)) - _keys([label for label in labels if label not in added])


def _keys(labels: Sequence[str]) -> frozenset[str]:
    return frozenset(column_key(label) for label in labels)
