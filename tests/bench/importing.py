"""Importing five thousand changed deals, with stored totals and as if there were none."""

import csv
import os
import random
import tempfile
import time
from pathlib import Path

from tests.bench.measures import Fact
from tests.bench.prepare import environment

DEALS = 5_000
ROUNDS = 3


def measure(database_url: str, deals: int) -> Fact:
    """The ratio of the quickest of some imports of each kind, each of other amounts."""
    os.environ.update(environment(database_url))
    from roadmap import create_app
    from roadmap.extensions import db

    app = create_app()
    chance = random.Random(5)
    count = min(DEALS, deals)
    taken: dict[bool, list[float]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as folder, app.app_context():
        for _ in range(ROUNDS):
            for with_totals in (False, True):
                file = _changed(Path(folder), chance, deals, count)
                taken[with_totals].append(_import(file, with_totals))
        db.session.remove()
        db.engine.dispose()
    with_totals, without = min(taken[True]), min(taken[False])
    ratio = with_totals / without
    text = f"{with_totals:.2f} s with totals, {without:.2f} s without: {ratio:.2f} times"
    return Fact(f"import of {count:,} changed deals", text, "at most 1.5 times", ratio <= 1.5)


def _import(file: Path, with_totals: bool) -> float:
    from roadmap.imports import actions
    from roadmap.imports.mapping import ImportMapping

    mapping = ImportMapping(stages={"engaging": "open"})
    started = time.perf_counter()
    report = actions.run(actions.Files(deals=file), mapping, maintain_totals=with_totals)
    seconds = time.perf_counter() - started
    assert report.changed, report
    return seconds


def _changed(folder: Path, chance: random.Random, deals: int, count: int) -> Path:
    """Known deals with other amounts; most of them open again, or lost."""
    file = folder / "deals.csv"
    with file.open("w", newline="") as output:
        writer = csv.writer(output)
        writer.writerow(["opportunity_id", "deal_stage", "close_date", "close_value"])
        for id in sorted(chance.sample(range(1, deals + 1), count)):
            stage = "Lost" if id % 4 == 2 else "Engaging"
            writer.writerow([f"D{id}", stage, "2026-12-01", chance.randint(1, 900_000)])
    return file
