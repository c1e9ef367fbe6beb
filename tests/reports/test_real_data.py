"""The reports over real CRM data, against a separate count over the files themselves.

The Maven data hold 8,800 deals of 2016 and 2017.
"""

import csv
from collections import Counter, defaultdict
from math import sqrt
from pathlib import Path

import pytest
from flask import Flask

from tests.support.company import Company

DATA = Path(__file__).parents[3] / "shared" / "data" / "maven_crm"
DAY = "2017-12-31"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"{DATA.name} is not part of the project and not beside it"
)


def counted(key: str) -> dict[str, Counter[str]]:
    """Won, lost and open deals by an attribute of the account, from the files alone."""
    with (DATA / "accounts.csv").open(newline="") as file:
        accounts = {row["account"]: row for row in csv.DictReader(file)}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    with (DATA / "sales_pipeline.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            account = accounts.get(row["account"])
            stage = row["deal_stage"].lower()
            state = stage if stage in ("won", "lost") else "open"
            found[account[key] if account else ""][state] += 1
    return found


def test_losses_by_sector_are_those_of_the_files(app: Flask) -> None:
    Company(app)
    runner = app.test_cli_runner()
    pipeline, accounts = str(DATA / "sales_pipeline.csv"), str(DATA / "accounts.csv")
    imported = runner.invoke(args=["import", "deals", pipeline, "--accounts", accounts])
    assert imported.exit_code == 0, imported.output
    answer = runner.invoke(args=["report", "segments", "--by", "industry", "--as-of", DAY, "--csv"])
    assert answer.exit_code == 0, answer.output
    *rows, total = csv.DictReader(answer.output.splitlines())
    expected = {key or "Not given": states for key, states in counted("sector").items()}
    assert {row["Industry"] for row in rows} == set(expected)
    for row in rows:
        states = expected[row["Industry"]]
        assert int(row["Won deals"]) == states["won"]
        assert int(row["Lost deals"]) == states["lost"]
        assert int(row["Open deals"]) == states["open"]
        if states["won"] + states["lost"]:
            check_rate(row, states["lost"], states["won"] + states["lost"])
    whole = sum(expected.values(), Counter())
    assert (int(total["Won deals"]), int(total["Lost deals"]), int(total["Open deals"])) == (
        whole["won"], whole["lost"], whole["open"],
    )  # fmt: skip
    assert whole.total() == 8_800


def check_rate(row: dict[str, str], lost: int, closed: int) -> None:
    """The rate and its interval, from the textbook's formula."""
    rate, z = lost / closed, 1.959964
    half = z * sqrt(rate * (1 - rate) / closed + z * z / (4 * closed * closed))
    middle, spread = rate + z * z / (2 * closed), 1 + z * z / closed
    ends = [rate, (middle - half) / spread, (middle + half) / spread]
    found = [float(row[name]) for name in ("Loss rate", "Interval from", "Interval to")]
    assert found == pytest.approx(ends, abs=1e-6)
    # CRM writes 0 for a deal that was lost: nobody knows what it would have been worth.
    assert row["Lost deals without amount"] == row["Lost deals"]
