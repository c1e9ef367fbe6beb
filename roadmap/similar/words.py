"""Texts as words that can be compared: folded, without what says nothing, by their stems."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

#: What is read of one text. Nobody types more, and whoever pastes more has said it by then.
MOST_CHARACTERS = 20_000
#: A longer run of letters is a key, a hash or an address, and no word.
MOST_LETTERS = 40
#: How many words' stems a process remembers.
MOST_STEMS = 3_000

#: Addresses, comments and tags are how a text was written, not what it says. Lengths are bounded,
#: since a text may be made to keep a search going.
_MARKUP = re.compile(
    r"<!--.{0,2000}?-->|</?[a-z][^<>]*>|\b(?:https?://|www\.)\S+|[^\s@]{1,64}@\S+",
    re.IGNORECASE | re.DOTALL,
)
_APOSTROPHES = re.compile(r"[’'`]s?\b")
_WORD = re.compile(r"[^\W_]+")
#: Where a name that is written as one word has its parts: "dropDown", "SSOLogin".
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
#: Scripts that put no spaces between words: their words are found by pairs of signs.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")

#: Words that every text may have, whatever it is about, and what people say to be polite.
STOP = frozenset(
    "a about above after again all also am an and any anybody anyone anything are arent as at be "
    "because been before being below between both but by can cannot cant could couldnt did didnt "
    "do does doesnt doing dont down during each either else ever every everyone everything few "
    "for from further get gets getting give given go goes going got had hadnt has hasnt have "
    "havent having he hello her here hers herself hey hi him himself his how however i id if ill "
    "im in into is isnt it its itself ive just kind let lets lot lots make makes many may maybe "
    "me might mine more most much must my myself need needs neither nice no nor not nothing now "
    "of off ok okay on once one only onto or other others our ours ourselves out over own per "
    "perhaps please possible quite rather really regards same shall she should shouldnt since so "
    "some somebody someone something such than thank thanks that thats the their theirs them "
    "themselves then there theres these they theyre thing things this those though through thus "
    "to together too under until up upon us very via want wants was wasnt way we well were "
    "werent what whatever when where whether which while who whom whose why will wish with "
    "within without wont would wouldnt yes yet you youd your youre yours yourself".split()
)
#: Names that are written as one word as often as they are as two, of which the second is a stop
#: word: nothing would be left of "sign in" but the sign.
COMPOUNDS = frozenset(
    "addon backup checkin checkout cutoff dropdown handoff handover lockout login logoff logon "
    "logout lookup optin optout plugin popup rollout setup shutdown signin signoff signon signout "
    "signup startup takeover turnover".split()
)

_stemmer = snowballstemmer.stemmer("english")
#: The stemmer keeps the word that it works on in itself.
_stemming = threading.Lock()


class Word(NamedTuple):
    """A word's stem, and the word as it was written, folded."""

    stem: str
    written: str


def words(text: str) -> list[Word]:
    """The words of a text that say something, in their order; at most MOST_CHARACTERS are read."""
    found = []
    before = ""
    for word in plain_words(text):
        if says_something(word):
            found.append(Word(stem(word), word))
        elif before + word in COMPOUNDS:
            found.append(Word(stem(before + word), before + word))
        before = word
    return found


def plain_words(text: str) -> Iterator[str]:
    """Every word of a text, folded, with those that say nothing by themselves."""
    kept = _APOSTROPHES.sub("", _MARKUP.sub(" ", text[:MOST_CHARACTERS]))
    folded = _HUMPS.sub(" ", _without_accents(kept)).casefold()
    for word in _WORD.findall(folded):
        if len(word) > MOST_LETTERS:
            continue
        if word.isascii():
            yield word
        else:
            yield from _signs(word)


def says_something(word: str) -> bool:
    """Whether a folded word is more than grammar: no stop word, no single letter or digit."""
    return word not in STOP and (len(word) > 1 or ord(word) > 0x2E80)


@lru_cache(maxsize=MOST_STEMS)
def stem(word: str) -> str:
    """An English word's stem; other scripts stay as they are."""
    if not word.isascii():
        return word
    with _stemming:
        stemmed: str = _stemmer.stemWord(word)
    return stemmed


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return "".join(
        sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign)
    )


def _signs(word: str) -> Iterator[str]:
    if not _UNSPACED.fullmatch(word) or len(word) < 3:
        yield word
        return
    for start in range(len(word) - 1):
        yield word[start : start + 2]
