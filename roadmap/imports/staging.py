"""Rows into deals and accounts as they shall be stored: pure, with every doubt noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from roadmap.models.deals import LOST, OPEN, WON

from . import dates, money
from .layout import MOST_ATTRIBUTE, Layout
from .mapping import ImportMapping
from .reading import Row
from .report import FileReport
from .status import Statuses, UnknownStage
from .survey import Conventions
from .values import Unreadable, external_id, is_blank, percent, shown, text

DEAL_KEY, ACCOUNT_KEY = "006", "001"
MOST_NAME = 200
MOST_EMPLOYEES = 2**31 - 1
MOST_REVENUE = 2**62
LOSS_REASON = "Loss reason"


@dataclass(slots=True)
class StagedDeal:
    """A deal as its row has it. `values` has only what the file says something about."""

    row: int
    id: str
    values: dict[str, Any]
    account_id: str
    account_name: str
    owner: str
    attributes: dict[str, str]


@dataclass(slots=True)
class StagedAccount:
    """An account as its row has it; `id` is its name where the file has no ids."""

    row: int
    id: str
    values: dict[str, Any]
    attributes: dict[str, str]


@dataclass
class Rules:
    """What holds for all rows of a file."""

    layout: Layout
    mapped: ImportMapping
    conventions: Conventions
    currency: str
    today: date
    report: FileReport
    replace: Mapping[str, Mapping[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.replace = self.mapped.replace

    def name(self, row: Row, name: str) -> str:
        """A short text: replaced where the mapping says so, and cut at 200 characters."""
        value = text(self.layout.cell(row.cells, name))
        value = self.replace.get(name, {}).get(value.casefold(), value)
        if len(value) > MOST_NAME:
            self.report.note(f"Cut at {MOST_NAME} characters: {name}", row.number)
            value = value[: MOST_NAME - 1] + "…"
        return value

    def first(self, row: Row, name: str) -> str:
        """A short text, of which the first counts where the cell names several."""
        several = self.layout.several
        value = self.name(row, name)
        if several and several in value:
            first = value.split(several)[0].strip()
            label = self.layout.label(name)
            self.report.note(f"{label} names several: the first is taken", row.number, value)
            return first
        return value

    def attributes(self, row: Row) -> dict[str, str]:
        found, cut = self.layout.kept(row.cells)
        if cut:
            self.report.note(f"Attributes cut at {MOST_ATTRIBUTE:,} characters", row.number)
        return found


class DealStager:
    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.layout = rules.layout
        self.report = rules.report
        self.statuses = Statuses(rules.layout, rules.mapped)
        self.has_account = self.layout.has("account_id", "account_name")
        self.has_owner = self.layout.has("owner")
        self.separate_closing = self.layout.has("closed_on")

    def stage(self, row: Row) -> StagedDeal:
        """The row's deal; raises Unreadable with the reason why it cannot be taken."""
        layout, rules = self.layout, self.rules
        id = external_id(layout.cell(row.cells, "id"), DEAL_KEY)
        status = self._status(row)
        account_id, account_name = self._account(row)
        product = rules.name(row, "product")
        name = self._name(row, id, account_name, product)
        values: dict[str, Any] = {
            "name": name,
            "search_text": name.casefold()[:400],
            "status": status,
            "lost_to": self.statuses.lost_to(row.cells) if status == LOST else None,
        }
        if self.statuses.stage or self.statuses.status:
            stage = self.statuses.stage_of(row.cells) or text(layout.cell(row.cells, "status"))
            values["stage"] = stage[:MOST_NAME]
        if layout.has("product"):
            values["product"] = product or None
        if layout.has("amount", "won_amount"):
            values["amount"] = self._amount(row, status)
        self._dates(row, status, values)
        if layout.has("probability"):
            values["probability"] = self._probability(row)
        attributes = rules.attributes(row)
        reason = layout.cell(row.cells, "loss_reason")
        if reason:
            attributes[LOSS_REASON] = text(reason)[:MOST_ATTRIBUTE]
        owner = rules.name(row, "owner")
        if self.has_owner and not owner:
            self.report.note("No owner named", row.number)
        self.report.stages[values.get("stage", ""), status] += 1
        return StagedDeal(row.number, id, values, account_id, account_name, owner, attributes)

    def _status(self, row: Row) -> str:
        try:
            status = self.statuses.of(row.cells)
        except UnknownStage as unknown:
            raise Unreadable(str(unknown)) from unknown
        if status is None:
            raise Unreadable("it has no stage, so nobody can tell whether it is open")
        return status

    def _account(self, row: Row) -> tuple[str, str]:
        if not self.has_account:
            return "", ""
        named = self.rules.first(row, "account_id")
        id = external_id(named, ACCOUNT_KEY) if named else ""
        name = self.rules.first(row, "account_name")
        if not id and not name:
            self.report.note("No account named: the deal belongs to none", row.number)
        return id, name

    def _name(self, row: Row, id: str, account: str, product: str) -> str:
        name = self.rules.name(row, "name")
        if name:
            return name
        if self.layout.has("name"):
            self.report.note("No deal name: named after account and product", row.number)
        parts = [part for part in (account, product) if part]
        if not account:
            parts.append(id)
        return ", ".join(parts)[:MOST_NAME]

    def _amount(self, row: Row, status: str) -> int | None:
        layout, report = self.layout, self.report
        cell = layout.cell(row.cells, "amount")
        if status == WON and layout.has("won_amount"):
            cell = layout.cell(row.cells, "won_amount") or cell
        said = self.rules.name(row, "currency")
        found = money.amount(cell, self.rules.currency, self.rules.conventions.decimal, said)
        if found.foreign:
            report.note(
                f"Amount not in {self.rules.currency}: left unknown", row.number, found.foreign
            )
        elif found.cents is None:
            report.note(f"No amount: unknown ({status} deals)", row.number)
        elif not found.cents and status == LOST and self.rules.mapped.lost_zero_is_unknown:
            report.note("Lost with the amount 0: taken as unknown, not as 0", row.number)
            return None
        elif found.rounded:
            report.note("Amount rounded to whole cents", row.number, shown(cell))
        return found.cents

    def _dates(self, row: Row, status: str, values: dict[str, Any]) -> None:
        layout = self.layout
        if layout.has("close_date", "closed_on"):
            expects = status == OPEN or not self.separate_closing
            column = "close_date" if expects else "closed_on"
            closing = self._day(row, column)
            values["close_date"] = closing
            self._note_closing(row, status, closing)
        elif status == OPEN:
            self.report.note("No expected close date: undated (open deals)", row.number)
        if layout.has("opened_on"):
            values["opened_on"] = self._doubtful_day(row, "opened_on")
            opened, closing = values["opened_on"], values.get("close_date")
            if opened is None:
                label = layout.label("opened_on")
                self.report.note(f"No {label}: the day it was opened is unknown", row.number)
            elif status != OPEN and closing and closing < opened:
                self.report.note("Closed before it was opened: taken as it is", row.number)
        if layout.has("needed_by"):
            values["needed_by"] = self._day(row, "needed_by")

    def _note_closing(self, row: Row, status: str, closing: date | None) -> None:
        if closing is None and status == OPEN:
            self.report.note("No expected close date: undated (open deals)", row.number)
        elif closing is None:
            self.report.note(f"No closing date ({status} deals)", row.number)
        elif status != OPEN and closing > self.rules.today:
            self.report.note("Closed on a day to come: taken as it is", row.number)

    def _day(self, row: Row, name: str) -> date | None:
        cell = self.layout.cell(row.cells, name)
        found = dates.day(cell, self.rules.conventions.date_order)
        if found and dates.is_serial(cell):
            self.report.note("Date written as a spreadsheet's count of days", row.number, cell)
        return found

    def _doubtful_day(self, row: Row, name: str) -> date | None:
        try:
            return self._day(row, name)
        except Unreadable as error:
            self.report.note(f"{self.layout.label(name)} left empty", row.number, str(error))
            return None

    def _probability(self, row: Row) -> int | None:
        cell = self.layout.cell(row.cells, "probability")
        try:
            return percent(cell, fractions=self.rules.conventions.fractions)
        except Unreadable as error:
            self.report.note("Probability left empty", row.number, str(error))
            return None


