"""Columns that are no field: what a row has in them, as the JSON text that the database keeps."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .layout import Layout
from .values import Memo, long_text

MOST_ATTRIBUTE = 10_000
LOSS_REASON = "Loss reason"
#: Of an amount that was converted, and what CRM has.
IN_CRM = "Amount in CRM"

NONE = "{}"


class AttributeReader:
    """Reads a row's attributes. Values repeat themselves, so each is made into JSON once."""

    def __init__(self, layout: Layout) -> None:
        self.readers = [(place, _Column(label).read) for label, place in layout.attributes.items()]
        self._columns = [(place, Memo(read)) for place, read in self.readers]

    def read(self, cells: Sequence[str], further: Sequence[str] = ()) -> tuple[str, bool]:
        """The JSON object of what a row fills, and whether one of the values had to be cut.

        `further` are members that stand in no column: see `member`.
        """
        found = []
        cut = False
        for place, column in self._columns:
            value = cells[place]
            if value:
                text, shortened = column[value]
                if text:
                    found.append(text)
                    cut = cut or shortened
        found += further
        return ("{" + ", ".join(found) + "}" if found else NONE), cut


def member(label: str, value: str) -> str:
    """A member of a JSON object, spelt as `json.dumps` would."""
    return f"{json.dumps(label)}: {json.dumps(value)}"


class _Column:
    def __init__(self, label: str) -> None:
        self.label = label

    def read(self, cell: str) -> tuple[str, bool]:
        value = long_text(cell)
        if not value:
            return "", False
        return member(self.label, value[:MOST_ATTRIBUTE]), len(value) > MOST_ATTRIBUTE
