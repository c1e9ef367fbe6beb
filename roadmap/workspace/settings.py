"""The workspace's settings, as this request's snapshot of the database has them."""

from __future__ import annotations

from flask import g
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Workspace


def workspace() -> Workspace:
    """The one row, read once a request."""
    if "workspace" not in g:
        g.workspace = db.session.scalars(select(Workspace)).one()
    return g.workspace  # type: ignore[no-any-return]
