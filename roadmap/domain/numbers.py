"""Numbers as people type them: with groups of three or none, and the decimal mark that they use.

What could be read in two ways is not read: under the mark "." neither "2,5" nor "1.200" is one.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

POINT, COMMA = MARKS = (".", ",")
_SWAPPED = {POINT: COMMA, COMMA: POINT}
_IN_NUMBER = re.compile(r"(?<=[0-9])[.,](?=[0-9])")


def read(text: str, mark: str = POINT, places: int = 0) -> Decimal | None:
    """A number from 0 with at most `places` digits behind `mark`; None for whatever is none.

    Groups are of three digits, apart by one kind of space or apostrophe, or by the other mark.
    Signs, exponents, fractions such as ½ and other scripts' digits are none.
    """
    found = _pattern(mark, places).fullmatch(text.strip())
    if not found:
        return None
    return Decimal(f"{re.sub('[^0-9]', '', found[1])}.{found[3] or 0}")


def in_mark(written: str, mark: str) -> str:
    """Words whose numbers are written as in "1,200.5", with this decimal mark."""
    if mark == POINT:
        return written
    return _IN_NUMBER.sub(lambda found: _SWAPPED[found[0]], written)


@cache
def _pattern(mark: str, places: int) -> re.Pattern[str]:
    apart = rf"[ \u00a0\u2009\u202f'’{_SWAPPED[mark]}]"
    fraction = rf"(?:{re.escape(mark)}([0-9]{{1,{places}}}))?" if places else "()"
    groups = rf"[1-9][0-9]{{0,2}}({apart})[0-9]{{3}}(?:\2[0-9]{{3}})*"
    return re.compile(rf"({groups}|[0-9]+){fraction}")
