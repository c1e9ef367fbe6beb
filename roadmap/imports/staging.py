"""What the cells of a deals' file mean, each on its own: pure, with every doubt noted.

A file has up to a million rows, and most of its cells repeat others: what a column may say is read
once and looked up after that. `deal_rows` puts rows together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from hashlib import sha256
from typing import Any

from . import dates, money
from .attributes import IN_CRM, LOSS_REASON, MOST_ATTRIBUTE, AttributeReader, member
from .layout import Layout
from .mapping import ENDS, ImportMapping
from .rates import Rates
from .reading import Row
from .report import FileReport
from .status import STATE_FIELDS, Statuses, UnknownStage
from .survey import Conventions
from .values import Cells, Noted, Unreadable, external_id, is_blank, percent, text
from .values import name as named

DEAL_KEY, ACCOUNT_KEY = "006", "001"
#: What systems that count from 1 write where a deal has no account.
NO_RECORD = "0"
MOST_NAME = 200
#: What a row may have none of; exporters write that in words.
MAY_BE_NONE = ("account_id", "account_name", "owner", "product")
LOSS_FIELDS = ("lost_to", "loss_reason")
DAYS = ("opened_on", "close_date", "closed_on", "won_on", "lost_on", "needed_by")


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


class DealCells:
    """What the cells of one file mean, remembered from batch to batch."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        layout = self.layout = rules.layout
        self.statuses = Statuses(layout, rules.mapped)
        self.has_account = layout.has("account_id", "account_name")
        self.has_owner = layout.has("owner")
        self.has_amount = layout.has("amount", "won_amount")
        self.has_closing = layout.has("close_date", "closed_on", *ENDS.values())
        self.states = layout.together(*self.statuses.fields)
        self.losses = layout.together(*LOSS_FIELDS)
        self.by_state: Cells[tuple[str, ...]] = Cells(self._state)
        self.by_loss: Cells[tuple[str, ...]] = Cells(self._loss)
        #: Whether a bare figure with a decimal point can be nothing else.
        self.point = rules.conventions.decimal != ","
        readers: dict[str, Callable[[str], Any]] = {
            "account_id": self._account_id,
            "account_name": partial(self._first, "account_name"),
            "owner": self._owner,
            "product": self._product,
            "name": self._name,
            "currency": self._currency,
            "probability": self._probability,
            **dict.fromkeys(DAYS, self._day),
            "opened_on": self._opened,
        }
        self.by_field: dict[str, Cells[str]] = {
            name: Cells(read, layout.label(name)) for name, read in readers.items()
        }
        self.attributes = AttributeReader(layout).columns

    def id_of(self, row: Row) -> str | None:
        """The row's id, where one can be read: also of a row that fails."""
        try:
            return external_id(self.layout.cell(row.cells, "id"), DEAL_KEY)
        except (Unreadable, IndexError):
            return None

    def amount(self, name: str, cell: str, said: str) -> tuple[money.Amount, str, str]:
        """What a cell of the field `name` is worth in the workspace's currency. The row's currency
        column says `said`, else the column's label may. Of an amount that is converted, the
        attribute with what CRM has, and what to note."""
        rules = self.rules
        unit = "" if said or is_blank(cell) else self.layout.unit(name)
        if unit and not money.figures(cell, rules.conventions.decimal)[0].currency:
            said = unit
        found = money.amount(
            cell, rules.currency, rules.conventions.decimal, said, rules.mapped.currencies
        )
        rate = rules.rates.of(found.foreign) if found.foreign else None
        if rate is None:
            return found, "", ""
        figure = money.figures(cell, rules.conventions.decimal)[0]
        kept = member(IN_CRM, f"{rate.currency} {figure.number}, {rate.described}")
        converted = money.in_cents(figure.number * rate.factor, cell)._replace(rounded=False)
        return converted, kept, f"Amount converted from {rate.currency}, {rate.described}"

    def _state(self, key: tuple[str, ...]) -> tuple[str, str]:
        """Of the cells that say it: status and stage."""
        said = {**dict.fromkeys(STATE_FIELDS, ""), **self.states.said(key)}
        place = next((name for name in ("stage", "status", "closed", "won")
                      if self.layout.has(name)), "status")  # fmt: skip
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

    def _loss(self, key: tuple[str, ...]) -> tuple[str | None, str, str]:
        """To whom it is lost; the reason as an attribute and as a key of words, if there is one."""
        said = self.losses.said(key)
        lost_to = self.statuses.lost_to_named(*said.values())
        reason = named(said["loss_reason"])[:MOST_ATTRIBUTE]
        if not reason:
            return lost_to, "", ""
        return lost_to, member(LOSS_REASON, reason), words_key(reason)

    def _words(self, name: str, cell: str) -> Any:
        value, cut = self.rules.words(name, cell)
        return Noted(value, f"Cut at {MOST_NAME} characters: {name}") if cut else value

    def _product(self, cell: str) -> Any:
        return self._words("product", cell) or None

    def _owner(self, cell: str) -> Any:
        return self._words("owner", cell) or Noted("", "No owner named")

    def _name(self, cell: str) -> Any:
        return self._words("name", cell) or Noted(
            "", "No deal name: named after account and product"
        )

    def _currency(self, cell: str) -> tuple[str, bool]:
        """What a row says of its currency, and whether it is the workspace's."""
        said, _ = self.rules.words("currency", cell)
        said = self.rules.mapped.currencies.get(said, said)
        return said, money.is_currency(said, self.rules.currency)

    def _account_id(self, cell: str) -> Any:
        found = "" if cell.strip() == NO_RECORD else self._first("account_id", cell)
        if isinstance(found, Noted):
            return found._replace(value=found.value and external_id(found.value, ACCOUNT_KEY))
        return external_id(found, ACCOUNT_KEY) if found else ""

    def _first(self, name: str, cell: str) -> Any:
        """A short text, of which the first counts where the cell names several."""
        value, cut = self.rules.words(name, cell)
        several = self.layout.several
        if several and several in value:
            note = f"{self.layout.label(name)} names several: the first is taken"
            return Noted(value.split(several)[0].strip(), note, text(cell))
        return Noted(value, f"Cut at {MOST_NAME} characters: {name}", text(cell)) if cut else value

    def _day(self, cell: str) -> Any:
        day = dates.day(cell, self.rules.conventions.date_order, self.rules.conventions.month_only)
        if day and dates.is_serial(cell):
            note = "Date written as a spreadsheet's count of days"
            return Noted(day.isoformat(), note, cell.strip())
        return day.isoformat() if day else None

    def _opened(self, cell: str) -> Any:
        return self._left_empty(self._day, cell, self.layout.label("opened_on"))

    def _probability(self, cell: str) -> Any:
        read = partial(percent, fractions=self.rules.conventions.fractions)
        return self._left_empty(read, cell, "Probability")

    @staticmethod
    def _left_empty(read: Callable[[str], Any], cell: str, label: str) -> Any:
        """What does not matter enough for its row to fail."""
        try:
            return read(cell)
        except Unreadable as error:
            return Noted(None, f"{label} left empty", str(error))


def words_key(reason: str) -> str:
    """What CRM says about a loss, to be recognised in another row, or in another case; of a long
    reason, what follows is told apart by its hash."""
    key = reason.casefold()
    if len(key) <= MOST_NAME:
        return key
    end = sha256(key.encode()).hexdigest()[:16]
    return f"{key[: MOST_NAME - len(end)]}{end}"
