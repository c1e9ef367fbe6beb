"""An Excel workbook as a sheet of rows, like a text file's: the first of its sheets that has them.

What it weighs unpacked is known before anything is: a small file may hold a very large one.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from weakref import finalize
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

from .reading import MOST_CELL, MOST_COLUMNS, Batch, Sheet, UnreadableFile, headed

MOST_ROWS = 100_000
#: Bytes, unpacked. The texts that cells share are all held in memory.
MOST_UNPACKED, MOST_SHARED = 1_500_000_000, 80_000_000
MOST_MEMBERS = 5_000
#: How much smaller a large part may be packed: a sheet's rows come to a fiftieth at most.
MOST_PACKED = 200
#: A sheet of Excel's ends here; one that says otherwise would be gone through for ever.
MOST_NUMBERS = 1_048_576
#: Rows that are looked at together: with all the texts that a workbook may have, few enough.
AT_ONCE = 500

_SHARED = "sharedstrings.xml"


@dataclass
class WorkbookSheet(Sheet):
    """The first whole walk leaves the rows in a text file of its own: reading XML takes long."""

    _kept: Any = field(default=None, repr=False)

    @property
    def form(self) -> str:
        return f"Excel workbook, sheet {self.separator}"

    def batches(self) -> Iterator[Batch]:
        if self._kept is None:
            self._keep()
        yield from super().batches()

    def _records(self) -> Iterator[Batch]:
        width = len(self.header)
        records = _records(self.path, self.separator) if self._kept is None else self._from_text()
        first = 1
        while cells := list(islice(records, AT_ONCE)):
            # A row ends with its last filled cell.
            padded = [each + [""] * (width - len(each)) for each in cells]
            yield Batch(range(first, first + len(cells)), padded)
            first += len(cells)

    def _from_text(self) -> Iterator[list[str]]:
        csv.field_size_limit(MOST_CELL)
        self._kept.seek(0)
        return csv.reader(self._kept)

    def _keep(self) -> None:
        kept = TextIOWrapper(tempfile.TemporaryFile(), "utf-8", newline="")  # noqa: SIM115 (kept open)
        writer = csv.writer(kept)
        for cells in _records(self.path, self.separator):
            # A blank row must stay one: an empty record would be no row at all.
            writer.writerow(cells or [""])
        self._kept = kept
        finalize(self, kept.close)  # with the sheet, however its use ends


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook of today's format, whatever it is called."""
    try:
        with ZipFile(path) as file:
            return any(name.startswith("xl/") for name in file.namelist())
    except (BadZipFile, OSError, ValueError):
        return False


def open_workbook(
    path: Path, is_header: Callable[[Sequence[str]], bool], header_row: int | None = None
) -> Sheet:
    """The first sheet whose header is known, else the first with rows; what is hidden was not
    meant, unless everything is. Raises UnreadableFile where it is none, or is too large."""
    _weigh(path)
    filled = None
    for title in _titles(path):
        sheet = WorkbookSheet(path, "Excel workbook", title, [], 0)
        first = [cells for _, cells in islice(sheet.records(), 50) if any(cells)]
        if any(map(is_header, first)):
            return headed(sheet, is_header, header_row)
        filled = filled or (sheet if first else None)
    if filled is None:
        raise UnreadableFile(f"{path.name} is empty.")
    return headed(filled, is_header, header_row)


def _weigh(path: Path) -> None:
    with ZipFile(path) as file:
        members = file.infolist()
    unpacked = sum(member.file_size for member in members)
    shared = sum(m.file_size for m in members if m.filename.lower().endswith(_SHARED))
    bomb = any(m.file_size > MOST_SHARED and m.file_size > MOST_PACKED * m.compress_size
               for m in members)  # fmt: skip
    if unpacked > MOST_UNPACKED or shared > MOST_SHARED or len(members) > MOST_MEMBERS or bomb:
        raise UnreadableFile(
            f"{path.name} unpacks to {unpacked // 1_000_000:,} MB, more than is read of a "
            "workbook. Save it as CSV and import that."
        )


def _titles(path: Path) -> list[str]:
    with _opened(path) as book:
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        return [str(sheet.title) for sheet in shown or book.worksheets]


@contextmanager
def _opened(path: Path, *, formulas: bool = False) -> Iterator[Any]:
    """The workbook, whatever the file is called; with what formulas come to, or as they stand."""
    with path.open("rb") as file, closing(_loaded(path, file, formulas)) as book:
        yield book


def _loaded(path: Path, file: BinaryIO, formulas: bool) -> Any:
    try:
        return load_workbook(file, read_only=True, data_only=not formulas, keep_links=False)
    except Exception as error:  # whatever its parts are, openpyxl has an exception for each
        raise UnreadableFile(
            f"{path.name} is a damaged workbook, or one that cannot be read ({_said(error)}). "
            "Open it, save it as CSV, and import that."
        ) from error


def _records(path: Path, title: str) -> Iterator[list[str]]:
    filled = 0
    with _opened(path) as book:
        try:
            for number, cells in enumerate(_values(path, book[title]), 1):
                texts = _texts(cells)
                filled += bool(texts)
                if filled > MOST_ROWS + 25 or number > MOST_NUMBERS:
                    raise UnreadableFile(
                        f"{path.name} has more than {MOST_ROWS:,} rows. Save it as CSV, which may "
                        "have a million."
                    )
                yield texts
        except UnreadableFile:
            raise
        except Exception as error:
            raise UnreadableFile(
                f"{path.name} is damaged: it cannot be read to its end ({_said(error)})."
            ) from error


def _values(path: Path, sheet: Any) -> Iterator[Sequence[Any]]:
    """The values of each row. A formula that nobody has worked out stands for itself: taken as
    blank, an amount would be unknown and nobody be told why."""
    # What it says of its own size may be wrong, or huge.
    sheet.reset_dimensions()
    if not _has_formulas(sheet):
        yield from sheet.iter_rows(values_only=True)
        return
    with _opened(path, formulas=True) as book:
        written = book[sheet.title]
        written.reset_dimensions()
        rows = zip(sheet.iter_rows(), written.iter_rows(values_only=True), strict=True)
        for cells, formulas in rows:
            yield [_worked_out(*each) for each in zip(cells, formulas, strict=True)]


def _worked_out(cell: Any, written: Any) -> Any:
    """What a formula came to, which may be an empty text, or the formula."""
    if cell.value is None and cell.data_type == "n" and isinstance(written, str):
        return written
    return cell.value


def _has_formulas(sheet: Any) -> bool:
    before = b""
    with sheet._get_source() as source:
        while block := source.read(1 << 20):
            if b"<f>" in (both := before + block) or b"<f " in both:
                return True
            before = block[-2:]
    return False


def _texts(cells: Sequence[Any]) -> list[str]:
    found = [_text(value) for value in cells[: MOST_COLUMNS + 1]]
    while found and not found[-1]:
        found.pop()
    return found


def _text(value: Any) -> str:
    """A cell as an export would write it: no midnight after a day, no exponent in a figure."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        # A spreadsheet keeps fifteen digits: what has more was rounded, and shows it so.
        if abs(value) >= 1e15:
            return f"{value:E}"
        return f"{value:.0f}" if value.is_integer() else f"{value!r}"
    return str(value)


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
