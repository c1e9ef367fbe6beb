"""The ideal customer profile: how well an account fits, and which segment it belongs to.

Source: win-loss semantics, Segment (ICP fit; segments by rules).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import TypeVar

from roadmap.domain.money import half_up

IS = "is"
ANY_OF = "any_of"
AT_LEAST = "at_least"
AT_MOST = "at_most"
BETWEEN = "between"
OPERATORS = (IS, ANY_OF, AT_LEAST, AT_MOST, BETWEEN)

_OF_TEXT = (IS, ANY_OF)

Account = Mapping[str, object]
"""An account's attributes by name: industry, employees, region, revenue, and any imported one."""

T = TypeVar("T")


@dataclass(frozen=True)
class Criterion:
    """A condition on one attribute of an account; a segment's rules are criteria too.

    `is` and `any_of` compare texts, whatever their case; `at_least`, `at_most` and `between`
    compare numbers, both ends included. `weight` is a whole number from 1. Raises ValueError for
    an unknown operator, values that do not suit it, or a weight below 1.
    """

    attribute: str
    operator: str
    values: tuple[object, ...]
    weight: int = 1

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            raise ValueError(f"there is no operator {self.operator}")
        if self.weight < 1:
            raise ValueError("a weight must be 1 or more")
        wanted = {ANY_OF: len(self.values) or 1, BETWEEN: 2}.get(self.operator, 1)
        if len(self.values) != wanted:
            raise ValueError(f"{self.operator} takes {wanted} values, not {len(self.values)}")
        if self.operator not in _OF_TEXT and None in self._numbers:
            raise ValueError(f"{self.operator} compares numbers")

    def met_by(self, account: Account) -> bool | None:
        """Whether an account meets it; None where the attribute is missing, or is no number."""
        value = account.get(self.attribute)
        if self.operator in _OF_TEXT:
            text = _text(value)
            return text in self._texts if text else None
        number = _number(value)
        return None if number is None else self._holds(number)

    def _holds(self, number: Decimal) -> bool:
        first, last = self._numbers[0], self._numbers[-1]
        above = self.operator == AT_MOST or (first is not None and number >= first)
        below = self.operator == AT_LEAST or (last is not None and number <= last)
        return above and below

    @cached_property
    def _texts(self) -> frozenset[str]:
        return frozenset(_text(value) for value in self.values)

    @cached_property
    def _numbers(self) -> tuple[Decimal | None, ...]:
        return tuple(_number(value) for value in self.values)


@dataclass(frozen=True, slots=True)
class Fit:
    """An account's fit in percent, with its parts: the criteria met, not met, and not known."""

    percent: int
    met: tuple[Criterion, ...] = ()
    unmet: tuple[Criterion, ...] = ()
    missing: tuple[Criterion, ...] = ()

    @property
    def no_criteria(self) -> bool:
        """Whether the profile is empty, so that 0 says nothing about the account."""
        return not (self.met or self.unmet or self.missing)


def fit(account: Account, profile: Iterable[Criterion]) -> Fit:
    """The weighted share of the profile that an account meets, as a whole percentage (half up).

    Missing data counts as not met and is named. Without criteria the fit is 0.
    """
    verdicts: dict[bool | None, list[Criterion]] = {True: [], False: [], None: []}
    total = 0
    for criterion in profile:
        total += criterion.weight
        verdicts[criterion.met_by(account)].append(criterion)
    met = sum(criterion.weight for criterion in verdicts[True])
    return Fit(
        percent=half_up(100 * met, total) if total else 0,
        met=tuple(verdicts[True]),
        unmet=tuple(verdicts[False]),
        missing=tuple(verdicts[None]),
    )


def meets_all(account: Account, rules: Sequence[Criterion]) -> bool:
    """Whether an account meets every rule of a segment. No rules are met by nobody."""
    return bool(rules) and all(rule.met_by(account) for rule in rules)


def segment_of(account: Account, segments: Iterable[tuple[T, Sequence[Criterion]]]) -> T | None:
    """The first segment, in the order given, whose rules an account meets; None is unassigned."""
    return next((segment for segment, rules in segments if meets_all(account, rules)), None)


def _text(value: object) -> str:
    return "" if value is None else " ".join(str(value).split()).casefold()


def _number(value: object) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
