"""Rows of the accounts' file into accounts as they shall be stored: pure, like `staging`."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from roadmap.models.naming import derived_from

from . import money
from .attributes import AttributeReader
from .reading import Row
from .staged import StagedAccount
from .staging import ACCOUNT_KEY, MOST_NAME, Rules
from .values import Unreadable, external_id, is_blank, shown

MOST_EMPLOYEES = 2**31 - 1
MOST_REVENUE = 2**62


class AccountStager:
    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.layout = rules.layout
        self.report = rules.report
        self._attributes = AttributeReader(rules.layout)

    def stage(self, row: Row) -> StagedAccount:
        """The row's account; raises Unreadable with the reason why it cannot be taken."""
        layout = self.layout
        name = self._text(row, "name")
        if layout.has("id"):
            cell = layout.cell(row.cells, "id")
            try:
                id = external_id(cell, ACCOUNT_KEY)
            except Unreadable as error:
                raise error.at(layout.label("id"), cell) from error
        elif name:
            id = external_id(layout.cell(row.cells, "name")) and name
        else:
            raise Unreadable("it has neither id nor name").at(layout.label("name"), "")
        if not name:
            self.report.note("No account name: named after its id", row.number)
            name = id
        values = self._values(row, name)
        attributes, noted = self._attributes.read(row.cells)
        for each in noted:
            self.report.note(each.note, row.number)
        return StagedAccount(row.number, id, values, attributes)

    def _values(self, row: Row, name: str) -> dict[str, Any]:
        layout = self.layout
        values: dict[str, Any] = {"name": name, **derived_from(name)}
        for field_name in ("industry", "region"):
            if layout.has(field_name):
                values[field_name] = self._text(row, field_name) or None
        for field_name in ("employees", "revenue"):
            if layout.has(field_name):
                values[field_name] = self._figure(row, field_name)
        for field_name in ("industry", "region", "employees", "revenue"):
            if field_name in values and values[field_name] is None:
                self.report.note(f"No {field_name}: missing", row.number)
        return values

    def id_of(self, row: Row) -> str | None:
        """Nobody asks which account a row that fails is."""
        return None

    def _text(self, row: Row, name: str) -> str:
        value, cut = self.rules.words(name, self.layout.cell(row.cells, name))
        if cut:
            self.report.note(f"Cut at {MOST_NAME} characters: {name}", row.number)
        return value

    def _figure(self, row: Row, name: str) -> int | None:
        """A figure; left empty where it cannot be read."""
        try:
            return figure(self.rules, name, self.layout.cell(row.cells, name))
        except Unreadable as error:
            self.report.note(f"{self.layout.label(name)} left empty", row.number, str(error))
            return None


def figure(rules: Rules, name: str, cell: str) -> int | None:
    """An account's employees, or its revenue in cents, half rounded up; None for a blank cell.
    Raises Unreadable."""
    if is_blank(cell):
        return None
    people = name == "employees"
    found = _people(cell) if people else _money(rules, cell) * 100 * rules.mapped.revenue_unit
    whole = int(found.to_integral_value(ROUND_HALF_UP))
    if whole > (MOST_EMPLOYEES if people else MOST_REVENUE):
        raise Unreadable(f"“{shown(cell)}” is too large")
    return whole


def _money(rules: Rules, cell: str) -> Decimal:
    figures = money.figures(cell, rules.conventions.decimal)
    own = [each for each in figures if money.is_currency(each.currency, rules.currency)]
    if own:
        return own[0].number
    rate = rules.rates.of(figures[0].currency)
    if rate is None:
        raise Unreadable(f"“{shown(cell)}” is not in {rules.currency}")
    return figures[0].number * rate.factor


def _people(cell: str) -> Decimal:
    """A number of people: whole, so that any single mark can only group thousands."""
    try:
        return money.number(cell)
    except money.AmbiguousNumber as unclear:
        return money.number(cell, "." if unclear.mark == "," else ",")
