"""All that the product gives away as CSV, the plan and the checks' findings, written to a folder:
two versions of the code are compared by what they say of the same data.

    PYTHONPATH=. .venv/bin/python tests/bench/csvs.py DATABASE_URL FOLDER [TODAY] [--pages]
    diff -r OLD NEW

It runs the code of the current folder, also of a checkout that does not have this file. With
--pages the texts of problems', deals' and initiatives' pages are written, too.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from flask import Flask
from sqlalchemy import select, text

from roadmap import create_app
from roadmap.extensions import db
from roadmap.models import User
from roadmap.people import user_sessions

#: Of each kind of object so many are asked for.
OF_A_KIND = 60
#: The objects that have CSV of their own, or that a list is asked for.
KINDS = ("initiatives", "teams", "problems")
#: What lists and reports are asked with, beside nothing.
QUERIES = (
    "as_of=2026-11-30", "source=crm", "source=rep", "source=customer", "source=interview",
    "by=segment", "by=problem", "window=3", "months=12", "status=lost", "status=open", "tied=none",
    "tied=some", "bucket=product",
)  # fmt: skip
_TAG = re.compile(r"<script.*?</script>|<[^>]*>", re.DOTALL)


def write(url: str, folder: Path, today: str, *, with_pages: bool = False) -> int:
    """Write all of it; returns how many files that are."""
    app = create_app({"TESTING": True, "SECRET_KEY": "x" * 32, "TODAY": today, "DATABASE_URL": url})
    folder.mkdir(parents=True, exist_ok=True)
    # The first product manager looks, without a session: nothing but figures is of interest.
    user_sessions.find = lambda: db.session.scalar(  # type: ignore[assignment]
        select(User).where(User.role == "product").order_by(User.id).limit(1)
    )
    client = app.test_client()
    wanted = [*tables(app), *(_pages(app) if with_pages else ())]
    for address in wanted:
        answer = client.get(address)
        body = (
            answer.text.removeprefix("\ufeff")
            if answer.status_code == 200
            else f"{answer.status_code}\n"
        )
        if answer.mimetype == "text/html" and answer.status_code == 200:
            main = body.partition("<main")[2].partition("</main>")[0]
            body = "\n".join(_TAG.sub("\n", main).split("\n"))
            body = "\n".join(line.strip() for line in body.splitlines() if line.strip())
        (folder / quote(address, safe="")).write_text(body)
    for name, command in (("plan", ["plan", "export"]), ("check", ["check"])):
        result = app.test_cli_runner().invoke(args=command)
        (folder / name).write_text(f"{result.output}\n")
    return len(wanted) + 2


def tables(app: Flask, most: int = OF_A_KIND) -> Iterator[str]:
    """All addresses of CSV, with arguments that fit what is there."""
    ids = {name: _ids(app, name, most) for name in KINDS}
    for rule in sorted(rule.rule for rule in app.url_map.iter_rules()):
        if not rule.endswith(".csv"):
            continue
        if "<" in rule:
            kind = rule.split("/")[1]
            yield from (re.sub("<[^>]*>", str(id), rule) for id in ids.get(kind, ()))
            continue
        yield from (rule, *(f"{rule}?{query}" for query in QUERIES))
        yield from (f"{rule}?problem={id}" for id in ids["problems"])


def _pages(app: Flask) -> Iterator[str]:
    for kind in ("problems", "deals", "initiatives", "accounts"):
        yield from (f"/{kind}/{id}" for id in _ids(app, kind, 1_000))


def _ids(app: Flask, table: str, most: int = OF_A_KIND) -> list[int]:
    with app.app_context():
        statement = text(f"SELECT id FROM {table} ORDER BY id LIMIT {most}")  # noqa: S608
        return list(db.session.scalars(statement))


if __name__ == "__main__":
    _url, _folder, *_rest = [each for each in sys.argv[1:] if not each.startswith("--")]
    _today = _rest[0] if _rest else "2027-01-11"
    sys.stdout.write(
        f"{write(_url, Path(_folder), _today, with_pages='--pages' in sys.argv)} files\n"
    )
