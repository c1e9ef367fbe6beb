"""Which documents say what a text says: BM25F, kept up to date one document at a time.

A document has weighted fields, such as a title that counts more than a body. How often it has a
term is the weighted sum over its fields, each divided by how long that field is beside the usual,
and is then saturated once, so that saying a thing twice does not say it twice as well.

Source: S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
Foundations and Trends in Information Retrieval 3 (2009), formulas 3.15 and 3.18 to 3.20. Two things
differ. The usual length of a field is given rather than averaged over all documents, so that what
one document weighs never depends on another. The inverse document frequency is
ln(1 + (N - n + 1/2) / (n + 1/2)), as in Lucene, which is never below 0.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import nlargest
from math import log
from typing import Any, Generic, NamedTuple, Protocol, TypeVar


class Sortable(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...
    def __hash__(self) -> int: ...


Id = TypeVar("Id", bound=Sortable)

#: So many documents are a crowd.
CROWD = 400


class _Holders:
    """Who has a term: documents by rising number, and beside them what the term weighs there.

    A large index has a hundred thousand of these pairs, most of them in terms that few have: as
    arrays they take a half of what mappings would.
    """

    __slots__ = ("numbers", "weights")

    def __init__(self) -> None:
        self.numbers = array("I")
        self.weights = array("f")

    def __len__(self) -> int:
        return len(self.numbers)

    def add(self, number: int, weight: float) -> None:
        """`number` must be above all others."""
        self.numbers.append(number)
        self.weights.append(weight)

    def remove(self, number: int) -> None:
        at = bisect_left(self.numbers, number)
        del self.numbers[at], self.weights[at]

    def weight(self, number: int) -> float | None:
        """None for a document that has not the term."""
        at = bisect_left(self.numbers, number)
        there = at < len(self.numbers) and self.numbers[at] == number
        return self.weights[at] if there else None

    def pairs(self) -> Iterator[tuple[int, float]]:
        return zip(self.numbers, self.weights, strict=True)


_NOBODY = _Holders()


@dataclass(frozen=True, slots=True)
class Field:
    """`weight` is what one occurrence counts, `usual` a usual length in terms, and `b` from 0 to 1
    how much a longer field dilutes what is in it."""

    weight: float
    usual: int
    b: float


class Hit(NamedTuple, Generic[Id]):
    """`score` is from 0 to 1: the part of what was sought, weighed by rarity, that the document
    has."""

    id: Id
    score: float


class Index(Generic[Id]):
    """Documents by their terms. It is not safe to change while another thread reads it."""

    def __init__(self, fields: Mapping[str, Field], k1: float) -> None:
        """`k1` above 0: the larger, the more a further occurrence of a term still adds."""
        self._fields = fields
        self._k1 = k1
        self._ids: dict[int, Id] = {}
        self._numbers: dict[Id, int] = {}
        self._terms: dict[int, tuple[str, ...]] = {}
        self._postings: dict[str, _Holders] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, term: str) -> bool:
        """Whether any document has this term."""
        return term in self._postings

    def __iter__(self) -> Iterator[str]:
        """All terms that any document has."""
        return iter(self._postings)

    def put(self, id: Id, fields: Mapping[str, Iterable[str]]) -> None:
        """Add a document, or replace it. Raises KeyError for a field that the index has not."""
        weights = self._weights(fields)
        self.remove(id)
        number, self._next = self._next, self._next + 1
        self._ids[number] = id
        self._numbers[id] = number
        self._terms[number] = tuple(weights)
        for term, weight in weights.items():
            if term not in self._postings:
                self._postings[term] = _Holders()
            self._postings[term].add(number, weight)

    def remove(self, id: Id) -> None:
        """Forget a document; one that is not there is forgotten already."""
        number = self._numbers.pop(id, None)
        if number is None:
            return
        del self._ids[number]
        for term in self._terms.pop(number):
            holders = self._postings[term]
            holders.remove(number)
            if not holders:
                del self._postings[term]

    def rarity(self, term: str) -> float:
        """The inverse document frequency: large for a term that few documents have. One that none
        has counts as if one had it: a text is no less like another for words that are new."""
        holders = max(len(self._postings.get(term, _NOBODY)), 1)
        return log(1 + (max(len(self._ids), 1) - holders + 0.5) / (holders + 0.5))

    def search(self, sought: Mapping[str, float], most: int) -> list[Hit[Id]]:
        """The best `most` documents that have any of these terms, best first, ties by id.

        `sought` says how much each term matters, above 0.
        """
        scores = self._scores(sought, most)
        if not scores or most < 1:
            return []
        least = nlargest(most, scores.values())[-1]
        best = [(-score, self._ids[number]) for number, score in scores.items() if score >= least]
        return [Hit(id, -score) for score, id in sorted(best)[:most]]

    def parts(
        self, sought: Mapping[str, float], ids: Iterable[Id]
    ) -> dict[Id, list[tuple[str, float]]]:
        """Why documents score as they do: for each the sought terms that it has and what each adds
        to its score, the most telling first. Raises KeyError for a document that is not there."""
        shares = self._shares(sought)
        found = {}
        for id in ids:
            number = self._numbers[id]
            held = [
                (term, share * weight)
                for term, share in shares.items()
                if (weight := self._postings.get(term, _NOBODY).weight(number)) is not None
            ]
            found[id] = sorted(held, key=lambda part: (-part[1], part[0]))
        return found

    def _scores(self, sought: Mapping[str, float], most: int) -> dict[int, float]:
        """Scores by number, of the good ones at least.

        The most telling terms go first. Once a crowd has been found, a term that a crowd has only
        decides between the best of them: it says too little to bring in others, and going through
        all who have it is what costs.
        """
        scores: dict[int, float] = {}
        chosen = False
        for term, share in sorted(
            self._shares(sought).items(), key=lambda each: (-each[1], each[0])
        ):
            holders = self._postings.get(term, _NOBODY)
            if min(len(holders), len(scores)) > CROWD and not chosen:
                least = nlargest(most + CROWD // 2, scores.values())[-1]
                scores = {number: score for number, score in scores.items() if score >= least}
                chosen = True
            if chosen:
                for number, weight in holders.pairs():
                    if number in scores:
                        scores[number] += share * weight
            else:
                for number, weight in holders.pairs():
                    scores[number] = scores.get(number, 0.0) + share * weight
        return scores

    def _shares(self, sought: Mapping[str, float]) -> dict[str, float]:
        """How much of all that is sought each term is."""
        weighed = {term: weight * self.rarity(term) for term, weight in sought.items()}
        whole = sum(weighed.values())
        return {term: weight / whole for term, weight in weighed.items()} if whole else {}

    def _weights(self, fields: Mapping[str, Iterable[str]]) -> dict[str, float]:
        """Each term's saturated frequency, from 0 to 1."""
        counted: dict[str, float] = {}
        for name, terms in fields.items():
            field, counts = self._fields[name], Counter(terms)
            dilution = 1 - field.b + field.b * counts.total() / field.usual
            for term, count in counts.items():
                counted[term] = counted.get(term, 0.0) + field.weight * count / dilution
        return {term: often / (self._k1 + often) for term, often in counted.items()}