class AccountStager:
    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.layout = rules.layout
        self.report = rules.report

    def stage(self, row: Row) -> StagedAccount:
        """The row's account; raises Unreadable with the reason why it cannot be taken."""
        layout, rules = self.layout, self.rules
        name = rules.name(row, "name")
        if layout.has("id"):
            id = external_id(layout.cell(row.cells, "id"), ACCOUNT_KEY)
        elif name:
            id = external_id(layout.cell(row.cells, "name")) and name
        else:
            raise Unreadable("it has neither id nor name")
        if not name:
            self.report.note("No account name: named after its id", row.number)
            name = id
        values: dict[str, Any] = {"name": name, "search_text": name.casefold()[:400]}
        for field_name in ("industry", "region"):
            if layout.has(field_name):
                values[field_name] = rules.name(row, field_name) or None
        if layout.has("employees"):
            values["employees"] = self._figure(row, "employees", 1, MOST_EMPLOYEES)
        if layout.has("revenue"):
            unit = 100 * rules.mapped.revenue_unit
            values["revenue"] = self._figure(row, "revenue", unit, MOST_REVENUE)
        for field_name in ("industry", "region", "employees", "revenue"):
            if field_name in values and values[field_name] is None:
                self.report.note(f"No {field_name}: missing", row.number)
        return StagedAccount(row.number, id, values, rules.attributes(row))

    def _figure(self, row: Row, name: str, unit: int, most: int) -> int | None:
        """A figure in whole units, half rounded up; left empty where it cannot be read."""
        cell = self.layout.cell(row.cells, name)
        try:
            found = self._number(cell, name)
            whole = None if found is None else int((found * unit).to_integral_value(ROUND_HALF_UP))
            if whole is not None and whole > most:
                raise Unreadable(f"“{shown(cell)}” is too large")
        except Unreadable as error:
            self.report.note(f"{self.layout.label(name)} left empty", row.number, str(error))
            return None
        return whole

    def _number(self, cell: str, name: str) -> Decimal | None:
        if is_blank(cell):
            return None
        decimal = self.rules.conventions.decimal
        if name == "employees":
            return _people(cell)
        figures = money.figures(cell, decimal)
        own = [each for each in figures if money.is_currency(each.currency, self.rules.currency)]
        if not own:
            raise Unreadable(f"“{shown(cell)}” is not in {self.rules.currency}")
        return own[0].number


def _people(cell: str) -> Decimal:
    """A number of people: whole, so that any single mark can only group thousands."""
    try:
        return money.number(cell)
    except money.AmbiguousNumber as unclear:
        return money.number(cell, "." if unclear.mark == "," else ",")
