"""Names that look like misspellings of others. They are pointed out, never corrected by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache

from babel import Locale

from .values import plain

INDUSTRIES = (
    "advertising", "aerospace", "agriculture", "apparel", "automotive", "banking", "biotechnology",
    "chemicals", "communications", "construction", "consulting", "consumer goods", "education",
    "electronics", "employment", "energy", "engineering", "entertainment", "environmental",
    "finance", "financial services", "food & beverage", "government", "healthcare", "hospitality",
    "information technology", "insurance", "legal", "logistics", "machinery", "manufacturing",
    "marketing", "media", "medical", "mining", "not for profit", "pharmaceuticals",
    "professional services", "publishing", "real estate", "recreation", "retail", "services",
    "shipping", "software", "technology", "telecommunications", "transportation", "travel",
    "utilities", "wholesale",
)  # fmt: skip
#: Exports in these languages name countries in them: their names are no misspellings.
_LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pt", "pl", "sv", "fi")
_SHORTEST = 5


def industry_meant(name: str) -> str | None:
    """The well-known industry that this is one slip away from, if it is none itself."""
    return near(name, INDUSTRIES, INDUSTRIES)


def country_meant(name: str) -> str | None:
    """The country that this is one slip away from, if it is no country's name itself."""
    known, english = _countries()
    return near(name, english, known)


def product_meant(name: str, known: Iterable[str], together: Iterable[str]) -> str | None:
    """The product that a name may stand for.

    First one of `known` that differs in spacing, case or punctuation alone; then the name written
    with the spaces that the names used `together` with it suggest: GTXPro is "GTX Pro" where others
    are called GTX Basic and GTX Plus Pro.
    """
    known = tuple(known)
    if name in known:
        return None
    for other in known:
        if plain(other) == plain(name):
            return other
    others = [other for other in together if other != name]
    for other in others:
        # Of two spellings that are both in use, the one with more spaces is the one meant.
        if plain(other) == plain(name) and (other.count(" "), other) > (name.count(" "), name):
            return other
    words = {word for other in others for word in other.split() if len(word) > 1}
    return _split(name, words) if " " not in name and name not in words else None


def near(name: str, meant: Iterable[str], known: Collection[str]) -> str | None:
    """One of `meant` within one slip of the name (two from nine letters on), if it is not known.

    A slip is a letter left out, added, exchanged, or swapped with its neighbour.
    """
    key = plain(name)
    if len(key) < _SHORTEST or any(plain(each) == key for each in known):
        return None
    most = 1 if len(key) < 9 else 2
    found = [(slips(key, plain(each), most), each) for each in meant]
    best = min(found, default=None)
    return best[1] if best and best[0] <= most else None


def slips(one: str, other: str, most: int) -> int:
    """How many slips lie between two words, or `most` + 1 if more (optimal string alignment)."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


@cache
def _countries() -> tuple[frozenset[str], tuple[str, ...]]:
    def names(language: str) -> list[str]:
        territories = Locale.parse(language).territories
        return [name for code, name in territories.items() if len(code) == 2 and code.isalpha()]

    known = frozenset(plain(name) for language in _LANGUAGES for name in names(language))
    return known | {"usa", "unitedstatesofamerica", "korea"}, tuple(sorted(names("en")))


def _split(name: str, words: Collection[str]) -> str | None:
    """The name as two or more of the words without the spaces between them."""
    for word in sorted(words, key=len, reverse=True):
        if name.startswith(word) and len(name) > len(word):
            rest = name[len(word) :]
            if rest in words:
                return f"{word} {rest}"
            more = _split(rest, words)
            if more:
                return f"{word} {more}"
    return None
