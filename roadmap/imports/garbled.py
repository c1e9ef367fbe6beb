"""Words that no language writes: a text that was read in an encoding that it is not in.

Windows-1252 takes nearly any bytes, so that a file of Mac Roman or Windows-1250, or one broken
byte in UTF-8, would be read without a word and all its names be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

_LETTER, _CAPITAL = r"[^\W\d_]", "[ŠŽŒŸÀ-ÖØ-Þ]"
_SIGN = "[¹²³¼½¾¿¡¢£¤¥¦§¨©ª«¬®¯°±¶º»†‡‰\u00b8\u2039\u203a\u02c6\u02dc]"
_GARBLED = re.compile(
    # A sign within a word; those that stand for an apostrophe or a hyphen are none.
    rf"{_SIGN}(?<={_LETTER}{_SIGN}){_SIGN}*{_LETTER}"
    # A capital with an accent within a word, or Cyrillic, which is one accent after the other.
    rf"|{_CAPITAL}(?<={_LETTER}{_CAPITAL})[a-zß-öø-ÿ]|[À-ÖØ-öø-ÿ]{{4}}"
    # What begins many a Polish word.
    rf"|[¯¹³](?<!\w[¯¹³]){_LETTER}"
)
_ACCENTED = re.compile(r"[^\W\d_]*[À-ÖØ-öø-ÿŠšŽžŒœŸ]\w*")


def garbled_cell(rows: Sequence[Sequence[str]]) -> tuple[int, str] | None:
    """Where such a word stands first, as the place of its row, and the cell; None for nowhere."""
    together = "|".join(chain.from_iterable(rows))
    if together.isascii() or not _GARBLED.search(together):
        return None
    found = ((at, cell) for at, cells in enumerate(rows) for cell in cells)
    return next((each for each in found if _GARBLED.search(each[1])), None)


def accented_words(rows: Sequence[Sequence[str]], most: int) -> list[str]:
    """Some different words with accents, for somebody to look at."""
    found: dict[str, None] = {}
    for cells in rows:
        for word in _ACCENTED.findall(" ".join(cells)):
            found[word] = None
            if len(found) == most:
                return list(found)
    return list(found)
