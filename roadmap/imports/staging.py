"""Rows into deals and accounts as they shall be stored: pure, with every doubt noted.

A file has up to a million rows, and most of its cells repeat others: whatever a column may say is
read once and looked up after that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from roadmap.domain.deals import LOST, OPEN, WON

from . import dates, money
from .attributes import IN_CRM, LOSS_REASON, MOST_ATTRIBUTE, AttributeReader, member
from .layout import Layout
from .mapping import ImportMapping
from .rates import Rates
from .reading import Row
from .report import FileReport
from .staged import StagedDeal
from .status import Statuses, UnknownStage
from .survey import Conventions
from .values import Memo, Unreadable, external_id, percent, shown, text
from .values import name as named

DEAL_KEY, ACCOUNT_KEY = "006", "001"
MOST_NAME = 200
#: What a row may have none of; exporters write that in words.
MAY_BE_NONE = ("account_id", "account_name", "owner", "product")
LOSS_FIELDS = ("lost_to", "loss_reason")
DAYS = ("opened_on", "close_date", "closed_on", "needed_by")
STATE_FIELDS = ("won", "closed", "status", "stage", "pipeline")


@dataclass
class Rules:
    """What holds for all rows of a file."""

    layout: Layout
    mapped: ImportMapping
    conventions: Conventions
    currency: str
    today: date
    report: FileReport
    rates: Rates = field(default_factory=Rates)
    replace: Mapping[str, Mapping[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.replace = self.mapped.replace

    def words(self, name: str, cell: str) -> tuple[str, bool]:
        """A short text and whether it was cut: replaced where the mapping says so, and cut at 200
        characters."""
        value = named(cell) if name in MAY_BE_NONE else text(cell)
        if name in self.replace:
            value = self.replace[name].get(value.casefold(), value)
        if len(value) > MOST_NAME:
            return value[: MOST_NAME - 1] + "…", True
        return value, False


class _Column:
    """The cells of one field: each distinct one is read once. What is refused says its place."""

    def __init__(self, rules: Rules, name: str, read: Callable[[str], Any]) -> None:
        self.cell = rules.layout.reader(name)
        self.label = rules.layout.label(name)
        self.known: Memo[str, Any] = Memo(self._placed)
        self.read = read

    def of(self, cells: list[str]) -> Any:
        return self.known[self.cell(cells)]

    def _placed(self, cell: str) -> Any:
        try:
            return self.read(cell)
        except Unreadable as error:
            raise error.at(self.label, cell) from error


class DealStager:
    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        layout = self.layout = rules.layout
        self.report = rules.report
        self.statuses = Statuses(layout, rules.mapped)
        self.has_account = layout.has("account_id", "account_name")
        self.has_owner = layout.has("owner")
        self.has_amount = layout.has("amount", "won_amount")
        self.has_closing = layout.has("close_date", "closed_on")
        self.attributes = AttributeReader(layout)
        self._id, self._name_cell = layout.reader("id"), layout.reader("name")
        self.states, self.losses = layout.together(*STATE_FIELDS), layout.together(*LOSS_FIELDS)
        self._known_states: Memo[tuple[str, ...], tuple[str, str]] = Memo(self.read_state)
        self._known_losses = Memo(self.read_loss)
        self._amount_cell, self._won_cell = layout.reader("amount"), layout.reader("won_amount")
        self._has_won_amount = layout.has("won_amount")
        self._today = rules.today.isoformat()
        self._zero_is_plain = not rules.mapped.lost_zero_is_unknown
        self._point = rules.conventions.decimal != ","
        # What one cell means, of the fields that need no other cell for it.
        readers: dict[str, Callable[[str], Any]] = {
            "account_id": self._read_account_id,
            "account_name": self._read_account_name,
            "owner": partial(self._read_words, "owner"),
            "product": partial(self._read_words, "product"),
            "currency": self._read_currency,
            "probability": partial(percent, fractions=rules.conventions.fractions),
            **dict.fromkeys(DAYS, self._read_day),
        }
        self.columns = {name: _Column(rules, name, read) for name, read in readers.items()}
        self._closed = self.columns["closed_on" if layout.has("closed_on") else "close_date"]

    def stage(self, row: Row) -> StagedDeal:
        """The row's deal; raises Unreadable with the reason why it cannot be taken."""
        number, cells = row
        id = self._id_of(cells)
        status, stage = self._known_states[self.states.key(cells)]
        account_id, account_name = self._account(row) if self.has_account else ("", "")
        product, note = self.columns["product"].of(cells)
        if note:
            self.report.note(note, number)
        name = self._name(row, id, account_name, product)
        further: list[str] = []
        amount = self._amount(row, status, further) if self.has_amount else None
        closing = self._closing(row, status)
        opened = self._opened(row, status, closing) if self.layout.has("opened_on") else None
        needed = self._day(row, self.columns["needed_by"])
        probability = self._percent(row)
        lost_to, reason, words = self._known_losses[self.losses.key(cells)]
        if reason:
            further.append(reason)
        attributes, cut = self.attributes.read(cells, further)
        if cut:
            self.report.note(f"Attributes cut at {MOST_ATTRIBUTE:,} characters", number)
        owner = self._owner_of(row) if self.has_owner else ""
        return StagedDeal(
            number, id, name, account_id, account_name, owner, product or None, stage, status,
            lost_to if status == LOST else None, amount, probability, opened, closing, needed,
            attributes, words,
        )  # fmt: skip

    def note(self, deals: Mapping[str, Sequence[Any]]) -> None:
        """Say what is merely counted, of deals that were read by the column, by field."""
        for name, about in (("amount", self._about_amount), ("close_date", self._about_closing)):
            for row, status, value in zip(deals["row"], deals["status"], deals[name], strict=True):
                note = about(status, value)
                if note:
                    self.report.note(note, row)

    def id_of(self, row: Row) -> str | None:
        """The row's id, where one can be read: also of a row that fails."""
        try:
            return self.read_id(self.layout.cell(row.cells, "id"))
        except (Unreadable, IndexError):
            return None

    def _id_of(self, cells: list[str]) -> str:
        cell = self._id(cells)
        try:
            return self.read_id(cell)
        except Unreadable as error:
            raise error.at(self.layout.label("id"), cell) from error

    def read_id(self, cell: str) -> str:
        return external_id(cell, DEAL_KEY)

    def read_state(self, key: tuple[str, ...]) -> tuple[str, str]:
        """Of the cells of STATE_FIELDS: status and stage."""
        said = self.states.said(key)
        place = "stage" if self.statuses.stage else "status"
        label = self.layout.label(place)
        try:
            found = self.statuses.meant(said)
        except UnknownStage as unknown:
            raise Unreadable(str(unknown)).at(label, said[place]) from unknown
        except Unreadable as error:
            raise error.at(label, said[place]) from error
        if found is None:
            reason = "it has no stage, so nobody can tell whether it is open"
            raise Unreadable(reason).at(label, said[place])
        named = self.statuses.stage_named(said["stage"]) or text(said["status"])
        return found, named[:MOST_NAME]

    def read_loss(self, key: tuple[str, ...]) -> tuple[str | None, str, str]:
        """To whom it is lost; the reason as an attribute and as a key of words, if there is one."""
        said = self.losses.said(key)
        lost_to = self.statuses.lost_to_named(*said.values())
        reason = named(said["loss_reason"])[:MOST_ATTRIBUTE]
        if not reason:
            return lost_to, "", ""
        return lost_to, member(LOSS_REASON, reason), words_key(reason)

    def _read_words(self, name: str, cell: str) -> tuple[str, str]:
        """A short text, and what to note about it."""
        value, cut = self.rules.words(name, cell)
        return value, f"Cut at {MOST_NAME} characters: {name}" if cut else ""

    def _read_currency(self, cell: str) -> tuple[str, bool]:
        """What a row says of its currency, and whether it is the workspace's."""
        said, _ = self.rules.words("currency", cell)
        return said, money.is_currency(said, self.rules.currency)

    def _read_account_id(self, cell: str) -> tuple[str, str]:
        named, note = self._read_first("account_id", cell)
        return (external_id(named, ACCOUNT_KEY) if named else ""), note

    def _read_account_name(self, cell: str) -> tuple[str, str]:
        return self._read_first("account_name", cell)

    def _read_first(self, name: str, cell: str) -> tuple[str, str]:
        """A short text, of which the first counts where the cell names several; a note."""
        value, note = self._read_words(name, cell)
        several = self.layout.several
        if several and several in value:
            note = f"{self.layout.label(name)} names several: the first is taken"
            return value.split(several)[0].strip(), note
        return value, note

    def _account(self, row: Row) -> tuple[str, str]:
        number, cells = row
        id, id_note = self.columns["account_id"].of(cells)
        name, name_note = self.columns["account_name"].of(cells)
        for note, place in ((id_note, "account_id"), (name_note, "account_name")):
            if note:
                self.report.note(note, number, text(self.columns[place].cell(cells)))
        if not id and not name:
            self.report.note("No account named: the deal belongs to none", number)
        return id, name

    def _owner_of(self, row: Row) -> str:
        found: tuple[str, str] = self.columns["owner"].of(row.cells)
        owner, note = found
        if note or not owner:
            self.report.note(note or "No owner named", row.number)
        return owner

    def _name(self, row: Row, id: str, account: str, product: str) -> str:
        name, cut = self.rules.words("name", self._name_cell(row.cells))
        if cut:
            self.report.note(f"Cut at {MOST_NAME} characters: name", row.number)
        if name:
            return name
        if self.layout.has("name"):
            self.report.note("No deal name: named after account and product", row.number)
        return deal_named(id, account, product)

    def _amount(self, row: Row, status: str, further: list[str]) -> int | None:
        cell, name = self._amount_cell(row.cells), "amount"
        if self._has_won_amount and status == WON:
            won = self._won_cell(row.cells)
            cell, name = (won, "won_amount") if won.strip() else (cell, name)
        said, own = self.columns["currency"].of(row.cells)
        if own and self._point:
            cents = money.plain_cents(cell)
            if cents:
                return cents
        try:
            found = self._worth(cell, said, further)
        except Unreadable as error:
            raise error.at(self.layout.label(name), cell) from error
        return self._noted(row, status, cell, found)

    def plain_amount(self, cell: str) -> int | None:
        """The cents of a figure in the workspace's currency that nothing is to be said about."""
        if self._point:
            cents = money.plain_cents(cell)
            if cents:
                return cents
        rules = self.rules
        try:
            found = money.amount(cell, rules.currency, rules.conventions.decimal)
        except Unreadable:
            return None
        if found.foreign or found.rounded or not (found.cents or self._zero_is_plain):
            return None
        return found.cents

    def _noted(self, row: Row, status: str, cell: str, found: money.Amount) -> int | None:
        """The amount, with whatever is to be said about it."""
        report, number = self.report, row.number
        if found.foreign:
            currency = self.rules.currency
            report.note(f"Amount not in {currency}: left unknown", number, found.foreign)
        elif found.cents is None:
            report.note(self._about_amount(status, None), number)
        elif not found.cents and status == LOST and self.rules.mapped.lost_zero_is_unknown:
            report.note("Lost with the amount 0: taken as unknown, not as 0", number)
            return None
        elif found.rounded:
            report.note("Amount rounded to whole cents", number, shown(cell))
        return found.cents

    def _worth(self, cell: str, said: str, further: list[str]) -> money.Amount:
        """The amount in the workspace's currency; one that is converted says what CRM has."""
        rules = self.rules
        found = money.amount(cell, rules.currency, rules.conventions.decimal, said)
        rate = rules.rates.of(found.foreign) if found.foreign else None
        if rate is None:
            return found
        figure = money.figures(cell, rules.conventions.decimal)[0]
        further.append(member(IN_CRM, f"{rate.currency} {figure.number}, {rate.described}"))
        self.report.note(f"Amount converted from {rate.currency}, {rate.described}")
        return money.in_cents(figure.number * rate.factor, cell)._replace(rounded=False)

    def _closing(self, row: Row, status: str) -> str | None:
        column = self.columns["close_date"] if status == OPEN else self._closed
        closing = self._day(row, column)
        note = self._about_closing(status, closing)
        if note:
            self.report.note(note, row.number)
        return closing

    def _about_amount(self, status: str, cents: int | None) -> str:
        """What is to be said about an amount that is there or is not; "" for nothing."""
        if cents is not None or not self.has_amount:
            return ""
        return f"No amount: unknown ({status} deals)"

    def _about_closing(self, status: str, day: str | None) -> str:
        if day is None:
            if status == OPEN:
                return "No expected close date: undated (open deals)"
            return f"No closing date ({status} deals)" if self.has_closing else ""
        if status != OPEN and day > self._today:
            return "Closed on a day to come: taken as it is"
        return ""

    def _opened(self, row: Row, status: str, closing: str | None) -> str | None:
        column = self.columns["opened_on"]
        try:
            opened = self._day(row, column)
        except Unreadable as error:
            self.report.note(f"{column.label} left empty", row.number, str(error))
            opened = None
        if opened is None:
            self.report.note(f"No {column.label}: the day it was opened is unknown", row.number)
        elif status != OPEN and closing and closing < opened:
            self.report.note("Closed before it was opened: taken as it is", row.number)
        return opened

    def _read_day(self, cell: str) -> tuple[str | None, bool]:
        """The day, and whether it stands there as a spreadsheet's count of days."""
        day = dates.day(cell, self.rules.conventions.date_order)
        return day.isoformat() if day else None, dates.is_serial(cell)

    def _day(self, row: Row, column: _Column) -> str | None:
        cell = column.cell(row.cells)
        found: tuple[str | None, bool] = column.known[cell]
        day, is_serial = found
        if is_serial:
            note = "Date written as a spreadsheet's count of days"
            self.report.note(note, row.number, cell.strip())
        return day

    def _percent(self, row: Row) -> int | None:
        try:
            found: int | None = self.columns["probability"].of(row.cells)
        except Unreadable as error:
            self.report.note("Probability left empty", row.number, str(error))
            return None
        return found


def deal_named(id: str, account: str, product: str) -> str:
    """The name of a deal that has none."""
    parts = [part for part in (account, product) if part]
    if not account:
        parts.append(id)
    return ", ".join(parts)[:MOST_NAME]


def words_key(reason: str) -> str:
    """What CRM says about a loss, to be recognised in another row, or in another case."""
    return reason.casefold()[:MOST_NAME]
