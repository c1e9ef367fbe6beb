"""Which mark separates the columns of a text."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def separator_of(sample: Sequence[str], one_column: bool) -> str | None:
    """The separator that gives the most rows as wide as the widest common row; None where there
    are no columns.

    Where `one_column` will do, and most lines have no separator, it is one that no line has, so
    that "Acme, Inc." is whole.
    """
    filled = [line for line in sample if line.strip()]
    alone = sum(SEPARATORS.keys().isdisjoint(line) for line in filled)
    if one_column and 2 * alone > len(filled):
        unused = (mark for mark in reversed(SEPARATORS) if not any(mark in line for line in filled))
        return next(unused, "|")

    def fit(separator: str) -> tuple[int, int]:
        widths: Counter[int] = Counter()
        # A cell without an end is reported when the rows are read, which can name its row.
        with suppress(csv.Error):
            for row in csv.reader(sample, delimiter=separator):
                if any(row) and len(row) > 1:
                    widths[len(row)] += 1
        width, count = max(widths.items(), key=lambda found: (found[1], found[0]), default=(0, 0))
        return count * min(width, 3), width

    best = max(SEPARATORS, key=fit)
    return best if any(fit(best)) else None
