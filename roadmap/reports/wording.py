"""How reports say shares, changes and names: never more than the numbers hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

from roadmap.domain.money import half_up
from roadmap.domain.trend import Change
from roadmap.web.filters import money_short
from roadmap.workspace.settings import workspace

#: The longest name in a sentence, in characters.
LONGEST = 70


def percent(value: Fraction | Decimal | None) -> str:
    """ "80 %"; "–" for none. What is not nothing, or not all, is never rounded to it."""
    if value is None:
        return "–"
    exact = Fraction(value)
    rounded = half_up(exact * 100)
    if rounded == 0 and exact > 0:
        return "under 1 %"
    if rounded == 100 and exact < 1:
        return "over 99 %"
    return f"{rounded} %"


def shares(value: Fraction) -> str:
    """A number of deals, of which some may be parts: "3", "2.5", "0.33"."""
    hundredths = half_up(value * 100)
    whole, rest = divmod(abs(hundredths), 100)
    text = f"{whole:,}.{rest:02d}".rstrip("0").rstrip(".") if rest else f"{whole:,}"
    return f"−{text}" if hundredths < 0 else text


def short(name: str, most: int = LONGEST) -> str:
    """A name that leaves room for the sentence around it."""
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def listed(names: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def cash(cents: Fraction | int) -> str:
    return money_short(half_up(cents), workspace().currency)


def worth(amount: Fraction | int, unknown: int, deals: int) -> str:
    """An amount, or that nobody knows it: not when all of the deals lack theirs."""
    return "an unknown amount" if deals and unknown == deals else cash(amount)


def moved(change: Change, written: Callable[[Fraction], str]) -> str:
    """ "rose from 23 to 32 (+39 %)"; where both look the same as written, that it hardly did."""
    before, now = written(change.before), written(change.now)
    if not change.difference:
        return f"stayed at {now}"
    if before == now:
        return f"hardly changed from {now}"
    verb = "rose" if change.difference > 0 else "fell"
    return f"{verb} from {before} to {now}{_ratio(change)}"


def _ratio(change: Change) -> str:
    if change.ratio is None:
        return ""
    much = abs(change.ratio)
    rounded = half_up(much * 100)
    if rounded and (rounded != 100 or much == 1):
        return f" ({'+' if change.difference > 0 else '−'}{rounded:,} %)"
    return f" (by {percent(much) if much < 1 else 'just over 100 %'})"
