"""A workbook's large parts, its cells and the texts that they share, read as they are unpacked.

Memory is bounded by one row and the shared texts, whatever the file says of itself: how long a
cell, a row and a tag may be is looked at while the XML goes by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any
from xml.parsers import expat

from openpyxl.utils import datetime as excel

from .money import is_known, known_as
from .reading import MOST_CELL, MOST_COLUMNS

#: How many texts cells may share: each weighs fifty bytes and more, however short it is.
MOST_TEXTS = 1_000_000
#: Characters that the texts which cells share may have together, and those of one row.
MOST_SHARED_LENGTH, MOST_ROW_LENGTH = 60_000_000, 2_000_000
#: The last column of a sheet of Excel's.
MOST_PLACES = 16_384
#: No tag is longer: its reader would hold it until it ends.
MOST_TAG = 1_000_000
MOST_DEPTH = 100
_BLOCK = 1 << 16

#: A row by its number in the sheet: what stands in its cells, None where one is blank.
SheetRow = tuple[int, list[Any]]


class TooLarge(ValueError):
    """More than is read of a workbook; the message says of what, and where."""


#: What a number's format says of its currency: [$€-407], [$EUR], "€", €.
_CURRENCY = re.compile(r'\[\$([^\]-]+)(?:-[^\]]*)?\]|"([^"]+)"|([$€£¥₹₺₽₩₪₴₫฿₱])')
_ZEROS = re.compile("0{2,}")


@dataclass(frozen=True, slots=True)
class Styles:
    """Which of the styles show a number as a day or a duration, and what day 0 is; of others, how
    many digits they fill up with zeros, or which currency they write beside it."""

    epoch: datetime
    dates: set[int]
    durations: set[int]
    widths: dict[int, int]
    currencies: dict[int, str]

    def written(self, figure: float, style: int) -> Any:
        """A number as its cell shows it, where that says more than the number alone."""
        width, currency = self.widths.get(style), self.currencies.get(style)
        if width and isinstance(figure, int) and figure >= 0:
            return f"{figure:0{width}}"
        return f"{figure!r} {currency}" if currency else figure

    def counted(self, days: float, duration: bool) -> Any:
        """The moment, or the duration, of so many days since day 0."""
        return excel.from_excel(days, self.epoch, timedelta=duration)

    def said(self, text: str) -> Any:
        """The moment of a text such as 2027-01-31T10:00:00."""
        return excel.from_ISO8601(text)  # type: ignore[no-untyped-call]


def width_of(code: str) -> int:
    """How many digits a format such as 00000 always shows; 0 for any other."""
    return len(code) if _ZEROS.fullmatch(code) else 0


def currency_of(code: str) -> str:
    """The currency that a number's format writes beside it; "" for none."""
    for match in _CURRENCY.finditer(code):
        said = next(filter(None, match.groups())).strip()
        if is_known(said):
            return known_as(said)
    return ""


def texts(file: IO[bytes]) -> list[str]:
    """The shared texts in their order. Raises TooLarge for more than may be held."""
    reader = _TextReader()
    _read(reader, file)
    return reader.found


def cells(file: IO[bytes], shared: list[str], styles: Styles, most: int) -> Iterator[SheetRow]:
    """The rows of a sheet in their order; rows that it passes over come as empty ones, up to the
    row number `most`. Raises TooLarge for a cell or a row of more than may be held."""
    reader = _CellReader(shared, styles)
    before = 0
    for _ in _feed(reader, file):
        rows, reader.rows = reader.rows, []
        for number, row in rows:
            yield from ((blank, []) for blank in range(before + 1, min(number, most + 2)))
            yield number, row
            before = number


class _Reader:
    """An XML reader that keeps the text of the elements that it is in, up to a limit."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._finish
        self.parser.CharacterDataHandler = self._read
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.depth = 0
        #: The texts of the element that is read, None outside of those that matter.
        self.text: list[str] | None = None
        self.length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def end(self, name: str) -> None:
        raise NotImplementedError

    def too_long(self) -> TooLarge:
        """What to say of more text than a cell may have."""
        return TooLarge(f"A cell has more than {MOST_CELL:,} characters.")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise TooLarge("Its parts lie within each other too deeply.")
        self.start(name.rpartition("}")[2], attributes)

    def _finish(self, name: str) -> None:
        self.depth -= 1
        self.end(name.rpartition("}")[2])

    def _read(self, text: str) -> None:
        if self.text is None:
            return
        self.length += len(text)
        if self.length > MOST_CELL:
            raise self.too_long()
        self.text.append(text)

    def _refuse(self, *declaration: object) -> None:
        raise TooLarge("A workbook declares no types of its own.")


class _TextReader(_Reader):
    """si: a text, in one t or in one of each of its runs (r); rPh says how to pronounce it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.parts: list[str] = []
        self.aloud = False
        self.together = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self.parts, self.length = [], 0
        elif name == "rPh":
            self.aloud = True
        elif name == "t" and not self.aloud:
            self.text = self.parts

    def end(self, name: str) -> None:
        if name == "t":
            self.text = None
        elif name == "rPh":
            self.aloud = False
        elif name == "si":
            self.found.append("".join(self.parts))
            self.together += self.length
            if len(self.found) > MOST_TEXTS or self.together > MOST_SHARED_LENGTH:
                raise TooLarge("Its cells have more different texts than can be held.")


