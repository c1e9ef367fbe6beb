"""A first walk over the rows: what must be known of the whole file before one row can be read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from . import dates, money
from .layout import Layout
from .mapping import DATE_FIELDS, DEALS, REQUESTS, ImportMapping, MappingError
from .reading import Row, Sheet
from .status import Statuses, UnknownStage
from .values import Unreadable, external_id, percent_figure, shown, text

MONEY_FIELDS = ("amount", "won_amount", "revenue")
MOST_LISTED = 40


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
    remarks: list[str] = field(default_factory=list)


def survey(
    sheet: Sheet, layout: Layout, mapped: ImportMapping, prefix: str, key: str = "id"
) -> Conventions:
    """Walk over the file once. `key` is the field that identifies a row, `prefix` its id's.

    Raises MappingError where the file leaves open what its dates, amounts or stages mean.
    """
    walk = _Survey(layout, mapped, prefix, key)
    for row in sheet.rows():
        if sheet.fault(row.cells) is None:
            walk.see(row)
    return walk.settled(sheet)


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
        self.decimals: dict[str, tuple[int, str]] = {}
        self.unclear: dict[str, tuple[int, str]] = {}
        self.most_percent = Decimal(0)
        self.unknown: dict[str, Counter[str]] = {}
        self.seen: dict[str, tuple[int, int]] = {}
        self.rows_of: dict[str, list[int]] = {}
        self.repeats: set[int] = set()

    def see(self, row: Row) -> None:
        for name in self.date_fields:
            self._see_date(row, self.layout.cell(row.cells, name))
        for name in self.money_fields:
            self._see_figure(row, self.layout.cell(row.cells, name))
        if self.layout.has("probability"):
            figure = percent_figure(self.layout.cell(row.cells, "probability"))
            self.most_percent = max(self.most_percent, figure or Decimal(0))
        if self.statuses:
            try:
                self.statuses.of(row.cells)
            except UnknownStage as unknown:
                self.unknown.setdefault(unknown.setting, Counter())[unknown.word] += 1
            except Unreadable:
                pass
        self._see_key(row)

    def settled(self, sheet: Sheet) -> Conventions:
        self._ask_for_stages()
        found = Conventions(
            date_order=self._date_order(),
            fractions=self.most_percent <= 1,
            repeats=frozenset(self.repeats),
        )
        found.decimal = self._decimal(sheet, found.remarks)
        # Of requests the first counts: see `Prepared.requests`.
        contradicted = {} if self.layout.kind == REQUESTS else self.rows_of
        for id, rows in contradicted.items():
            listed = [self.seen[id][1], *rows]
            found.conflicts.update(dict.fromkeys(listed, listed))
        return found

    def _see_date(self, row: Row, cell: str) -> None:
        if not cell:
            return
        readings = dates.readings(cell)
        if not readings:
            return
        possible = frozenset(readings)
        self.orders &= possible
        self.order_rows.setdefault(possible, (row.number, text(cell)))
        if self.differs is None and len(set(readings.values())) > 1:
            self.differs = (row.number, text(cell))

    def _see_figure(self, row: Row, cell: str) -> None:
        if not cell or cell.isdecimal():
            return
        try:
            for figure in money.figures(cell):
                if figure.decimal:
                    self.decimals.setdefault(figure.decimal, (row.number, text(cell)))
        except money.AmbiguousNumber as unclear:
            self.unclear.setdefault(unclear.mark, (row.number, text(cell)))
        except Unreadable:
            pass

    def _see_key(self, row: Row) -> None:
        cell = self.layout.cell(row.cells, self.key)
        try:
            id = external_id(cell, self.prefix)
        except Unreadable:
            return
        if self.key != "id":
            id = id.casefold()
        content = hash(tuple(value.strip() for value in row.cells))
        first = self.seen.setdefault(id, (content, row.number))
        if first[1] == row.number:
            return
        if first[0] == content:
            self.repeats.add(row.number)
        else:
            self.rows_of.setdefault(id, []).append(row.number)

    def _ask_for_stages(self) -> None:
        if not any(self.unknown.values()):
            return
        asked = [
            f'"{setting}": {{\n' + ",\n".join(_lines(words)) + "\n}"
            for setting, words in self.unknown.items()
        ]
        raise MappingError(
            "The file does not say which of these stages are open, won or lost. Say it in a "
            "mapping file (--mapping), choosing one word in each line:\n" + ",\n".join(asked)
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
                'them all; say which to take, as "date_order": "dmy" or "mdy" in the mapping.'
            )
        if len(self.orders) > 1 and self.differs:
            row, value = self.differs
            raise MappingError(
                f"Day and month cannot be told apart: row {row} has {shown(value)}, and no other "
                'date decides. Say which comes first, as "date_order": "dmy" or "mdy" in the '
                "mapping (--mapping)."
            )
        return min(self.orders)

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
            'as "decimal": "." or "decimal": "," in the mapping (--mapping).'
        )


def _lines(words: Iterable[str]) -> list[str]:
    listed = sorted(words)
    lines = [
        f'  {json.dumps(shown(word, 200), ensure_ascii=False)}: "open|won|lost"'
        for word in listed[:MOST_LISTED]
    ]
    if len(listed) > MOST_LISTED:
        lines[-1] += f"\n  … and {len(listed) - MOST_LISTED:,} more: is this the right column?"
    return lines
