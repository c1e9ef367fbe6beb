"""Loss interviews: who to ask next, whom we spoke with, and what an answer changed, in words.

Source: win-loss semantics, Buckets. Amounts are cents, None while unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple

from roadmap.domain.statements import DEAL_BREAKER

LOSS_INTERVIEW = "loss interview"
#: Conversations that put no reason on a deal.
OTHER_KINDS = ("win interview", "demo", "visit", "call")
CONVERSATION_KINDS = (LOSS_INTERVIEW, *OTHER_KINDS)
PLANNED, HELD, CANCELLED = "planned", "held", "cancelled"
CONVERSATION_STATES = (PLANNED, HELD, CANCELLED)
#: Against whom a deal was decided, as a rep reports it.
AGAINST = ("competitor", "no decision", "nobody", "unknown")
GENERAL = "general"

_WORD = re.compile(r"\w+")


class Given(NamedTuple):
    """A reason as it was typed. A problem is named in the Product bucket alone."""

    bucket: str
    problem_id: int | None
    weight: int
    quote: str
    severity: str = DEAL_BREAKER


def same_person(name: str, others: Iterable[str]) -> bool:
    """Whether a name is one of the others, in whatever order and case its words stand."""
    words = _words(name)
    return bool(words) and any(words == _words(other) for other in others)


def _words(name: str) -> list[str]:
    return sorted(_WORD.findall(name.casefold()))


@dataclass(frozen=True)
class Stand:
    """How one initiative stands: what was lost for it in the window, what is open, its score.

    `score` is cents per person-week, rounded half up, None where it has none; `place` is the one
    that its score gives it, 1 for the best.
    """

    lost_amount: int
    open_amount: int
    score: int | None
    place: int


@dataclass(frozen=True)
class Shift:
    """An initiative on both sides of an interview. `joined` and `left` are deals, 0 or 1."""

    id: int
    title: str
    before: Stand
    after: Stand
    joined: bool
    left: bool


@dataclass(frozen=True)
class ProblemShift:
    """What a problem has lost in the window, on both sides of an interview."""

    id: int
    title: str
    before_count: int
    after_count: int
    before_amount: int
    after_amount: int


@dataclass(frozen=True)
class Effect:
    """What an interview changed. `product_before` is None where no reason was known before."""

    as_of: date
    amount: int | None
    product_before: bool | None
    product_after: bool | None
    false_loss: bool = False
    hidden_product_loss: bool = False
    initiatives: tuple[Shift, ...] = ()
    problems: tuple[ProblemShift, ...] = ()
    in_window: bool = True

    def sentences(self, money: Callable[[int | None], str]) -> list[str]:
        """The change in words, the verdict first. `money` writes cents."""
        said = [self._verdict(), *(_moved(each, self.amount, money) for each in self.initiatives)]
        if not self.initiatives and self.product_before != self.product_after:
            said.append(
                "No initiative on the board addresses it, so no score moves."
                if self.in_window
                else "It was lost before the window of losses, so no score moves."
            )
        return said

    def _verdict(self) -> str:
        if self.product_after is None:
            return "No reason is known any more." if self.product_before is not None else (
                "They would not say why: no reason is known."
            )  # fmt: skip
        if self.product_before is None:
            return "A product loss." if self.product_after else "Not a product loss."
        if self.product_before and not self.product_after:
            return "No longer a product loss."
        if self.product_after and not self.product_before:
            hidden = ": it was hidden behind other reasons" if self.hidden_product_loss else ""
            return f"Now a product loss{hidden}."
        return "Still a product loss." if self.product_after else "Not a product loss, as before."

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "as_of": self.as_of.isoformat()}


def effect_from_json(stored: Mapping[str, Any]) -> Effect | None:
    """An effect as it was stored; None where none was."""
    if not stored:
        return None
    shifts = tuple(
        Shift(**{**one, "before": Stand(**one["before"]), "after": Stand(**one["after"])})
        for one in stored["initiatives"]
    )
    problems = tuple(ProblemShift(**one) for one in stored["problems"])
    as_of = date.fromisoformat(stored["as_of"])
    return Effect(**{**stored, "as_of": as_of, "initiatives": shifts, "problems": problems})


def _moved(shift: Shift, amount: int | None, money: Callable[[int | None], str]) -> str:
    much = "an unknown amount" if amount is None else money(amount)
    if shift.left:
        what = f"{much} leaves “{shift.title}”"
    elif shift.joined:
        what = f"{much} joins “{shift.title}”"
    else:
        what = f"“{shift.title}” keeps {much}, on other evidence"
    return f"{what}; {_scored(shift)}."


def _scored(shift: Shift) -> str:
    was, now = shift.before, shift.after
    if now.score is None:
        return "it has no score yet"
    if now.place == was.place:
        return f"its score stays in place {now.place}"
    return (
        f"its score {'falls' if now.place > was.place else 'rises'} from {was.place} to {now.place}"
    )
