"""Why an initiative has its dates, or none, in sentences with the link that helps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flask import url_for

from roadmap.domain.plan import DECLINED
from roadmap.domain.schedule import BEYOND, Because, Placement
from roadmap.planning.picture import Picture
from roadmap.web.filters import day, plural

from .queries import Work

#: How many of those that take a team's weeks are named.
NAMED = 3


class Reason(NamedTuple):
    text: str
    url: str = ""
    label: str = ""


FAULTS = {
    DECLINED: "is declined",
    "unestimated": "is not estimated",
    "blocked": "is blocked itself",
    BEYOND: "is beyond the horizon",
}


def reasons(picture: Picture, id: str, work: Sequence[Work]) -> list[Reason]:
    """Why an initiative on the board stands where it stands; `work` are its items, in order."""
    because = picture.schedule.because(id)
    placement = picture.schedule[id]
    found = [
        *_estimates(id, because, work),
        *_faults(picture, id, because),
        *_ready(picture, because),
        *_waits(picture, id, placement),
        *_shared(picture, id, placement),
        *_left_over(picture, id, because),
    ]
    if not found and placement.last is not None:
        if not placement.draws:
            return [Reason("Nothing is left to do.", _url("shipping", id), "Ship it")]
        return [Reason("Its teams are free from the first week on, so it starts at once.")]
    return found


def _estimates(id: str, because: Because, work: Sequence[Work]) -> Iterator[Reason]:
    if because.no_work:
        yield Reason(
            "It has no work items, so nobody can say when it is done.", _url("work", id), "Add work"
        )
    for index in because.unestimated_items:
        title = work[index].title if index < len(work) else ""
        yield Reason(
            f"“{title or 'A work item'}” is not estimated, so there is no forecast.",
            _url("effort", id),
            "Estimate it",
        )


def _faults(picture: Picture, id: str, because: Because) -> Iterator[Reason]:
    for fault in because.faults:
        title = picture.plan.initiatives[fault.need].title
        words = FAULTS.get(fault.why, fault.why)
        yield Reason(f"It needs “{title}”, which {words}.", _url("show", fault.need), "Look there")


def _ready(picture: Picture, because: Because) -> Iterator[Reason]:
    if because.not_before is not None:
        yield Reason(f"It may not start before {day(because.not_before)}.")
    for need in because.needs:
        title = picture.plan.initiatives[need].title
        finish = day(picture.schedule.finish(need))
        yield Reason(
            f"It starts after “{title}”, which it needs and which finishes on {finish}.",
            _url("show", need),
            "Look there",
        )


def _waits(picture: Picture, id: str, placement: Placement) -> Iterator[Reason]:
    """For each of its teams, who takes the weeks between ready and its first one there."""
    if placement.ready is None or not placement.draws:
        return
    for team in _teams(picture, id):
        first = min((week for _, t, week, _ in placement.draws if t == team), default=None)
        if first is None or first <= placement.ready:
            continue
        weeks = range(placement.ready, first)
        taken = _taken(picture, id, team, weeks)
        name = picture.teams[team]
        if not taken:
            yield Reason(
                f"{name} has nobody for the roadmap in {plural(len(weeks), 'week')} before it.",
                url_for("teams.show", id=team),
                "Look at its people",
            )
            continue
        yield Reason(f"It waits {plural(len(weeks), 'week')} for {name}, taken by {taken}.")


def _shared(picture: Picture, id: str, placement: Placement) -> Iterator[Reason]:
    """Who else works on its teams while it runs."""
    for team in _teams(picture, id):
        weeks = [week for _, t, week, _ in placement.draws if t == team]
        if len(weeks) < 2:
            continue
        taken = _taken(picture, id, team, range(min(weeks), max(weeks) + 1), above_only=True)
        if taken:
            yield Reason(f"While it runs, {picture.teams[team]} also works on {taken}.")


def _left_over(picture: Picture, id: str, because: Because) -> Iterator[Reason]:
    for rest in because.left_over:
        days = plural(rest.person_days, "person-day")
        verb = "does" if rest.person_days == 1 else "do"
        yield Reason(
            f"{days} of {picture.teams[rest.team]} {verb} not fit inside the next three years.",
            url_for("teams.show", id=rest.team),
            "Look at its people",
        )
    if picture.schedule[id].state == BEYOND and not because.left_over:
        yield Reason("It cannot start inside the next three years.")


def _teams(picture: Picture, id: str) -> list[str]:
    return list(dict.fromkeys(item.team for item in picture.plan.initiatives[id].work))


def _taken(picture: Picture, id: str, team: str, weeks: range, *, above_only: bool = False) -> str:
    """Those who draw on a team in these weeks, most first, with their person-days."""
    days: dict[str, int] = {}
    own_rank = picture.rank(id) or 0
    for week in weeks:
        for other, count in picture.schedule.drawn.get((team, week), ()):
            above = (picture.rank(other) or 0) < own_rank
            if other != id and (above or not above_only):
                days[other] = days.get(other, 0) + count
    most = sorted(days, key=lambda other: (-days[other], picture.rank(other) or 0))
    named = [
        f"“{picture.plan.initiatives[other].title}” ({plural(days[other], 'person-day')})"
        for other in most[:NAMED]
    ]
    more = len(most) - NAMED
    if more > 0:
        named.append(f"{more:,} more")
    return " and ".join([", ".join(named[:-1]), named[-1]]) if len(named) > 1 else "".join(named)


def _url(function: str, id: str) -> str:
    return url_for(f"initiatives.{function}", id=id)
