"""What actions raise and views answer: one name for each way in which a change is not made."""

from __future__ import annotations

from typing import Any


class Conflict(Exception):
    """Somebody else changed, or ended, what this change rests on; nothing was written.

    `form` is the edit form as it was typed, with what is stored now beside each field that both
    touched. Without one the message says what became of what the form was about.
    """

    def __init__(self, message: str = "", form: Any = None) -> None:
        super().__init__(message)
        self.form = form
