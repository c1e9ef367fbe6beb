"""Rows into deals and accounts as they shall be stored: pure, with every doubt noted.

A file has up to a million rows, and most of its cells repeat others: whatever a column may say is
read once and looked up after that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from roadmap.models.deals import LOST, OPEN, WON

from . import dates, money
from .attributes import IN_CRM, LOSS_REASON, MOST_ATTRIBUTE, AttributeReader, member
from .layout import Layout
from .mapping import ImportMapping
from .rates import Rates
from .reading import Row
from .report import FileReport
from .status import Statuses, UnknownStage
from .survey import Conventions
from .values import Memo, Unreadable, external_id, percent, shown, text

DEAL_KEY, ACCOUNT_KEY = "006", "001"
MOST_NAME = 200
LOSS_FIELDS = ("lost_to", "loss_reason")
STATE_FIELDS = ("won", "closed", "status", "stage", "pipeline")


class StagedDeal(NamedTuple):
    """A deal as its row has it; what the file has no column for is None, or empty."""

    row: int
    id: str
    name: str
    account_id: str
    account_name: str
    owner: str
    product: str | None
    stage: str
    status: str
    lost_to: str | None
    amount: int | None
    probability: int | None
    opened_on: date | None
    close_date: date | None
    needed_by: date | None
    #: A JSON object.
    attributes: str
    #: What CRM says about the loss, cut to the length of a key.
    words: str


@dataclass(slots=True)
class StagedAccount:
    """An account as its row has it; `id` is its name where the file has no ids."""

    row: int
    id: str
    values: dict[str, Any]
    #: A JSON object.
    attributes: str


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
        value = text(cell)
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
        self._read = read

    def of(self, cells: list[str]) -> Any:
        return self.known[self.cell(cells)]

    def _placed(self, cell: str) -> Any:
        try:
            return self._read(cell)
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
        self._attributes = AttributeReader(layout)
        self._id, self._name_cell = layout.reader("id"), layout.reader("name")
        self._state, self._loss = layout.together(*STATE_FIELDS), layout.together(*LOSS_FIELDS)
        self._state_key, self._loss_key = self._state.key, self._loss.key
        self._states: Memo[tuple[str, ...], tuple[str, str]] = Memo(self._read_state)
        self._losses = Memo(self._read_loss)
        self._amount_cell, self._won_cell = layout.reader("amount"), layout.reader("won_amount")
        self._has_won_amount = layout.has("won_amount")
        self._point = rules.conventions.decimal != ","
        self._currency = _Column(rules, "currency", self._read_currency)
        self._owner = _Column(rules, "owner", partial(self._read_words, "owner"))
        self._product = _Column(rules, "product", partial(self._read_words, "product"))
        self._account_id = _Column(rules, "account_id", self._read_account_id)
        self._account_name = _Column(rules, "account_name", self._read_account_name)
        self._probability = _Column(
            rules, "probability", partial(percent, fractions=rules.conventions.fractions)
        )
        self._expected, self._closed, self._opens, self._needs = (
            _Column(rules, name, self._read_day)
            for name in ("close_date", "closed_on", "opened_on", "needed_by")
        )
        if not layout.has("closed_on"):
            self._closed = self._expected
        self._has = {name: layout.has(name) for name in ("probability", "opened_on", "needed_by")}
        self._counted: dict[tuple[str, str], int] = {}

    def stage(self, row: Row) -> StagedDeal:
        """The row's deal; raises Unreadable with the reason why it cannot be taken."""
        number, cells = row
        id = self._id_of(cells)
        status, stage = self._states[self._state_key(cells)]
        account_id, account_name = self._account(row) if self.has_account else ("", "")
        product, note = self._product.of(cells)
        if note:
            self.report.note(note, number)
        name = self._name(row, id, account_name, product)
        further: list[str] = []
        amount = self._amount(row, status, further) if self.has_amount else None
        closing = self._closing(row, status)
        opened = self._opened(row, status, closing) if self._has["opened_on"] else None
        needed = self._day(row, self._needs) if self._has["needed_by"] else None
        probability = self._percent(row) if self._has["probability"] else None
        lost_to, reason, words = self._losses[self._loss_key(cells)]
        if reason:
            further.append(reason)
        attributes, cut = self._attributes.read(cells, further)
        if cut:
            self.report.note(f"Attributes cut at {MOST_ATTRIBUTE:,} characters", number)
        owner = self._owner_of(row) if self.has_owner else ""
        state = (stage, status)
        self._counted[state] = self._counted.get(state, 0) + 1
        return StagedDeal(
            number, id, name, account_id, account_name, owner, product or None, stage, status,
            lost_to if status == LOST else None, amount, probability, opened, closing, needed,
            attributes, words,
        )  # fmt: skip

    def finish(self) -> None:
        """At the end of the file: what was counted on the way goes into the report."""
        self.report.stages.update(self._counted)
        self._counted.clear()

    def id_of(self, row: Row) -> str | None:
        """The row's id, where one can be read: also of a row that fails."""
        try:
            return external_id(self.layout.cell(row.cells, "id"), DEAL_KEY)
        except (Unreadable, IndexError):
            return None

    def _id_of(self, cells: list[str]) -> str:
        cell = self._id(cells)
        try:
            return external_id(cell, DEAL_KEY)
        except Unreadable as error:
            raise error.at(self.layout.label("id"), cell) from error

    def _read_state(self, key: tuple[str, ...]) -> tuple[str, str]:
        """Of the cells of STATE_FIELDS: status and stage."""
        said = self._state.said(key)
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

    def _read_loss(self, key: tuple[str, ...]) -> tuple[str | None, str, str]:
        """To whom it is lost; the reason as an attribute and as a key of words, if there is one."""
        said = self._loss.said(key)
        lost_to = self.statuses.lost_to_named(*said.values())
        reason = text(said["loss_reason"])[:MOST_ATTRIBUTE]
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
        id, id_note = self._account_id.of(cells)
        name, name_note = self._account_name.of(cells)
        if id_note:
            self.report.note(id_note, number, text(self._account_id.cell(cells)))
        if name_note:
            self.report.note(name_note, number, text(self._account_name.cell(cells)))
        if not id and not name:
            self.report.note("No account named: the deal belongs to none", number)
        return id, name

    def _owner_of(self, row: Row) -> str:
        owner, note = self._owner.of(row.cells)
        if note or not owner:
            self.report.note(note or "No owner named", row.number)
        return owner  # type: ignore[no-any-return]

    def _name(self, row: Row, id: str, account: str, product: str) -> str:
        name, cut = self.rules.words("name", self._name_cell(row.cells))
        if cut:
            self.report.note(f"Cut at {MOST_NAME} characters: name", row.number)
        if name:
            return name
        if self.layout.has("name"):
            self.report.note("No deal name: named after account and product", row.number)
        parts = [part for part in (account, product) if part]
        if not account:
            parts.append(id)
        return ", ".join(parts)[:MOST_NAME]

    def _amount(self, row: Row, status: str, further: list[str]) -> int | None:
        cell, name = self._amount_cell(row.cells), "amount"
        if self._has_won_amount and status == WON:
            won = self._won_cell(row.cells)
            cell, name = (won, "won_amount") if won.strip() else (cell, name)
        said, own = self._currency.of(row.cells)
        if own and self._point:
            cents = money.plain_cents(cell)
            if cents:
                return cents
        try:
            found = self._worth(cell, said, further)
        except Unreadable as error:
            raise error.at(self.layout.label(name), cell) from error
        return self._noted(row, status, cell, found)

    def _noted(self, row: Row, status: str, cell: str, found: money.Amount) -> int | None:
        """The amount, with whatever is to be said about it."""
        report, number = self.report, row.number
        if found.foreign:
            currency = self.rules.currency
            report.note(f"Amount not in {currency}: left unknown", number, found.foreign)
        elif found.cents is None:
            report.note(f"No amount: unknown ({status} deals)", number)
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

    def _closing(self, row: Row, status: str) -> date | None:
        if not self.has_closing:
            closing = None
        else:
            closing = self._day(row, self._expected if status == OPEN else self._closed)
        if status == OPEN:
            if closing is None:
                self.report.note("No expected close date: undated (open deals)", row.number)
        elif closing is None:
            if self.has_closing:
                self.report.note(f"No closing date ({status} deals)", row.number)
        elif closing > self.rules.today:
            self.report.note("Closed on a day to come: taken as it is", row.number)
        return closing

    def _opened(self, row: Row, status: str, closing: date | None) -> date | None:
        try:
            opened = self._day(row, self._opens)
        except Unreadable as error:
            self.report.note(f"{self._opens.label} left empty", row.number, str(error))
            opened = None
        if opened is None:
            label = self._opens.label
            self.report.note(f"No {label}: the day it was opened is unknown", row.number)
        elif status != OPEN and closing and closing < opened:
            self.report.note("Closed before it was opened: taken as it is", row.number)
        return opened

    def _read_day(self, cell: str) -> tuple[date | None, bool]:
        return dates.day(cell, self.rules.conventions.date_order), dates.is_serial(cell)

    def _day(self, row: Row, column: _Column) -> date | None:
        cell = column.cell(row.cells)
        found, serial = column.known[cell]
        if serial:
            note = "Date written as a spreadsheet's count of days"
            self.report.note(note, row.number, cell.strip())
        return found  # type: ignore[no-any-return]

    def _percent(self, row: Row) -> int | None:
        try:
            return self._probability.of(row.cells)  # type: ignore[no-any-return]
        except Unreadable as error:
            self.report.note("Probability left empty", row.number, str(error))
            return None


def words_key(reason: str) -> str:
    """What CRM says about a loss, to be recognised in another row, or in another case."""
    return reason.casefold()[:MOST_NAME]
