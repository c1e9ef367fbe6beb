"""The board's rendered parts, kept per process by revision, filter and part.

What is kept holds nobody's name and no token, so that everybody's page is made of the same bytes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import groupby

from flask import current_app, render_template

from roadmap.planning.gather import Card
from roadmap.planning.picture import Picture

from . import rows
from .filters import Filter
from .rows import LineRow, Row

#: How many rows a page shows at first, and how many each further part has.
PART = 200

#: How many parts are kept; a part of 200 rows has about 600 KB.
KEPT = 16

KEY = "roadmap board parts"

Entry = Row | LineRow


@dataclass(frozen=True)
class Part:
    """Some rows as HTML, compressed once, and where the next part begins (0: it was the last)."""

    html: str
    shown: int
    following: int


class Shelf:
    """The latest parts; the oldest go first."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.parts: OrderedDict[Hashable, Part] = OrderedDict()

    def get(self, key: Hashable) -> Part | None:
        with self.lock:
            part = self.parts.get(key)
            if part is not None:
                self.parts.move_to_end(key)
            return part

    def put(self, key: Hashable, part: Part) -> None:
        with self.lock:
            self.parts[key] = part
            while len(self.parts) > KEPT:
                self.parts.popitem(last=False)


def part(picture: Picture, wanted: Filter, start: int, size: int | None) -> Part:
    """The rows from the `start`-th that fits on (counted from 0), with the lines between them."""
    key = (picture.revision, picture.today, wanted, start, size)
    shelf: Shelf = current_app.extensions.setdefault(KEY, Shelf())
    found = shelf.get(key)
    if found is None:
        found = _rendered(picture, wanted, start, size)
        shelf.put(key, found)
    return found


def count(picture: Picture, wanted: Filter) -> int:
    return sum(1 for _ in wanted.rows(picture))


def _rendered(picture: Picture, wanted: Filter, start: int, size: int | None) -> Part:
    fitting = list(wanted.rows(picture))
    end = len(fitting) if size is None else min(start + size, len(fitting))
    previous = fitting[start - 1][0] if start else 0
    entries = _with_lines(picture, fitting[start:end], previous)
    html = render_template(
        "board/_rows.html",
        entries=entries,
        last_rank=len(picture.plan.order),
        following=end if end < len(fitting) else 0,
        arguments=wanted.arguments(),
        left=len(fitting) - end,
    )
    return Part(html, end - start, end if end < len(fitting) else 0)


def _with_lines(picture: Picture, fitting: list[tuple[int, Card]], previous: int) -> list[Entry]:
    """Rows, with each line above the first row at or below its rank."""
    pending = [line for line in picture.lines if line.rank > previous]
    grouped = [(rank, tuple(found)) for rank, found in groupby(pending, key=lambda line: line.rank)]
    entries: list[Entry] = []
    at = 0
    for rank, card in fitting:
        while at < len(grouped) and grouped[at][0] <= rank:
            entries.extend(rows.line_rows(picture, grouped[at][1]))
            at += 1
        entries.append(rows.row(picture, rank, card))
    return entries
