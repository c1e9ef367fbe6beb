"""Exact sums, rounded once.

Source: planning semantics, Units: money is integer cents, sums are exact, and rounding (half up)
happens once, for display.
"""

from __future__ import annotations

from fractions import Fraction


def known_amount(amount: int, deals: int, unknown: int) -> int | None:
    """What deals add up to; None, which is no 0, where the amount of every one is unknown."""
    return None if deals and unknown >= deals else amount


def half_up(value: Fraction | int, divisor: int = 1) -> int:
    """`value / divisor` as the nearest integer, halves upwards (2.5 is 3, -2.5 is -2).

    Raises ZeroDivisionError for a divisor of 0.
    """
    fraction = Fraction(value, divisor)
    return (2 * fraction.numerator + fraction.denominator) // (2 * fraction.denominator)
