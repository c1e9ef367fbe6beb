"""An Excel workbook as a sheet of rows, like a text file's: the first of its sheets that has them.

A small file may hold a very large one, so nothing is unpacked without a limit. openpyxl reads the
small parts, which say what sheets there are and which cells are days; texts and cells, which may be
large, are read by `workbook_parts` as they are unpacked.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from weakref import finalize
from zipfile import ZipFile

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet

from .reading import MOST_CELL, MOST_COLUMNS, Batch, Sheet, UnreadableFile, headed
from .workbook_parts import Styles, TooLarge, cells, currency_of, texts, width_of

MOST_ROWS = 100_000
#: Bytes, unpacked: of all parts, of the texts that cells share (which are held in memory), and of
#: a part that says what there is rather than holding it.
MOST_UNPACKED, MOST_SHARED, MOST_SMALL = 1_500_000_000, 60_000_000, 4_000_000
MOST_MEMBERS, MOST_SHEETS = 5_000, 250
#: A sheet of Excel's ends here; one that says otherwise would be gone through for ever.
MOST_NUMBERS = 1_048_576
#: Rows that are looked at together: with all the texts that a workbook may have, few enough.
AT_ONCE = 500

_SHARED = "sharedstrings.xml"
_SHARED_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


@dataclass
class WorkbookSheet(Sheet):
    """The first whole walk leaves the rows in a text file of its own: reading XML takes long."""

    _kept: Any = field(default=None, repr=False)
    #: All sheets with rows, and those besides this one that have its columns.
    titles: Sequence[str] = ()
    alike: Sequence[str] = ()

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
        while rows := list(islice(records, AT_ONCE)):
            # A row ends with its last filled cell.
            padded = [each + [""] * (width - len(each)) for each in rows]
            yield Batch(range(first, first + len(rows)), padded)
            first += len(rows)

    def _from_text(self) -> Iterator[list[str]]:
        csv.field_size_limit(MOST_CELL)
        self._kept.seek(0)
        return csv.reader(self._kept)

    def _keep(self) -> None:
        kept = TextIOWrapper(tempfile.TemporaryFile(), "utf-8", newline="")  # noqa: SIM115 (kept open)
        writer = csv.writer(kept)
        for row in _records(self.path, self.separator):
            # A blank row must stay one: an empty record would be no row at all.
            writer.writerow(row or [""])
        self._kept = kept
        finalize(self, kept.close)  # with the sheet, however its use ends


class _Archive(ZipFile):
    """The parts of a workbook, of which the small ones are read only where they are small."""

    def read(self, name: Any, pwd: bytes | None = None) -> bytes:
        size = self.getinfo(str(name)).file_size
        if size > MOST_SMALL:
            raise TooLarge(f"Its part {name} has {size // 1_000_000:,} MB.")
        return super().read(name, pwd)


class _Book(ExcelReader):
    """What a workbook says of itself; its sheets and its texts are not read yet."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        super().__init__(file, read_only=True, data_only=True, keep_links=False)
        self.archive.close()
        self.archive = _Archive(path)
        self.read_manifest()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)
        book: Any = self.wb
        codes = {
            at: book._number_formats[style.numFmtId - BUILTIN_FORMATS_MAX_SIZE]
            for at, style in enumerate(book._cell_styles)
            if 0 <= style.numFmtId - BUILTIN_FORMATS_MAX_SIZE < len(book._number_formats)
        }
        self.styles = Styles(
            book.epoch, book._date_formats, book._timedelta_formats,
            {at: width for at, code in codes.items() if (width := width_of(code))},
            {at: currency for at, code in codes.items() if (currency := currency_of(code))},
        )  # fmt: skip

    def sheets(self) -> dict[str, str]:
        """The parts of the sheets by their titles: those that are shown or, if none is, all."""
        found = [
            (str(sheet.name), str(rel.target), sheet.state)
            for sheet, rel in self.parser.find_sheets()
            if rel.target in self.valid_files and "chartsheet" not in rel.Type
        ]
        if len(found) > MOST_SHEETS:
            raise TooLarge(f"It has {len(found):,} sheets; at most {MOST_SHEETS} are read.")
        shown = {title: part for title, part, state in found if state == "visible"}
        return shown or {title: part for title, part, _ in found}

    @cached_property
    def shared(self) -> list[str]:
        """The texts that cells name by number."""
        package: Any = self.package
        part = package.find(_SHARED_TYPE)
        if part is None:
            return []
        with self.archive.open(part.PartName[1:]) as file:
            return texts(file)


