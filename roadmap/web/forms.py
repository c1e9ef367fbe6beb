"""The base of every form of the product."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_wtf import FlaskForm


class Form(FlaskForm):  # type: ignore[misc]
    """A form that is sound only while its handler may act on it.

    While a draft is shown (see `web/drafts.py`) the handler runs with what was typed, so that it
    renders its page; a form that is never sound, and has no errors, is what leads it there.
    """

    def validate(self, extra_validators: Any = None) -> bool:
        return not g.get("shows_draft") and bool(super().validate(extra_validators))
