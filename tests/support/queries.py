"""Count the SQL statements that a page costs: N+1 queries hide behind pretty loops."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event

READS = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)


@contextmanager
def count_queries(app: Flask, *, ignoring: Sequence[str] = ()) -> Iterator[list[str]]:
    """The statements sent while the block runs, in order.

    Those that read or write a table named in `ignoring` are left out: a page is not to blame for
    what it costs to know who asks.

        with count_queries(app, ignoring=["users"]) as statements:
            client.get("/board")
        assert len(statements) <= 6, "\\n".join(statements)
    """
    from roadmap.extensions import db

    tables = re.compile(rf"\b(FROM|INTO|UPDATE|JOIN)\s+\"?({'|'.join(ignoring)})\b", re.IGNORECASE)
    statements: list[str] = []

    def record(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if READS.match(statement) and not (ignoring and tables.search(statement)):
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", record)
