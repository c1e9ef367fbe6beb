from __future__ import annotations

from datetime import date, timedelta

import pytest

from roadmap.domain.calendar import (
    Grid,
    months_before,
    nearest_quarter,
    next_quarter,
    quarter,
    quarter_end,
    quarter_label,
    quarter_name,
    quarter_named,
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
    assert grid.quarters[0] == date(2026, 10, 1)
    assert quarter(grid.friday(0), 1) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("day", "fiscal_start", "first", "last", "label", "name"),
    [
        ("2027-01-01", 1, "2027-01-01", "2027-03-31", "Q1 2027", "2027Q1"),
        ("2027-06-30", 1, "2027-04-01", "2027-06-30", "Q2 2027", "2027Q2"),
        ("2027-12-31", 1, "2027-10-01", "2027-12-31", "Q4 2027", "2027Q4"),
        # A fiscal year has the name of the year in which it ends.
        ("2027-01-31", 2, "2026-11-01", "2027-01-31", "FY27 Q4", "2027Q4"),
        ("2027-02-01", 2, "2027-02-01", "2027-04-30", "FY28 Q1", "2028Q1"),
        ("2027-02-28", 4, "2027-01-01", "2027-03-31", "FY27 Q4", "2027Q4"),
        ("2027-04-01", 4, "2027-04-01", "2027-06-30", "FY28 Q1", "2028Q1"),
        ("2028-02-29", 6, "2027-12-01", "2028-02-29", "FY28 Q3", "2028Q3"),
        ("2026-10-01", 10, "2026-10-01", "2026-12-31", "FY27 Q1", "2027Q1"),
        ("2026-11-30", 12, "2026-09-01", "2026-11-30", "FY26 Q4", "2026Q4"),
        ("2026-12-01", 12, "2026-12-01", "2027-02-28", "FY27 Q1", "2027Q1"),
    ],
)
def test_quarters_of_fiscal_years(
    day: str, fiscal_start: int, first: str, last: str, label: str, name: str
) -> None:
    found = quarter(date.fromisoformat(day), fiscal_start)

    assert found.isoformat() == first
    assert quarter_end(found).isoformat() == last
    assert quarter_label(found, fiscal_start) == label
    assert quarter_name(found, fiscal_start) == name
    assert quarter_named(name, fiscal_start) == found


def test_every_day_is_in_one_quarter_and_the_next_one_follows() -> None:
    for fiscal_start in range(1, 13):
        found = quarter(date(2026, 1, 1), fiscal_start)
        for number in range(date(2026, 1, 1).toordinal(), date(2028, 3, 1).toordinal()):
            day = date.fromordinal(number)
            if day > quarter_end(found):
                assert next_quarter(found) == day
                found = next_quarter(found)
            assert quarter(day, fiscal_start) == found


@pytest.mark.parametrize("fiscal_start", range(1, 13))
def test_a_quarter_becomes_the_one_with_most_of_its_months(fiscal_start: int) -> None:
    olds = [date(year, month, 1) for year in (2026, 2027) for month in (1, 4, 7, 10)]
    moved = [nearest_quarter(old, fiscal_start) for old in olds]

    assert all(quarter(new, fiscal_start) == new for new in moved)
    assert all(abs((new - old).days) <= 31 for old, new in zip(olds, moved, strict=True))
    assert [nearest_quarter(new, 1) for new in moved] == olds, "and back again"


@pytest.mark.parametrize(
    "text", ["2027q1", "2027Q5", "2027Q0", "27Q1", "2027-Q1", "2027Q1 ", "0000Q1", ""]
)
def test_what_is_not_a_quarter(text: str) -> None:
    assert quarter_named(text, 1) is None


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
