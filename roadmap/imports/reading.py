"""A file as rows of cells: its encoding, separator, header, footer and faults.

A file is streamed, never held: memory is bounded by its longest row.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

from roadmap.web.csv import untamed

from .footers import FooterGate
from .separators import SEPARATORS, separator_of
from .values import labels, shown

MOST_CELL = 1_000_000
MOST_LINE = 2_000_000
#: Characters of the few records that are read at once: quoted cells may have lines without end.
MOST_AT_ONCE = 25_000_000
MOST_COLUMNS = 1_000
MOST_ROWS = 1_000_000
#: So many records, or characters, are looked at together; so many are read at once.
BATCH, BATCH_LENGTH, _AT_ONCE = 5_000, 2_000_000, 10
_SAMPLE = 60
_HEADER_WITHIN = 20
_BLOCK = 1 << 20

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ENCODING_NAMES = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "cp1252": "Windows-1252"}
_OTHER_KINDS = (
    (b"PK", "a zipped file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls), or one with a password"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x89PNG", "a picture"),
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta", b"<style", b"<!--")


class UnreadableFile(ValueError):
    """Nothing can be read from the file; the message says why and what to do."""


class Row(NamedTuple):
    """One record. Numbers are a spreadsheet's: the first record of the file is row 1."""

    number: int
    cells: list[str]


class Batch(NamedTuple):
    """Some records on end, as their numbers and their cells."""

    numbers: Sequence[int]
    cells: list[list[str]]

    def rows(self) -> Iterator[Row]:
        return map(Row, self.numbers, self.cells)


@dataclass
class Sheet:
    """A file whose form is known. `rows()` may be gone through several times."""

    path: Path
    encoding: str
    separator: str
    header: list[str]
    header_row: int
    #: What the last walk over the rows met besides rows.
    blank_rows: int = 0
    footer: list[str] = field(default_factory=list)
    nul_rows: int = 0
    header_again: int = 0
    #: Of a workbook: see `WorkbookSheet`.
    titles: Sequence[str] = ()
    alike: Sequence[str] = ()
    #: Whether an apostrophe stands before what a spreadsheet would take for a formula.
    tamed: bool = False

    @property
    def form(self) -> str:
        name = _ENCODING_NAMES.get(self.encoding, self.encoding.upper())
        return f"{name}, {SEPARATORS.get(self.separator, self.separator)}"

    def rows(self) -> Iterator[Row]:
        """The records below the header, without blank ones and a report's footer."""
        for batch in self.batches():
            yield from batch.rows()

    def batches(self) -> Iterator[Batch]:
        """The same, many at once."""
        self.blank_rows, self.nul_rows, self.header_again, self.footer = 0, 0, 0, []
        gate = FooterGate()
        for records in self._records():
            above = max(0, self.header_row + 1 - records.numbers[0])
            batch = self._below(Batch(records.numbers[above:], records.cells[above:]))
            if self.tamed:
                batch = batch._replace(cells=[list(map(untamed, each)) for each in batch.cells])
            if gate.certain(batch.cells):
                yield batch
            else:
                yield from _batched([each for row in batch.rows() for each in gate.passed(row)])
        yield from _batched(list(gate.closed()))
        self.blank_rows, self.footer = gate.blank, gate.footer

    def _below(self, batch: Batch) -> Batch:
        """The records that do not say the columns' names again, as files do that were joined."""
        first = self.header[0]
        if not any(cells and cells[0].strip() == first for cells in batch.cells):
            return batch
        kept = [row for row in batch.rows() if labels(row.cells) != self.header]
        self.header_again += len(batch.numbers) - len(kept)
        return Batch([row.number for row in kept], [row.cells for row in kept])

    def records(self) -> Iterator[Row]:
        """All records of the file, as they stand there."""
        for batch in self._records():
            yield from batch.rows()

    def _records(self) -> Iterator[Batch]:
        with _opened(self.path, self.encoding) as file:
            lines = _Lines(file)
            yield from _read(lines, self.separator, self.path)
            self.nul_rows = lines.nul_lines

    def fitting(self, batch: Batch) -> tuple[Batch, list[Row]]:
        """The rows without a fault, and those with one."""
        if set(map(len, batch.cells)) == {len(self.header)}:
            return batch, []
        fit: list[Row] = []
        others: list[Row] = []
        for row in batch.rows():
            (others if self.fault(row.cells) else fit).append(row)
        return Batch([row.number for row in fit], [row.cells for row in fit]), others

    def fault(self, cells: Sequence[str]) -> str | None:
        """Why a row does not fit below the header, in words; cells beyond it may be blank."""
        width = len(self.header)
        if len(cells) == width:
            return None
        if len(cells) < width:
            return f"it has {len(cells)} columns, the header has {width}"
        if any(cell.strip() for cell in cells[width:]):
            return f"it has {len(cells)} columns, the header has {width}: is a separator unquoted?"
        return None


