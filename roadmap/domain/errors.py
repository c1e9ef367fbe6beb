"""What actions raise and views answer: one name for each way in which a change is not made.

Nothing was written, whichever it is. The message says why, in words for whoever asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refused(ValueError):
    """What was asked for cannot be done as it was asked.

    `errors` is what is wrong by field, where fields are at fault; `field` is the first of them, ""
    for none. `found` is what there is to show instead, such as the preview that lacks something.
    """

    def __init__(
        self,
        message: str = "",
        field: str = "",
        *,
        errors: Mapping[str, str] | None = None,
        found: Any = None,
    ) -> None:
        super().__init__(message)
        self.errors = dict(errors) if errors is not None else {field: message} if field else {}
        self.field = next(iter(self.errors), "")
        self.found = found


class Conflict(Exception):
    """Somebody was first: they changed, or ended, what this change rests on.

    `form` is the edit form as it was typed, with what is stored now beside each field that both
    touched; `found` is what there is now, such as what a preview would do by now. Without either
    the message says what became of what it was about.
    """

    def __init__(self, message: str = "", form: Any = None, *, found: Any = None) -> None:
        super().__init__(message)
        self.form = form
        self.found = found


class NotAllowed(Exception):
    """This person may not do that. `found` is what they may look at instead."""

    def __init__(self, message: str = "", *, found: Any = None) -> None:
        super().__init__(message)
        self.found = found


class NotFound(Exception):
    """There is no such thing, or none that this person may see."""
