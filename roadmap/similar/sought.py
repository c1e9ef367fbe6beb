"""What to look for when somebody types a text: its words, and what others may write instead.

A word counts in full, another spelling of it or another word for it in part: the parts were chosen
by how often the twin of a real report came first and among the first three.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from roadmap.domain.bm25 import Index
from roadmap.domain.folding import Group, beside

from .meanings import PHRASES, RELATED
from .stop_words import WORDS as SELLING
from .stop_words import without_selling
from .words import Word, plain_words, says_something, stem, words

#: How much a word counts again when it is in the title.
IN_TITLE = 1.0
RELATED_WORD = 0.6
NEAR_UNKNOWN, NEAR_KNOWN = 0.7, 0.5
JOINED, PARTED = 1.0, 0.4
PHRASE, GLOSSARY = 0.6, 1.0

SHORTEST_PART = 3
#: Shorter words have too many neighbours that mean something else.
SHORTEST_UNKNOWN, SHORTEST_KNOWN = 5, 6
MOST_NEIGHBOURS = 5
#: More words than these say little that the rarest of them do not.
MOST_WORDS = 400

#: A kind and an id.
Key = tuple[str, int]


class Sought(NamedTuple):
    """How much each term matters, the word of the text that it stands for, and which of the terms
    are the text's own words."""

    weights: dict[str, float]
    written: dict[str, str]
    own: frozenset[str] = frozenset()


class Near:
    """Near spellings among an index's terms, kept until its documents change.

    Fingers slip anywhere but on the first letter, mostly, so only terms that begin alike are tried.
    """

    def __init__(self) -> None:
        self._terms: dict[tuple[str, int], list[str]] | None = None
        self._found: dict[str, list[tuple[str, float]]] = {}

    def spellings(self, term: str, index: Index[Key]) -> list[tuple[str, float]]:
        """Terms that are this one but for a slip or two of the fingers, and what each counts."""
        if term not in self._found:
            self._found[term] = list(self._look(term, index))
        return self._found[term]

    def _look(self, term: str, index: Index[Key]) -> Iterator[tuple[str, float]]:
        known = term in index
        if len(term) < (SHORTEST_KNOWN if known else SHORTEST_UNKNOWN) or term.isdigit():
            return
        most = 1 if len(term) < (9 if known else 8) else 2
        part = NEAR_KNOWN if known else NEAR_UNKNOWN
        matches = process.extract(
            term, self._candidates(term, most, index), scorer=OSA.distance, score_cutoff=most,
            limit=MOST_NEIGHBOURS + 1,
        )  # fmt: skip
        for other, slips, _ in matches:
            if other != term:
                yield other, part / slips

    def _candidates(self, term: str, most: int, index: Index[Key]) -> list[str]:
        if self._terms is None:
            self._terms = {}
            for each in index:
                self._terms.setdefault((each[0], len(each)), []).append(each)
        lengths = range(len(term) - most, len(term) + most + 1)
        return [other for each in lengths for other in self._terms.get((term[0], each), ())]


def sought(
    title: str, body: str, index: Index[Key], near: Near,
    groups: Sequence[Group] = (), names: Collection[str] = (),
) -> Sought:  # fmt: skip
    """What a text with this title and body looks for. Without a word that says something: nothing.

    Only terms that some document has are looked for besides the text's own words. `groups` is the
    glossary; `names` are folded words that name whom it is about.
    """
    title, body = without_selling(title), without_selling(body)
    plain = {*names, *SELLING}
    own = _own(*([w for w in words(text) if w.written not in plain] for text in (title, body)))
    weights = dict(own.weights)
    found = Sought(weights, dict(own.written), own.own)
    for term, weight in own.weights.items():
        for other, part in (*_related(term), *near.spellings(term, index)):
            _add(found, other, weight * part, own.written[term], index)
    for other, weight, word in _compounds(f"{title}\n{body}", own, index, groups):
        _add(found, other, weight, word, index)
    return found


def _own(title: list[Word], body: list[Word]) -> Sought:
    counts = Counter(word.stem for word in [*title, *body][:MOST_WORDS])
    weights: dict[str, float] = {term: float(count) for term, count in counts.items()}
    for term in {word.stem for word in title[:MOST_WORDS]}:
        weights[term] = weights.get(term, 0.0) + IN_TITLE
    written: dict[str, str] = {}
    for word in [*title, *body][:MOST_WORDS]:
        written.setdefault(word.stem, word.written)
    return Sought(weights, written, frozenset(weights))


def _related(term: str) -> Iterator[tuple[str, float]]:
    for other in sorted(RELATED.get(term, ())):
        yield other, RELATED_WORD


def _compounds(
    text: str, own: Sought, index: Index[Key], groups: Sequence[Group]
) -> Iterator[tuple[str, float, str]]:
    """Such as "dropdown" for "drop down" and the other way round, "sso" for "single sign on"."""
    plain = list(plain_words(text))[: 2 * MOST_WORDS]
    for first, second in pairwise(plain):
        if says_something(first) and says_something(second):
            yield first + stem(second), JOINED, f"{first} {second}"
    for term, word in own.written.items():
        for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
            if word[:cut] in index and (tail := stem(word[cut:])) in index:
                yield word[:cut], PARTED * own.weights[term], word
                yield tail, PARTED * own.weights[term], word
    yield from _phrases(" ".join(plain), own)
    spaced = f" {' '.join(plain)} "
    for said, others in ((s, beside(s, groups)) for group in groups for s in group):
        if f" {said} " in spaced:
            for word in {word for other in others for word in other.split()}:
                if says_something(word):
                    yield stem(word), GLOSSARY, said


def _phrases(text: str, own: Sought) -> Iterator[tuple[str, float, str]]:
    for short, phrase in PHRASES:
        if short in own.weights:
            for word in phrase.split():
                if says_something(word):
                    yield stem(word), PHRASE, short
        elif phrase in text:
            yield short, PHRASE, phrase


def _add(found: Sought, term: str, weight: float, word: str, index: Index[Key]) -> None:
    if weight > found.weights.get(term, 0.0) and term not in found.own and term in index:
        found.weights[term] = weight
        found.written[term] = word
