"""Packs Unicode's default weights into the table that `roadmap/domain/collation.py` reads.

    .venv/bin/python -m tests.support.root_order allkeys.txt

`allkeys.txt` is published with each version of Unicode, and comes with Perl as well. After a newer
one the keys that are stored have to be written anew.
"""

import re
import struct
import sys
import zlib
from pathlib import Path
from unicodedata import normalize

from roadmap.domain.collation import PAIRS, TABLE

_WEIGHTS = re.compile(r"\[[.*](\w+)\.(\w+)\.(\w+)\]")

Element = tuple[int, int, int]


def pack(lines: list[str]) -> bytes:
    found: dict[str, list[Element]] = {}
    for line in lines:
        letters, semicolon, weights = line.partition("#")[0].partition(";")
        if semicolon and not line.startswith("@"):
            text = normalize("NFC", "".join(chr(int(code, 16)) for code in letters.split()))
            elements = [tuple(int(w, 16) for w in each) for each in _WEIGHTS.findall(weights)]
            found.setdefault(text, elements)  # type: ignore[arg-type]
    # As in CLDR, which browsers follow: both apostrophes are one.
    found["\u2019"] = [(first, second, third + 1) for first, second, third in found["'"]]
    pairs = sorted(text for text in found if len(text) > 1)
    codes = {ord(text): found[text] for text in found if len(text) == 1}
    codes |= {PAIRS + number: found[text] for number, text in enumerate(pairs)}
    ranks = {w: n for n, w in enumerate(sorted({e[1] for each in codes.values() for e in each}))}
    ends, packed = [0], bytearray()
    for code in sorted(codes):
        for first, second, third in codes[code]:
            packed += struct.pack(">HBB", first, ranks[second], max(0, third - 1))
        ends.append(len(packed) // 4)
    numbers = [len(codes), ends[-1], *sorted(codes), *ends]
    head = struct.pack(f"<{len(numbers)}I", *numbers)
    return zlib.compress(head + bytes(packed) + "\n".join(pairs).encode(), 9)


if __name__ == "__main__":
    TABLE.write_bytes(pack(Path(sys.argv[1]).read_text().splitlines()))
