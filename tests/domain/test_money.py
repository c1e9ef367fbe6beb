from __future__ import annotations

from fractions import Fraction

import pytest

from roadmap.domain.money import half_up


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("5/2", 3), ("-5/2", -2), ("7/3", 2), ("-7/3", -2), ("8/3", 3), ("0", 0), ("1/2", 1)],
)
def test_halves_are_rounded_up(value: str, rounded: int) -> None:
    assert half_up(Fraction(value)) == rounded


def test_large_sums_stay_exact() -> None:
    assert half_up(10**30 + 1, 2) == 5 * 10**29 + 1
