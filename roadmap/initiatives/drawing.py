"""Where an initiative's work lies: by team and quarter for the chart, by week for the table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from flask import url_for

from roadmap.planning.picture import Picture
from roadmap.workspace import clock

OWN, ABOVE, BELOW = 1, 2, 3
#: A chart shows at least so many quarters, so that a short one has some context.
FEWEST = 4


class Week(NamedTuple):
    """Person-days of one initiative from one team in one week."""

    monday: date
    team: str
    days: int
    of: int


class Drawing:
    """The schedule of one initiative on the board. `teams` is empty when it draws nothing."""

    def __init__(self, picture: Picture, id: str) -> None:
        self.picture = picture
        self.id = id
        self.draws = picture.schedule[id].draws
        last = max((week for _, _, week, _ in self.draws), default=0)
        names = list(dict.fromkeys(picture.schedule.grid.quarters))
        shown = names.index(picture.schedule.grid.quarters[last]) + 1
        self._quarters = names[: max(FEWEST, shown)]

    @property
    def quarters(self) -> list[str]:
        return [clock.quarter_label(name) for name in self._quarters]

    parts = ((OWN, "this initiative"), (ABOVE, "ranked above it"), (BELOW, "ranked below it"))

    @property
    def teams(self) -> list[dict[str, Any]]:
        teams = dict.fromkeys(team for _, team, _, _ in self.draws)
        return [
            {
                "name": self.picture.teams[team],
                "url": url_for("teams.show", id=team),
                "cells": self._cells(team),
            }
            for team in teams
        ]

    @property
    def weeks(self) -> list[Week]:
        days: dict[tuple[int, str], int] = defaultdict(int)
        for _, team, week, count in self.draws:
            days[week, team] += count
        schedule = self.picture.schedule
        return [
            Week(
                schedule.grid.mondays[week],
                self.picture.teams[team],
                count,
                schedule.capacity[team][week],
            )
            for (week, team), count in sorted(days.items())
        ]

    def _cells(self, team: str) -> list[dict[str, Any]]:
        schedule = self.picture.schedule
        own_rank = self.picture.rank(self.id) or 0
        days: Mapping[date, dict[int, int]] = {name: defaultdict(int) for name in self._quarters}
        capacity = dict.fromkeys(self._quarters, 0)
        for week, name in enumerate(schedule.grid.quarters):
            if name not in capacity:
                break
            capacity[name] += schedule.capacity[team][week]
            for other, count in schedule.drawn.get((team, week), ()):
                above = (self.picture.rank(other) or 0) < own_rank
                part = OWN if other == self.id else ABOVE if above else BELOW
                days[name][part] += count
        return [cell(days[name], capacity[name], dict(self.parts)) for name in self._quarters]


def cell(days: Mapping[int, int], capacity: int, labels: Mapping[int, str]) -> dict[str, Any]:
    """One team's quarter: how much of its capacity each part takes, in person-days."""
    used = sum(days.values())
    if not capacity:
        return {"text": "", "percent_text": "nobody", "full": False, "parts": []}
    left, parts = 0.0, []
    for part in labels:
        if days.get(part):
            width = round(days[part] * 100 / capacity, 2)
            parts.append(
                {
                    "part": part,
                    "left": round(left, 2),
                    "width": width,
                    "title": f"{labels[part]}: {days[part]:,} person-days",
                }
            )
            left += width
    return {
        "text": f"{used:,} of {capacity:,} days",
        "percent_text": f"{used * 100 // capacity} %",
        "full": used >= capacity,
        "parts": parts,
    }
