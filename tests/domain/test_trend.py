"""Months without gaps, the change against those before, and rises that are one loud deal."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.domain.trend import Part, month_label, month_of, period, series

JANUARY = month_of(date(2027, 1, 1))


def one(month: int, amount: int = 100, share: Fraction | int = 1) -> Part:
    """One deal's part of a month."""
    share = Fraction(share)
    return Part(month, share, amount * share, share, amount * share)


def test_the_period_ends_with_the_month_of_the_day() -> None:
    found = period(date(2027, 1, 11), 6)
    assert [month_label(month) for month in found.months] == [
        "Aug 2026", "Sep 2026", "Oct 2026", "Nov 2026", "Dec 2026", "Jan 2027",
    ]  # fmt: skip
    assert month_label(found.before[0]) == "Feb 2026"
    assert month_label(found.before[-1]) == "Jul 2026"
    assert found.first_day == date(2026, 2, 1)


@pytest.mark.parametrize("months", [2, 25, 0, -1])
def test_three_to_twenty_four_months_can_be_asked_for(months: int) -> None:
    with pytest.raises(ValueError, match="months"):
        period(date(2027, 1, 11), months)


def test_months_without_losses_are_zeros() -> None:
    found = series([one(JANUARY), one(JANUARY), one(JANUARY - 2)], period(date(2027, 1, 11), 3))
    assert found.counts == (1, 0, 2)
    assert found.amounts == (100, 0, 200)


def test_the_change_is_against_as_many_months_before() -> None:
    parts = [one(JANUARY), one(JANUARY - 1), one(JANUARY - 3), one(JANUARY - 6)]
    found = series(parts, period(date(2027, 1, 11), 3))
    assert (found.by_count.before, found.by_count.now) == (1, 2)
    assert found.by_count.difference == 1
    assert found.by_count.ratio == 1


def test_a_change_from_nothing_has_no_ratio() -> None:
    assert series([one(JANUARY)], period(date(2027, 1, 11), 3)).by_count.ratio is None


def test_a_rise_that_would_be_none_without_its_largest_deal_rests_on_it() -> None:
    quiet = [one(JANUARY - 3, 100), one(JANUARY - 4, 100)]
    loud = series([*quiet, one(JANUARY, 900), one(JANUARY, 50)], period(date(2027, 1, 11), 3))
    assert loud.by_amount.rests_on_one_deal
    broad = series([*quiet, *[one(JANUARY, 200)] * 4], period(date(2027, 1, 11), 3))
    assert not broad.by_amount.rests_on_one_deal


def test_a_fall_rests_on_nothing() -> None:
    found = series([one(JANUARY - 3), one(JANUARY - 4)], period(date(2027, 1, 11), 3))
    assert not found.by_count.rests_on_one_deal


@given(
    st.lists(st.tuples(st.integers(JANUARY - 60, JANUARY), st.integers(0, 1_000)), max_size=40),
    st.integers(3, 24),
)
def test_a_series_is_what_a_loop_over_the_deals_finds(
    deals: list[tuple[int, int]], months: int
) -> None:
    found = series([one(*deal) for deal in deals], period(date(2027, 1, 31), months))
    shown = range(JANUARY - months + 1, JANUARY + 1)
    now = [amount for month, amount in deals if month in shown]
    before = [amount for month, amount in deals if month + months in shown]
    assert list(found.counts) == [sum(month == each for month, _ in deals) for each in shown]
    assert found.by_amount.difference == sum(now) - sum(before)
    without = sum(now) - max(now, default=0) - sum(before)
    rises = sum(now) > sum(before)
    assert found.by_amount.rests_on_one_deal == (rises and without <= 0)
