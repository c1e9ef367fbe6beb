"""How a lost deal is split over the buckets, and where sales and customers agree.

Source: win-loss semantics, Buckets and Sentiment. Shares are exact fractions of one deal: over all
buckets, *not given* included, a deal's shares sum to 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from roadmap.domain.winloss import BUCKETS, PRODUCT, Reason, claimed, verified

NOT_GIVEN = "not given"
COLUMNS = (*BUCKETS, NOT_GIVEN)
"""The columns of a table of reasons: a lost deal without any reason is not given."""

_NOTHING: Mapping[str, Fraction] = {NOT_GIVEN: Fraction(1)}


class Weights(tuple[int, ...]):
    """The weights of some reasons of one deal, added up by bucket, in the order of `BUCKETS`."""

    __slots__ = ()

    @property
    def product(self) -> int:
        return self[_PLACE[PRODUCT]]

    @property
    def total(self) -> int:
        return sum(self)

    def share(self, bucket: str) -> Fraction:
        """The bucket's share of the whole; 0 where there are no reasons. KeyError for no bucket."""
        weight = self[_PLACE[bucket]]
        return Fraction(weight, self.total) if weight else Fraction(0)


_PLACE = {bucket: place for place, bucket in enumerate(BUCKETS)}


class Said(NamedTuple):
    """What sales claims about a lost deal, and what the customer says; either may be nothing."""

    claimed: Weights
    verified: Weights

    @property
    def effective(self) -> Weights:
        """The verified weights if there are any, else the claimed ones."""
        return self.verified if self.verified.total else self.claimed

    @property
    def has_both(self) -> bool:
        return bool(self.claimed.total and self.verified.total)

    @property
    def is_verified(self) -> bool:
        return self.verified.total > 0

    @property
    def false_loss(self) -> bool:
        """Some claimed reason is Product, and there are verified reasons, none of them Product."""
        return self.is_verified and self.claimed.product > 0 and not self.verified.product

    @property
    def hidden_product_loss(self) -> bool:
        """There are claimed reasons, none of them Product, and some verified reason is Product."""
        return self.claimed.total > 0 and not self.claimed.product and self.verified.product > 0

    def split(self) -> Mapping[str, Fraction]:
        """The deal's shares by column, those of 0 left out; together exactly 1."""
        weights = self.effective
        if not weights.total:
            return _NOTHING
        return {bucket: weights.share(bucket) for bucket in BUCKETS if weights.share(bucket)}

    def agreement(self) -> Mapping[tuple[str, str], Fraction]:
        """The product of the two splits by (claimed, verified), empty unless the deal has both."""
        if not self.has_both:
            return {}
        return {
            (one, other): self.claimed.share(one) * self.verified.share(other)
            for one in BUCKETS
            for other in BUCKETS
            if self.claimed.share(one) and self.verified.share(other)
        }


def weights(reasons: Iterable[Reason]) -> Weights:
    """The weights of these reasons by bucket."""
    sums = dict.fromkeys(BUCKETS, 0)
    for reason in reasons:
        sums[reason.bucket] += reason.weight
    return Weights(sums.values())


def said(reasons: Iterable[Reason]) -> Said:
    """A lost deal's reasons, added up: claimed, and verified as `winloss.verified` has them."""
    reasons = tuple(reasons)
    return Said(weights(claimed(reasons)), weights(verified(reasons)))
