"""Exchange rates: what other currencies are worth in the workspace's, where somebody said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from . import money


@dataclass(frozen=True)
class Rate:
    """`factor` is what one unit of the currency is worth in the workspace's."""

    currency: str
    factor: Decimal
    as_of: date
    source: str = ""

    @property
    def described(self) -> str:
        """ "at 1.0853 of 2026-11-20 (ECB)"."""
        source = f" ({self.source})" if self.source else ""
        return f"at {self.factor} of {self.as_of.isoformat()}{source}"


@dataclass(frozen=True)
class Rates:
    known: Sequence[Rate] = ()

    def of(self, said: str) -> Rate | None:
        """The rate of a code, a sign or a name; none where it may stand for several of them."""
        said = said.strip()
        found = [rate for rate in self.known if rate.currency == said.upper()]
        found = found or [
            rate for rate in self.known if said and money.is_currency(said, rate.currency)
        ]
        return found[0] if len(found) == 1 else None
