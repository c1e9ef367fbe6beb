"""Teams by quarter: their people, how full they are, and who draws on them when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from flask import url_for

from roadmap.domain.calendar import next_quarter
from roadmap.domain.lines import loads
from roadmap.domain.plan import INITIATIVE_KINDS
from roadmap.initiatives import units
from roadmap.initiatives.drawing import cell
from roadmap.planning.picture import Picture
from roadmap.workspace import clock

#: How many quarters are planned on screen.
QUARTERS = 8

PARTS = tuple(enumerate(INITIATIVE_KINDS, start=1))


def quarters(today: date) -> list[date]:
    """The quarters on screen, the present one first."""
    found = [clock.quarter(today)]
    while len(found) < QUARTERS:
        found.append(next_quarter(found[-1]))
    return found


def in_force(figures: Mapping[date, int], name: date) -> int:
    """Person-days a week in a quarter: its own figure, else the latest earlier one, else none."""
    known = [quarter for quarter in figures if quarter <= name]
    return figures[max(known)] if known else 0


class Quarter(NamedTuple):
    """One team's quarter: people, and its load in person-days."""

    first_day: date
    people: str
    own_figure: bool
    used: int
    capacity: int

    @property
    def label(self) -> str:
        return clock.quarter_label(self.first_day)

    @property
    def name(self) -> str:
        return clock.quarter_name(self.first_day)


class Team(NamedTuple):
    id: str
    name: str
    quarters: tuple[Quarter, ...]

    @property
    def has_figures(self) -> bool:
        return any(quarter.capacity or quarter.people != "0" for quarter in self.quarters)


def teams(picture: Picture) -> list[Team]:
    """All teams by name, with the quarters on screen."""
    by_quarter = loads(picture.schedule)
    names = quarters(picture.today)
    found: dict[str, list[Quarter]] = {id: [] for id in picture.teams}
    for name in names:
        for load in by_quarter.get(name, ()):
            figures = picture.plan.teams[load.team].days_per_week
            found[load.team].append(
                Quarter(
                    name,
                    units.people(in_force(figures, name)),
                    name in figures,
                    load.used,
                    load.capacity,
                )
            )
    return [Team(id, name, tuple(found[id])) for id, name in picture.teams.items()]


def chart(picture: Picture, only: str | None = None) -> dict[str, Any]:
    """Stacked bars by team and quarter: strategic against incremental work."""
    names = [name for name in quarters(picture.today) if name in loads(picture.schedule)]
    days = _days_by_kind(picture)
    capacity = {
        (load.team, name): load.capacity
        for name, row in loads(picture.schedule).items()
        for load in row
    }
    return {
        "quarters": [clock.quarter_label(name) for name in names],
        "teams": [
            {
                "name": name,
                "url": url_for("teams.show", id=id),
                "cells": [
                    cell(days[id, quarter], capacity[id, quarter], dict(PARTS)) for quarter in names
                ],
            }
            for id, name in picture.teams.items()
            if only in (None, id)
        ],
        "parts": PARTS,
    }


class Drawer(NamedTuple):
    """An initiative that draws on a team: from the Monday of its first week to its last Friday."""

    id: str
    title: str
    rank: int
    owner: str | None
    first: date
    last: date
    weeks: int
    days: int
    by_quarter: tuple[int, ...]


def drawers(picture: Picture, team: str) -> list[Drawer]:
    """Who draws on a team, in rank order, with person-days by the quarters on screen."""
    names = quarters(picture.today)
    grid = picture.schedule.grid
    found = []
    for rank, id in enumerate(picture.plan.order, start=1):
        days: dict[int, int] = defaultdict(int)
        for _, drawn, week, count in picture.schedule[id].draws:
            if drawn == team:
                days[week] += count
        if not days:
            continue
        by_quarter: dict[date, int] = defaultdict(int)
        for week, count in days.items():
            by_quarter[grid.quarters[week]] += count
        card = picture.cards[id]
        found.append(
            Drawer(
                id,
                card.title,
                rank,
                card.owner,
                grid.mondays[min(days)],
                grid.fridays[max(days)],
                len(days),
                sum(days.values()),
                tuple(by_quarter[name] for name in names),
            )
        )
    return found


class Week(NamedTuple):
    """One week of a team: who draws how many person-days, in rank order, and what is free."""

    monday: date
    capacity: int
    free: int
    drawn: tuple[tuple[str, str, int], ...]


def weeks(picture: Picture, team: str) -> list[Week]:
    """The weeks of the quarters on screen."""
    schedule = picture.schedule
    shown = set(quarters(picture.today))
    return [
        Week(
            schedule.grid.mondays[week],
            schedule.capacity[team][week],
            schedule.free[team][week],
            tuple(
                (id, picture.cards[id].title, days)
                for id, days in schedule.drawn.get((team, week), ())
            ),
        )
        for week, name in enumerate(schedule.grid.quarters)
        if name in shown
    ]


def _days_by_kind(picture: Picture) -> Mapping[tuple[str, date], dict[int, int]]:
    days: dict[tuple[str, date], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    grid = picture.schedule.grid
    for id in picture.plan.order:
        part = 1 + INITIATIVE_KINDS.index(picture.cards[id].kind)
        for _, team, week, count in picture.schedule[id].draws:
            days[team, grid.quarters[week]][part] += count
    return days
