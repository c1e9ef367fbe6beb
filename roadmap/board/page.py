"""The board's rendered parts, kept per process by revision, filter and place.

What is kept holds nobody's name and no token, so that everybody's page is made of the same bytes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import groupby

from flask import current_app, render_template
from markupsafe import Markup

from roadmap.planning.gather import Card
from roadmap.planning.picture import Picture
from roadmap.web.compress import Kept

from . import rows, steps, tiles
from .filters import Filter, choices
from .rows import LineRow, Row

#: How many rows a page shows at first, and how many each further part has.
PART = 200

#: How many parts are kept; a part of 200 rows has about 600 KB.
KEPT = 12

KEY = "roadmap board parts"

Entry = Row | LineRow


@dataclass(frozen=True)
class Part:
    """Some rows, and how many of those that fit come after them."""

    html: Markup
    shown: int
    left: int


class Shelf:
    """The latest parts of this process; the oldest go first."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.parts: OrderedDict[Hashable, Kept] = OrderedDict()

    def keep(self, key: Hashable, make: Callable[[], str]) -> Kept:
        with self.lock:
            found = self.parts.get(key)
            if found is not None:
                self.parts.move_to_end(key)
                return found
        made = Kept(make())
        with self.lock:
            self.parts[key] = made
            while len(self.parts) > KEPT:
                self.parts.popitem(last=False)
        return made


def tag(picture: Picture) -> str:
    """What a poll compares: it changes with everything that the board shows."""
    return f"{picture.revision}-{picture.today:%Y%m%d}"


def whole(picture: Picture, wanted: Filter, size: int | None) -> Kept:
    """All of the board's page that is the same for everybody."""
    return _kept(picture, "whole", wanted, size, make=lambda: _whole(picture, wanted, size))


def live(picture: Picture, wanted: Filter, size: int) -> Kept:
    """What a poll's answer replaces."""
    return _kept(picture, "live", wanted, size, make=lambda: _live(picture, wanted, size))


def more(picture: Picture, wanted: Filter, start: int) -> Kept:
    """Further rows, from the `start`-th that fits on, and a poll that brings them, too."""
    return _kept(picture, "more", wanted, start, make=lambda: _more(picture, wanted, start))


def _kept(picture: Picture, *key: Hashable, make: Callable[[], str]) -> Kept:
    shelf: Shelf = current_app.extensions.setdefault(KEY, Shelf())
    return shelf.keep((tag(picture), *key), make)


def _whole(picture: Picture, wanted: Filter, size: int | None) -> str:
    part = _part(picture, wanted, 0, size)
    return render_template(
        "board/_whole.html",
        picture=picture,
        tag=tag(picture),
        wanted=wanted,
        here=wanted.arguments(),
        size=max(part.shown, PART),
        part=part,
        choices=choices(picture),
        tiles=tiles.tiles(picture),
        total=len(picture.plan.order),
        fitting=part.shown + part.left,
        first_steps=() if picture.plan.order else steps.first_steps(),
    )


def _live(picture: Picture, wanted: Filter, size: int) -> str:
    return render_template(
        "board/_live.html",
        part=_part(picture, wanted, 0, size),
        tiles=tiles.tiles(picture),
        total=len(picture.plan.order),
    )


def _more(picture: Picture, wanted: Filter, start: int) -> str:
    part = _part(picture, wanted, start, PART)
    return render_template(
        "board/_part.html",
        part=part,
        size=start + part.shown,
        here=wanted.arguments(),
        tag=tag(picture),
    )


def _part(picture: Picture, wanted: Filter, start: int, size: int | None) -> Part:
    """The rows from the `start`-th that fits on (counted from 0), with the lines between them."""
    fitting = list(wanted.rows(picture))
    end = len(fitting) if size is None else min(start + size, len(fitting))
    previous = fitting[start - 1][0] if 0 < start <= len(fitting) else 0
    left = len(fitting) - end
    html = render_template(
        "board/_rows.html",
        entries=_with_lines(picture, fitting[start:end], previous),
        last_rank=len(picture.plan.order),
        following=end if left else 0,
        here=wanted.arguments(),
        left=left,
    )
    return Part(Markup(html), max(0, end - start), left)  # noqa: S704 (a template's own output)


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
