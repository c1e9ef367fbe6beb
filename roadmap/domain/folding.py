"""Texts as search compares them: without case, accents, width, apostrophes, dashes and points.

Stored texts and typed words are folded alike, so that both databases find the same in any script.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

#: Letters that Unicode does not take apart into a plain one and its mark.
_PLAIN = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i",
    "ħ": "h",
})  # fmt: skip
#: Apostrophes, primes and soft hyphens join what they stand between; what else is no letter or
#: digit parts it.
_JOINS = re.compile("['\u2018\u2019\u201b\u02bc\u02b9\uff07\u2032`\u00b4\u00ad\u200b-\u200d\ufeff]")
_PARTS = re.compile(r"[\W_]+")
#: "crew's" looks for the crew; what is stored keeps its s, for whoever types it without a sign.
_OWNERS = re.compile("(?<=\\w)['\u2018\u2019\u02bc\uff07`\u00b4]s\\b", re.IGNORECASE)
#: So much of a folded name is stored; names are half as long.
MOST_NAME = 400
#: More words than these are not looked for.
MOST_WORDS = 10

#: A new workspace's glossary.
COMMON = """\
SSO = single sign-on = SAML
2FA = two-factor = MFA = multi-factor
e-mail = email
API = programming interface
ERP = enterprise resource planning
SLA = service level
PO = purchase order
RBAC = role-based access
"""

Group = tuple[str, ...]
#: A typed word or phrase, and what the glossary puts beside it.
Part = tuple[str, Group]


def folded(text: str) -> str:
    """The words of a text in their order, folded, with one space between them."""
    plain = _JOINS.sub("", text)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", plain).casefold())
        plain = "".join(sign for sign in plain if not unicodedata.category(sign).startswith("M"))
        plain = _JOINS.sub("", plain)
    return _PARTS.sub(" ", plain.casefold().translate(_PLAIN)).strip()


def folded_name(name: str) -> str:
    """A name as it is stored for search."""
    return folded(name)[:MOST_NAME]


class Sought:
    """What somebody looks for: each word must be there, in any order, somewhere.

    `parts` has for each word or known phrase the texts that stand for it: the typed one, which may
    be a part of a word, and those that the glossary puts beside it, which must be whole words.
    """

    def __init__(self, query: str, groups: Sequence[Group] = ()) -> None:
        self.parts: list[Part] = list(_parts(folded(_OWNERS.sub("", query)), groups))
        #: Nothing but signs was typed, which nothing has.
        self.senseless = not self.parts and bool(query.strip())

    def __bool__(self) -> bool:
        return bool(self.parts) or self.senseless

    def within(self, folded_text: str) -> bool:
        """Whether a folded text has all of it."""
        spaced = f" {folded_text} "
        return not self.senseless and all(
            all(word in folded_text for word in typed.split())
            or any(f" {other} " in spaced for other in others)
            for typed, others in self.parts
        )


@lru_cache(maxsize=8)
def groups_of(glossary: str) -> tuple[Group, ...]:
    """The glossary's lines, such as "SSO = single sign-on = SAML", as groups of folded texts."""
    lines = (dict.fromkeys(map(folded, line.split("="))) for line in glossary.splitlines())
    return tuple(tuple(filter(None, line)) for line in lines if len(line) > 1)


def beside(text: str, groups: Iterable[Group]) -> tuple[str, ...]:
    """What the glossary puts beside a folded text."""
    found = (each for group in groups if text in group for each in group if each != text)
    return tuple(dict.fromkeys(found))


def _parts(query: str, groups: Sequence[Group]) -> Iterable[Part]:
    """The longest phrases that the glossary knows, and the words between them."""
    words = query.split()[:MOST_WORDS]
    known = {text for group in groups for text in group}
    longest = max((text.count(" ") + 1 for text in known), default=1)
    at = 0
    while at < len(words):
        for size in range(min(longest, len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + size])
            if size == 1 or phrase in known:
                yield phrase, beside(phrase, groups)
                at += size
                break
