"""`flask demo load`: the demo company, in an empty database."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import select

from roadmap.domain.errors import Refused
from roadmap.extensions import db
from roadmap.models import User

group = AppGroup("demo", help="The demo company.")


@group.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing where there is a user already.")
def load(if_empty: bool) -> None:
    """Fill an empty database with an invented company, its deals, and ten weeks of decisions."""
    if if_empty and db.session.scalar(select(User.id).limit(1)) is not None:
        return
    from . import load as loading  # a server, which offers the command too, never needs it

    click.echo("Loading the demo company (a few seconds, once)")
    try:
        loading.load()
    except Refused:
        if if_empty:
            return
        raise click.ClickException(
            "There are users here already: the demo company is only for an empty database."
        ) from None
