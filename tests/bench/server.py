"""The product as gunicorn serves it, plus what only a measurement needs.

`/bench/constant?bytes=N` is a page of so many bytes that costs nothing to make: the floor.
`/bench/plain?report=NAME&day=DAY` reads a report's figures by plain SQL.
`POST /bench/write` stores one row durably through the same database: the other floor.
`X-Queries` says how many statements an answer took, besides those that identify the person, and
`X-Cpu` how many microseconds its thread was at work, which a busy machine does not change.
"""

import time
from datetime import date
from functools import cache
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from sqlalchemy import event

from roadmap import create_app
from roadmap.extensions import csrf, db
from roadmap.people import session
from tests.bench import plain

# Nobody is identified, so that the floor is as low as it can be.
session.OPEN_TO_ALL = session.OPEN_TO_ALL | {"constant", "plain", "write"}


@cache
def _bytes(count: int) -> bytes:
    return b"x" * count


def constant() -> Response:
    answer = Response(_bytes(int(request.args["bytes"])), content_type="text/html; charset=utf-8")
    encoding = request.args.get("encoding")
    if encoding:
        answer.headers["Content-Encoding"] = encoding
    return answer


def plain_read() -> str:
    return str(plain.read(request.args["report"], date.fromisoformat(request.args["day"])))


def write() -> tuple[str, int]:
    db.session.execute(db.text("UPDATE bench_writes SET count = count + 1 WHERE id = 1"))
    db.session.commit()
    return "", 200


def account_for(app: Flask) -> None:
    with app.app_context():
        engine = db.engine

    @event.listens_for(engine, "before_cursor_execute")
    def _count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if has_request_context() and "FROM users" not in statement.partition("WHERE")[0]:
            g.queries = g.get("queries", 0) + statement.lstrip().startswith(
                ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
            )

    def _begin() -> None:
        g.began = time.thread_time()

    app.before_request_funcs.setdefault(None, []).insert(0, _begin)

    @app.after_request
    def _tell(response: Response) -> Response:
        response.headers["X-Queries"] = str(g.get("queries", 0))
        spent = time.thread_time() - g.get("began", time.thread_time())
        response.headers["X-Cpu"] = str(round(spent * 1_000_000))
        return response


app = create_app()
app.add_url_rule("/bench/constant", "constant", constant)
app.add_url_rule("/bench/plain", "plain", plain_read)
app.add_url_rule("/bench/write", "write", csrf.exempt(write), methods=["POST"])
account_for(app)
