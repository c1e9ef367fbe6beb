"""Form fields that every feature shares: clean words, days, ids from a list."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from wtforms import Field, FieldList, Form, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than stubs
from wtforms.validators import DataRequired, Optional, ValidationError

MOST_WORDS = 10_000
"""The longest text that somebody may write into a field of several lines."""

MOST_NUMBER = 2**31 - 1
"""The largest id that either database takes."""

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
"""The days that people may set."""

_LINE_BREAKS = "\n\t"


def stripped(value: str | None) -> str:
    """Without space around it, and with one kind of line break."""
    return (value or "").replace("\r\n", "\n").replace("\r", "\n").strip()


def whole_number(text: object, most: int = MOST_NUMBER) -> int | None:
    """A whole number from 0 that came from outside; None for whatever is none, or is larger.

    `str.isdigit` alone lets through what `int` does not read, such as "²", and what no database
    takes.
    """
    plain = str(text)
    if not (plain.isascii() and plain.isdigit()) or len(plain) > len(str(most)):
        return None
    return int(plain) if int(plain) <= most else None


def has_controls(text: str, allowed: str = "") -> bool:
    """Whether a text holds characters that nobody types and PostgreSQL or CSV would trip over."""
    return any(
        unicodedata.category(character) in ("Cc", "Cs") and character not in allowed
        for character in text
    )


#: As long as a form's own token is stored.
MOST_TOKEN = 64


def sound_token(text: str | None) -> str | None:
    """A filter for a form's own token: none where somebody else than the form wrote it."""
    token = stripped(text)
    return token if token and len(token) <= MOST_TOKEN and not has_controls(token) else None


class AtMost:
    """Refuses what is longer, with the limit and the length."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, form: Form, field: Field) -> None:
        length = len(field.data or "")
        if length > self.most:
            raise ValidationError(f"At most {self.most:,} characters; this has {length:,}.")


class NoControls:
    """Refuses control characters; `several_lines` allows line breaks and tabs."""

    def __init__(self, *, several_lines: bool = False) -> None:
        self.allowed = _LINE_BREAKS if several_lines else ""

    def __call__(self, form: Form, field: Field) -> None:
        if has_controls(field.data or "", self.allowed):
            raise ValidationError("Remove the control characters, which cannot be shown.")


def line(label: str, most: int = 200, *, required: str | None = None, **kwargs: Any) -> StringField:
    """A field of one line of at most `most` characters; `required` is what to say when empty."""
    validators = [
        DataRequired(required) if required else Optional(),
        AtMost(most),
        NoControls(),
    ]
    return StringField(label, validators, filters=[stripped], **kwargs)


def words(label: str, *, required: str | None = None, **kwargs: Any) -> TextAreaField:
    """A field of several lines."""
    validators = [
        DataRequired(required) if required else Optional(),
        AtMost(MOST_WORDS),
        NoControls(several_lines=True),
    ]
    return TextAreaField(label, validators, filters=[stripped], **kwargs)


def choices(pairs: Iterable[tuple[object, str]]) -> list[Any]:
    """What a select offers, from pairs of value and text."""
    return [SelectChoice(value, text) for value, text in pairs]


class Rows(FieldList):  # type: ignore[type-arg] # generic in the stubs alone
    """A list of fields, `people-0` and on, whose numbers are read without trust."""

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        start = f"{prefix}-"
        for name in formdata:
            if name.startswith(start):
                number = whole_number(name.removeprefix(start).partition("-")[0])
                if number is not None:
                    yield number


def sensible_day(form: Form, field: Field) -> None:
    """Refuses the years that a slip of the hand makes, such as 0027."""
    if field.data is not None and not FIRST_DAY <= field.data <= LAST_DAY:
        raise ValidationError(f"Choose a day between {FIRST_DAY.year} and {LAST_DAY.year}.")
