"""A first walk over the rows: what must be known of the whole file before one row can be read."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from itertools import filterfalse, islice
from typing import TypeVar

from . import dates, money
from .garbled import accented_words, garbled_cell
from .layout import Layout
from .mapping import DATE_FIELDS, DEALS, ImportMapping, MappingError
from .reading import Batch, Sheet
from .repeated import Repeated
from .several import Several
from .status import STATE_FIELDS, Statuses, UnknownStage
from .values import Unreadable, percent_figure, shown, text

MONEY_FIELDS = ("amount", "won_amount", "revenue", "account_revenue")
MOST_LISTED = 40
MOST_ACCENTED = 5
#: From so many dates on it is no chance that none has a day after the 12th.
FEW_DATES = 5
#: So many cells of a column are remembered; of the others, each is looked at.
MOST_KNOWN = 20_000

#: What says nothing new about a file that has a fraction like it.
_PLAIN_FIGURE = re.compile(r"[0-9]+(\.[0-9]{1,2})?").fullmatch

K = TypeVar("K", bound=Hashable)

_STATE_FIELDS = (*STATE_FIELDS, "deleted")


@dataclass
class Conventions:
    """How this file writes its values, and which of its rows repeat each other."""

    date_order: str | None = None
    decimal: str | None = None
    #: Whether probabilities are fractions of 1.
    fractions: bool = False
    #: Rows that say the same as an earlier one.
    repeats: frozenset[int] = frozenset()
    #: Rows whose record stands in the file again with something else, by row: the rows.
    conflicts: dict[int, list[int]] = field(default_factory=dict)
    #: Rows that are lines of one deal: the row of the first.
    lines: dict[int, int] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    #: Some words with accents, where the encoding is a guess.
    accented: list[str] = field(default_factory=list)
    #: How many rows there are.
    rows: int = 0


def survey(
    sheet: Sheet,
    layout: Layout,
    mapped: ImportMapping,
    prefix: str,
    key: str = "id",
    beat: Callable[[int], object] | None = None,
) -> Conventions:
    """Walk over the file once, and again where ids repeat. `key` is the field that identifies a
    row, `prefix` its id's; `beat` is told now and then how many rows were seen.

    Raises MappingError where the file leaves open what its dates, amounts or stages mean.
    """
    walk = _Survey(layout, mapped, prefix, key)
    guessed = sheet.encoding == "cp1252" and not mapped.encoding
    for batch in sheet.batches():
        if guessed:
            walk.see_letters(batch)
        walk.see_all(sheet.fitting(batch)[0])
        walk.rows += len(batch.numbers)
        if beat:
            beat(walk.rows)
    if walk.repeated.again:
        for row in sheet.rows():
            if sheet.fault(row.cells) is None:
                walk.repeated.see_again(row)
    return walk.settled(sheet)


def glance(
    sheet: Sheet, layout: Layout, mapped: ImportMapping, rows: int
) -> tuple[str | None, str | None]:
    """The order of dates and the decimal mark that the first rows show; None where they do not."""
    walk = _Survey(layout, mapped, "", "id")
    records = islice(sheet.records(), sheet.header_row, sheet.header_row + rows)
    some = [row for row in records if row.cells and sheet.fault(row.cells) is None]
    walk.see_all(Batch([row.number for row in some], [row.cells for row in some]))
    found = []
    for settle in (walk._date_order, lambda: walk._decimal(sheet, [])):
        try:
            found.append(settle())
        except MappingError:
            found.append(None)
    order, decimal = found
    return order, decimal or next(iter(walk.decimals), None)


class _Survey:
    def __init__(self, layout: Layout, mapped: ImportMapping, prefix: str, key: str) -> None:
        self.layout = layout
        self.mapped = mapped
        self.prefix = prefix
        self.key = key
        self.statuses = Statuses(layout, mapped) if layout.kind == DEALS else None
        self.date_fields = [name for name in DATE_FIELDS if layout.has(name)]
        self.money_fields = [name for name in MONEY_FIELDS if layout.has(name)]
        self.orders: set[str] = set(dates.ORDERS)
        self.order_rows: dict[frozenset[str], tuple[int, str]] = {}
        self.differs: tuple[int, str] | None = None
        #: By column: the days of the months of dates that begin with the year; one that does not.
        self.year_first: dict[str, list[int]] = {}
        self.numbers_alone: dict[str, tuple[int, str]] = {}
        self.decimals: dict[str, tuple[int, str]] = {}
        self.unclear: dict[str, tuple[int, str]] = {}
        self.garbled: tuple[int, str] | None = None
        self.accented: list[str] = []
        self.most_percent = Decimal(0)
        self.unknown: dict[str, Counter[str]] = {}
        self.rows = 0
        self.repeated = Repeated(layout, mapped, prefix, key)
        # Cells that were looked at already say nothing new.
        self._columns: list[tuple[str, set[str], Callable[[int, str], None]]] = [
            *((name, set(), partial(self._see_date, name)) for name in self.date_fields),
            *((name, set(), self._see_figure) for name in self.money_fields),
        ]
        if layout.has("probability"):
            self._columns.append(("probability", set(), self._see_percent))
        self.several = Several()
        if layout.has("loss_reason") and not mapped.split_reasons:
            self._columns.append(("loss_reason", set(), self.several.see))
        self._states: set[tuple[str, ...]] = set()
        self._state_of = layout.together(*_STATE_FIELDS)

    def see_all(self, batch: Batch) -> None:
        """Rows that are as wide as the header."""
        if not batch.numbers:
            return
        columns = list(zip(*batch.cells, strict=False))
        for name, known, see in self._columns:
            column = self.layout.column(name, columns)
            fresh = set(column) - known
            if name in MONEY_FIELDS and "." in self.decimals:
                fresh = set(filterfalse(_PLAIN_FIGURE, fresh))
            for at, cell in _first_of(column, fresh):
                see(batch.numbers[at], cell.strip())
                if len(known) < MOST_KNOWN:
                    known.add(cell)
        if self.statuses:
            keys = list(self._state_of.keys(columns, len(batch.numbers)))
            for at, key in _first_of(keys, set(keys) - self._states):
                self._states.add(key)
                self._see_state(batch.cells[at])
        self.repeated.see(self.layout.column(self.key, columns))

    def see_letters(self, batch: Batch) -> None:
        """Of a file whose encoding is a guess: do its words look like words?"""
        found = None if self.garbled else garbled_cell(batch.cells)
        if found:
            self.garbled = (batch.numbers[found[0]], shown(found[1]))
        self.accented = self.accented or accented_words(batch.cells, MOST_ACCENTED)

    def settled(self, sheet: Sheet) -> Conventions:
        found = Conventions(
            fractions=self.most_percent <= 1, repeats=frozenset(self.repeated.repeats),
            rows=self.rows, accented=self.accented,
        )  # fmt: skip
        open_questions: list[MappingError] = []

        def asked(settle: Callable[[], str | None]) -> str | None:
            try:
                return settle()
            except MappingError as question:
                open_questions.append(question)
                return None

        asked(self._ask_for_encoding)
        asked(self._ask_for_stages)
        asked(self._ask_for_reasons)
        asked(self.repeated.ask)
        found.date_order = asked(self._date_order)
        found.decimal = asked(lambda: self._decimal(sheet, found.remarks))
        if open_questions:
            raise MappingError(
                "\n".join(map(str, open_questions)),
                [question for each in open_questions for question in each.questions],
            )
        found.lines, found.conflicts = self.repeated.settled()
        return found

    def _see_date(self, name: str, row: int, cell: str) -> None:
        if not cell:
            return
        readings = dates.readings(cell)
        if not readings:
            day = dates.day_of_year_first(cell)
            if day:
                self.year_first.setdefault(name, []).append(day)
            return
        self.numbers_alone.setdefault(name, (row, text(cell)))
        possible = frozenset(readings)
        self.orders &= possible
        self.order_rows.setdefault(possible, (row, text(cell)))
        if self.differs is None and len(set(readings.values())) > 1:
            self.differs = (row, text(cell))

    def _see_figure(self, row: int, cell: str) -> None:
        if not cell:
            return
        try:
            for figure in money.figures(cell):
                if figure.decimal:
                    self.decimals.setdefault(figure.decimal, (row, text(cell)))
        except money.AmbiguousNumber as unclear:
            self.unclear.setdefault(unclear.mark, (row, text(cell)))
        except Unreadable:
            pass

    def _see_percent(self, row: int, cell: str) -> None:
        self.most_percent = max(self.most_percent, percent_figure(cell) or Decimal(0))

    def _see_state(self, cells: Sequence[str]) -> None:
        try:
            if self.statuses:
                self.statuses.of(cells)
        except UnknownStage as unknown:
            self.unknown.setdefault(unknown.setting, Counter())[unknown.word] += 1
        except Unreadable:
            pass

    def _ask_for_encoding(self) -> str | None:
        if not self.garbled:
            return None
        row, value = self.garbled
        raise MappingError(
            f"The file is not UTF-8, and read as Windows-1252 row {row} has “{value}”. Say which "
            'encoding it is in, as "encoding": "mac-roman", "cp1250" or another in the mapping '
            '(--mapping), or "cp1252" if that is right.',
            [{"setting": "encoding", "shows": f"row {row} has “{value}”"}],
        )

    def _ask_for_stages(self) -> str | None:
        if not any(self.unknown.values()):
            return None
        asked = [
            f'"{setting}": {{\n' + ",\n".join(_lines(words)) + "\n}"
            for setting, words in self.unknown.items()
        ]
        raise MappingError(
            "The file does not say which of these stages are open, won or lost. Say it in a "
            "mapping file (--mapping), choosing one word in each line:\n" + ",\n".join(asked),
            [
                {"setting": setting, "words": sorted(shown(word, 200) for word in words)}
                for setting, words in self.unknown.items()
            ],
        )

    def _ask_for_reasons(self) -> str | None:
        found = self.several.found()
        if not found:
            return None
        mark, row, cell = found
        raise MappingError(
            f"Row {row} has the loss reason “{shown(cell)}”. Say whether that is several, as "
            f'"split_reasons": "{mark}" in the mapping (--mapping), or "one".',
            [{"setting": "split_reasons", "mark": mark, "shows": f"row {row} has “{shown(cell)}”"}],
        )

    def _date_order(self) -> str | None:
        if self.mapped.date_order or not self.order_rows:
            return self.mapped.date_order
        if not self.orders:
            shows = " and ".join(
                f"row {row} has {shown(value)}" for row, value in list(self.order_rows.values())[:3]
            )
            raise MappingError(
                f"The dates contradict each other: {shows}. No one order of day and month fits "
                'them all; say which to take, as "date_order": "dmy" or "mdy" in the mapping.',
                [{"setting": "date_order", "shows": shows}],
            )
        if len(self.orders) > 1 and self.differs:
            row, value = self.differs
            raise MappingError(
                f"Day and month cannot be told apart: row {row} has {shown(value)}, and no other "
                'date decides. Say which comes first, as "date_order": "dmy" or "mdy" in the '
                "mapping (--mapping).",
                [{"setting": "date_order", "shows": f"row {row} has {shown(value)}"}],
            )
        swapped = None if self.differs else self._swapped()
        if swapped:
            row, value = swapped
            shows = f"row {row} has {shown(value)}"
            raise MappingError(
                f"Some dates are written as {shown(value)} (row {row}), each with a day after the "
                "12th, and the others with the year first, none of them after the 12th. A "
                "spreadsheet that takes the day for the month does that to a file. Export again "
                'without opening it; or, if all are right, say "date_order": "dmy" or "mdy" in '
                "the mapping (--mapping).",
                [{"setting": "date_order", "shows": shows, "swapped": True}],
            )
        return min(self.orders)

    def _swapped(self) -> tuple[int, str] | None:
        """A date of a column in which a spreadsheet seems to have read the day as the month, where
        it could: those are dates now, none with a day after the 12th, and the others have one."""
        for name, days in self.year_first.items():
            if len(days) >= FEW_DATES and max(days) <= dates.MONTHS and name in self.numbers_alone:
                return self.numbers_alone[name]
        return None

    def _decimal(self, sheet: Sheet, remarks: list[str]) -> str | None:
        if self.mapped.decimal or not self.unclear:
            return self.mapped.decimal
        if len(self.decimals) == 1:
            return next(iter(self.decimals))
        if not self.decimals and set(self.unclear) == {","} and sheet.separator != ";":
            row, value = self.unclear[","]
            remarks.append(
                f"Commas in figures are taken for thousands (row {row}: {shown(value)}); where "
                'they begin the fraction, say "decimal": "," in the mapping'
            )
            return "."
        row, value = next(iter(self.unclear.values()))
        raise MappingError(
            f"Row {row} has the figure {shown(value)}, in which the mark may group thousands or "
            "begin the fraction, and no other figure decides. Say which mark begins the fraction, "
            'as "decimal": "." or "decimal": "," in the mapping (--mapping).',
            [{"setting": "decimal", "shows": f"row {row} has {shown(value)}"}],
        )


def _first_of(column: Sequence[K], cells: set[K]) -> list[tuple[int, K]]:
    """Where each of the cells stands first, in the order of the rows."""
    if len(cells) * 20 > len(column):
        places: dict[K, int] = {}
        for at, cell in enumerate(column):
            if cell in cells:
                places.setdefault(cell, at)
        return [(at, cell) for cell, at in places.items()]
    return sorted((column.index(cell), cell) for cell in cells)


def _lines(words: Iterable[str]) -> list[str]:
    listed = sorted(words)
    lines = [
        f'  {json.dumps(shown(word, 200), ensure_ascii=False)}: "open|won|lost"'
        for word in listed[:MOST_LISTED]
    ]
    if len(listed) > MOST_LISTED:
        lines[-1] += f"\n  … and {len(listed) - MOST_LISTED:,} more: is this the right column?"
    return lines
