from __future__ import annotations

from datetime import date, timedelta

import pytest

from roadmap.domain.calendar import (
    Grid,
    is_quarter,
    months_before,
    next_quarter,
    previous_quarter,
    quarter,
    quarter_end,
    quarter_label,
    quarter_start,
)


@pytest.mark.parametrize(
    ("today", "monday"),
    [
        (date(2027, 1, 4), date(2027, 1, 4)),  # a Monday
        (date(2027, 1, 8), date(2027, 1, 4)),  # the Friday of that week
        (date(2027, 1, 9), date(2027, 1, 11)),  # a Saturday: the week that follows
        (date(2027, 1, 10), date(2027, 1, 11)),  # a Sunday
        (date(2027, 1, 1), date(2026, 12, 28)),  # a Friday across the turn of the year
    ],
)
def test_week_0_is_the_week_of_today_or_after_a_weekend_the_next(today: date, monday: date) -> None:
    assert Grid(today).week_0 == monday
    assert Grid(today).monday(0) == monday
    assert Grid(today).friday(0) == monday + timedelta(days=4)


def test_the_last_week_is_155() -> None:
    grid = Grid(date(2027, 1, 4))
    assert len(grid.mondays) == 156
    assert grid.mondays[155] == grid.monday(155) == date(2029, 12, 24)
    assert grid.fridays[155] == grid.friday(155) == date(2029, 12, 28)


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2027, 1, 4), 0),
        (date(2027, 1, 5), 1),  # the Monday has passed: the next one counts
        (date(2027, 1, 11), 1),
        (date(2027, 1, 3), 0),
        (date(2026, 12, 28), -1),
        (date(2026, 12, 27), -1),
        (date(2029, 12, 25), 156),  # past the horizon
    ],
)
def test_the_first_week_on_or_after_a_day_is_the_first_whose_monday_is(
    day: date, week: int
) -> None:
    assert Grid(date(2027, 1, 4)).first_week_on_or_after(day) == week


def test_a_week_has_the_quarter_of_its_monday_and_a_finish_that_of_its_friday() -> None:
    grid = Grid(date(2026, 12, 30))  # Monday 28 December 2026, Friday 1 January 2027
    assert grid.quarters[0] == grid.quarter_of_week(0) == "2026Q4"
    assert quarter(grid.friday(0)) == "2027Q1"


def test_quarters() -> None:
    assert [quarter(date(2027, month, 1)) for month in (1, 3, 4, 6, 7, 9, 10, 12)] == [
        *("2027Q1", "2027Q1", "2027Q2", "2027Q2"),
        *("2027Q3", "2027Q3", "2027Q4", "2027Q4"),
    ]
    assert quarter_start("2027Q2") == date(2027, 4, 1)
    assert quarter_end("2027Q1") == date(2027, 3, 31)
    assert quarter_end("2027Q4") == date(2027, 12, 31)
    assert next_quarter("2027Q4") == "2028Q1"
    assert previous_quarter("2027Q1") == "2026Q4"
    assert quarter_label("2027Q1") == "Q1 2027"


@pytest.mark.parametrize(
    "text", ["2027q1", "2027Q5", "2027Q0", "27Q1", "2027-Q1", "2027Q1 ", "0000Q1"]
)
def test_what_is_not_a_quarter(text: str) -> None:
    assert not is_quarter(text)


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        (date(2027, 8, 31), 6, date(2027, 2, 28)),  # clamped to the month's end
        (date(2028, 8, 31), 6, date(2028, 2, 29)),  # a leap year
        (date(2027, 3, 15), 6, date(2026, 9, 15)),
        (date(2027, 1, 31), 1, date(2026, 12, 31)),
        (date(2027, 1, 31), 24, date(2025, 1, 31)),
        (date(1, 1, 31), 1, date.min),
    ],
)
def test_months_before(day: date, months: int, earlier: date) -> None:
    assert months_before(day, months) == earlier
