"""Loss rates, Wilson's interval and the verdicts, by hand and against the interval itself."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.domain.standing import (
    LOSING,
    NEITHER,
    TOO_FEW,
    WINNING,
    differ,
    interval,
    loss_rate,
    moved,
    verdict,
)

COUNTS = st.integers(0, 3_000)


def test_the_loss_rate_is_lost_of_won_and_lost() -> None:
    assert loss_rate(33, 8) == Fraction(33, 41)
    assert loss_rate(0, 0) is None


# Rows of Newcombe (1998), "Two-sided confidence intervals for the single proportion", method 3,
# which is Wilson's without continuity correction: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
@pytest.mark.parametrize(
    ("lost", "n", "low", "high"),
    [
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0.0000", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
    ],
)
def test_the_interval_is_wilson_s(lost: int, n: int, low: str, high: str) -> None:
    found = interval(lost, n - lost)
    assert found is not None
    assert round(found.low, 4) == Decimal(low)
    assert round(found.high, 4) == Decimal(high)


def test_without_a_closed_deal_there_is_no_interval() -> None:
    assert interval(0, 0) is None


def test_nine_closed_deals_say_nothing_and_ten_may() -> None:
    assert verdict(9, 0, Fraction(1, 2)) == TOO_FEW
    assert verdict(10, 0, Fraction(1, 2)) == LOSING
    assert verdict(0, 10, Fraction(1, 2)) == WINNING
    assert verdict(5, 5, Fraction(1, 2)) == NEITHER


def test_eighty_per_cent_of_forty_one_is_far_above_forty_six() -> None:
    assert verdict(33, 8, Fraction(46, 100)) == LOSING
    assert verdict(20, 21, Fraction(46, 100)) == NEITHER


@given(lost=COUNTS, won=COUNTS)
def test_the_interval_holds_the_rate_and_stays_within_all_and_nothing(lost: int, won: int) -> None:
    found, rate = interval(lost, won), loss_rate(lost, won)
    if rate is None:
        assert found is None
        return
    assert found is not None
    assert 0 <= found.low <= found.high <= 1
    assert found.holds(rate)


@given(lost=COUNTS, won=COUNTS, overall=st.fractions(0, 1, max_denominator=5_000))
def test_the_verdict_is_where_the_interval_lies(lost: int, won: int, overall: Fraction) -> None:
    found = interval(lost, won)
    if found is None or lost + won < 10:
        assert verdict(lost, won, overall) == TOO_FEW
        return
    exact = Decimal(overall.numerator) / Decimal(overall.denominator)
    expected = LOSING if found.low > exact else WINNING if found.high < exact else NEITHER
    assert verdict(lost, won, overall) == expected


@given(lost=COUNTS, won=COUNTS, overall=st.fractions(0, 1, max_denominator=5_000))
def test_losing_and_winning_are_mirror_images(lost: int, won: int, overall: Fraction) -> None:
    mirrored = {LOSING: WINNING, WINNING: LOSING}
    one, other = verdict(lost, won, overall), verdict(won, lost, 1 - overall)
    assert mirrored.get(one, one) == other


# Two shares by hand: (0.7 - 0.5)² = 0.04 against 3.8415 · 0.24 · (1/50 + 1/50) = 0.0369, and
# against 0.0461 where there are 40 of each.
def test_twenty_points_between_two_shares_are_chance_of_forty_and_not_of_fifty() -> None:
    assert differ(35, 50, 25, 50)
    assert not differ(28, 40, 20, 40)
    assert not differ(5, 5, 5, 5)
    assert differ(0, 20, 20, 20)


# 39 after 23 differ by 16, whose square is 256; 3.8415 · 62 = 238.2. 38 after 23: 225 and 234.3.
def test_sixteen_more_after_twenty_three_are_more_than_chance() -> None:
    assert moved(Fraction(23), Fraction(39))
    assert moved(Fraction(39), Fraction(23))
    assert not moved(Fraction(23), Fraction(38))
    assert not moved(Fraction(0), Fraction(0))
    assert not moved(Fraction(3), Fraction(0))
