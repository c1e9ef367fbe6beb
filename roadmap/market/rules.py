"""Rules and criteria as people write them, one row each: attribute, operator, values, weight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from roadmap.domain.icp import ANY_OF, AT_LEAST, AT_MOST, BETWEEN, IS, OPERATORS, Criterion
from roadmap.models.base import MOST_CENTS
from roadmap.web.fields import has_controls
from roadmap.workspace import numbers

from .classify import OWN_ATTRIBUTES

OPERATOR_NAMES = {
    IS: "is",
    ANY_OF: "is one of",
    AT_LEAST: "is at least",
    AT_MOST: "is at most",
    BETWEEN: "is between",
}
BLANK_ROWS = 3
MOST_ROWS = 50
MOST_VALUE = 1_000
MOST_ATTRIBUTE = 80
MOST_WEIGHT = 1_000


@dataclass(frozen=True)
class RuleRow:
    """One row of the form as it was typed, with the name of its wrong field and what is wrong."""

    attribute: str = ""
    operator: str = IS
    value: str = ""
    weight: str = "1"
    wrong: str = ""
    error: str = ""

    @property
    def blank(self) -> bool:
        return not self.attribute and not self.value


def attribute_name(attribute: str) -> str:
    """As it stands on a page: the four that every account has are capitalised."""
    return attribute.capitalize() if attribute in OWN_ATTRIBUTES else attribute


def sentence(criterion: Criterion) -> str:
    """Such as "Employees is between 50 and 500"."""
    texts = [written(value) for value in criterion.values]
    joined = " and ".join(texts) if criterion.operator == BETWEEN else ", ".join(texts)
    return f"{attribute_name(criterion.attribute)} {OPERATOR_NAMES[criterion.operator]} {joined}"


def written(value: object) -> str:
    """A value as people write it: thousands apart."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def as_rows(criteria: Iterable[Criterion]) -> list[RuleRow]:
    """Stored criteria as rows of a form, and blank ones to add to."""
    rows = [
        RuleRow(
            criterion.attribute,
            criterion.operator,
            "; ".join(str(value) for value in criterion.values),
            str(criterion.weight),
        )
        for criterion in criteria
    ]
    return with_blanks(rows)


def with_blanks(rows: Sequence[RuleRow]) -> list[RuleRow]:
    return [*rows, *[RuleRow()] * max(0, min(BLANK_ROWS, MOST_ROWS - len(rows)))]


def read(form: MultiDict[str, str]) -> tuple[list[RuleRow], list[Criterion]]:
    """The rows that a form sends, with their errors, and the criteria of those without.

    A row without attribute and values is left out: that is how one is removed.
    """
    rows: list[RuleRow] = []
    found: list[Criterion] = []
    columns = [form.getlist(name)[:MOST_ROWS] for name in ("attribute", "operator", "value")]
    weights = form.getlist("weight")[:MOST_ROWS]
    for number, (attribute, operator, value) in enumerate(zip(*columns, strict=False)):
        weight = weights[number].strip() if number < len(weights) else "1"
        row = RuleRow(attribute.strip(), operator, value.strip(), weight)
        if row.blank:
            continue
        try:
            found.append(_criterion(row))
        except ValueError as error:
            field, message = error.args
            row = replace(row, wrong=field, error=message)
        rows.append(row)
    return rows, found


def stored(criteria: Iterable[Criterion]) -> list[dict[str, Any]]:
    """Criteria as a segment's row keeps them."""
    return [
        {
            "attribute": criterion.attribute,
            "operator": criterion.operator,
            "value": list(criterion.values),
        }
        for criterion in criteria
    ]


def _criterion(row: RuleRow) -> Criterion:
    if not row.attribute:
        raise ValueError("attribute", "Choose the attribute.")
    if len(row.attribute) > MOST_ATTRIBUTE or has_controls(row.attribute):
        raise ValueError("attribute", "The attribute's name cannot be read.")
    if row.operator not in OPERATORS:
        raise ValueError("operator", "Choose how to compare.")
    if len(row.value) > MOST_VALUE:
        raise ValueError("value", f"At most {MOST_VALUE:,} characters.")
    if has_controls(row.value):
        raise ValueError("value", "Remove the control characters, which cannot be shown.")
    texts = [text for text in (part.strip() for part in row.value.split(";")) if text]
    return Criterion(row.attribute, row.operator, _values(row.operator, texts), _weight(row))


def _values(operator: str, texts: list[str]) -> tuple[object, ...]:
    if operator == ANY_OF:
        if not texts:
            raise ValueError("value", "Write the values, with semicolons between them.")
        return tuple(texts)
    if operator == IS:
        if len(texts) != 1:
            raise ValueError("value", "Write one value; for several, choose “is one of”.")
        return tuple(texts)
    numbers = tuple(_number(text) for text in texts)
    if operator == BETWEEN:
        if len(numbers) != 2 or numbers[0] > numbers[1]:
            raise ValueError("value", "Write two numbers, the smaller first: 50; 500.")
    elif len(numbers) != 1:
        raise ValueError("value", "Write one number.")
    return numbers


def _number(text: str) -> int:
    try:
        return int(numbers.read(text, "whole numbers, such as 500 or 10,000,000", most=MOST_CENTS))
    except ValueError as error:
        raise ValueError("value", str(error)) from error


def _weight(row: RuleRow) -> int:
    what = f"the weight as a whole number from 1 to {MOST_WEIGHT:,}"
    try:
        return int(numbers.read(row.weight or "1", what, least=1, most=MOST_WEIGHT))
    except ValueError as error:
        raise ValueError("weight", str(error)) from error
