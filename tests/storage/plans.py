"""The plans of all statements that the product issues while somebody listens, and what in them goes
through a whole large table."""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event, func, select, text

from roadmap.config import ROOT
from roadmap.models import Base

#: From so many rows on a table is one that nobody should go through by mistake.
LARGE = 2_000
#: Whoever looks into an index for each row should find fewer rows than this.
WIDE = 500
#: Whoever reads a whole table and keeps fewer than one row in so many should have had an index.
FEW = 10

PLANNED = re.compile(r"\s*(SELECT|WITH|UPDATE|DELETE|INSERT INTO .* SELECT)\b", re.DOTALL)
SEVERAL = re.compile(r"\((?:[?]|%\([^)]*\)s(?:::\w+)?)(?:, (?:[?]|%\([^)]*\)s(?:::\w+)?))+\)")
#: Beneath the product, whatever issues a statement.
PACKAGE = str(ROOT / "roadmap") + "/"

#: Which table, by which function; and the statement, to be shown.
Found = dict[tuple[str, str], str]


class Plans:
    """What was found: `scans` go through a large table once, `loops` for each row of something."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.scans: Found = {}
        self.loops: Found = {}
        #: The functions that issued any statement.
        self.callers: set[str] = set()
        self.statements: set[tuple[str, str]] = set()
        self.large, self.widths = _sizes(engine)

    @contextmanager
    def listening(self) -> Iterator[None]:
        event.listen(self.engine, "before_cursor_execute", self._look)
        try:
            yield
        finally:
            event.remove(self.engine, "before_cursor_execute", self._look)

    def _look(
        self, connection: Connection, _cursor: Any, statement: str, given: Any, _context: Any,
        many: bool,
    ) -> None:  # fmt: skip
        caller = _caller()
        self.callers.add(caller)
        known = (caller, SEVERAL.sub("(…)", statement))
        if known in self.statements or not PLANNED.match(statement):
            return
        self.statements.add(known)
        steps, plan = self._plan(connection, statement, given[0] if many else given)
        for table, again in steps:
            found = self.loops if again else self.scans
            found.setdefault((caller, table), f"{statement}\n{plan}")

    def _plan(
        self, connection: Connection, statement: str, given: Any
    ) -> tuple[list[tuple[str, bool]], str]:
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            rows = driver.execute(f"EXPLAIN QUERY PLAN {statement}", given).fetchall()
            plan = "\n".join(f"{row[0]} below {row[1]}: {row[3]}" for row in rows)
            return list(self._sqlite(statement, rows)), plan
        with psycopg.ClientCursor(driver) as cursor:
            cursor.execute(f"EXPLAIN (VERBOSE, FORMAT JSON) {statement}", given)
            (((whole,),),) = cursor.fetchall()
        return list(self._postgresql(whole["Plan"], str(whole), False)), json.dumps(whole, indent=1)

    def _sqlite(self, statement: str, rows: list[Any]) -> Iterator[tuple[str, bool]]:
        names = dict(re.findall(r"\b(\w+) AS (\w+)", statement))
        tables = {alias: table for table, alias in names.items()}
        details = {id: detail for id, _, _, detail in rows}
        parents = {id: parent for id, parent, _, _ in rows}
        outer: set[int] = set()
        for id, parent, _, detail in rows:
            step = re.match(r"(SCAN|SEARCH) (\w+)(.*)", detail)
            if not step:
                continue
            verb, name, how = step.groups()
            again = parent in outer or _correlated(id, details, parents)
            outer.add(parent)
            table = tables.get(name, name)
            if table not in self.large:
                continue
            # An index that is made for the statement says that one is missing.
            if verb == "SCAN" or "AUTOMATIC" in how:
                yield table, again
            elif again and self._width(table, how) >= WIDE:
                yield table, True

    def _width(self, table: str, how: str) -> int:
        """How many rows a look into this index finds, usually."""
        if "INTEGER PRIMARY KEY" in how:
            return 1
        index = re.search(r"INDEX (\w+)", how)
        widths = self.widths.get((table, index.group(1) if index else ""), ())
        equal = how.count("=?")
        return widths[equal] if equal < len(widths) else 0

    def _postgresql(self, node: Any, whole: str, again: bool) -> Iterator[tuple[str, bool]]:
        """PostgreSQL reads a whole table where most of it is needed, and rightly so: once is worth
        a word only where it keeps few of the rows."""
        table, kind = node.get("Relation Name"), node["Node Type"]
        rows = node["Plan Rows"]
        if table in self.large:
            whole_table = kind == "Seq Scan" or (
                kind.startswith("Index") and "Index Cond" not in node
            )
            if whole_table and (again or ("Filter" in node and rows * FEW < self.large[table])):
                yield table, again
            elif again and rows >= WIDE:
                yield table, True
        for below in node.get("Plans", ()):
            inner = kind == "Nested Loop" and below["Parent Relationship"] == "Inner"
            # One that is hashed, or does not depend on the row, runs once.
            name = below.get("Subplan Name", "")
            each = below["Parent Relationship"] == "SubPlan" and f"hashed {name}" not in whole
            # What is put aside is found once, and small enough to be looked through again.
            aside = below["Node Type"] == "Materialize" and below["Plan Rows"] < WIDE
            yield from self._postgresql(below, whole, (again or inner or each) and not aside)


def _correlated(id: int, details: dict[int, str], parents: dict[int, int]) -> bool:
    while (id := parents[id]) in details:
        if details[id].startswith("CORRELATED"):
            return True
    return False


def _sizes(engine: Engine) -> tuple[dict[str, int], dict[tuple[str, str], list[int]]]:
    """The large tables with their rows and, on SQLite, how many rows each index finds by its first
    columns."""
    large, widths = {}, defaultdict(list)
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            count = connection.scalar(select(func.count()).select_from(table)) or 0
            if count >= LARGE:
                large[table.name] = count
        if engine.dialect.name == "sqlite":
            rows = connection.execute(text("SELECT tbl, idx, stat FROM sqlite_stat1"))
            for table, index, counts in rows:
                numbers = [int(word) for word in counts.split() if word.isdigit()]
                own = index in (None, table) or index.startswith("sqlite_autoindex")
                for name in {index or "", ""} if own else {index}:
                    widths[table, name] = numbers
        connection.rollback()
    return large, dict(widths)


def _caller() -> str:
    """The innermost function of the product that issues a statement."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(PACKAGE) and "/models/" not in file and "extensions.py" not in file:
            module = Path(file).relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".")
            return f"{module}.{frame.f_code.co_qualname.split('.<locals>')[0]}"
        frame = frame.f_back
    return "outside"
