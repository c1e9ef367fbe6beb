"""What became of a date promised to somebody, or is to be expected."""

from __future__ import annotations

from datetime import date

from .margins import CLOSE_WEEKS, margin_weeks
from .plan import promise_holds

HOLDS, IN_DANGER, BROKEN, KEPT, MISSED = "holds", "in danger", "broken", "kept", "missed"
PROMISE_STATES = (BROKEN, IN_DANGER, HOLDS, MISSED, KEPT)


def promise_state(promised: date, finish: date | None, *, on_board: bool, today: date) -> str:
    """One of `PROMISE_STATES`; `finish` is the forecast or, off the board, the day it shipped.

    Broken: the forecast misses the date. In danger: it meets it with a margin below four weeks.
    Missed: the date went by, or the initiative shipped after it, or was declined.
    """
    holds = promise_holds(promised, finish)
    if not on_board:
        return KEPT if holds else MISSED
    if promised < today:
        return MISSED
    if finish is None or not holds:
        return BROKEN
    return IN_DANGER if margin_weeks(finish, promised) < CLOSE_WEEKS else HOLDS