def _batched(rows: Sequence[tuple[int, list[str]]]) -> Iterator[Batch]:
    """Rows as a batch, if there are any."""
    if rows:
        numbers, cells = zip(*rows, strict=True)
        yield Batch(numbers, list(cells))


def open_text(
    path: Path,
    is_header: Callable[[Sequence[str]], bool],
    *,
    encoding: str | None = None,
    separator: str | None = None,
    header_row: int | None = None,
    one_column: bool = False,
) -> Sheet:
    """Find out the form of a delimited text, as far as it is not said; see `head_of`.

    Raises UnreadableFile for what is no such file, is empty, or has a header and nothing below.
    """
    try:
        start = _start(path)
        encoding = encoding or _encoding(path, start)
        with _opened(path, encoding) as file:
            sample = _first(_Lines(file))
        hint = sample[0].strip().strip('"') if sample else ""
        if separator is None and hint.startswith("sep=") and len(hint) == 5:
            separator = hint[4]
        csv.field_size_limit(MOST_CELL)
        separator = separator or separator_of(sample, one_column)
        if not separator:
            first = f"its first line is “{shown(sample[0])}”" if sample else "it has no lines"
            raise UnreadableFile(
                f"{path.name} has no columns separated by comma, semicolon, tab or bar: {first}."
            )
        sheet = Sheet(path, encoding, separator, [], 0)
        return headed(sheet, is_header, header_row)
    except OSError as error:
        raise UnreadableFile(f"{path.name}: {error.strerror or error}.") from error


def _first(lines: _Lines) -> list[str]:
    """A few lines from the beginning, fewer where they are long."""
    sample = []
    for line in islice(lines, _SAMPLE):
        sample.append(line)
        if lines.length > MOST_LINE:
            break
    return sample


def headed(
    sheet: Sheet, is_header: Callable[[Sequence[str]], bool], header_row: int | None
) -> Sheet:
    """The sheet with its header: the row that is said, else the first within the first 20 that
    `is_header` knows (reports put titles above it), else the first one that isn't blank.
    """
    records = list(islice(sheet.records(), max(_HEADER_WITHIN + 5, header_row or 0)))
    filled = [
        row
        for row in records
        if any(cell.strip() for cell in row.cells)
        and not (row.number == 1 and row.cells[0].startswith("sep="))
    ]
    if not filled:
        raise UnreadableFile(f"{sheet.path.name} is empty.")
    header = next((row for row in filled if is_header(row.cells)), filled[0])
    if header_row is not None:
        header = next((row for row in filled if row.number == header_row), header)
    names = labels(header.cells)
    if len(names) > MOST_COLUMNS:
        raise UnreadableFile(
            f"{sheet.path.name} has {len(names):,} columns; at most {MOST_COLUMNS:,} are read."
        )
    sheet.header, sheet.header_row = names, header.number
    if header.number == filled[-1].number and not any(True for _ in sheet.rows()):
        raise UnreadableFile(f"{sheet.path.name} has a header and no rows below it.")
    return sheet


def _start(path: Path) -> bytes:
    """The first bytes, having made sure that they begin a text file."""
    if path.is_dir():
        raise UnreadableFile(f"{path} is a folder.")
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        raise UnreadableFile(f"{path.name} is empty.")
    how = "Save or export it as CSV (comma-separated values) and import that."
    for mark, kind in _OTHER_KINDS:
        if start.startswith(mark):
            raise UnreadableFile(
                f"{path.name} is {kind}, neither a CSV file nor an Excel workbook (.xlsx). {how}"
            )
    lower = start.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").lower()
    if lower.startswith(_MARKUP):
        raise UnreadableFile(
            f"{path.name} is a web page (some CRMs export a table so and call it .xls), "
            f"not a CSV file. {how}"
        )
    if lower.startswith((b"{", b"[")):
        raise UnreadableFile(f"{path.name} looks like JSON, not a CSV file. {how}")
    control = sum(byte < 9 or 13 < byte < 32 for byte in start.replace(b"\x00", b""))
    if control > len(start) // 20:
        raise UnreadableFile(f"{path.name} is not a text file. {how}")
    return start


