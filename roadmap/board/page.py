"""The board's rendered parts, kept per process by revision, filter and place.

Rows are kept in parts of two hundred, which the whole page, the live list and further rows are all
made of. What is kept of it holds nobody's name and no token, so everybody's page is made of the
same bytes; the page around it is kept by person. A row that did not change is not rendered again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from itertools import groupby

from flask import current_app, render_template, session
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from roadmap.planning.gather import Card
from roadmap.planning.picture import Picture
from roadmap.web.compress import Kept
from roadmap.web.submissions import form_token
from roadmap.workspace.cache import Cache

from . import rows, steps, tiles
from .filters import Filter, choices

#: How many rows a page shows at first, and how many each further part has.
PART = 200

#: How much is kept at most, in bytes before they are compressed: the rows of a board of 2,000 take
#: nine and a half million, and none of them would be there again if one were missing.
MOST_BYTES = 12_000_000

KEY = "roadmap board parts"

#: Stands in a rendered template where kept rows belong; no word of anybody's can produce it.
PLACE = "\x00rows\x00"

#: Parts one row from the next while they are rendered together.
CUT = "\x00cut\x00"

#: Stands for the session's token in a kept page.
TOKEN = "\x00token\x00"  # noqa: S105 (a place, not a secret)
#: Stands for the token of this page's forms.
FORM_TOKEN = "\x00form token\x00"  # noqa: S105

Parts = list[Kept | str]


class Shelf:
    """The parts of the latest revision."""

    def __init__(self) -> None:
        self.tag = ""
        self.parts: Cache[list[Kept]] = Cache(MOST_BYTES, _size)

    def of(self, tag: str) -> Cache[list[Kept]]:
        if tag != self.tag:
            self.tag = tag
            self.parts = Cache(MOST_BYTES, _size)
        return self.parts


def _size(parts: list[Kept]) -> int:
    """At most: once compressed, it is a tenth."""
    return sum(part.length for part in parts)


def tag(picture: Picture) -> str:
    """What a poll compares: it changes with everything that the board shows."""
    return f"{picture.revision}-{picture.today:%Y%m%d}"


def around(picture: Picture, wanted: Filter) -> tuple[str, str]:
    """The page before and after the board, as this person has it.

    It is the same at every look but for its tokens, unless there is a message to show.
    """
    token, of_forms = generate_csrf(), form_token()

    def make() -> list[Kept]:
        html = render_template(
            "board/show.html", today=picture.today, here=wanted.arguments(), whole=PLACE
        )
        return _cut(html.replace(token, TOKEN).replace(of_forms, FORM_TOKEN))

    if "_flashes" in session:
        kept = make()
    else:
        person = (current_user.id, current_user.name, current_user.role)
        kept = _kept(picture, "around", wanted, *person, make=make)
    parts = [part.inflated().decode() for part in kept]
    before, after = (part.replace(TOKEN, token).replace(FORM_TOKEN, of_forms) for part in parts)
    return before, after


def reaching(picture: Picture, wanted: Filter, id: int | None) -> int:
    """How many rows a page shows so that this initiative's is among them, if it fits."""
    found = (at for at, (_, card) in enumerate(wanted.rows(picture)) if card.id == str(id))
    at = 0 if id is None else next(found, 0)
    return at - at % PART + PART


def whole(picture: Picture, wanted: Filter, size: int | None) -> Parts:
    """All of the board's page that is the same for everybody."""
    total = _count(picture, wanted)
    end = total if size is None else min(size, total)
    key = ("whole", wanted, end)
    around = _kept(picture, *key, make=lambda: _cut(_whole(picture, wanted, end, total)))
    return _around(around, picture, wanted, end)


def live(picture: Picture, wanted: Filter, size: int) -> Parts:
    """What a poll's answer replaces."""
    total = _count(picture, wanted)
    end = min(size, total)
    key = ("live", wanted, end)
    around = _kept(picture, *key, make=lambda: _cut(_live(picture, wanted, end, total)))
    return _around(around, picture, wanted, end)


def more(picture: Picture, wanted: Filter, start: int) -> Parts:
    """The part from the `start`-th row on, and a poll that brings it, too."""
    total = _count(picture, wanted)
    start -= start % PART
    end = min(start + PART, total)
    after = render_template(
        "board/_part.html",
        size=end,
        here=wanted.arguments(),
        tag=tag(picture),
        following=end if end < total else 0,
        left=total - end,
    )
    return [_rows(picture, wanted, start), after]


def _cut(html: str) -> list[Kept]:
    """What comes before the rows and what comes after; one part where no rows belong."""
    return [Kept(part.encode()) for part in html.split(PLACE)]


def _kept(picture: Picture, *key: Hashable, make: Callable[[], list[Kept]]) -> list[Kept]:
    shelf: Shelf = current_app.extensions.setdefault(KEY, Shelf())
    return shelf.of(tag(picture)).find(key, make)


