"""What the database holds, to be compared before and after."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db, reading
from roadmap.models import Base

#: Up to what people were told is written down after any answer.
TOLD = ("told", "told_revision", "told_as_of")

#: What the server keeps of browsers and of forms on their way: nothing that anybody decided.
HOUSEKEEPING = ("user_sessions", "sign_in_failures", "submissions", "drafts")


def everything(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table but the housekeeping's: equal before and after a request that
    changed nothing."""
    names = (table.name for table in Base.metadata.sorted_tables)
    return {name: rows(app, name) for name in names if name not in HOUSEKEEPING}


def rows(app: Flask, name: str) -> list[str]:
    """The rows of one table, housekeeping's as well."""
    columns = (c for c in Base.metadata.tables[name].c if c.name not in TOLD)
    with app.app_context(), reading():
        return sorted(map(repr, db.session.execute(select(*columns))))
