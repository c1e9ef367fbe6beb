"""`flask import …`: a CRM export into accounts and deals, a backlog into requests."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click
from flask.cli import AppGroup

from . import actions, mapping
from . import requests as backlog
from .mapping import MappingError
from .reading import UnreadableFile
from .report import Report, as_text

group = AppGroup(
    "import", help="Bring in what another system exports. docs/importing.md says more."
)
file = click.Path(path_type=Path)

#: Nothing could be read: the file, the mapping, or every single row of a file.
NOTHING_READ = 2


class NothingRead(click.ClickException):
    exit_code = NOTHING_READ


@group.command("deals")
@click.argument("path", metavar="FILE", type=file)
@click.option("--accounts", type=file, help="The accounts that the deals belong to.")
@click.option("--products", type=file, help="Products, to check the deals' product names against.")
@click.option("--mapping", "mapping_path", type=file, help="What the columns mean, as JSON.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def deals(
    path: Path,
    accounts: Path | None,
    products: Path | None,
    mapping_path: Path | None,
    dry_run: bool,
) -> None:
    """Import the deals in FILE, a CSV file, and with them their accounts.

    What is new is added, what differs is changed, nothing is deleted; the same file again changes
    nothing. Rows that cannot be taken are listed with the reason and stop no others. The exit code
    is 0 unless nothing could be read, which is 2 and leaves everything as it was.
    """
    files = actions.Files(path, accounts, products)
    _report(mapping_path, lambda own: actions.run(files, own, dry_run=dry_run))


@group.command("requests")
@click.argument("path", metavar="FILE", type=file)
@click.option("--mapping", "mapping_path", type=file, help="What the columns mean, as JSON.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def requests(path: Path, mapping_path: Path | None, dry_run: bool) -> None:
    """Bring over the backlog in FILE, a CSV file with one request in each row.

    What is new is added and waits for triage, or is declined where the backlog was done with it;
    what differs is changed while nobody has triaged it; the same file again changes nothing. Rows
    that cannot be taken are listed with the reason and stop no others. The exit code is 0 unless
    nothing could be read, which is 2 and leaves everything as it was.
    """
    _report(mapping_path, lambda own: backlog.run(path, own, dry_run=dry_run))


def _report(
    mapping_path: Path | None, run: Callable[[mapping.ImportMapping | None], Report]
) -> None:
    """Run an import and print what it says; exits with 2 where nothing could be read."""
    try:
        report = run(mapping.load(mapping_path) if mapping_path else None)
    except (UnreadableFile, MappingError) as error:
        raise NothingRead(_printable(str(error))) from error
    click.echo(_printable(as_text(report)))
    if report.nothing_read:
        raise NothingRead("Every row of a file failed, so nothing was imported.")


def _printable(text: str) -> str:
    """What the terminal can show: a customer's name must not end a finished import in an error."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
