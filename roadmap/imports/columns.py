"""Which column is taken for which field: by what columns are called and what stands in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from roadmap.models.imports import ACCOUNTS, DEALS, REQUESTS
from roadmap.web.csv import untamed

from . import dates, money, own_files, presets, requests_columns
from .layout import Layout
from .mapping import FileMapping, ImportMapping, MappingError, column_key, overlaid
from .reading import Sheet
from .sheets import open_sheet
from .staging import ACCOUNT_KEY
from .values import external_id, external_ids, is_blank, shown

#: So many rows are looked at for what a column holds, and for which ids two files share.
MOST_LOOKED_AT, MOST_COMPARED = 200, 5_000
#: What is in the names of columns that may be the field; of up to four letters, as a word.
HINTS = {
    "id": ("id", "number", "nr", "no", "key", "code", "nummer"),
    "status": ("result", "outcome", "status", "state", "stage", "phase", "ergebnis", "resultat"),
    "amount": ("amount", "revenue", "value", "price", "total", "sum", "worth", "volume", "betrag",
               "umsatz", "wert", "summe", "montant", "importe", "valor", "acv", "arr", "tcv"),
}  # fmt: skip
_WORD, _CAMEL = re.compile(r"[^\W\d_]+"), re.compile(r"(?<=[a-z])(?=[A-Z])")


def open_deals(path: Path, own: ImportMapping) -> Sheet:
    return opened(path, DEALS, own)


def open_accounts(path: Path, own: ImportMapping) -> Sheet:
    return opened(path, ACCOUNTS, own)


def arranged(sheet: Sheet, own: ImportMapping) -> tuple[presets.Preset, ImportMapping, Layout]:
    """The export that the deals' columns give away, its mapping with the user's above it, and
    where each field stands."""
    labels = keys(sheet.header)
    preset = _preset(own.preset, labels)
    found = presets.mapping(preset, labels, _added(sheet.header))
    if preset is presets.OWN:
        _untame(sheet)
    else:
        found = replace(found, deals=_by_days(found.deals, sheet, own))
    mapped = overlaid(found, own)
    return preset, mapped, Layout(DEALS, sheet.header, mapped.deals, own.demanded.get(DEALS, ()))


def arranged_accounts(
    sheet: Sheet, own: ImportMapping, preset_of_deals: str, named: Collection[str] = ()
) -> tuple[ImportMapping, Layout]:
    """The same of the accounts' file. `named` are ids of accounts that deals name: of several
    columns that may be the id, the one that has them is."""
    preset = presets.BY_NAME[preset_of_deals or presets.GENERIC.name]
    found = presets.with_accounts(
        presets.mapping(preset, frozenset()), keys(sheet.header), _added(sheet.header)
    )
    if found.accounts is own_files.ACCOUNTS:
        _untame(sheet)
    else:
        found = replace(found, accounts=_by_ids(found.accounts, sheet, named))
    mapped = overlaid(found, own)
    demanded = own.demanded.get(ACCOUNTS, ())
    return mapped, Layout(ACCOUNTS, sheet.header, mapped.accounts, demanded)


def arranged_requests(sheet: Sheet, own: ImportMapping) -> tuple[ImportMapping, Layout]:
    """The same of a backlog; all columns that are no field are left out."""
    mapped = overlaid(requests_columns.mapping(keys(sheet.header)), own)
    columns = requests_columns.without_others(mapped, sheet.header)
    return mapped, Layout(REQUESTS, sheet.header, columns, own.demanded.get(REQUESTS, ()))


def _untame(sheet: Sheet) -> None:
    """Have a file that is our own read as what it was written from."""
    if not sheet.tamed:
        sheet.tamed, sheet.header = True, list(map(untamed, sheet.header))


def opened(path: Path, kind: str, own: ImportMapping) -> Sheet:
    return open_sheet(
        path,
        partial(_is_header, kind, own),
        encoding=own.encoding,
        separator=own.separator,
        header_row=own.header_rows.get(kind),
        one_column=kind == ACCOUNTS,
        title=own.sheets.get(kind),
    )


_KNOWN_HEADERS = {
    DEALS: presets.is_deals_header,
    ACCOUNTS: presets.is_accounts_header,
    REQUESTS: requests_columns.is_header,
}


def _is_header(kind: str, own: ImportMapping, cells: Sequence[str]) -> bool:
    found = keys(cells)
    named = [label for labels in own.file(kind).columns.values() for label in labels]
    if named and all(column_key(label) in found for label in named):
        return True
    return _KNOWN_HEADERS[kind](found)


def _preset(name: str, labels: frozenset[str]) -> presets.Preset:
    if not name:
        return presets.recognised(labels)
    if name not in presets.BY_NAME:
        listed = ", ".join(presets.BY_NAME)
        raise MappingError(f"preset: there is no {shown(name)}; there are {listed}.")
    return presets.BY_NAME[name]


def named_accounts(sheet: Sheet, layout: Layout) -> frozenset[str]:
    """The ids of accounts that the first deals name."""
    cells = (layout.cell(cells, "account_id") for cells in _first(sheet, MOST_COMPARED))
    return frozenset(external_id(cell, ACCOUNT_KEY) for cell in cells if not is_blank(cell))


def near(sheet: Sheet, layout: Layout, field: str) -> list[str]:
    """Columns that are taken for nothing and may be the field, the likeliest first."""
    rows = list(_first(sheet, MOST_LOOKED_AT))
    hinted: list[str] = []
    others: list[str] = []
    for label, place in layout.attributes.items():
        cells = [cells[place] for cells in rows if not is_blank(cells[place])]
        words = {word.casefold() for word in _WORD.findall(_CAMEL.sub(" ", label))}
        if field == "amount" and not (cells and all(map(money.is_figure, cells))):
            continue
        hint = any(each in word if len(each) > 4 else each == word
                   for word in words for each in HINTS[field])  # fmt: skip
        (hinted if hint else others).append(label)
    return hinted + (others if field == "amount" and layout.has("name") else [])


def _by_ids(columns: FileMapping, sheet: Sheet, named: Collection[str]) -> FileMapping:
    """The columns with the id that most rows share with what deals name."""
    places = [
        place for place, label in enumerate(sheet.header)
        if column_key(label) in presets.ACCOUNT_IDS
    ]  # fmt: skip
    if len(places) < 2 or not named:
        return columns
    count = Counter[int]()
    for cells in _first(sheet, MOST_COMPARED):
        count.update(
            place for place in places if external_ids([cells[place]], ACCOUNT_KEY)[0] in named
        )
    best = max(places, key=lambda place: count[place])
    own = columns.columns.get("id", ())
    if not count[best] or any(
        count[p] == count[best] for p in places if column_key(sheet.header[p]) in own
    ):
        return columns
    return replace(columns, columns={**columns.columns, "id": (sheet.header[best],)})


def _by_days(columns: FileMapping, sheet: Sheet, own: ImportMapping) -> FileMapping:
    """Columns called Closed, Won or Lost have yes or no, or else the day, in them."""
    found = dict(columns.columns)
    for place, label in enumerate(sheet.header):
        key = column_key(label)
        name = {"closed": "closed_on", "won": "won_on", "lost": "lost_on"}.get(key)
        if name is None or {key, name} & own.deals.columns.keys():
            continue
        cells = [
            cells[place] for cells in _first(sheet, MOST_LOOKED_AT) if not is_blank(cells[place])
        ]
        if cells and all(map(dates.is_day, cells)):
            if found.get(key) == (key,):
                del found[key]
            found[name] = (*found.get(name, ()), label)
    return replace(columns, columns=found)


def _first(sheet: Sheet, most: int) -> Iterator[list[str]]:
    """The cells of the first rows that fit below the header."""
    records = islice(sheet.records(), sheet.header_row, sheet.header_row + most)
    return (row.cells for row in records if row.cells and sheet.fault(row.cells) is None)


def _added(labels: Sequence[str]) -> frozenset[str]:
    """The keys of columns that somebody added to a system, where it has none of its own like it."""
    added = {label for label in labels if label[-3:].casefold() == "__c"}
    return keys(list(added)) - keys([label for label in labels if label not in added])


def keys(labels: Sequence[str]) -> frozenset[str]:
    return frozenset(column_key(label) for label in labels)
