"""Rows of deals, read many at once, by the column."""

import csv
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadmap.imports import deal_rows
from roadmap.imports.deal_rows import Deals
from roadmap.imports.mapping import MappingError, parse
from roadmap.imports.prepare import Prepared, prepare_deals
from roadmap.imports.rates import Rates
from roadmap.imports.reading import Batch, Row, UnreadableFile
from roadmap.imports.staged import StagedDeal
from roadmap.imports.staging import DealCells, Rules
from roadmap.imports.values import Unreadable

CELLS = {
    "Opportunity ID": ["D1", "D2", "0061i00000AbCdE", "0061i00000AbCdEAAX", "x y", " D3 ", "1E+10",
                       "", "é1", "D5", "D6", "D7"],
    "Opportunity Name": ["First", "", "Zoë  B", "=\"x\"", "n" * 300, " a", "Total of it"],
    "Account ID": ["", "A1", "0011i00000AbCdE", "A 2"],
    "Account Name": ["Acme", "", "Globex;Initech", "acme", "Ümlaut"],
    "Owner": ["Ann", "", "  Ben ", "o" * 250],
    "Product": ["Core", "", "Cöre", "old", "p" * 250],
    "Stage": ["Closed Won", "Closed Lost", "Open", "", "Signed"],
    "Amount": ["100", "100.5", "1,234.50", "", "-5", "0", "0.00", "n/a", "12.345", "€ 5", "1e5",
               "99999999999999", " 7 ", "٣"],
    "Currency": ["USD", "", "EUR", "US Dollar"],
    "Close Date": ["2026-04-30", "31.01.2026", "", "46053", "tomorrow", "2027-05-01", "2024-02-30"],
    "Created Date": ["2025-01-31", "", "never", "2026-12-24", "45000"],
    "Probability": ["50", "", "120", "0.5", "x"],
    "Loss Reason": ["Price", "", "Chosen a\nrival", "price"],
    "Final": ["", "150", "x", "1,000.00"],
    "Actual Close": ["2026-01-15", "", "2026-12-24", "2024-12-31", "soon"],
    "Needed": ["", "2026-06-01", "46000", "now"],
    "Lost To": ["", "Out-Sold", "Nobody"],
    "Deleted": ["", "false", "true", "perhaps"],
    "Region": ["EMEA", "", " AMER ", "R" * 10_050],
}  # fmt: skip
MAPPING: dict[str, Any] = {
    "stages": {"Signed": "won"},
    "date_order": "dmy",
    "decimal": ".",
    "lost_to": {"Out-Sold": "competitor", "Price": "no decision"},
    "replace": {"product": {"old": "Core"}},
    "deals": {
        "id": "Opportunity ID", "stage": "Stage", "won_amount": "Final",
        "closed_on": "Actual Close",
        "close_date": "Close Date", "needed_by": "Needed", "lost_to": "Lost To",
    },
}  # fmt: skip


@st.composite
def files(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """Mostly ordinary rows, each with a few cells that are not."""
    optional = sorted(CELLS.keys() - {"Opportunity ID", "Stage"})
    left_out = draw(st.sets(st.sampled_from(optional), max_size=3))
    header = [name for name in CELLS if name not in left_out]
    rows = []
    for number in range(draw(st.integers(1, 25))):
        cells = [CELLS[name][0] for name in header]
        cells[0] = f"N{number}"
        cells[header.index("Stage")] = draw(st.sampled_from(CELLS["Stage"][:3]))
        for place in draw(st.sets(st.integers(0, len(header) - 1), max_size=3)):
            cells[place] = draw(st.sampled_from(CELLS[header[place]]))
        if draw(st.integers(0, 15)) == 0:
            cells.append(draw(st.sampled_from(["", "more"])))
        rows.append(cells)
    return header, rows


@given(files(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_what_a_row_says_does_not_depend_on_the_rows_that_are_read_with_it(
    tmp_path_factory: pytest.TempPathFactory, file: tuple[list[str], list[list[str]]], zero: bool
) -> None:
    path = tmp_path_factory.mktemp("rows") / "deals.csv"
    with path.open("w", newline="", encoding="utf-8") as output:
        csv.writer(output).writerows([file[0], *file[1]])
    columns = {name: label for name, label in MAPPING["deals"].items() if label in file[0]}
    mapping = parse({**MAPPING, "deals": columns, "lost_zero_is_unknown": zero})
    try:
        together, apart = (prepare_deals(path, mapping) for _ in range(2))
    except (MappingError, UnreadableFile):
        return

    def cells(prepared: Prepared) -> DealCells:
        return DealCells(
            Rules(prepared.layout, prepared.mapped, prepared.conventions, "USD",
                  date(2026, 3, 1), prepared.report, Rates())
        )  # fmt: skip

    fitting = together.sheet.fitting(next(together.sheet.batches()))[0]
    found, refused = deal_rows.read(cells(together), fitting)
    alone = [
        deal_rows.read(cells(apart), Batch([row.number], [row.cells])) for row in fitting.rows()
    ]

    assert _deals(found) == [deal for deals, _ in alone for deal in _deals(deals)]
    assert _reasons(refused) == _reasons([each for _, failed in alone for each in failed])
    assert together.report.notes == apart.report.notes


def _deals(found: Deals) -> list[StagedDeal]:
    return list(map(StagedDeal._make, zip(*found.values(), strict=True)))


def _reasons(refused: list[tuple[Row, Unreadable]]) -> list[tuple[int, str, str, str]]:
    return [(row.number, str(why), why.label, why.cell) for row, why in refused]
