"""Files opened and surveyed, ready to be staged row by row. Touches no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from roadmap.models.imports import DEALS, REQUESTS, SKIPPED, UNREADABLE

from . import columns, deal_rows, line_items
from .account_staging import AccountStager
from .deal_rows import Deals
from .layout import Layout
from .mapping import ImportMapping, MappingError, choice
from .reading import Batch, Row, Sheet
from .report import FileReport
from .requests_staging import RequestStager, StagedRequest
from .staged import StagedAccount
from .staging import ACCOUNT_KEY, DEAL_KEY, DealCells
from .status import DELETED_FIELDS, Statuses, says_deleted
from .survey import Conventions, survey
from .survey_dates import ORDER_WORDS
from .values import Cells, Unreadable, shown

FAILED = UNREADABLE
#: So many names of a column are compared.
MOST_NAMES = 2_000
#: So many columns are offered that may be a field.
MOST_OFFERED = 8
DELETED, REPEATS = "deleted in CRM", "repeats an earlier row word for word"
SAME_ID = "Its id stands in an earlier row, which counts"
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
        held: dict[int, Any] = {}
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
            deals = line_items.taken_out(deals, self.conventions.lines, held)
            self._count_deals(deals)
            yield deals, refused
        if held:
            further = sum(map(len, held.values())) - len(held)
            self.report.skipped += further
            self.report.remarks.append(f"Further lines of deals, put together: {further:,} rows")
            deals = line_items.put_together(held, self.mapped.several_lines or "")
            self._count_deals(deals)
            yield deals, []
        self._finish()

    def _count_deals(self, deals: Deals) -> None:
        self.report.stages.update(zip(deals["stage"], deals["status"], strict=True))
        self._count("product", filter(None, deals["product"]))

    def accounts(self, stager: AccountStager) -> Iterator[StagedAccount | Rejected]:
        for account in self._staged(stager):
            if isinstance(account, StagedAccount):
                for name in ("industry", "region"):
                    self._count(name, filter(None, [account.values.get(name)]))
            yield account

    def requests(self, stager: RequestStager) -> Iterator[StagedRequest | Rejected]:
        """Of rows with one id the first that can be taken counts."""
        taken: set[str] = set()
        for request in self._staged(stager):
            if request.id in taken and isinstance(request, StagedRequest):
                self.report.skipped += 1
                self.report.note(f"{SAME_ID}: skipped", request.row, request.id)
                yield Rejected(request.row, SKIPPED, SAME_ID, id=request.id)
                continue
            if isinstance(request, StagedRequest):
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


def prepare_deals(
    path: Path, own: ImportMapping, beat: Beat | None = None, currency: str = ""
) -> Prepared:
    """The deals' file, surveyed; `beat` is told how many rows were. `currency` is the workspace's.

    Raises UnreadableFile or MappingError with what to do about it.
    """
    sheet = columns.open_deals(path, own)
    preset, mapped, layout = columns.arranged(sheet, own)
    listed = ", ".join(shown(label) for label in sheet.header[:60] if label)
    if not layout.has("id"):
        hint = f" Add the column “{preset.id_hint}” to the export" if preset.id_hint else ""
        raise MappingError(
            f"{path.name} has no column with the deal's id, without which a second import could "
            f"not tell which deal is which.{hint or ' Export it'}, or name it in a mapping "
            f'(--mapping): {{"deals": {{"id": "…"}}}}. The columns are: {listed}.',
            _offered("id", "the deal's id", columns.near(sheet, layout, "id")),
            plain=f"No column is taken for the deal's id, without which a second import could not "
            f"tell which deal is which. Choose one.{hint and hint + '.'}",
        )
    missing: list[MappingError] = []
    if not Statuses(layout, mapped).can_tell:
        near = columns.near(sheet, layout, "status")
        missing.append(
            MappingError(
                f"{path.name} has no column that says whether a deal is open, won or lost. Name it "
                f'in a mapping (--mapping): {{"deals": {{"stage": "…"}}}}; or say what all of them '
                f'are: {{"constants": {{"deals": {{"status": "lost"}}}}}}. {_may_be(near)}The '
                f"columns are: {listed}.",
                [*_offered("status", "whether a deal is open, won or lost", near),
                 {"setting": "status_of_all"}],
            )
        )  # fmt: skip
    if not layout.has("amount", "won_amount") and "amount" not in own.deals.columns:
        near = columns.near(sheet, layout, "amount")
        if near:
            missing.append(
                MappingError(
                    f"No column is taken for the amount. {_may_be(near)}Name it in a mapping "
                    f'(--mapping): {{"deals": {{"amount": "…"}}}}, or null if there is none.',
                    _offered("amount", "the amount", near, "None of them: amounts are unknown"),
                )
            )
    if missing:
        raise MappingError(
            "\n".join(map(str, missing)), [asked for each in missing for asked in each.questions]
        )
    return _prepared(sheet, layout, mapped, preset.title, DEAL_KEY, "id", beat, currency)


def _may_be(near: Sequence[str]) -> str:
    return f"It may be {' or '.join(f'“{shown(label)}”' for label in near[:3])}. " if near else ""


def _offered(
    field: str, what: str, near: Sequence[str], none: str = ""
) -> Sequence[Mapping[str, Any]]:
    """A question which column is meant, where some may be."""
    if not near:
        return []
    options: list[tuple[Any, str]] = [(label, label) for label in near[:MOST_OFFERED]]
    if none:
        options.append((None, none))
    return [choice(f"Which column says {what}?", [[DEALS, field]], options)]


def prepare_accounts(
    path: Path,
    own: ImportMapping,
    preset_of_deals: str,
    beat: Beat | None = None,
    named: Collection[str] = (),
) -> Prepared:
    """The accounts' file, of the same system as the deals', which name the ids `named`."""
    sheet = columns.open_accounts(path, own)
    mapped, layout = columns.arranged_accounts(sheet, own, preset_of_deals, named)
    if not layout.has("id", "name"):
        listed = ", ".join(shown(label) for label in sheet.header[:60] if label)
        raise MappingError(
            f"{path.name} has no column with the account's id or name. Name it in a mapping "
            f'(--mapping): {{"accounts": {{"name": "…"}}}}. The columns are: {listed}.',
            plain="No column is taken for the account's id or name. Choose one.",
        )
    key = "id" if layout.has("id") else "name"
    return _prepared(sheet, layout, mapped, "", ACCOUNT_KEY, key, beat)


def prepare_requests(path: Path, own: ImportMapping, beat: Beat | None = None) -> Prepared:
    """The file of another system's backlog."""
    sheet = columns.opened(path, REQUESTS, own)
    mapped, layout = columns.arranged_requests(sheet, own)
    listed = ", ".join(shown(label) for label in sheet.header[:60] if label)
    if not layout.has("id"):
        raise MappingError(
            f"{path.name} has no column with the request's id, without which a second import could "
            "not tell which request is which. Export it, or name it in a mapping (--mapping): "
            f'{{"requests": {{"id": "…"}}}}. The columns are: {listed}.',
            plain="No column is taken for the request's id, without which a second import could "
            "not tell which request is which. Choose one, or export it.",
        )
    if not layout.has("title", "body"):
        raise MappingError(
            f"{path.name} has no column that says what is asked for. Name it in a mapping "
            f'(--mapping): {{"requests": {{"title": "…", "body": "…"}}}}. The columns are: '
            f"{listed}.",
            plain="No column is taken for what is asked for. Choose the title's or the text's.",
        )
    return _prepared(sheet, layout, mapped, "", "", "id", beat)


def _prepared(
    sheet: Sheet,
    layout: Layout,
    mapped: ImportMapping,
    source: str,
    prefix: str,
    key: str,
    beat: Beat | None,
    currency: str = "",
) -> Prepared:
    report = FileReport(layout.kind, sheet.path.name, form=sheet.form, source=source)
    report.columns = layout.described()
    conventions = survey(sheet, layout, mapped, prefix, key, beat, currency)
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
        report.remarks.append(f"Dates are read as {ORDER_WORDS[conventions.date_order]}")
    report.remarks += conventions.remarks
    return Prepared(sheet, layout, mapped, conventions, report)
