"""Each number that a form reads: by the workspace's decimal mark, or refused with what it takes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from wtforms import Field
from wtforms.form import BaseForm
from wtforms.validators import Optional, ValidationError
from wtforms.widgets import TextInput

from roadmap.domain import numbers

from .settings import workspace


def read(
    text: str, what: str, *, most: int, least: int = 0, places: int = 0, unit: str = ""
) -> Decimal:
    """The number that somebody typed. ValueError says what to write instead: `what` is such as "a
    whole number, such as 15 or 1,200", `unit` what is counted."""
    found = numbers.read(text, workspace().decimal_mark, places)
    if found is None:
        raise ValueError(f"Write {as_typed(what)}.")
    if not least <= found <= most:
        bound = f"At most {most:,}" if found > most else f"At least {least:,}"
        raise ValueError(f"{as_typed(bound)}{unit and ' '}{unit}.")
    return found


def as_typed(text: str) -> str:
    """Numbers such as "1,200.5" among words as this workspace's forms take them."""
    return numbers.in_mark(text, workspace().decimal_mark)


class NumberField(Field):
    """A number in words; `data` is a whole number, a Decimal where it has `places`, or None."""

    widget = TextInput()
    data: Any
    #: How many of what is stored one of what is typed is.
    parts = 1

    def __init__(
        self, label: str, *, most: int, least: int = 0, places: int = 0, required: str = "",
        what: str = "a whole number, such as 15 or 1,200", **kwargs: Any,
    ) -> None:  # fmt: skip
        """`required` is what to say when it is empty; without it, empty is None. `what` is what to
        write, with examples."""
        # Optional would end the validation, and forget what is wrong.
        kwargs.setdefault("render_kw", {"inputmode": "decimal" if places else "numeric"})
        super().__init__(label, [] if required else [Optional()], **kwargs)
        self.most, self.least, self.places = most, least, places
        self.required, self.what = required, what

    def pre_validate(self, form: BaseForm) -> None:
        if self.required and self.data is None and not self.process_errors:
            raise ValidationError(self.required)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            found = self.parts * read(
                valuelist[0], self.what, most=self.most, least=self.least, places=self.places
            )
            self.data = found if self._fraction else int(found)

    @property
    def _fraction(self) -> bool:
        return self.parts == 1 and self.places > 0

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else as_typed(self._written(self.data))

    def _written(self, data: int | Decimal) -> str:
        return f"{data:.{self.places}f}" if self._fraction else f"{data:,}"


class MoneyField(NumberField):
    """Money; `data` is whole cents or None. `most` is in cents."""

    parts = 100

    def __init__(self, label: str, *, most: int, **kwargs: Any) -> None:
        what = "an amount, such as 1,200,000 or 99.50"
        super().__init__(label, most=most // 100, places=2, what=what, **kwargs)

    def _written(self, data: int | Decimal) -> str:
        whole, part = divmod(int(data), 100)
        return f"{whole:,}.{part:02d}" if part else f"{whole:,}"