def open_workbook(
    path: Path,
    is_header: Callable[[Sequence[str]], bool],
    header_row: int | None = None,
    wanted: str | None = None,
) -> Sheet:
    """The sheet that is wanted, else the first whose header is known, else the first with rows;
    what is hidden was not meant, unless everything is. Raises UnreadableFile where it is none, or
    is too large."""
    _weigh(path)
    with _opened(path) as book:
        firsts = {
            title: [row for row in islice(_rows(path, book, title), 50) if any(row)]
            for title in book.sheets()
        }
    filled = [title for title, first in firsts.items() if first]
    if not filled:
        raise UnreadableFile(f"{path.name} is empty.")
    if wanted and wanted not in filled:
        raise UnreadableFile(f"{path.name} has no sheet “{wanted}”; it has {', '.join(filled)}.")
    known = (title for title in filled if any(map(is_header, firsts[title])))
    title = wanted or next(known, filled[0])
    sheet = WorkbookSheet(path, "Excel workbook", title, [], 0, titles=filled)
    headed(sheet, is_header, header_row)
    sheet.alike = [each for each in filled if each != title and sheet.header in firsts[each]]
    return sheet


def _weigh(path: Path) -> None:
    with ZipFile(path) as file:
        members = file.infolist()
    unpacked = sum(member.file_size for member in members)
    shared = sum(m.file_size for m in members if m.filename.lower().endswith(_SHARED))
    if unpacked > MOST_UNPACKED or shared > MOST_SHARED or len(members) > MOST_MEMBERS:
        raise _too_large(path, unpacked)


def _too_large(path: Path, size: int) -> UnreadableFile:
    return UnreadableFile(
        f"{path.name} unpacks to {size // 1_000_000:,} MB, more than is read of a workbook. "
        "Save it as CSV and import that."
    )


@contextmanager
def _opened(path: Path) -> Iterator[_Book]:
    """The workbook, whatever the file is called. Whatever is wrong with its parts, for which its
    readers have an exception each, is an UnreadableFile here."""
    book = None
    try:
        with path.open("rb") as file:
            book = _Book(path, file)
        yield book
    except UnreadableFile:
        raise
    except TooLarge as error:
        raise UnreadableFile(f"{path.name}: {error} Save it as CSV and import that.") from error
    except Exception as error:
        raise UnreadableFile(
            f"{path.name} is a damaged workbook and cannot be read to its end. Open it, save it as "
            "CSV, and import that."
        ) from error
    finally:
        if book is not None:
            book.archive.close()


def _records(path: Path, title: str) -> Iterator[list[str]]:
    with _opened(path) as book:
        yield from _rows(path, book, title)


def _rows(path: Path, book: _Book, title: str) -> Iterator[list[str]]:
    filled = 0
    with book.archive.open(book.sheets()[title]) as part:
        for number, row in cells(part, book.shared, book.styles, MOST_NUMBERS):
            found = _trimmed(row)
            filled += bool(found)
            if filled > MOST_ROWS + 25 or number > MOST_NUMBERS:
                raise UnreadableFile(
                    f"{path.name} has more than {MOST_ROWS:,} rows. Save it as CSV, which may "
                    "have a million."
                )
            yield found


def _trimmed(row: Sequence[Any]) -> list[str]:
    found = [_text(value) for value in row[: MOST_COLUMNS + 1]]
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
