"""Where the bars of a before/after strip stand, in per cent of an axis of weeks."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import Any

from flask import url_for

from roadmap.domain.calendar import next_quarter
from roadmap.web.filters import day, plural
from roadmap.workspace import clock

from .consequences import Consequences, Moved

#: How many strips a preview draws; the others are in its lists.
DRAWN = 12


class Drawing:
    """The strips of the initiatives that a preview moves, with one axis for all of them."""

    def __init__(self, shown: Consequences) -> None:
        self.delayed = shown.delayed[:DRAWN]
        self.advanced = shown.advanced[:DRAWN]
        self.today = shown.preview.picture.today

    @cached_property
    def end(self) -> date:
        ends = [d for m in self._all for d in (m.finish_before, m.finish_after) if d]
        latest = max(ends, default=self.today)
        return max(latest, self.today + timedelta(weeks=12)) + timedelta(days=3)

    @property
    def _all(self) -> list[Moved]:
        return [*self.delayed, *self.advanced]

    @cached_property
    def quarters(self) -> list[dict[str, Any]]:
        """Where each quarter begins; long axes name years only."""
        found = []
        name = next_quarter(clock.quarter(self.today))
        while name <= self.end:
            found.append((self._left(name), clock.quarter_label(name)))
            name = next_quarter(name)
        step = max(1, -(-len(found) // 5))
        return [{"left": left, "text": text} for left, text in found[::step]]

    def strips(self, direction: str) -> list[dict[str, Any]]:
        moved = self.delayed if direction == "delayed" else self.advanced
        return [self._strip(one, direction) for one in moved]

    def _strip(self, moved: Moved, direction: str) -> dict[str, Any]:
        change = change_words(moved, direction)
        before, after = day(moved.finish_before) or "no date", day(moved.finish_after) or "no date"
        return {
            "title": moved.title,
            "url": url_for("initiatives.show", id=moved.id),
            "before": self._bar(moved.start_before, moved.finish_before),
            "after": self._bar(moved.start_after, moved.finish_after),
            "direction": direction,
            "change": change,
            "cause": "; ".join(moved.causes[:2]),
            "says": f"{moved.title}: from {before} to {after}, {change}",
        }

    def _bar(self, start: date | None, finish: date | None) -> dict[str, Any] | None:
        if start is None or finish is None:
            return None
        left = self._left(start)
        return {
            "left": left,
            "width": max(1.0, round(self._left(finish) - left, 2)),
            "text": day(finish),
        }

    def _left(self, when: date) -> float:
        span = (self.end - self.today).days
        return round(max(0, min(100, (when - self.today).days * 100 / span)), 2)


def change_words(moved: Moved, direction: str) -> str:
    """ "+6 weeks", "4 weeks earlier", "loses its date", "gets a date"."""
    if moved.weeks is None:
        return "loses its date" if direction == "delayed" else "gets a date"
    weeks = plural(moved.weeks, "week")
    return f"+{weeks}" if direction == "delayed" else f"{weeks} earlier"
