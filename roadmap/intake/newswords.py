"""News about a request's forecast, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from roadmap.domain.calendar import quarter
from roadmap.domain.deals import BEFORE_ALL
from roadmap.domain.news import IN_TIME, MISSED, News
from roadmap.domain.plan import COMMITTED, SHIPPED
from roadmap.web.filters import day

from .following import OWN_DATE, Followed


def sentence(item: News, request: Followed, initiative: str) -> str:
    """One sentence or two: what moved, and what that means for whom it was asked."""
    if item.kind == COMMITTED:
        return f"“{initiative}”, which solves “{request.problem}”, is committed."
    if item.kind == SHIPPED:
        return f"“{initiative}” has shipped: it solves “{request.problem}”."
    if item.initiative:
        return f"“{initiative}”, which was to solve “{request.problem}”, will not be built."
    moved = f"“{request.problem}” {_moved(item)}"
    if item.kind == MISSED:
        return f"{moved}: too late for {_deals(item, request)}."
    if item.kind == IN_TIME:
        return f"{moved}: in time for {_deals(item, request)}."
    return f"{moved}."


def _moved(item: News) -> str:
    if item.was == item.now:
        return f"is to be solved {_when(item.now)}"
    if item.now is None:
        return f"has no date any more; it was to be solved {_when(item.was)}"
    if item.now == BEFORE_ALL:
        return "is solved"
    return f"is now to be solved {_when(item.now)}, not {_when(item.was)}"


def _when(finish: date | None) -> str:
    if finish is None:
        return "at no known date"
    if finish == BEFORE_ALL:
        return "already"
    return f"by {day(finish)} ({quarter(finish)[4:]} {finish.year})"


def _deals(item: News, request: Followed) -> str:
    return _listed([_deal(id, request) for id in item.deals])


def _deal(id: str, request: Followed) -> str:
    name, needed = request.deals[id]
    if id == OWN_DATE:
        return f"the day that “{request.title}” names, {day(needed)}"
    return f"“{name}”, needed by {day(needed)}" if needed else f"“{name}”, which has no date"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{'; '.join(parts[:-1])}; and {parts[-1]}"
