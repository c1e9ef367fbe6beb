"""The order of names that every language can live with: Unicode's root order (UTS #10).

It is written as a key, which any database compares byte by byte: letters first, where they are the
same their accents, and only then capitals. Å stands with A, ß with ss, signs before digits before
letters. The weights are those of `allkeys.txt`, packed by tests/support/root_order.py.
"""

from __future__ import annotations

import re
import sys
import zlib
from array import array
from bisect import bisect_left
from functools import cache
from pathlib import Path
from unicodedata import is_normalized, normalize

#: Names that are the same for so many bytes, which are half as many letters, are in no order.
MOST_BYTES = 400
#: Stand for the pairs of letters that have one weight together, in the order of the table.
PAIRS = 0xF0000
TABLE = Path(__file__).with_suffix(".zlib")

#: How much of a level is remembered letter by letter: the alphabets, not the Chinese characters.
_REMEMBERED = 0x3000
_LEAST = "\x01"


def sort_key(text: str) -> bytes:
    """What a text is sorted by, at most MOST_BYTES long."""
    if not text.isascii():
        text = normalize("NFC", text)
        seconds, pairs, numbers = _pairs()
        if seconds.search(text):
            text = pairs.sub(lambda found: chr(PAIRS + numbers[found[0]]), text)
    # The least weight at the end of a level says nothing, and most names have no other.
    levels = (text.translate(level).rstrip(_LEAST) for level in _LEVELS)
    return "\0".join(levels).rstrip("\0").encode("latin-1")[:MOST_BYTES]


class _Level(dict[int, str]):
    """By a letter's code its weights on one level; a byte is written as the letter it stands for in
    Latin-1, so that `str.translate` does all the work."""

    def __init__(self, first: int, end: int) -> None:
        self.bytes = slice(first, end)

    def __missing__(self, code: int) -> str:
        elements = _elements(code)
        cut = (elements[at : at + 4][self.bytes] for at in range(0, len(elements), 4))
        found = b"".join(each for each in cut if any(each)).decode("latin-1")
        if code < _REMEMBERED:
            self[code] = found
        return found


_LEVELS = (_Level(0, 2), _Level(2, 3), _Level(3, 4))


def _elements(code: int) -> bytes:
    """Four bytes for each weight that a letter has: two, one and one for the three levels."""
    codes, ends, weights, _ = _table()
    at = bisect_left(codes, code)
    if at < len(codes) and codes[at] == code:
        return weights[4 * ends[at] : 4 * ends[at + 1]]
    letter = chr(code)
    if not is_normalized("NFD", letter):
        return b"".join(_elements(ord(each)) for each in normalize("NFD", letter))
    # Chinese characters have the order of their codes; then comes what has no weight at all.
    common = 0x4E00 <= code <= 0x9FFF or 0xFA0E <= code <= 0xFA29
    rare = 0x3400 <= code <= 0x4DBF or 0x20000 <= code <= 0x3FFFF
    block = (0xFB40 if common else 0xFB80 if rare else 0xFBC0) + (code >> 15)
    rest = code & 0x7FFF | 0x8000
    return block.to_bytes(2, "big") + b"\x01\x01" + rest.to_bytes(2, "big") + b"\0\0"


@cache
def _table() -> tuple[array[int], array[int], bytes, list[str]]:
    """The codes in order, where the weights of each end, the weights, and the pairs."""
    content = zlib.decompress(TABLE.read_bytes())
    head = array("I", content[:8])
    if sys.byteorder == "big":
        head.byteswap()
    count, elements = head
    numbers = array("I", content[8 : 12 + 8 * count])
    if sys.byteorder == "big":
        numbers.byteswap()
    rest = content[12 + 8 * count :]
    return (
        numbers[:count],
        numbers[count:],
        rest[: 4 * elements],
        rest[4 * elements :].decode().split("\n"),
    )


@cache
def _pairs() -> tuple[re.Pattern[str], re.Pattern[str], dict[str, int]]:
    """Which second letters make a pair, the pairs, and their numbers in the table."""
    pairs = _table()[3]
    seconds = "".join({pair[1] for pair in pairs})
    longest = sorted(map(re.escape, pairs), key=len, reverse=True)
    numbers = {pair: number for number, pair in enumerate(pairs)}
    return re.compile(f"[{re.escape(seconds)}]"), re.compile("|".join(longest)), numbers
