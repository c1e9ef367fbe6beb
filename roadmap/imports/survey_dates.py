"""How a file writes its dates, as far as they show it; what they leave open is asked."""

from __future__ import annotations

from collections.abc import Sequence

from . import dates
from .layout import Layout
from .mapping import DATE_FIELDS, ENDS, ImportMapping, MappingError, choice
from .values import shown, text

#: From so many dates on it is no chance that none has a day after the 12th.
FEW_DATES = 5
#: So many pairs of an opening and a closing are compared.
MOST_PAIRS = 20_000
ORDER_WORDS = {"dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year, month, day"}

_Place = tuple[int, str]


class DateSurvey:
    def __init__(self, layout: Layout, mapped: ImportMapping) -> None:
        self.layout, self.mapped = layout, mapped
        self.fields = [name for name in DATE_FIELDS if layout.has(name)]
        self.orders: set[str] = set(dates.ORDERS)
        self.order_rows: dict[frozenset[str], _Place] = {}
        self.differs: _Place | None = None
        #: By column: the days of the months of dates that begin with the year; one that does not.
        self.year_first: dict[str, list[int]] = {}
        self.numbers_alone: dict[str, _Place] = {}
        self.month: _Place | None = None
        #: By order, a row that would be closed before it was opened.
        self.early: dict[str, int] = {}
        self._ends = [n for n in ("closed_on", *ENDS.values(), "close_date") if layout.has(n)]
        self._pairs: set[tuple[str, str]] = set()

    def see(self, name: str, row: int, cell: str) -> None:
        if not cell:
            return
        readings = dates.readings(cell)
        if not readings:
            day = dates.day_of_year_first(cell)
            if day:
                self.year_first.setdefault(name, []).append(day)
            elif self.month is None and dates.month_of(cell):
                self.month = (row, text(cell))
            return
        self.numbers_alone.setdefault(name, (row, text(cell)))
        possible = frozenset(readings)
        self.orders &= possible
        self.order_rows.setdefault(possible, (row, text(cell)))
        if self.differs is None and len(set(readings.values())) > 1:
            self.differs = (row, text(cell))

    def see_pairs(self, numbers: Sequence[int], columns: Sequence[Sequence[str]]) -> None:
        """Compare openings with closings, where dates can be read in several ways."""
        if not self.differs or len(self.orders) < 2 or not self.layout.has("opened_on"):
            return
        opened = self.layout.column("opened_on", columns)
        for name in self._ends:
            pairs = list(zip(opened, self.layout.column(name, columns), strict=True))
            fresh = dict(zip(reversed(pairs), reversed(numbers), strict=True))
            for pair in fresh.keys() - self._pairs:
                if len(self._pairs) < MOST_PAIRS:
                    self._pairs.add(pair)
                    self._compare(pair, fresh[pair])

    def _compare(self, pair: tuple[str, str], row: int) -> None:
        for order in self.orders - self.early.keys():
            opened, closed = (dates.in_order(cell, order) for cell in pair)
            if opened and closed and closed < opened:
                self.early[order] = row

    def month_day(self) -> str | None:
        """Which day of the month stands for a month alone."""
        if self.mapped.month_only or not self.month:
            return self.mapped.month_only
        row, cell = self.month
        raise MappingError(
            f"Row {row} has {shown(cell)}, which names no day. Say which is meant, as "
            '"month_only": "first" or "month_only": "last" in the mapping (--mapping).',
            [
                choice(
                    f"Row {row} has {shown(cell)}, a month without a day. Which day is meant?",
                    [["month_only"]],
                    [("first", "The first day of the month"), ("last", "The last day")],
                )
            ],
        )

    def order(self, remarks: list[str]) -> str | None:
        """The order of numbers in dates; None where none needs it."""
        if self.mapped.date_order or not self.order_rows:
            return self.mapped.date_order
        if not self.orders:
            rows = list(self.order_rows.values())[:3]
            self._ask(
                f"The dates contradict each other: {_shows(rows)}. No one order of day and month "
                "fits them all.",
                dates.ORDERS,
            )
        if len(self.orders) > 1 and self.differs:
            likely = sorted(self.orders - self.early.keys())
            if len(likely) == 1:
                row = min(self.early[order] for order in self.orders - set(likely))
                remarks.append(
                    f"Day and month are told apart by row {row}, which would otherwise be closed "
                    "before it was opened"
                )
                return likely[0]
            self._ask(
                f"Day and month cannot be told apart: {_shows([self.differs])}, and no other date "
                "decides.",
                likely or sorted(self.orders),
            )
        swapped = None if self.differs else self._swapped()
        if swapped:
            row, value = swapped
            raise MappingError(
                f"Some dates are written as {shown(value)} (row {row}), each with a day after the "
                "12th, and the others with the year first, none of them after the 12th. A "
                "spreadsheet that takes the day for the month does that to a file. Export again "
                'without opening it; or, if all are right, say "date_order": "dmy" or "mdy" in '
                "the mapping (--mapping).",
                [{"setting": "date_order", "shows": _shows([swapped]), "swapped": True}],
            )
        return min(self.orders)

    def _ask(self, says: str, orders: Sequence[str]) -> None:
        readings = dates.readings(self.differs[1]) if self.differs else {}
        options = []
        for order in orders:
            day = readings.get(order)
            example = f": {day.day} {day:%b %Y}" if day else ""
            options.append((order, f"{ORDER_WORDS[order].capitalize()}{example}"))
        listed = " or ".join(f'"{order}"' for order in orders)
        raise MappingError(
            f'{says} Say which comes first, as "date_order": {listed} in the mapping (--mapping).',
            [choice(f"{says} In which order are they written?", [["date_order"]], options)],
        )

    def _swapped(self) -> _Place | None:
        """A date of a column in which a spreadsheet seems to have read the day as the month, where
        it could: those are dates now, none with a day after the 12th, and the others have one."""
        for name, days in self.year_first.items():
            if len(days) >= FEW_DATES and max(days) <= dates.MONTHS and name in self.numbers_alone:
                return self.numbers_alone[name]
        return None


def _shows(places: Sequence[_Place]) -> str:
    return " and ".join(f"row {row} has {shown(value)}" for row, value in places)
