"""What the database holds, to be compared before and after."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db, reading
from roadmap.models import Base

#: Up to what people were told is written down after any answer.
TOLD = ("told", "told_revision", "told_as_of")


def everything(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table: equal before and after a request that changed nothing."""
    with app.app_context(), reading():
        return {
            table.name: sorted(
                map(repr, db.session.execute(select(*(c for c in table.c if c.name not in TOLD))))
            )
            for table in Base.metadata.sorted_tables
        }
