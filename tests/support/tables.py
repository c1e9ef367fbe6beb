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
    with app.app_context(), reading():
        return {
            table.name: sorted(
                map(repr, db.session.execute(select(*(c for c in table.c if c.name not in TOLD))))
            )
            for table in Base.metadata.sorted_tables
            if table.name not in HOUSEKEEPING
        }