def _encoding(path: Path, start: bytes) -> str:
    """The byte order mark's, else UTF-8 if all of it is, else Windows-1252."""
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    # Nothing but UTF-16 has its NULs at every other place: those of separators and digits at least.
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) * 0.05 and min(even, odd) * 10 <= max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[TextIO]:
    try:
        codecs.lookup(encoding)
    except (LookupError, ValueError) as error:
        raise UnreadableFile(f"There is no encoding called {encoding}.") from error
    try:
        with path.open(encoding=encoding, newline="") as file:
            yield file
    except LookupError as error:
        # It turns bytes into bytes, or text into text.
        raise UnreadableFile(f"There is no encoding called {encoding} for text.") from error
    except UnicodeError as error:
        raise UnreadableFile(
            f"{path.name} is not in {_ENCODING_NAMES.get(encoding, encoding)}. Say which encoding "
            'it is in, as "encoding" in the mapping, for example "encoding": "shift_jis".'
        ) from error


class _Lines:
    """The lines of a text, without NUL characters, which no exporter means; they are counted."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.nul_lines = 0
        #: The lines that were read last, and how many were before them.
        self.last: list[str] = []
        self.before = 0
        #: How many characters were read, and how many may be.
        self.length, self.until = 0, MOST_AT_ONCE

    def __iter__(self) -> Iterator[str]:
        read = iter(partial(self.file.readline, MOST_LINE), "")
        while some := list(islice(read, _AT_ONCE)):
            if max(map(len, some)) >= MOST_LINE:
                raise UnreadableFile(f"A line is longer than {MOST_LINE:,} characters.")
            self.length += sum(map(len, some))
            if self.length > self.until:
                raise UnreadableFile(
                    f"A row has more than {MOST_AT_ONCE:,} characters. "
                    "Is a quotation mark opened and never closed?"
                )
            if any("\0" in line for line in some):
                self.nul_lines += sum("\0" in line for line in some)
                some = [line.replace("\0", "") for line in some]
            self.before, self.last = self.before + len(self.last), some
            yield from some

    def line(self, number: int) -> str:
        """One of those that were read last, by its number from 1."""
        return self.last[number - 1 - self.before]


def _lines_of(cells: list[str]) -> int:
    """How many lines of the file a record took."""
    return 1 + sum(len(_LINE_END.findall(cell)) for cell in cells)


def _broken(error: csv.Error) -> str:
    said = str(error)
    if "limit" in said:
        return (
            f"a cell has more than {MOST_CELL:,} characters. Is a quotation mark opened and "
            "never closed?"
        )
    if "unexpected end" in said:
        return "a quotation mark is opened and never closed. Close it, or export again."
    if "expected after" in said:
        return (
            "a quotation mark is opened and closed within another row, so nobody can tell the "
            "rows apart. Double those that belong to the text, or export again."
        )
    return f"{said}."


def _read(lines: _Lines, separator: str, path: Path) -> Iterator[Batch]:
    """All records, as many at once as are neither too many nor too long."""
    csv.field_size_limit(MOST_CELL)
    # Strict, because a quotation mark that is never closed otherwise swallows the rows below it.
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number, more = 0, True
    while more:
        cells: list[list[str]] = []
        enough = lines.length + BATCH_LENGTH
        try:
            while more and len(cells) < BATCH and lines.length < enough:
                before, line = len(cells), reader.line_num
                lines.until = lines.length + MOST_AT_ONCE
                try:
                    cells.extend(islice(reader, _AT_ONCE))
                except csv.Error as error:
                    over = reader.line_num - line - sum(map(_lines_of, cells[before:]))
                    if over != 1 or "expected after" not in str(error):
                        raise
                    # Within one line it does no harm: 5" is read as it stands.
                    odd = [lines.line(reader.line_num)]
                    cells.extend(csv.reader(odd, delimiter=separator, strict=False))
                more = len(cells) > before
        except csv.Error as error:
            place = f"{path.name}, row {number + len(cells) + 1}"
            raise UnreadableFile(f"{place}: {_broken(error)}") from error
        if cells:
            yield Batch(range(number + 1, number + 1 + len(cells)), cells)
        number += len(cells)
        if number > MOST_ROWS + _HEADER_WITHIN:
            raise UnreadableFile(
                f"{path.name} has more than {MOST_ROWS:,} rows: export it in parts."
            )
