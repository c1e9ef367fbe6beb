"""What somebody's words say by themselves: a first line, and whether they name but a feature."""

from __future__ import annotations

import re

#: As long as a line on a phone, and short of what the database takes.
MOST_TITLE = 120

#: Words that say why, who, when or what goes wrong: a sentence with one of them tells a need.
_NEED = re.compile(
    r"\b(because|so that|so they|so we|in order to|otherwise|without|whenever|when|while|until|"
    r"every|cannot|can ?not|can['’]?t|couldn['’]?t|don['’]?t|doesn['’]?t|won['’]?t|isn['’]?t|"
    r"aren['’]?t|unable|stops?|stuck|blocks?|blocked|loses?|losing|lost|fails?|failing|breaks?|"
    r"takes|waits?|waiting|by hand|manually|twice|again|afraid|angry|complains?|instead|"
    r"trying|tries|has to|have to|had to|forced|must|audit(?:ors?)?|regulators?)\b",
    re.IGNORECASE,
)
#: A sentence of this many words says more than a name, whatever its words are.
ENOUGH_WORDS = 14
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s|\n")


def title_of(body: str) -> str:
    """The first line or sentence of a text, cut between words at `MOST_TITLE` characters."""
    first = " ".join(_SENTENCE_END.split(body.strip(), maxsplit=1)[0].split())
    if len(first) <= MOST_TITLE:
        return first
    cut = first[:MOST_TITLE]
    at = cut.rfind(" ")
    return f"{cut[:at] if at > MOST_TITLE // 2 else cut[:-1]}…"


def names_only_a_feature(text: str) -> bool:
    """Whether a request says what to build and not what for: it deserves one question back.

    A heuristic on purpose generous: it looks at a text of a few words that tells no obstacle. It
    may only ever cost one question, never a refusal.
    """
    words = text.split()
    return 0 < len(words) < ENOUGH_WORDS and _NEED.search(text) is None