def _around(around: list[Kept], picture: Picture, wanted: Filter, end: int) -> Parts:
    """What surrounds the rows, with the rows in their place."""
    parts = [_rows(picture, wanted, start) for start in range(0, end, PART)]
    return [around[0], *parts, *around[1:]]


def _whole(picture: Picture, wanted: Filter, end: int, total: int) -> str:
    return render_template(
        "board/_whole.html",
        picture=picture,
        tag=tag(picture),
        wanted=wanted,
        here=wanted.arguments(),
        size=max(end, PART),
        rows=PLACE,
        choices=choices(picture),
        tiles=tiles.tiles(picture),
        total=len(picture.plan.order),
        fitting=total,
        ends=_ends(picture, wanted),
        following=end if end < total else 0,
        left=total - end,
        first_steps=() if picture.plan.order else steps.first_steps(),
    )


def _live(picture: Picture, wanted: Filter, end: int, total: int) -> str:
    return render_template(
        "board/_live.html",
        rows=PLACE,
        here=wanted.arguments(),
        tiles=tiles.tiles(picture),
        ends=_ends(picture, wanted),
        following=end if end < total else 0,
        left=total - end,
    )


def _ends(picture: Picture, wanted: Filter) -> tuple[int, int]:
    """The ranks of the first and the last row that fit, on whichever part they stand."""
    ranks = [rank for rank, _ in wanted.rows(picture)]
    return (ranks[0], ranks[-1]) if ranks else (1, 1)


def _count(picture: Picture, wanted: Filter) -> int:
    return len(picture.plan.order) if wanted.empty else len(_fitting(picture, wanted))


def _fitting(picture: Picture, wanted: Filter) -> list[tuple[int, Card]]:
    return list(wanted.rows(picture))


def _rows(picture: Picture, wanted: Filter, start: int) -> Kept:
    make = partial(_part, picture, wanted, start)
    return _kept(picture, "rows", wanted, start, make=lambda: [make()])[0]


def _part(picture: Picture, wanted: Filter, start: int) -> Kept:
    """Two hundred of the rows that fit, with each line above the first row at or below its rank."""
    fitting = _fitting(picture, wanted)
    shown = fitting[start : start + PART]
    previous = fitting[start - 1][0] if 0 < start <= len(fitting) else 0
    # Among the rows that fit, others stand beside a row than on the whole board.
    known = _known(picture) if wanted.empty else {}
    rendered = _rendered(picture, fitting, start, known)
    pending = [line for line in picture.lines if line.rank > previous]
    grouped = [(rank, tuple(found)) for rank, found in groupby(pending, key=lambda line: line.rank)]
    pieces: list[tuple[Card | None, bytes]] = []
    at = 0
    for (rank, card), row in zip(shown, rendered, strict=True):
        while at < len(grouped) and grouped[at][0] <= rank:
            lines = rows.line_rows(picture, grouped[at][1])
            pieces.append((None, render_template("board/_lines.html", lines=lines).encode()))
            at += 1
        pieces.append((card, row))
    part = Kept(b"".join(piece for _, piece in pieces))
    _remember(known, part, pieces)
    return part


#: By initiative: a card, and the place of its row in the part that it was rendered for.
Known = dict[str, tuple[Card, Kept, slice]]


def _known(picture: Picture) -> Known:
    """A row is known while plan, order and figures stay and its own card is the same one."""
    found: Known = picture.derived.keep("rows", dict)
    return found


def _rendered(
    picture: Picture, fitting: Sequence[tuple[int, Card]], start: int, known: Known
) -> list[bytes]:
    """Each row's HTML: rendered together where it is not known, since each call has its price."""
    ranks = [None, *(rank for rank, _ in fitting), None]
    found: dict[int, bytes] = {}
    missing = []
    inflated: dict[Kept, bytes] = {}
    for at in range(start, min(start + PART, len(fitting))):
        card, part, place = known.get(fitting[at][1].id, (None, None, None))
        if part is None or place is None or card is not fitting[at][1]:
            missing.append(at)
            continue
        if part not in inflated:
            inflated[part] = part.inflated()
        found[at] = inflated[part][place]
    if missing:
        entries = [rows.row(picture, *fitting[at], ranks[at], ranks[at + 2]) for at in missing]
        html = render_template("board/_rows.html", entries=entries, cut=CUT)
        found.update(zip(missing, map(str.encode, html.split(CUT)[1:]), strict=True))
    return [found[at] for at in sorted(found)]


def _remember(known: Known, part: Kept, pieces: Sequence[tuple[Card | None, bytes]]) -> None:
    """Know each row by its place in the part that it stands in, which is kept anyway."""
    start = 0
    for card, piece in pieces:
        end = start + len(piece)
        if card is not None:
            known[card.id] = (card, part, slice(start, end))
        start = end
