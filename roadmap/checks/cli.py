"""`flask check`: exit code 0 with one line, or 1 with a list of what is wrong."""

from __future__ import annotations

import sys
from itertools import islice

import click
from flask.cli import with_appcontext

from roadmap.extensions import reading
from roadmap.web.filters import plural

from .queries import CHECKS

#: How much of one kind of fault is named; more of it would tell nobody more.
SHOWN = 20


@click.command("check")
@with_appcontext
def check() -> None:
    """Verify the data: order, ledger, totals, blockers, fit, and that nothing dangles."""
    faults = 0
    with reading():
        for name, find in CHECKS.items():
            found = find()
            shown = list(islice(found, SHOWN))
            more = sum(1 for _ in found)
            faults += len(shown) + more
            for line in shown:
                click.echo(f"{name}: {line}")
            if more:
                click.echo(f"{name}: and {more:,} more")
    if faults:
        click.echo(f"{plural(faults, 'fault')} found.", err=True)
        sys.exit(1)
    click.echo(f"All is right: {len(CHECKS)} checks found nothing.")
