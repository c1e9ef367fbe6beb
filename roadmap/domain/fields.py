"""Reading the fields of a JSON document, with errors that name the place.

A place reads like the path to the value: `initiatives[3].work[0].person_days`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NoReturn, TypeVar

from roadmap.domain.plan import PlanError

LARGEST = 10**15
NOISE = Fraction(1, 10**9)
"""How far a number of people may be off its 0.2 step, times five."""

LARGEST_TEAM = 10**9
"""Numbers beyond these are slips of the keyboard, not plans."""

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

T = TypeVar("T")


class PlanFileError(PlanError):
    """A plan file, or a question about it, that makes no sense: the place and what is wrong."""


def parse(text: str) -> object:
    """A JSON document with exact numbers: fractions are Decimal, as are NaN and Infinity.

    PlanFileError where it is not JSON, or an object has a field twice.
    """
    try:
        return json.loads(
            text.removeprefix("\ufeff"),
            parse_float=Decimal,
            parse_int=_whole_number,
            parse_constant=Decimal,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise PlanFileError(place, f"not JSON: {error.msg}") from None
    except RecursionError:
        raise PlanFileError("", "not a plan: nested too deeply") from None


class Entry:
    """A JSON object at its place; reading a field that is missing or of another type raises."""

    def __init__(self, value: object, place: str = "") -> None:
        if not isinstance(value, dict):
            raise PlanFileError(place, f"must be an object, not {kind(value)}")
        self._fields: dict[str, object] = value
        self.place = place

    def at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def refuse(self, name: str, message: str) -> NoReturn:
        raise PlanFileError(self.at(name), message)

    def value(self, name: str) -> object:
        if name not in self._fields:
            self.refuse(name, "is missing")
        return self._fields[name]

    def optional(self, name: str, read: Callable[[str], T]) -> T | None:
        """What `read` makes of a field that may be null."""
        return None if self.value(name) is None else read(name)

    def text(self, name: str) -> str:
        return _text(self.value(name), self.at(name))

    def name(self, name: str) -> str:
        """A text that identifies something: not empty."""
        return self.text(name) or self.refuse(name, "must not be empty")

    def whole(self, name: str, largest: int = LARGEST) -> int:
        """A whole number from 0 to `largest`."""
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(name, f"must be a whole number, not {kind(value)}")
        if not 0 <= value <= largest:
            self.refuse(name, f"must be from 0 to {largest}, not {value}")
        return value

    def days_of_people(self, name: str) -> int:
        """People in 0.2 steps, as person-days a week."""
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.refuse(name, f"must be a number of people, not {kind(value)}")
        if isinstance(value, Decimal) and not value.is_finite():
            self.refuse(name, f"must be a number of people, not {value}")
        if not 0 <= value <= LARGEST_TEAM:
            self.refuse(name, f"must be from 0 to {LARGEST_TEAM}, not {kind(value)}")
        # Whoever multiplied 0.2 in binary wrote 0.6000000000000001: that is three steps, too.
        days = Fraction(value) * 5
        nearest = round(days)
        if abs(days - nearest) > NOISE:
            self.refuse(name, f"must be a multiple of 0.2, not {value}")
        return nearest

    def date(self, name: str) -> date:
        value = self.value(name)
        if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
            shown = f'"{value}"' if isinstance(value, str) else kind(value)
            self.refuse(name, f"must be a date such as 2027-01-31, not {shown}")
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.refuse(name, f"there is no such day: {value}")

    def entries(self, name: str) -> list[Entry]:
        """A list of objects."""
        return [Entry(value, place) for place, value in self._elements(name)]

    def entry(self, name: str) -> Entry:
        return Entry(self.value(name), self.at(name))

    def names(self, name: str, known: Container[str], what: str) -> tuple[str, ...]:
        """A list of ids, all of them among the `known` ones; repeated ones count once."""
        names: dict[str, None] = {}
        for place, value in self._elements(name):
            text = _text(value, place)
            if text not in known:
                raise PlanFileError(place, f'there is no {what} "{text}"')
            names[text] = None
        return tuple(names)

    def names_of_fields(self) -> Iterator[str]:
        return iter(self._fields)

    def _elements(self, name: str) -> Iterator[tuple[str, object]]:
        value = self.value(name)
        if not isinstance(value, list):
            self.refuse(name, f"must be a list, not {kind(value)}")
        for index, element in enumerate(value):
            yield f"{self.at(name)}[{index}]", element


def kind(value: object) -> str:
    """What a JSON value is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value) if len(str(value)) <= 20 else f"{str(value)[:12]}…"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "an object"


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise PlanFileError(place, f"must be text, not {kind(value)}")
    if not value.isascii() and _LONE_SURROGATE.search(value):
        raise PlanFileError(place, "holds half of a character (a lone surrogate)")
    return value


def _whole_number(digits: str) -> int | Decimal:
    """Numbers of absurd length stay Decimal, so that the field that holds one can refuse it."""
    return int(digits) if len(digits) <= 20 else Decimal(digits)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise PlanFileError(twice, "is there twice in one object")
    return fields
