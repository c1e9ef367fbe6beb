"""Imports: changed deals with stored totals and as if there were none, and very many new ones."""

import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.bench import company
from tests.bench.measures import Fact, percentile
from tests.bench.prepare import ROOT, environment
from tests.bench.serving import Server
from tests.bench.visitor import Visitor

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


NEW_DEALS = 250_000
STAGES = {"Qualify": "open", "Negotiation": "open"}
MOST_RATIO, MOST_APPLY, MOST_REVERT, MOST_MIB = 6, 2, 1.5, 300


def measure_new(database_url: str, deals: int) -> list[Fact]:
    """An import of new deals in a process of its own, against reading the file with the csv module
    and inserting its raw rows; applying it against a bare bulk write of the same deals, and
    reverting it against applying it."""
    count = min(NEW_DEALS, deals)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.importing", str(count)],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(database_url),
    )
    found = json.loads(done.stdout.splitlines()[-1])
    whole, apply = found["import"] / found["raw"], found["apply"] / found["bare"]
    mib, back = found["mib"], found["revert"] / found["apply"]
    return [
        Fact(
            f"import of {count:,} new deals",
            f"{found['import']:.2f} s, csv and raw rows {found['raw']:.2f} s: {whole:.2f} times",
            f"at most {MOST_RATIO} times",
            whole <= MOST_RATIO,
        ),
        Fact(
            "applying them",
            f"{found['apply']:.2f} s, a bare bulk write {found['bare']:.2f} s: {apply:.2f} times",
            f"at most {MOST_APPLY} times",
            apply <= MOST_APPLY,
        ),
        Fact(
            "reverting them",
            f"{found['revert']:.2f} s, applying {found['apply']:.2f} s: {back:.2f} times",
            f"at most {MOST_REVERT} times",
            back <= MOST_REVERT,
        ),
        Fact("memory of the import", f"{mib:.0f} MiB", f"at most {MOST_MIB} MiB", mib <= MOST_MIB),
    ]


MOST_BESIDE = 2
#: Between two looks at the board, in seconds: nobody looks without a pause.
PAUSE = 0.05
USUAL_READS = 200


def measure_beside(server: Server, deals: int) -> Fact:
    """The 95th percentile of looks at the board while an import runs, in a process of its own as
    the product starts it, against the same before."""
    visitor = Visitor(server.port)
    visitor.sign_in(company.managers()[-1])
    count = min(NEW_DEALS, deals)
    usual = [_look(visitor) for _ in range(USUAL_READS)]
    with tempfile.TemporaryDirectory() as folder:
        file, mapping = _new(Path(folder), count, "BESIDE"), Path(folder) / "mapping.json"
        mapping.write_text(json.dumps({"stages": STAGES}))
        importing = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "import", "deals", str(file),
             "--mapping", str(mapping)],
            cwd=ROOT, env=environment(server.database_url), stdout=subprocess.DEVNULL,
        )  # fmt: skip
        beside = []
        while importing.poll() is None:
            beside.append(_look(visitor))
        assert importing.returncode == 0
    ratio = percentile(beside, 95) / percentile(usual, 95)
    return Fact(
        f"board while {count:,} deals are imported",
        f"p95 {percentile(beside, 95):.1f} ms of {len(beside)} looks, usually "
        f"{percentile(usual, 95):.1f} ms: {ratio:.2f} times; the longest {max(beside):.0f} ms",
        f"at most {MOST_BESIDE} times",
        ratio <= MOST_BESIDE,
    )


def _look(visitor: Visitor) -> float:
    """How long a look at the board takes, in milliseconds."""
    time.sleep(PAUSE)
    answer = visitor.get("/board")
    assert answer.status == 200
    return answer.seconds * 1000


