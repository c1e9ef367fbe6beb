"""Columns that are no field: what a row has in them, as the JSON text that the database keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import partial

from .layout import Layout
from .values import Cells, Noted, long_text

MOST_ATTRIBUTE = 10_000
LOSS_REASON = "Loss reason"
#: Of an amount that was converted, and what CRM has.
IN_CRM = "Amount in CRM"

NONE = "{}"


class AttributeReader:
    """What the cells of these columns mean: members of a JSON object, "" for none."""

    def __init__(self, layout: Layout) -> None:
        self.columns: list[tuple[int, Cells[str]]] = [
            (place, Cells(partial(_member, label))) for label, place in layout.attributes.items()
        ]

    def read(self, cells: Sequence[str]) -> tuple[str, list[Noted]]:
        """The JSON object of what one row fills, and what to note."""
        found = [known[cells[place]] for place, known in self.columns]
        noted = [each for each in found if isinstance(each, Noted)]
        return as_object(each.value if isinstance(each, Noted) else each for each in found), noted


def member(label: str, value: str) -> str:
    """A member of a JSON object, spelt as `json.dumps` would."""
    return f"{json.dumps(label)}: {json.dumps(value)}"


def as_object(members: Iterable[str]) -> str:
    """The JSON object of those members that are not empty."""
    return "{" + ", ".join(filter(None, members)) + "}"


def _member(label: str, cell: str) -> str | Noted:
    value = long_text(cell)
    if len(value) > MOST_ATTRIBUTE:
        cut = member(label, value[:MOST_ATTRIBUTE])
        return Noted(cut, f"Attributes cut at {MOST_ATTRIBUTE:,} characters")
    return member(label, value) if value else ""
