"""What the amounts of a file leave open: whether 0 is one, and which currency a sign stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from roadmap.domain.deals import LOST, OPEN

from . import money
from .mapping import ImportMapping, MappingError, choice
from .values import Unreadable, shown

#: So many deals with the amount 0 are asked about where they are that share of all, or so many.
FEW_ZEROS, SHARE, MANY_ZEROS = 10, 10, 1_000

#: A cell of these alone, with a 0, is worth nothing.
_IN_ZEROS = "0.,' \u00a0$€£USDEURGBP"
_Key = tuple[str, ...]


class AmountSurvey:
    def __init__(self, mapped: ImportMapping, currency: str) -> None:
        self.mapped, self.currency = mapped, currency
        #: Signs of several currencies, none of which is the workspace's: where each stands first.
        self.signs: dict[str, tuple[int, str]] = {}
        self._all: Counter[_Key] = Counter()
        self._zeros: Counter[_Key] = Counter()

    def see_sign(self, said: str, row: int, cell: str) -> None:
        if self.currency and said not in self.mapped.currencies:
            meant = money.meanings(said)
            if len(meant) > 1 and self.currency not in meant:
                self.signs.setdefault(said, (row, shown(cell)))

    def see_zeros(self, keys: Sequence[_Key], amounts: Sequence[str]) -> None:
        """`keys` say the status of each row."""
        self._all.update(keys)
        zeros = {cell for cell in set(amounts) if "0" in cell and not cell.strip(_IN_ZEROS)}
        if zeros:
            both = zip(keys, amounts, strict=True)
            self._zeros.update(key for key, cell in both if cell in zeros)

    def ask_for_signs(self) -> None:
        if not self.signs:
            return
        lines = ", ".join(f'"{sign}": "…"' for sign in self.signs)
        raise MappingError(
            f"Signs stand for several currencies: {', '.join(self.signs)}. Say which are meant in "
            f'the mapping (--mapping): "currencies": {{{lines}}}.',
            [
                choice(
                    f"Which currency is {sign} (row {row}: {cell})?",
                    [["currencies", sign]],
                    [(code, money.described(code)) for code in sorted(money.meanings(sign))],
                )
                for sign, (row, cell) in self.signs.items()
            ],
        )

    def ask_for_zeros(self, statuses: dict[_Key, str]) -> None:
        """Ask once whether 0 is an amount, where many lost or open deals have it."""
        settings = {LOST: "lost_zero_is_unknown", OPEN: "open_zero_is_unknown"}
        counts: Counter[str] = Counter()
        for status, setting in settings.items():
            of = [key for key, meaning in statuses.items() if meaning == status]
            zeros, all = (sum(each[key] for key in of) for each in (self._zeros, self._all))
            many = zeros >= MANY_ZEROS or (zeros >= FEW_ZEROS and zeros * SHARE >= all)
            if many and getattr(self.mapped, setting) is None:
                counts[status] = zeros
        if not counts:
            return
        number = " and ".join(f"{count:,} {status}" for status, count in counts.items())
        asked = [settings[status] for status in counts]
        lines = ", ".join(f'"{setting}": true' for setting in asked)
        raise MappingError(
            f"{number} deals have the amount 0. Say whether that means unknown, in the mapping "
            f"(--mapping): {lines}; or false.",
            [
                choice(
                    f"{number} deals have the amount 0. Does 0 mean that it is unknown?",
                    [[setting] for setting in asked],
                    [(True, "Yes, it is unknown"), (False, "No, they are worth 0")],
                )
            ],
        )


def sign_in(cell: str) -> list[str]:
    """The currencies that a cell with amounts names."""
    try:
        return [figure.currency for figure in money.figures(cell, ".") if figure.currency]
    except Unreadable:
        return []
