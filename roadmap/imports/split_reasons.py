"""Several loss reasons in one cell: how a file seems to separate them. Several rows of a deal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from .values import name

#: What a mapping calls the separators; `ONE` says that each cell is one reason.
ONE = "one"
MARKS: Mapping[str, str] = MappingProxyType(
    {"semicolon": ";", "bar": "|", "line": "\n", "comma": ",", "slash": "/"}
)
#: What a mapping says of several rows of one deal: their amounts add up, or each has the deal's.
SUM, WHOLE, CONTRADICT = "sum", "whole", "contradict"
#: Words of a list, and not of a sentence, are so short; sentences have these marks as well, so
#: that reasons between them have to come again.
MOST_PART, IN_SENTENCES = 40, ("comma", "slash")


def parts(cell: str, separator: str | None) -> list[str]:
    """The reasons of a cell, each once; the cell's one where they are not separated."""
    mark = MARKS.get(separator or "")
    found = cell.split(mark) if mark else [cell]
    return list(dict.fromkeys(filter(None, map(name, found))))


class Several:
    """Looks at each distinct cell of loss reasons."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[int, str]] = {}
        self._listed: dict[str, list[list[str]]] = {}
        self._met: Counter[str] = Counter()

    def see(self, row: int, cell: str) -> None:
        listing = [(mark, parts(cell, mark)) for mark in MARKS]
        listing = [(mark, each) for mark, each in listing if len(each) > 1]
        if not listing:
            self._met[name(cell).casefold()] += 1
        for mark, each in listing:
            if max(map(len, each)) <= MOST_PART:
                self._first.setdefault(mark, (row, cell))
                self._listed.setdefault(mark, []).append(each)
                self._met.update(part.casefold() for part in each)

    def found(self) -> tuple[str, int, str] | None:
        """A separator's name, and the row and cell that have it first; None without one."""
        for mark, (row, cell) in self._first.items():
            told = (part for each in self._listed[mark] for part in each)
            if mark not in IN_SENTENCES or all(self._met[part.casefold()] > 1 for part in told):
                return mark, row, cell
        return None
