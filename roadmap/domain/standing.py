"""Where we lose and where we win: loss rates, how sure they are, and what that allows to say.

Source: win-loss semantics, Segment. The interval is Wilson's score interval without continuity
correction (E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
Journal of the American Statistical Association 22, 1927, pages 209 to 212).
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import NamedTuple

Z = Fraction(1_959_964, 1_000_000)
FEWEST = 10
"""Fewer closed deals than this say nothing."""

TOO_FEW = "too few to tell"
LOSING = "losing here"
WINNING = "winning here"
NEITHER = "no clear difference"

_DIGITS = 40


class Interval(NamedTuple):
    """Both ends between 0 and 1, to forty digits: rounded once, where they are shown."""

    low: Decimal
    high: Decimal

    def holds(self, rate: Fraction) -> bool:
        return self.low <= _decimal(rate) <= self.high


def loss_rate(lost: int, won: int) -> Fraction | None:
    """lost / (won + lost), of counts or of amounts; None where there is nothing to divide by."""
    return Fraction(lost, won + lost) if won + lost else None


def interval(lost: int, won: int) -> Interval | None:
    """The Wilson score interval of the loss rate by count; None without a closed deal."""
    n = lost + won
    if not n:
        return None
    with localcontext() as context:
        context.prec = _DIGITS
        z, rate = _decimal(Z), _decimal(Fraction(lost, n))
        spread = 1 + z * z / n
        middle = (rate + z * z / (2 * n)) / spread
        half = z / spread * (rate * (1 - rate) / n + z * z / (4 * n * n)).sqrt()
        # At no loss and at nothing but losses an end is exactly 0 or 1, whatever the digits say.
        low = Decimal(0) if lost == 0 else middle - half
        high = Decimal(1) if won == 0 else middle + half
    return Interval(low, high)


def verdict(lost: int, won: int, overall: Fraction) -> str:
    """What a group's counts say against the overall loss rate of the same filter.

    The interval lies wholly above the overall rate q exactly when the group's rate p is above it
    and n (p - q)² > z² q (1 - q): the interval holds the rates that this test does not reject. So
    no digit of a square root decides.
    """
    n = lost + won
    if n < FEWEST:
        return TOO_FEW
    rate = Fraction(lost, n)
    if n * (rate - overall) ** 2 <= Z * Z * overall * (1 - overall):
        return NEITHER
    return LOSING if rate > overall else WINNING


def differ(lost: int, of: int, other_lost: int, other_of: int) -> bool:
    """Whether chance hardly explains (5 %) that two shares differ: the test of two proportions,
    with their common share. Raises ZeroDivisionError where one is a share of nothing.
    """
    common = Fraction(lost + other_lost, of + other_of)
    difference = Fraction(lost, of) - Fraction(other_lost, other_of)
    spread = common * (1 - common) * (Fraction(1, of) + Fraction(1, other_of))
    return difference**2 > Z * Z * spread


def moved(before: Fraction, now: Fraction) -> bool:
    """Whether chance hardly explains (5 %) that so many came after so many, in as long a time: of
    all, each would as likely have come before as after."""
    return (now - before) ** 2 > Z * Z * (now + before)


def _decimal(value: Fraction) -> Decimal:
    with localcontext() as context:
        context.prec = _DIGITS
        return Decimal(value.numerator) / Decimal(value.denominator)
