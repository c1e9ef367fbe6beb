"""Words that no language writes: a text that was read in an encoding that it is not in.

Windows-1252 takes nearly any bytes, so that a file of Mac Roman or Windows-1250, or one broken
byte in UTF-8, would be read without a word and all its names be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LETTER = r"[^\W\d_]"
_CAPITAL = "[ŠŽŒŸÀ-ÖØ-Þ]"
_GARBLED = re.compile(
    # A sign within a word; those that stand for an apostrophe or a hyphen are none.
    rf"{_LETTER}[¹²³¼½¾¿¡¢£¤¥¦§¨©ª«¬®¯°±¶º»†‡‰\u00b8\u2039\u203a\u02c6\u02dc]+{_LETTER}"
    # A capital with an accent within a word, or Cyrillic, which is one accent after the other.
    rf"|{_LETTER}{_CAPITAL}[a-zß-öø-ÿ]|[À-ÖØ-öø-ÿ]{{4}}"
    # What begins many a Polish word.
    rf"|(?<!\w)[¯¹³]{_LETTER}"
)
_ACCENTED = re.compile(r"\w*[À-ÖØ-öø-ÿŠšŽžŒœŸ]\w*")


def garbled_cell(rows: Sequence[Sequence[str]]) -> tuple[int, str] | None:
    """Where such a word stands first, as the place of its row, and the cell; None for nowhere."""
    for at, cells in enumerate(rows):
        together = "|".join(cells)
        if together.isascii() or not _GARBLED.search(together):
            continue
        return next(((at, cell) for cell in cells if _GARBLED.search(cell)), None)
    return None


def accented_words(rows: Sequence[Sequence[str]], most: int) -> list[str]:
    """Some different words with accents, for somebody to look at."""
    found: dict[str, None] = {}
    for cells in rows:
        for word in _ACCENTED.findall(" ".join(cells)):
            found[word] = None
            if len(found) == most:
                return list(found)
    return list(found)
