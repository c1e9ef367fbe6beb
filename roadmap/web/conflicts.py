"""Edit forms that overwrite nobody: what one was filled from, what was typed, what is stored now.

An edit form carries a mark of the values that it was filled with, a short hash for each field.
When it comes back, each field is merged by itself: what only one side touched is taken from that
side, and what both sides touched raises Conflict, with their text beside the typed one. The form
then carries the mark of what is stored now, so saving it again is a decision.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from flask import abort, flash, request
from wtforms import BooleanField, Field, FieldList, FormField, HiddenField, SelectMultipleField
from wtforms.fields import SelectFieldBase

from roadmap.domain.errors import Conflict

from . import htmx
from .forms import Form
from .typed import typed

MESSAGE = "{} changed this, too. It says now:"
SUMMARY = (
    "Somebody else changed this while you were writing, so nothing is saved yet. What you typed is "
    "below, with what is stored now beside it. Saving again puts yours in its place."
)
#: Fields of ours that hold nothing anybody typed.
OWN_FIELDS = ("csrf_token", "form_token", "seen", "token", "last")
#: With those, what a page says of itself, and choices by a number that tells nobody anything.
NOT_TYPED = {
    *OWN_FIELDS, "revision", "as_of", "fingerprint", "shown", "into", "asked", "page", "wanted",
    "confirmed", "row", "owner", "sponsor", "parent", "segment",
}  # fmt: skip


class Theirs(str):
    """The message at a field that somebody else changed, with the text that is stored now."""

    text: str

    @classmethod
    def of(cls, text: str, who: str) -> Theirs:
        message = cls(MESSAGE.format(who))
        message.text = text or "(nothing)"
        return message


def digest(value: object) -> str:
    """A short hash of a value, the same for whatever a form would show alike."""
    return hashlib.sha256(json.dumps(_plain(value), sort_keys=True).encode()).hexdigest()[:12]


def mark(values: Mapping[str, object]) -> str:
    """The mark of values by name, for a form's hidden field `seen`."""
    return " ".join(f"{name}:{digest(value)}" for name, value in values.items())


def read_mark(text: str | None) -> dict[str, str]:
    """The hashes of a mark by name; none for whatever is no mark."""
    parts = (part.partition(":") for part in (text or "").split())
    return {name: hashed for name, _, hashed in parts}


def keeps(base: str, typed: str, now: str) -> bool | None:
    """Whether what was typed holds (True), what is stored now (False), or neither: a conflict.

    All three are hashes; `base` is empty where a form does not say what it was filled from.
    """
    if now in (typed, base):
        return True
    return False if typed == base else None


class _Mark(HiddenField):
    """Made of the form's own values when it is first shown; from then on as it was sent."""

    form: EditForm

    def _value(self) -> str:
        if self.raw_data is None and not self.data:
            return mark(self.form.values())
        return self.data or ""


class EditForm(Form):
    """A form that is filled with what is stored. Its template writes `form.seen(id=none)`."""

    seen = _Mark()
    #: Fields that make sense only together are one field.
    together: Sequence[Sequence[str]] = ()
    #: Of a form with what is stored: who changed it last, where that is known.
    who = "Somebody else"
    #: Whether somebody else changed what this form changes.
    conflict = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen.form = self
        self._typed: dict[str, Field] = {}
        self._wanted: dict[str, object] = {}

    def values(self) -> dict[str, object]:
        """What the form says, by field; a list of rows leaves out the blank ones."""
        return {field.short_name: _value(field) for field in self._edited()}

    def merge(self, stored: EditForm | None) -> None:
        """Take over what only others changed; raises Conflict where both changed the same.

        `stored` is the same form filled with what is stored now, None where that is gone. What was
        typed is remembered, so a form may be merged again when the change is made at last.
        """
        if stored is None:
            raise Conflict("What you were editing is not there any more. Nothing was saved.")
        if not self._typed:
            self._typed, self._wanted = dict(self._fields), self.values()
        base, now = read_mark(self.seen.data), stored.values()
        clashing = []
        for names in self._groups():
            if names[0] not in stored or names[0] not in self:
                continue
            sides = (base, _hashed(self._wanted), _hashed(now))
            holds = keeps(*("".join(side.get(name, "") for name in names) for side in sides))
            for name in names:
                self._put(name, stored if holds is False else None)
            if holds is None:
                clashing += [n for n in names if digest(self._wanted[n]) != digest(now[n])]
        if clashing:
            self._show(clashing, stored)
            raise Conflict(form=self)

    def _show(self, clashing: Sequence[str], stored: EditForm) -> None:
        self.conflict = True
        self.form_errors = [SUMMARY]
        self.seen.data = mark(stored.values())
        for name in clashing:
            self[name].errors = [Theirs.of(text_of(stored[name]), stored.who)]

    def _put(self, name: str, stored: EditForm | None) -> None:
        field = stored[name] if stored is not None else self._typed[name]
        self._fields[name] = field
        setattr(self, name, field)

    def _groups(self) -> Iterator[Sequence[str]]:
        joined = {name for names in self.together for name in names}
        present = [[name for name in names if name in self._typed] for names in self.together]
        yield from filter(None, present)
        yield from ([name] for name in self._wanted if name not in joined)

    def _edited(self) -> Iterator[Field]:
        yield from (field for field in self if not isinstance(field, HiddenField))


def text_of(field: Field) -> str:
    """What a field says, as people read it."""
    if hasattr(field, "text_of_value"):
        return str(field.text_of_value())
    if isinstance(field, FormField):
        return ", ".join(filter(None, map(text_of, field.form)))
    if isinstance(field, FieldList):
        lines = ((entry.label.text, text_of(entry)) for entry in field)
        named = not any(isinstance(entry, FormField) for entry in field)
        return "\n".join(f"{name}: {text}" if named else text for name, text in lines if text)
    if isinstance(field, BooleanField):
        return "Yes" if field.data else "No"
    if isinstance(field, SelectFieldBase):
        return ", ".join(str(choice.label.text) for choice in field if choice.checked)
    return str(getattr(field, "_value", field.data.__str__)())


def typed_texts(leaving_out: Collection[str] = ()) -> list[tuple[str, str]]:
    """What the present request's form says, by field, to be shown where it cannot be stored."""
    return [
        (name.replace("_", " ").replace("-", " ").capitalize(), value)
        for name, value in typed()
        if value.strip() and name not in NOT_TYPED and name not in leaving_out
    ]


def leave(said: str, address: str) -> NoReturn:
    """Lead on from what nothing can be done with any more. Where something was typed, which would
    be lost, raises Conflict."""
    if request.method == "POST" and typed_texts():
        raise Conflict(said)
    flash(said, "warn")
    abort(htmx.go(address))


def sent_besides(form: EditForm | None) -> list[tuple[str, str]]:
    """What the present request sent that is no field of the form, to be sent along again."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if form is not None and name not in form and name not in OWN_FIELDS
    ]


def _value(field: Field) -> object:
    if isinstance(field, SelectMultipleField):
        return sorted(map(str, field.data or ()))
    return field.data


def _hashed(values: Mapping[str, object]) -> dict[str, str]:
    return {name: digest(value) for name, value in values.items()}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value if isinstance(value, bool) else str(value)
