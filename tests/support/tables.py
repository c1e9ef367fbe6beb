"""What the database holds, to be compared before and after."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db, reading
from roadmap.models import Base


def everything(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table: equal before and after a request that changed nothing."""
    with app.app_context(), reading():
        return {
            table.name: sorted(map(repr, db.session.execute(select(table))))
            for table in Base.metadata.sorted_tables
        }
