"""Which of many texts say nearly the same, without comparing each with each.

Two texts are as alike as the weight of the terms that both have is of the weight of those that
either has (the weighted Jaccard index). Texts that are alike enough share one of the rarest terms
of both, so only those that do are compared. Source: R. Bayardo, Y. Ma and R. Srikant, "Scaling Up
All Pairs Similarity Search", WWW 2007 (their prefix filter, here for the Jaccard index).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Pair(NamedTuple):
    """Two texts by their ids, the smaller first, and how alike they are, from 0 to 1."""

    first: int
    second: int
    score: float


def alike_pairs(
    texts: Mapping[int, Iterable[str]], weights: Mapping[str, float], least: float
) -> list[Pair]:
    """All pairs at least that alike, the most alike first. `weights` has every term, above 0."""
    rarest_first = {
        id: sorted(set(terms), key=lambda term: (-weights[term], term))
        for id, terms in texts.items()
    }
    sets = {id: frozenset(terms) for id, terms in rarest_first.items()}
    heavy = {id: sum(weights[term] for term in terms) for id, terms in rarest_first.items()}
    holders: dict[str, list[int]] = defaultdict(list)
    pairs = []
    for id in sorted(rarest_first):
        candidates: set[int] = set()
        for term in _telling(rarest_first[id], weights, heavy[id], least):
            candidates.update(holders[term])
            holders[term].append(id)
        for other in candidates:
            # At its most, the lighter one is a part of the heavier.
            if min(heavy[id], heavy[other]) < least * max(heavy[id], heavy[other]):
                continue
            shared = sum(weights[term] for term in sets[id] & sets[other])
            score = shared / (heavy[id] + heavy[other] - shared)
            if score >= least:
                pairs.append(Pair(other, id, min(score, 1.0)))
    return sorted(pairs, key=lambda pair: (-pair.score, pair.first, pair.second))


def _telling(
    rarest_first: Iterable[str], weights: Mapping[str, float], heavy: float, least: float
) -> Iterable[str]:
    """The rarest terms without which the rest is too light to be alike enough to anything."""
    left = heavy
    for term in rarest_first:
        # A hair of slack, since sums in another order round differently.
        if left < least * heavy * (1 - 1e-9):
            return
        yield term
        left -= weights[term]
