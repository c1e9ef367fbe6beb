"""`python -m tests.bench [--size small] [--postgresql] [--quick] [--json]`."""

import argparse
import json
import statistics
import sys
from dataclasses import asdict

from tests.bench import importing, prepare, tour
from tests.bench.company import SIZES
from tests.bench.measures import Bench, Fact, Figure, W
from tests.bench.prepare import say
from tests.bench.serving import Server

MOST_MEMORY_MIB = 250


def main() -> int:
    arguments = _arguments()
    size = SIZES[arguments.size]
    system = "postgresql" if arguments.postgresql else "sqlite"
    found: list[Figure | Fact] = []
    with prepare.database(size.name, system) as url:
        with Server(url) as server:
            bench = Bench(server, size)
            for figure in bench.figures(arguments.quick):
                if not arguments.json:
                    tell(line(figure))
                found.append(figure)
            faults = [fault for each in tour.everything(server.port, url) for fault in each.faults]
            held = server.memory.held, server.memory.peak
            found.append(importing.measure_beside(server, size.deals))
        found.append(Fact("addresses of the tour that failed", f"{faults}", "none", not faults))
        found.append(memory(*held))
        found.append(importing.measure(url, size.deals))
        found += importing.measure_new(url, size.deals)
        if not arguments.json:
            tell("\n".join(map(line, found[-7:])))
    if arguments.json:
        tell(json.dumps([_plain(figure) for figure in found], indent=1))
    missed = [figure.name for figure in found if figure.met is False]
    say(f"{len(missed)} targets missed: {'; '.join(missed)}" if missed else "All targets met.")
    return 0


def line(figure: Figure | Fact) -> str:
    """One figure as people read it."""
    verdict = {True: "met", False: "MISSED", None: ""}[figure.met]
    if isinstance(figure, Fact):
        return f"{figure.name:44} {figure.found}  [{figure.target}] {verdict}"
    unit = figure.one
    target = "" if figure.target is None else f"[≤ {figure.target:g} {figure.unit}"
    if figure.target_p95 is not None:
        target += f", p95 ≤ {figure.target_p95:g}"
    if figure.most_queries is not None:
        target += f", ≤ {figure.most_queries} queries"
    target += "]" if target else ""
    floor = "one row" if figure.unit == W else f"{figure.bytes / 1024:,.0f} KiB"
    spent = f"{statistics.median(figure.cpu):.1f} ms CPU, {figure.queries} queries"
    return (
        f"{figure.name:44} p50 {figure.p50:8.2f} ms = {figure.p50 / unit:7.2f} {figure.unit}   "
        f"p95 {figure.p95:8.2f} ms = {figure.p95 / unit:7.2f} {figure.unit}   "
        f"(1 {figure.unit} = {unit:.2f} ms, {floor}; {spent})  {target} {verdict}"
    )


def memory(held: int | None, peak: int | None) -> Fact:
    name = "memory, two workers, every page looked at"
    target = f"at most {MOST_MEMORY_MIB} MiB"
    if held is None or peak is None:
        return Fact(name, "this system does not tell", target, None)
    text = f"{held / 1024:.0f} MiB, {peak / 1024:.0f} MiB at its highest"
    return Fact(name, text, target, held <= MOST_MEMORY_MIB * 1024)


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _plain(figure: Figure | Fact) -> object:
    return figure.as_json() if isinstance(figure, Figure) else asdict(figure)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="large")
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    parser.add_argument("--quick", action="store_true", help="a fifth of the samples")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
