"""The board in five seconds: how full, how much at stake, what is promised, what slipped."""

from __future__ import annotations

from math import lcm
from typing import NamedTuple

from roadmap.domain.lines import loads
from roadmap.domain.money import half_up
from roadmap.domain.plan import promise_holds
from roadmap.domain.value import SCALE
from roadmap.planning.picture import Picture
from roadmap.planning.totals import ratio
from roadmap.web.filters import money_short, plural
from roadmap.workspace import clock

from .filters import slipped

TEAMS: tuple[str, dict[str, str]] = ("teams.index", {})
PROMISED = ("board.show", {"forecast": "promised"})
SLIPPED = ("board.show", {"forecast": "slipped"})


class Tile(NamedTuple):
    label: str
    value: str
    detail: str
    icon: str
    kind: str
    #: The endpoint and its arguments where the figure opens to its parts.
    opens: tuple[str, dict[str, str]]


def tiles(picture: Picture) -> list[Tile]:
    """Four tiles; kept with the picture, since they cost as much as a part of the rows."""
    return picture.derived.keep("tiles", lambda: [
        _capacity(picture), _at_stake(picture), _promises(picture), _slips(picture),
    ])  # fmt: skip


def _capacity(picture: Picture) -> Tile:
    name = next(iter(loads(picture.schedule)), clock.quarter(picture.today))
    found = loads(picture.schedule).get(name, ())
    used, capacity = sum(load.used for load in found), sum(load.capacity for load in found)
    if not capacity:
        return Tile("Capacity", "none", "No team has people yet", "users-group", "warn", TEAMS)
    full = used * 100 // capacity
    free = plural((capacity - used) // 5, "person-week")
    label = f"Capacity used, {clock.quarter_label(name)}"
    return Tile(label, f"{full} %", f"{free} free", "clock", "info", TEAMS)


def _at_stake(picture: Picture) -> Tile:
    values = [ratio(card.open_value) for card in picture.cards.values()]
    common = lcm(*(denominator for _, denominator in values))
    total = half_up(
        sum(numerator * (common // denominator) for numerator, denominator in values),
        common * SCALE,
    )
    detail = "Open deals, each once, by fit and evidence"
    return Tile(
        "Open at stake on the board", money_short(total, picture.currency), detail,
        "currency-dollar", "info", ("initiatives.index", {"state": "board"}),
    )  # fmt: skip


def _promises(picture: Picture) -> Tile:
    held = broken = 0
    for id in picture.plan.order:
        finish = picture.schedule.finish(id)
        for promise in picture.plan.initiatives[id].promised:
            if promise_holds(promise.date, finish):
                held += 1
            else:
                broken += 1
    if not held and not broken:
        detail = "Nothing is promised to anybody"
        return Tile("Promises", "none", detail, "flag", "neutral", PROMISED)
    kind = "danger" if broken else "ok"
    return Tile(
        "Promises that hold",
        f"{held} of {held + broken}",
        f"{broken} missed by the forecast",
        "flag",
        kind,
        PROMISED,
    )


def _slips(picture: Picture) -> Tile:
    late = sum(slipped(picture, card) for card in picture.cards.values())
    known = sum(1 for card in picture.cards.values() if card.baseline is not None)
    if not known:
        return Tile(
            "Slipped this quarter", "–", "No forecast was kept yet", "trending-down", "neutral",
            SLIPPED,
        )  # fmt: skip
    detail = f"of {plural(known, 'forecast')} at the start of the quarter"
    return Tile(
        "Slipped this quarter", f"{late:,}", detail, "trending-down", "warn" if late else "ok",
        SLIPPED,
    )  # fmt: skip
