"""Rows that leave no doubt, read column by column: nearly all of nearly every file.

What a cell means is decided by `staging.DealStager`, which takes a row at a time and says whatever
is to be said about it. Here only those values are taken that it would take without a word, or with
one that is merely counted; a row with any other is left to it. Most cells of a column repeat each
other, so that reading a column is nearly nothing but looking them up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from itertools import compress
from typing import Any, NamedTuple, TypeVar

from roadmap.domain.deals import LOST, OPEN, WON

from .layout import Together
from .reading import Batch, Row
from .staged import StagedDeal
from .staging import DAYS, DEAL_KEY, MOST_NAME, DealStager, deal_named
from .status import DELETED_FIELDS, says_deleted
from .values import Memo, Unreadable, all_plain, external_ids

K = TypeVar("K", bound=Hashable)
Deals = dict[str, list[Any]]

#: In place of a value that needs a closer look.
DOUBT: Any = object()


class Plain(NamedTuple):
    """Deals, as a list of values for each field of `StagedDeal`, and the rows left over."""

    deals: Deals
    others: list[Row]


class PlainRows:
    """What the cells of one file mean, remembered from batch to batch."""

    def __init__(self, stager: DealStager) -> None:
        self.stager = stager
        self.gone = stager.layout.together(*DELETED_FIELDS)
        read = {name: column.read for name, column in stager.columns.items()}
        self.known: dict[str, _Looked[str]] = {
            **{name: _Looked(_without_note(read[name])) for name in _TEXTS},
            **{name: _Looked(_plain_day(read[name])) for name in DAYS},
            "probability": _Looked(read["probability"]),
            "currency": _Looked(_own(read["currency"])),
        }
        self.states, self.losses = _Looked(stager.read_state), _Looked(stager.read_loss)
        self.deleted = _Looked(self._is_deleted)
        self.attributes = [
            (place, _Looked(_without_note(read))) for place, read in stager.attributes.readers
        ]

    def read(self, batch: Batch, apart: Collection[int]) -> Plain:
        """Of rows as wide as the header; those numbered in `apart` are left over anyway."""
        if not batch.numbers:
            return Plain({name: [] for name in StagedDeal._fields}, [])
        reading = _Reading(self, batch)
        deals = reading.deals()
        doubts = reading.doubts
        if apart:
            doubts.update(at for at, number in enumerate(batch.numbers) if number in apart)
        if doubts:
            keep = [at not in doubts for at in range(len(batch.numbers))]
            deals = {name: list(compress(values, keep)) for name, values in deals.items()}
        self.stager.note(deals)
        others = [Row(batch.numbers[at], batch.cells[at]) for at in sorted(doubts)]
        return Plain({name: deals[name] for name in StagedDeal._fields}, others)

    def _is_deleted(self, key: tuple[str, ...]) -> Any:
        return DOUBT if says_deleted(self.gone.said(key)) else None


class _Looked(Memo[K, Any]):
    """What cells mean, each read once; `doubted` as soon as one of them needs a closer look."""

    def __init__(self, read: Callable[[K], Any]) -> None:
        super().__init__(self._tried)
        self._read = read
        self.doubted = False

    def all(self, cells: Iterable[K]) -> list[Any]:
        return list(map(self.__getitem__, cells))

    def _tried(self, cell: K) -> Any:
        try:
            found = self._read(cell)
        except Unreadable:
            found = DOUBT
        self.doubted = self.doubted or found is DOUBT
        return found


_TEXTS = ("account_id", "account_name", "owner", "product")


class _Reading:
    """One batch; `doubts` are the places of rows that need a closer look."""

    def __init__(self, known: PlainRows, batch: Batch) -> None:
        self.known, self.stager = known, known.stager
        self.layout = known.stager.layout
        self.numbers = list(batch.numbers)
        self.columns = list(zip(*batch.cells, strict=False))
        self.doubts: set[int] = set()

    def deals(self) -> Deals:
        known, stager = self.known, self.stager
        deals: Deals = {"row": self.numbers}
        if known.gone.any:
            self._keyed(known.deleted, known.gone)
        states = self._keyed(known.states, stager.states)
        deals["status"] = [None if state is DOUBT else state[0] for state in states]
        deals["stage"] = [None if state is DOUBT else state[1] for state in states]
        ids = external_ids(self._cells("id"), DEAL_KEY)
        deals["id"] = self._settled([DOUBT if id is None else id for id in ids], None in ids)
        for name in _TEXTS:
            deals[name] = self._looked(name, "")
        if stager.has_account:
            pairs = zip(deals["account_id"], deals["account_name"], strict=True)
            self._settled([id or name or DOUBT for id, name in pairs])
        if stager.has_owner:
            self._settled([owner or DOUBT for owner in deals["owner"]])
        deals["name"] = self._names(deals)
        deals["product"] = [product or None for product in deals["product"]]
        deals["amount"] = self._amounts(deals["status"])
        deals["probability"] = self._looked("probability", None)
        self._days(deals)
        losses = self._keyed(known.losses, stager.losses)
        lost_to, reasons, deals["words"] = map(list, zip(*losses, strict=True))
        both = zip(lost_to, deals["status"], strict=True)
        deals["lost_to"] = [to if status == LOST else None for to, status in both]
        deals["attributes"] = self._objects(reasons)
        return deals

    def _settled(self, values: list[Any], doubted: bool = True) -> list[Any]:
        if doubted and DOUBT in values:
            self.doubts.update(at for at, value in enumerate(values) if value is DOUBT)
        return values

    def _cells(self, name: str) -> Sequence[str]:
        return self.layout.column(name, self.columns)

    def _keyed(self, known: _Looked[tuple[str, ...]], fields: Together) -> list[Any]:
        found = known.all(fields.keys(self.columns, len(self.numbers)))
        return self._settled(found, known.doubted)

    def _looked(self, name: str, missing: Any) -> list[Any]:
        """The values of a field's column, `missing` where the file has none."""
        if not self.layout.has(name):
            return [missing] * len(self.numbers)
        known = self.known.known[name]
        return self._settled(known.all(self._cells(name)), known.doubted)

    def _names(self, deals: Deals) -> list[Any]:
        if not self.layout.has("name"):
            named = zip(deals["id"], deals["account_name"], deals["product"], strict=True)
            return [DOUBT if DOUBT in parts else deal_named(*parts) for parts in named]
        cells, words = self._cells("name"), self.stager.rules.words
        if all_plain(cells, MOST_NAME) and "name" not in self.stager.rules.replace:
            return list(cells)
        found = [words("name", cell) for cell in cells]
        return self._settled([name if name and not cut else DOUBT for name, cut in found])

    def _amounts(self, statuses: Sequence[str | None]) -> list[Any]:
        layout, count = self.layout, len(self.numbers)
        if not self.stager.has_amount:
            return [None] * count
        if layout.has("currency"):
            self._looked("currency", None)
        cells = self._cells("amount") if layout.has("amount") else [""] * count
        if layout.has("won_amount"):
            three = zip(cells, self._cells("won_amount"), statuses, strict=True)
            cells = [won if status == WON and won.strip() else cell for cell, won, status in three]
        read = self.stager.plain_amount
        cents = [None if not cell else read(cell) for cell in cells]
        if None in cents:
            cents = [
                DOUBT if c is None and cell else c for c, cell in zip(cents, cells, strict=True)
            ]
        return self._settled(cents)

    def _days(self, deals: Deals) -> None:
        """When deals were opened, close or closed, and are needed by."""
        statuses = deals["status"]
        found = {name: self._looked(name, None) for name in DAYS}
        expected = found["close_date"]
        closed = found["closed_on"] if self.layout.has("closed_on") else expected
        closing = [
            day if status == OPEN else last
            for status, day, last in zip(statuses, expected, closed, strict=True)
        ]
        deals["close_date"] = closing
        opened = found["opened_on"]
        if self.layout.has("opened_on"):
            opened = list(map(_opened, statuses, opened, closing))
        deals["opened_on"] = self._settled(opened)
        deals["needed_by"] = found["needed_by"]

    def _objects(self, reasons: Sequence[str]) -> list[str]:
        """Attributes as JSON text, each with what CRM says of the loss."""
        members = []
        for place, known in self.known.attributes:
            values = self._settled(known.all(self.columns[place]), known.doubted)
            members.append(["" if value is DOUBT else value for value in values])
        members.append(list(reasons))
        return ["{" + ", ".join(filter(None, each)) + "}" for each in zip(*members, strict=True)]


def _opened(status: str | None, day: Any, closing: Any) -> Any:
    """The day, unless there is none or a closed deal was closed before it."""
    if day is None or day is DOUBT or closing is DOUBT:
        return DOUBT
    return DOUBT if status != OPEN and closing and closing < day else day


def _without_note(read: Callable[[str], tuple[str, Any]]) -> Callable[[str], Any]:
    def plain(cell: str) -> Any:
        value, note = read(cell)
        return DOUBT if note else value

    return plain


def _plain_day(read: Callable[[str], tuple[str | None, bool]]) -> Callable[[str], Any]:
    def plain(cell: str) -> Any:
        day, is_serial = read(cell)
        return DOUBT if is_serial else day

    return plain


def _own(read: Callable[[str], tuple[str, bool]]) -> Callable[[str], Any]:
    """Amounts in other currencies are converted, which is said."""
    return lambda cell: None if read(cell)[1] else DOUBT
