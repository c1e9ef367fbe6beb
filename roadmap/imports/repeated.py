"""Rows that have one id: those that say the same, lines of one deal, and contradictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from roadmap.models.imports import DEALS, REQUESTS

from .layout import Layout
from .line_items import Lines
from .mapping import ImportMapping, MappingError
from .reading import Row
from .split_reasons import CONTRADICT
from .values import external_ids


class Repeated:
    """What identifies rows: `key` is the field, `prefix` its id's."""

    def __init__(self, layout: Layout, mapped: ImportMapping, prefix: str, key: str) -> None:
        self.layout, self.mapped, self.prefix, self.key = layout, mapped, prefix, key
        self.lines = Lines(layout)
        self._key_of = layout.reader(key)
        # Ids are remembered by their hashes: a million of them would not fit otherwise. Those that
        # seem to repeat are looked at again, one by one.
        self.met: set[int] = set()
        self.again: set[int] = set()
        self.seen: dict[str, tuple[int, int]] = {}
        self.rows_of: dict[str, list[int]] = {}
        self.repeats: set[int] = set()

    def see(self, cells: Sequence[str]) -> None:
        marks = [hash(id) for id in self._ids(cells) if id is not None]
        fresh = set(marks)
        if len(fresh) < len(marks):
            self.again.update(mark for mark, count in Counter(marks).items() if count > 1)
        self.again |= fresh & self.met
        self.met |= fresh

    def see_again(self, row: Row) -> None:
        """On the second walk, which is made where ids repeat: do the rows say the same?"""
        cell = self._key_of(row.cells)
        (id,) = self._ids([cell])
        if id is None or hash(id) not in self.again:
            return
        self.lines.see(id, row.cells)
        # The id itself may be written in two ways.
        content = hash(tuple(id if value == cell else value.strip() for value in row.cells))
        first = self.seen.setdefault(id, (content, row.number))
        if first[1] == row.number:
            return
        if first[0] == content:
            self.repeats.add(row.number)
        else:
            self.rows_of.setdefault(id, []).append(row.number)

    def settled(self) -> tuple[dict[int, int], dict[int, list[int]]]:
        """Rows that are lines of one deal, by the row of the first; and rows that contradict each
        other, by each. Of requests the first counts: see `Prepared.requests`."""
        lines: dict[int, int] = {}
        conflicts: dict[int, list[int]] = {}
        for id, rows in self.rows_of.items():
            listed = [self.seen[id][1], *rows]
            if self._are_lines(id):
                lines.update(dict.fromkeys(listed, listed[0]))
            elif self.layout.kind != REQUESTS:
                conflicts.update(dict.fromkeys(listed, listed))
        return lines, conflicts

    def _are_lines(self, id: str) -> bool:
        said = self.mapped.several_lines
        return self.layout.kind == DEALS and said != CONTRADICT and id not in self.lines.unlike

    def ask(self) -> None:
        """Raises MappingError where deals have lines and nobody said what these are."""
        listed = [id for id in self.rows_of if self._are_lines(id)]
        if self.mapped.several_lines or not listed:
            return
        rows = ", ".join(map(str, (self.seen[listed[0]][1], *self.rows_of[listed[0]][:3])))
        shows = f"{len(listed):,} of them, the first in rows {rows}"
        raise MappingError(
            f"Deals have several lines each ({shows}). Say whether their amounts add up, as "
            '"several_lines": "sum" in the mapping (--mapping), or each row has the amount of the '
            'whole deal ("whole"), or they contradict each other and must not be imported '
            '("contradict").',
            [{"setting": "several_lines", "shows": shows}],
        )

    def _ids(self, cells: Sequence[str]) -> list[str | None]:
        """What identifies the rows of these cells; None where nothing does."""
        ids = external_ids(cells, self.prefix)
        return ids if self.key == "id" else [id and id.casefold() for id in ids]
