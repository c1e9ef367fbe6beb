"""A file's header against the mapping: which cells of a row hold which field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from operator import itemgetter

from .mapping import FileMapping, MappingError, column_key
from .money import unit_of
from .values import shown


class Together:
    """The cells of several fields as one key, of those fields that the file has columns for."""

    def __init__(self, layout: Layout, names: Sequence[str]) -> None:
        self.layout = layout
        self.names = names
        self._present = [name for name in names if layout.has(name)]
        self._readers = [layout.reader(name) for name in self._present]

    @property
    def any(self) -> bool:
        """Whether the file has a column for one of them."""
        return bool(self._present)

    def key(self, cells: Sequence[str]) -> tuple[str, ...]:
        return tuple([read(cells) for read in self._readers])

    def keys(self, columns: Sequence[Sequence[str]], count: int) -> Iterable[tuple[str, ...]]:
        """The keys of many rows, from their columns."""
        if not self._present:
            return repeat((), count)
        return zip(*(self.layout.column(name, columns) for name in self._present), strict=True)

    def said(self, key: tuple[str, ...]) -> dict[str, str]:
        """What a key says by field; "" for a field without a column."""
        found = dict.fromkeys(self.names, "")
        found.update((name, cell.strip()) for name, cell in zip(self._present, key, strict=True))
        return found


class Layout:
    """Where each field stands. Columns without a field are attributes, under their own label."""

    def __init__(
        self, kind: str, header: Sequence[str], mapped: FileMapping, demanded: Iterable[str]
    ) -> None:
        self.kind = kind
        self.header = header
        self.several = mapped.several
        self._labels = [label or f"Column {place}" for place, label in enumerate(header, 1)]
        self.skipped = frozenset(
            place for place, label in enumerate(self._labels)
            if column_key(label) in mapped.ignored
        )  # fmt: skip
        self._exact = _first_places(header)
        self._plain = _first_places([column_key(label) for label in header])
        self._places: dict[str, tuple[int, ...]] = {}
        for name, labels in mapped.columns.items():
            places = [self._place(label, name, name in demanded) for label in labels]
            found = tuple(dict.fromkeys(place for place in places if place is not None))
            found = tuple(place for place in found if place not in self.skipped)
            if found:
                self._places[name] = found
        self._constants = {
            name: said for name, said in mapped.constants.items() if name not in self._places
        }
        used = {place for places in self._places.values() for place in places}
        self.ignored = [self._labels[place] for place in sorted(self.skipped)]
        self.attributes = self._attributes(used)
        self.repeated = [label for label, count in Counter(header).items() if label and count > 1]

    @property
    def fields(self) -> frozenset[str]:
        """Those that have a column, or one value for every row."""
        return frozenset({*self._places, *self._constants})

    def has(self, *names: str) -> bool:
        """Whether one of the fields has a column, or one value for every row."""
        return any(name in self._places or name in self._constants for name in names)

    def constant(self, name: str) -> str:
        """What holds for every row of a field without a column; "" for nothing."""
        return self._constants.get(name, "")

    def cell(self, cells: Sequence[str], name: str) -> str:
        """The first filled cell of a field's columns, stripped; "" without one."""
        for place in self._places.get(name, ()):
            value = cells[place].strip()
            if value:
                return value
        return self.constant(name)

    def reader(self, name: str) -> Callable[[Sequence[str]], str]:
        """What gives the cell of a field in a hurry: as `cell`, but with the space around it."""
        places = self._places.get(name, ())
        if len(places) == 1:
            return itemgetter(places[0])
        if not places:
            constant = self.constant(name)
            return lambda _: constant
        return lambda cells: self.cell(cells, name)

    def column(self, name: str, columns: Sequence[Sequence[str]]) -> Sequence[str]:
        """The cells of a field from the columns of many rows; as `reader` gives them."""
        places = self._places.get(name, ())
        if not places:
            return [self.constant(name)] * len(columns[0])
        if len(places) == 1:
            return columns[places[0]]
        several = zip(*(columns[place] for place in places), strict=True)
        return [next((c for cell in cells if (c := cell.strip())), "") for cells in several]

    def together(self, *names: str) -> Together:
        """Several fields' cells, to be looked up as one."""
        return Together(self, names)

    def taken(self, name: str) -> str:
        """The label of the column that is taken for a field; "" for none."""
        return self.label(name) if name in self._places else ""

    def unit(self, name: str) -> str:
        """The currency that a field's column is labelled with; "" for none."""
        return unit_of(self.label(name))[1] if name in self._places else ""

    def label(self, name: str) -> str:
        """What the file calls a field; the field's own name where it has no column."""
        places = self._places.get(name)
        return self.header[places[0]] if places else name

    def described(self) -> list[str]:
        """Which column became what, in a line or two."""
        lines = [
            "Columns: "
            + ", ".join(
                f"{name} = {' or '.join(self.header[place] for place in places)}"
                for name, places in self._places.items()
            )
        ]
        if self._constants:
            said = (f"{name} = “{shown(value)}”" for name, value in self._constants.items())
            lines.append(f"For every row: {', '.join(said)}")
        if self.attributes:
            lines.append(f"Kept as attributes: {', '.join(self.attributes)}")
        if self.ignored:
            lines.append(f"Left out: {', '.join(self.ignored)}")
        return lines

    def _place(self, label: str, name: str, demanded: bool) -> int | None:
        place = self._exact.get(label.strip(), self._plain.get(column_key(label)))
        if place is None and demanded:
            listed = ", ".join(shown(each) for each in self.header[:60] if each)
            raise MappingError(
                f"{self.kind}.{name}: the file has no column “{shown(label)}”; it has {listed}."
            )
        return place

    def _attributes(self, used: set[int]) -> dict[str, int]:
        found: dict[str, int] = {}
        for place, label in enumerate(self.header):
            if place in used or place in self.skipped:
                continue
            name = shown(label, 200) or self._labels[place]
            number = 2
            while name in found:
                name = f"{shown(label, 190)} ({number})"
                number += 1
            found[name] = place
        return found


def _first_places(labels: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, label in enumerate(labels):
        found.setdefault(label, place)
    return found
