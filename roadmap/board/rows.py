"""The board's rows with everything that they say, prepared: the template only places it."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import NamedTuple

from roadmap.domain.lines import Line
from roadmap.domain.money import known_amount
from roadmap.domain.plan import estimate_is_old, promise_holds
from roadmap.planning.gather import Card
from roadmap.planning.picture import Picture
from roadmap.web.filters import day, money_full, money_short, number, plural
from roadmap.workspace import clock

#: How many teams a capacity line names.
MOST_TEAMS = 12


class Mark(NamedTuple):
    kind: str
    text: str
    icon: str
    title: str


class Row(NamedTuple):
    """One initiative, in words."""

    id: str
    rank: int
    #: The ranks that its arrows lead to: those of the rows beside it on this list, or None.
    up: int | None
    down: int | None
    place: str
    place_title: str
    place_class: str
    title: str
    value: str
    marks: tuple[Mark, ...]
    segments: tuple[tuple[int, str], ...]
    problems: tuple[tuple[int, str, bool], ...]
    products: tuple[tuple[int, str], ...]
    kind: str
    lost_cents: int
    lost_short: str
    lost_full: str
    lost_detail: str
    lost_title: str
    open_cents: int
    open_short: str
    open_full: str
    open_detail: str
    fit: int | None
    effort: str
    effort_unit: str
    effort_title: str
    quarter: str
    quarter_kind: str
    finish: str
    owner: str
    verified: str
    verified_detail: str
    unscheduled: bool


class LineRow(NamedTuple):
    """Where a quarter's capacity ends: the teams, how full they are, and whether they are full."""

    name: str
    teams: tuple[tuple[str, str, bool], ...]
    #: How many teams are not named.
    more: int


def row(picture: Picture, rank: int, card: Card, up: int | None, down: int | None) -> Row:
    initiative = picture.plan.initiatives[card.id]
    placement = picture.schedule[card.id]
    finish = picture.schedule.finish(card.id)
    currency = picture.currency
    score = picture.scores[card.id]
    days = initiative.person_days
    lost = known_amount(card.lost_amount, card.lost_count, card.lost_unknown)
    open_ = known_amount(card.open_amount, card.open_count, card.open_unknown)
    return Row(
        card.id,
        rank,
        up,
        down,
        "no score" if score.score is None else f"score {score.place}",
        _place_title(score.without, score.place, rank),
        _place_class(score.score is None, score.place, rank),
        card.title,
        card.value,
        _marks(picture, card, finish),
        _segments(card),
        tuple((tied.id, tied.title, tied.kind == "solves") for tied in card.problems),
        card.products,
        card.kind,
        card.lost_amount,
        money_short(lost, currency),
        money_full(lost, currency),
        _deals(card.lost_count, card.lost_unknown),
        f"Lost in the last {picture.window_months} months; "
        f"{plural(card.lost_all_count, 'deal')} lost ever",
        card.open_amount,
        money_short(open_, currency),
        money_full(open_, currency),
        _deals(card.open_count, card.open_unknown),
        card.fit,
        "–" if days is None else person_weeks(days),
        "" if days is None else "week" if days == 5 else "weeks",
        "Not estimated" if days is None else plural(days, "person-day"),
        *_forecast(placement.state, finish, picture.today),
        card.owner or "nobody",
        "–" if card.verified is None else f"{card.verified} %",
        "" if card.verified is None else f"{number(card.verified_count)} of {card.deal_count:,}",
        placement.state != "scheduled",
    )


def line_rows(picture: Picture, lines: tuple[Line, ...]) -> list[LineRow]:
    """The lines at one place; quarters that follow each other and are as full share one."""
    found = []
    for teams, alike in groupby(lines, key=lambda line: _loads(picture, line)):
        names = [clock.quarter_label(line.quarter) for line in alike]
        name = f"{names[0]} ends here" if len(names) == 1 else f"{names[0]} to {names[-1]} end here"
        # Of very many teams, those that are full say where the quarter ends.
        named = sorted(teams, key=lambda team: not team[2]) if len(teams) > MOST_TEAMS else teams
        found.append(LineRow(name, tuple(named[:MOST_TEAMS]), max(0, len(teams) - MOST_TEAMS)))
    return found


def _loads(picture: Picture, line: Line) -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (picture.teams[load.team], _full(load.percent), load.percent == 100) for load in line.loads
    )


def person_weeks(days: int) -> str:
    """Person-weeks with one decimal where there is one: 7 person-days are 1.4."""
    weeks, rest = divmod(days, 5)
    return f"{weeks:,}" if rest == 0 else f"{weeks:,}.{rest * 2}"


def _full(percent: int | None) -> str:
    return "no capacity" if percent is None else f"{percent} %"


def _deals(count: int, unknown: int) -> str:
    words = plural(count, "deal")
    return f"{words}, {unknown:,} unknown" if 0 < unknown < count else words


def _place_title(without: str | None, place: int, rank: int) -> str:
    if without == "unestimated":
        return "No score: it is not estimated"
    if without is not None:
        return "No score: nothing is left to do"
    if place == rank:
        return "The score would put it here, too"
    return f"The score would put it at {place}, people decided on {rank}"


def _place_class(without: bool, place: int, rank: int) -> str:
    if without or place == rank:
        return ""
    return "is-higher" if place < rank else "is-lower"


def _segments(card: Card) -> tuple[tuple[int, str], ...]:
    return tuple(dict.fromkeys(segment for tied in card.problems for segment in tied.segments))


def _forecast(state: str, finish: date | None, today: date) -> tuple[str, str, str]:
    """The badge's words and kind, and the date beneath it."""
    if finish is not None:
        soon = clock.quarter(finish) == clock.quarter(today)
        return clock.quarter_label(clock.quarter(finish)), "ok" if soon else "info", day(finish)
    words = {
        "unestimated": ("Not estimated", "no forecast"),
        "blocked": ("Blocked", "by what it needs"),
        "beyond": ("Beyond", "three years"),
    }[state]
    return words[0], "warn", words[1]


def _marks(picture: Picture, card: Card, finish: date | None) -> tuple[Mark, ...]:
    found = []
    initiative = picture.plan.initiatives[card.id]
    if card.state != "candidate":
        found.append(Mark("neutral", card.state, "", ""))
    for promise in initiative.promised:
        words = f"Promised to {promise.to} for {day(promise.date)}"
        found.append(
            Mark("ok", f"promised {day(promise.date)}", "flag", words)
            if promise_holds(promise.date, finish)
            else Mark("danger", f"misses {day(promise.date)}", "flag", words)
        )
    slip = _slip(card, finish)
    if slip:
        found.append(slip)
    if estimate_is_old(initiative.person_days, card.effort_updated_on, picture.today):
        when = f"on {day(card.effort_updated_on)}" if card.effort_updated_on else "never"
        found.append(Mark("neutral", "effort?", "clock", f"Remaining effort was updated {when}"))
    return tuple(found)


def _slip(card: Card, finish: date | None) -> Mark | None:
    """Later than the first forecast of this quarter, in weeks; or without the date it had."""
    if card.baseline is None:
        return None
    was = f"It was {day(card.baseline)} at the start of the quarter"
    if finish is None:
        return Mark("danger", "lost its date", "trending-down", was)
    weeks = (finish - card.baseline).days // 7
    if weeks > 0:
        return Mark("danger", f"slipped {plural(weeks, 'week')}", "trending-down", was)
    if weeks < 0:
        return Mark("ok", f"{plural(-weeks, 'week')} earlier", "trending-up", was)
    return None
