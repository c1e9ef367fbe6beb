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

from roadmap.models.imports import DEALS

from . import money
from .garbled import accented_words, garbled_cell
from .layout import Layout
from .mapping import ImportMapping, MappingError
from .reading import Batch, Sheet
from .repeated import Repeated
from .split_reasons import Several
from .status import Statuses, UnknownStage
from .survey_amounts import AmountSurvey, sign_in
from .survey_dates import DateSurvey
from .values import Unreadable, percent_figure, shown, text

MONEY_FIELDS = ("amount", "won_amount", "revenue", "account_revenue")
MOST_LISTED = 40
MOST_ACCENTED = 5
#: So many cells of a column are remembered; of the others, each is looked at.
MOST_KNOWN = 20_000

#: What says nothing new about a file that has a fraction like it.
_PLAIN_FIGURE = re.compile(r"[0-9]+(\.[0-9]{1,2})?").fullmatch
_BARE_FIGURE = re.compile(r"[0-9.,'\s]+").fullmatch

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


@dataclass
class Conventions:
    """How this file writes its values, and which of its rows repeat each other."""

    date_order: str | None = None
    #: Which day stands for a month alone: first, last.
    month_only: str | None = None
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
    currency: str = "",
) -> Conventions:
    """Walk over the file once, and again where ids repeat. `key` is the field that identifies a
    row, `prefix` its id's; `beat` is told now and then how many rows were seen; `currency` is the
    workspace's, without which no sign is asked about.

    Raises MappingError where the file leaves open what its dates, amounts or stages mean.
    """
    walk = _Survey(layout, mapped, prefix, key, currency)
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
    settles: tuple[Callable[[], str | None], ...] = (
        lambda: walk.dates.order([]),
        lambda: walk._decimal(sheet, []),
    )
    for settle in settles:
        try:
            found.append(settle())
        except MappingError:
            found.append(None)
    order, decimal = found
    return order, decimal or next(iter(walk.decimals), None)


class _Survey:
    def __init__(
        self, layout: Layout, mapped: ImportMapping, prefix: str, key: str, currency: str = ""
    ) -> None:
        self.layout = layout
        self.mapped = mapped
        self.prefix = prefix
        self.key = key
        self.statuses = Statuses(layout, mapped) if layout.kind == DEALS else None
        self.money_fields = [name for name in MONEY_FIELDS if layout.has(name)]
        self.dates, self.amounts = DateSurvey(layout, mapped), AmountSurvey(mapped, currency)
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
            *((name, set(), partial(self.dates.see, name)) for name in self.dates.fields),
            *((name, set(), self._see_figure) for name in self.money_fields),
        ]
        if layout.has("probability"):
            self._columns.append(("probability", set(), self._see_percent))
        if layout.has("currency"):
            self._columns.append(("currency", set(), self._see_currency))
        self.several = Several()
        if layout.has("loss_reason") and not mapped.split_reasons:
            self._columns.append(("loss_reason", set(), self.several.see))
        for name in self.money_fields:
            self.amounts.see_sign(layout.unit(name), 1, layout.label(name))
        self._states: dict[tuple[str, ...], str] = {}
        deciding = self.statuses.fields if self.statuses else ()
        self._state_of = layout.together(*deciding, "deleted")

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
            for at, key in _first_of(keys, set(keys) - self._states.keys()):
                self._states[key] = self._see_state(batch.cells[at])
            if self.layout.has("amount"):
                self.amounts.see_zeros(keys, self.layout.column("amount", columns))
        self.dates.see_pairs(batch.numbers, columns)
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

        def asked(settle: Callable[[], T]) -> T | None:
            try:
                return settle()
            except MappingError as question:
                open_questions.append(question)
                return None

        asked(self._ask_for_encoding)
        asked(self._ask_for_stages)
        asked(self._ask_for_reasons)
        asked(self.repeated.ask)
        asked(self.amounts.ask_for_signs)
        asked(lambda: self.amounts.ask_for_zeros(self._states))
        found.date_order = asked(lambda: self.dates.order(found.remarks))
        found.month_only = asked(self.dates.month_day)
        found.decimal = asked(lambda: self._decimal(sheet, found.remarks))
        if open_questions:
            raise MappingError(
                "\n".join(map(str, open_questions)),
                [question for each in open_questions for question in each.questions],
            )
        found.lines, found.conflicts = self.repeated.settled()
        return found

    def _see_currency(self, row: int, cell: str) -> None:
        self.amounts.see_sign(text(cell), row, cell)

    def _see_figure(self, row: int, cell: str) -> None:
        if not cell:
            return
        if not _BARE_FIGURE(cell):
            for said in sign_in(cell):
                self.amounts.see_sign(said, row, cell)
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

    def _see_state(self, cells: Sequence[str]) -> str:
        try:
            if self.statuses:
                return self.statuses.of(cells) or ""
        except UnknownStage as unknown:
            self.unknown.setdefault(unknown.setting, Counter())[unknown.word] += 1
        except Unreadable:
            pass
        return ""

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