def _measured(count: int) -> dict[str, float]:
    from roadmap import create_app
    from roadmap.extensions import db
    from roadmap.imports import actions, applying
    from roadmap.imports.mapping import ImportMapping

    taken: dict[str, float] = {}
    app = create_app()
    with tempfile.TemporaryDirectory() as folder, app.app_context():
        file = _new(Path(folder), count)
        inner = applying.apply

        def timed(*arguments: Any, **options: Any) -> bool:
            started = time.perf_counter()
            done = inner(*arguments, **options)
            taken["apply"] = time.perf_counter() - started
            return done

        applying.apply = timed
        words = {stage.casefold(): meaning for stage, meaning in STAGES.items()}
        started = time.perf_counter()
        report = actions.run(actions.Files(deals=file), ImportMapping(stages=words))
        taken["import"] = time.perf_counter() - started
        assert report.file("deals").new == count, report
        taken["mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        taken["raw"], taken["bare"] = _raw(file), _bare(count)
        taken["revert"] = _revert()
        db.session.remove()
        db.engine.dispose()
    return taken


def _raw(file: Path) -> float:
    """Reading the file with the csv module and inserting its cells as text, in one transaction."""
    from roadmap.extensions import db

    connection = db.session.connection()
    connection.exec_driver_sql(
        f"CREATE TABLE bench_raw ({', '.join(f'c{n} TEXT' for n in range(len(COLUMNS)))})"
    )
    db.session.commit()
    started = time.perf_counter()
    with file.open(newline="") as content:
        rows = [tuple(row) for row in csv.reader(content)]
    _insert("bench_raw", [f"c{n}" for n in range(len(COLUMNS))], rows)
    db.session.commit()
    return time.perf_counter() - started


def _bare(count: int) -> float:
    """Writing as many deals, with all their values known, in one transaction."""
    from sqlalchemy import delete, select

    from roadmap.extensions import db
    from roadmap.models import Deal
    from roadmap.models.base import table as sa_table

    table = sa_table(Deal)
    names = [column.name for column in table.columns if column.name != "id"]
    imported = select(*(table.c[name] for name in names)).where(table.c.external_id.like("NEW%"))
    rows = [tuple(row) for row in db.session.execute(imported)]
    assert len(rows) == count
    db.session.execute(delete(table).where(table.c.external_id.like("NEW%")))
    db.session.commit()
    started = time.perf_counter()
    db.session.connection().execute(
        table.insert(), [dict(zip(names, row, strict=True)) for row in rows]
    )
    db.session.commit()
    return time.perf_counter() - started


def _revert() -> float:
    """Taking the last import back."""
    from sqlalchemy import func, select

    from roadmap.extensions import db
    from roadmap.imports import reverting
    from roadmap.models import Deal, Import

    last = db.session.scalars(select(func.max(Import.id))).one()
    db.session.rollback()
    started = time.perf_counter()
    reverting.revert(last, None)
    seconds = time.perf_counter() - started
    left = select(func.count()).where(Deal.external_id.like("NEW%"))
    assert db.session.scalar(left) == 0
    return seconds


def _insert(table: str, names: list[str], rows: list[tuple[Any, ...]]) -> None:
    from roadmap.extensions import db

    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(names))
    connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608


COLUMNS = (
    "Opportunity ID", "Opportunity Name", "Account Name", "Opportunity Owner", "Stage", "Amount",
    "Close Date", "Created Date", "Probability (%)", "Product Name", "Loss Reason", "Region",
    "Type", "Next Step",
)  # fmt: skip


def _new(folder: Path, count: int, prefix: str = "NEW") -> Path:
    """A report as Salesforce exports it, of deals that nobody knows."""
    chance = random.Random(6)
    file = folder / "report.csv"
    beginning = date(2024, 1, 1)
    with file.open("w", newline="") as output:
        writer = csv.writer(output)
        writer.writerow(COLUMNS)
        for number in range(count):
            account = chance.randrange(20_000)
            stage = chance.choice(["Qualify", "Negotiation", "Closed Won", "Closed Lost"])
            closes = beginning + timedelta(chance.randrange(1_200))
            why = chance.choice(["Missing SSO", "Price", "No budget"])
            writer.writerow(
                [
                    f"{prefix}{number:07}", f"Deal {number} for Account {account}",
                    f"Account {account}",
                    f"Rep {chance.randrange(80)}", stage,
                    f"{chance.randrange(100, 900_000)}.00" if chance.random() > 0.1 else "",
                    closes.isoformat(), (closes - timedelta(90)).isoformat(),
                    chance.randrange(0, 101, 10), f"Product {chance.randrange(12)}",
                    why if stage == "Closed Lost" else "", chance.choice(["EMEA", "AMER", "APAC"]),
                    chance.choice(["New", "Renewal"]), "call them back",
                ]
            )  # fmt: skip
    return file


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measured(int(sys.argv[1]))) + "\n")
