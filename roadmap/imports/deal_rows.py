"""Rows of a deals' file into deals as they shall be stored, column by column.

What a distinct cell means, `staging.DealCells` remembers; most cells repeat each other, so that
reading a column is nearly nothing but looking them up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Any

from roadmap.domain.deals import LOST, OPEN, WON

from . import money
from .attributes import as_object
from .layout import Together
from .mapping import ACCOUNT_FACTS, ENDS
from .reading import Batch, Row
from .staged import StagedDeal
from .staging import DEAL_KEY, MOST_NAME, DealCells
from .values import Cells, Noted, Unreadable, all_plain, external_id, external_ids, shown

Deals = dict[str, list[Any]]
_TEXTS = ("account_id", "account_name", "owner", "product")


def read(cells: DealCells, batch: Batch) -> tuple[Deals, list[tuple[Row, Unreadable]]]:
    """Deals, as a list of values for each field of `StagedDeal` and for those of ACCOUNT_FACTS that
    have a column, of rows as wide as the header; and the rows that cannot be taken, each with why.
    What is to be known of the others is noted."""
    if not batch.numbers:
        return {name: [] for name in StagedDeal._fields}, []
    reading = _Reading(cells, batch)
    deals, failed = reading.deals(), reading.failed
    if failed:
        keep = [at not in failed for at in range(len(batch.numbers))]
        deals = {name: list(compress(values, keep)) for name, values in deals.items()}
    note = cells.rules.report.note
    for at, noted in reading.noted:
        if at not in failed:
            note(noted.note, batch.numbers[at], noted.example)
    refused = [(Row(batch.numbers[at], batch.cells[at]), failed[at]) for at in sorted(failed)]
    return deals, refused


class _Reading:
    """One batch. Of a row that fails, by its place, the first reason counts, and nothing that is
    noted; what stands in its values does not matter."""

    def __init__(self, cells: DealCells, batch: Batch) -> None:
        self.cells, self.layout = cells, cells.layout
        self.count = len(batch.numbers)
        self.numbers = list(batch.numbers)
        self.columns = list(zip(*batch.cells, strict=False))
        self.failed: dict[int, Unreadable] = {}
        self.noted: list[tuple[int, Noted]] = []

    def deals(self) -> Deals:
        cells, layout = self.cells, self.layout
        deals: Deals = {"row": self.numbers, "id": self._ids()}
        states = self._keyed(cells.by_state, cells.states, ("", ""))
        deals["status"], deals["stage"] = map(list, zip(*states, strict=True))
        for name in _TEXTS:
            deals[name] = self._looked(name, None if name == "product" else "")
        if cells.has_account:
            pairs = zip(deals["account_id"], deals["account_name"], strict=True)
            self._note_each("No account named: the deal belongs to none", map(any, pairs))
        deals["name"] = self._names(deals)
        deals["amount"], converted = self._amounts(deals["status"])
        deals["close_date"] = self._closing(deals["status"])
        deals["opened_on"] = self._looked("opened_on")
        if layout.has("opened_on"):
            self._note_opened(deals)
        deals["needed_by"] = self._looked("needed_by")
        deals["probability"] = self._looked("probability")
        deals |= {name: self._looked(name) for name in ACCOUNT_FACTS if layout.has(name)}
        losses = self._keyed(cells.by_loss, cells.losses, (None, "", ""))
        lost_to, reasons, deals["words"] = map(list, zip(*losses, strict=True))
        if any(reasons):
            both = zip(reasons, deals["status"], strict=True)
            right = (not reason or status != OPEN for reason, status in both)
            self._note_each("Open, though it has a loss reason", right)
        both = zip(lost_to, deals["status"], strict=True)
        deals["lost_to"] = [to if status == LOST else None for to, status in both]
        deals["attributes"] = self._objects([converted, reasons] if converted else [reasons])
        return deals

    def _cells(self, name: str) -> Sequence[str]:
        return self.layout.column(name, self.columns)

    def _settled(self, found: list[Any], plain: bool, missing: Any = None) -> list[Any]:
        """The values alone, `missing` where there is none; what is said of them is kept."""
        if plain:
            return found
        for at, value in enumerate(found):
            if isinstance(value, Noted):
                self.noted.append((at, value))
                found[at] = value.value
            elif isinstance(value, Unreadable):
                self.failed.setdefault(at, value)
                found[at] = missing
        return found

    def _keyed(self, known: Cells[tuple[str, ...]], fields: Together, missing: Any) -> list[Any]:
        keys = fields.keys(self.columns, self.count)
        found = list(map(known.__getitem__, keys))
        return self._settled(found, known.plain, missing)

    def _raw(self, name: str, missing: Any = None) -> tuple[list[Any], bool]:
        """What the cells of a field mean, `missing` where the file has no column for it; whether
        all are mere values."""
        if not self.layout.has(name):
            return [missing] * self.count, True
        known = self.cells.by_field[name]
        return list(map(known.__getitem__, self._cells(name))), known.plain

    def _looked(self, name: str, missing: Any = None) -> list[Any]:
        return self._settled(*self._raw(name, missing), missing)

    def _note_each(self, note: str, right: Iterable[bool]) -> None:
        self.noted += [(at, Noted(None, note)) for at, each in enumerate(right) if not each]

    def _ids(self) -> list[Any]:
        cells = self._cells("id")
        ids = external_ids(cells, DEAL_KEY)
        if None in ids:
            for at in (at for at, id in enumerate(ids) if id is None):
                try:
                    external_id(cells[at], DEAL_KEY)
                except Unreadable as error:
                    self.failed[at] = error.at(self.layout.label("id"), cells[at])
        return ids

    def _names(self, deals: Deals) -> list[Any]:
        names: list[Any] = [""] * self.count
        if self.layout.has("name"):
            cells = self._cells("name")
            if all_plain(cells, MOST_NAME) and "name" not in self.cells.rules.replace:
                return list(cells)
            names = self._looked("name", "")
        parts = zip(names, deals["id"], deals["account_name"], deals["product"], strict=True)
        return [name or _named(id or "", account, product) for name, id, account, product in parts]

    def _amounts(self, statuses: Sequence[str]) -> tuple[list[Any], list[str]]:
        """The cents; what CRM has of those that are converted, if any is."""
        layout, cells = self.layout, self.cells
        if not cells.has_amount:
            return [None] * self.count, []
        written = list(self._cells("amount") if layout.has("amount") else [""] * self.count)
        labels = ["amount"] * self.count
        if layout.has("won_amount"):
            for at, (won, status) in enumerate(
                zip(self._cells("won_amount"), statuses, strict=True)
            ):
                if status == WON and won.strip():
                    written[at], labels[at] = won, "won_amount"
        said, _ = self._raw("currency", ("", True))
        plain = not any(map(layout.unit, ("amount", "won_amount")))
        found: list[int | None] = [None] * self.count
        if cells.point:
            found = list(map(money.plain_cents, written))
        kept: dict[int, str] = {}
        for at, (cents, cell, (currency, own)) in enumerate(zip(found, written, said, strict=True)):
            if not (cents and own and plain):
                try:
                    found[at], kept[at] = self._worth(at, labels[at], cell, currency, statuses[at])
                except Unreadable as error:
                    self.failed.setdefault(at, error.at(layout.label(labels[at]), cell))
        return found, [kept.get(at, "") for at in range(self.count)] if any(kept.values()) else []

    def _worth(
        self, at: int, name: str, cell: str, currency: str, status: str
    ) -> tuple[int | None, str]:
        """The cents of an amount that is no bare figure, with what CRM has where it differs."""
        own = self.cells.rules
        found, kept, note = self.cells.amount(name, cell, currency)
        example, cents = "", found.cents
        if note:
            self.noted.append((at, Noted(None, note)))
            note = ""
        if found.foreign:
            note, example = f"Amount not in {own.currency}: left unknown", found.foreign
        elif cents is None:
            note = f"No amount: unknown ({status} deals)"
        elif not cents and (
            (status == LOST and own.mapped.lost_zero_is_unknown)
            or (status == OPEN and own.mapped.open_zero_is_unknown)
        ):
            note = f"{status.capitalize()} with the amount 0: taken as unknown, not as 0"
            cents = None
        elif found.rounded:
            note, example = "Amount rounded to whole cents", shown(cell)
        if note:
            self.noted.append((at, Noted(None, note, example)))
        return cents, kept

    def _closing(self, statuses: Sequence[str]) -> list[Any]:
        """When deals are to close or were closed, by the column for the one or the other."""
        expected, plain = self._raw("close_date")
        found = list(expected)
        names = [name for name in ("closed_on", *ENDS.values()) if self.layout.has(name)]
        if names:
            ends = {name: self._raw(name) for name in names}
            plain = plain and all(each for _, each in ends.values())
            days, none = {name: found for name, (found, _) in ends.items()}, [None] * self.count
            for at, status in enumerate(statuses):
                if status != OPEN:
                    own = days.get(ENDS.get(status, ""), none)[at]
                    general = days["closed_on"][at] if "closed_on" in days else None
                    found[at] = own if own is not None else general
                    if found[at] is None and "closed_on" not in days:
                        found[at] = expected[at]
        found = self._settled(found, plain)
        today = self.cells.rules.today.isoformat()
        for at, (status, day) in enumerate(zip(statuses, found, strict=True)):
            if day is None:
                if status == OPEN:
                    note = "No expected close date: undated (open deals)"
                    self.noted.append((at, Noted(None, note)))
                elif self.cells.has_closing:
                    self.noted.append((at, Noted(None, f"No closing date ({status} deals)")))
            elif day > today and status != OPEN:
                self.noted.append((at, Noted(None, "Closed on a day to come: taken as it is")))
        return found

    def _note_opened(self, deals: Deals) -> None:
        unknown = f"No {self.layout.label('opened_on')}: the day it was opened is unknown"
        early = "Closed before it was opened: taken as it is"
        three = zip(deals["opened_on"], deals["status"], deals["close_date"], strict=True)
        for at, (opened, status, closing) in enumerate(three):
            if opened is None:
                self.noted.append((at, Noted(None, unknown)))
            elif status != OPEN and closing and closing < opened:
                self.noted.append((at, Noted(None, early)))

    def _objects(self, further: Sequence[Sequence[str]]) -> list[str]:
        """Attributes as JSON text, each with what stands in no column of its own."""
        members = [
            self._settled(list(map(known.__getitem__, self.columns[place])), known.plain, "")
            for place, known in self.cells.attributes
        ]
        return list(map(as_object, zip(*members, *further, strict=True)))


def _named(id: str, account: str, product: str | None) -> str:
    """The name of a deal that has none."""
    parts = [part for part in (account, product) if part]
    if not account:
        parts.append(id)
    return ", ".join(parts)[:MOST_NAME]