class _CellReader(_Reader):
    """sheetData holds row, row holds c, c holds f (a formula), v (a value) and is (a text)."""

    def __init__(self, shared: list[str], styles: Styles) -> None:
        super().__init__()
        self.shared = shared
        self.styles = styles
        self.rows: list[SheetRow] = []
        self.inside = self.aloud = False
        self.number = self.place = 0
        self.row: list[Any] = []
        self.row_length = 0
        self.kind, self.style = "n", 0
        self.value: list[str] = []
        self.formula: list[str] | None = None

    def too_long(self) -> TooLarge:
        return TooLarge(f"Row {self.number}: a cell has more than {MOST_CELL:,} characters.")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheetData":
            self.inside = True
        if not self.inside:
            return
        if name == "row":
            self.number = int(float(attributes["r"])) if "r" in attributes else self.number + 1
            self.row, self.row_length, self.place = [], 0, 0
        elif name == "c":
            self.place = _place(attributes["r"]) if "r" in attributes else self.place + 1
            if self.place > MOST_PLACES:
                raise TooLarge(f"Row {self.number} has more than {MOST_PLACES:,} cells.")
            self.kind, self.style = attributes.get("t", "n"), int(attributes.get("s", 0))
            self.value, self.formula, self.length = [], None, 0
        elif name == "f":
            self.text = self.formula = []
        elif name == "rPh":
            self.aloud = True
        elif name == "v" or (name == "t" and not self.aloud):
            self.text = self.value

    def end(self, name: str) -> None:
        if not self.inside:
            return
        if name in ("f", "v", "t"):
            self.text = None
        elif name == "rPh":
            self.aloud = False
        elif name == "c":
            self._put()
        elif name == "row":
            self.rows.append((self.number, self.row))
        elif name == "sheetData":
            self.inside = False

    def _put(self) -> None:
        """The cell that ends. A formula that nobody has worked out stands for itself: taken as
        blank, an amount would be unknown and nobody be told why."""
        # What stands beyond the columns that are read only says that there are too many.
        if self.place > MOST_COLUMNS + 1:
            return
        value: Any = self._worth("".join(self.value))
        if value is None and self.formula is not None and self.kind in ("n", "f"):
            value = "=" + "".join(self.formula)
        if value is None:
            return
        self.row_length += len(value) if isinstance(value, str) else 0
        if self.row_length > MOST_ROW_LENGTH:
            raise TooLarge(f"Row {self.number} has more than {MOST_ROW_LENGTH:,} characters.")
        self.row.extend([None] * (self.place - len(self.row)))
        self.row[self.place - 1] = value

    def _worth(self, text: str) -> Any:
        if not text:
            return None
        if self.kind == "s":
            return self.shared[int(text)]
        if self.kind == "b":
            return bool(int(text))
        if self.kind == "d":
            return self.styles.said(text)
        return self._number(text) if self.kind == "n" else text

    def _number(self, text: str) -> Any:
        figure: float = float(text) if "." in text or "e" in text.lower() else int(text)
        if self.style not in self.styles.dates:
            return self.styles.written(figure, self.style)
        try:
            return self.styles.counted(figure, self.style in self.styles.durations)
        except (OverflowError, ValueError):
            return "#VALUE!"


def _place(reference: str) -> int:
    """The column of a cell such as AB12, from 1."""
    place = 0
    for letter in reference:
        if not letter.isalpha():
            break
        place = place * 26 + ord(letter.upper()) - 64
    return place


def _read(reader: _Reader, file: IO[bytes]) -> None:
    for _ in _feed(reader, file):
        pass


def _feed(reader: _Reader, file: IO[bytes]) -> Iterator[None]:
    """Let the reader read on block by block."""
    fed = 0
    while block := file.read(_BLOCK):
        reader.parser.Parse(block, False)
        fed += len(block)
        if fed - reader.parser.CurrentByteIndex > MOST_TAG:
            raise TooLarge("It has a tag that does not end.")
        yield
    reader.parser.Parse(b"", True)
    yield
