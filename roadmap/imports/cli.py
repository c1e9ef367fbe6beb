"""`flask import …`: a CRM export into accounts and deals, a backlog into requests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from flask.cli import AppGroup

from roadmap.domain.errors import Conflict
from roadmap.extensions import db, reading
from roadmap.models import Import
from roadmap.models.imports import APPLYING, IN_FORCE, REVERTING
from roadmap.web.filters import moment

from . import actions, jobs, listing, making, mapping, teams
from . import requests as backlog
from .mapping import MappingError
from .reading import UnreadableFile
from .report import Report, as_text, rows_named

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
@click.option("--sheet", help="The sheet of a workbook of deals, where it has several.")
@click.option("--full", is_flag=True, help="FILE is a full export: flag the deals that it lacks.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def deals(
    path: Path,
    accounts: Path | None,
    products: Path | None,
    mapping_path: Path | None,
    sheet: str | None,
    full: bool,
    dry_run: bool,
) -> None:
    """Import the deals in FILE, a CSV file or an Excel workbook, and with them their accounts.

    What is new is added, what differs is changed, nothing is deleted; the same file again changes
    nothing. Rows that cannot be taken are listed with the reason and stop no others. The exit code
    is 0 unless nothing could be read, which is 2 and leaves everything as it was.
    """
    files = actions.Files(path, accounts, products)

    def run(own: mapping.ImportMapping | None) -> Report:
        own = own or mapping.ImportMapping()
        own = replace(own, sheets={**own.sheets, "deals": sheet}) if sheet else own
        return actions.run(files, own, dry_run=dry_run, full_export=full)

    _report(mapping_path, run)


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


@group.command("teams")
@click.argument("path", metavar="FILE", type=file)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def team(path: Path, dry_run: bool) -> None:
    """Say who sells for whom: FILE has a person in each row, by name or e-mail address, and
    whatever is to be known of them (manager, region, …) in further columns, which reports group by.
    """
    try:
        found = teams.run(path, dry_run=dry_run)
    except (UnreadableFile, MappingError) as error:
        raise NothingRead(_printable(str(error))) from error
    lines = [f"{found.new:,} new, {found.changed:,} changed, {found.unchanged:,} unchanged"]
    if found.attributes:
        lines.append(f"Reports can be grouped by: {', '.join(found.attributes)}")
    if found.failed:
        rows = rows_named(found.failed[:5], len(found.failed))
        lines.append(f"Left out, without a name or e-mail address: {rows}")
    if dry_run:
        lines.append("Dry run: nothing was changed.")
    click.echo(_printable("\n".join(lines)))


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


@group.command("list")
def listed() -> None:
    """The imports so far, the latest first."""
    with reading():
        for line in listing.imports():
            counts = ", ".join(f"{count:,} {name}" for name, count in line.counts.items())
            names = ", ".join(file["name"] for file in line.files)
            click.echo(_printable(f"{line.id}  {moment(line.created_at)}  {line.state}  "
                                  f"{names}  {counts}"))  # fmt: skip


@group.command("stage")
@click.argument("id", type=int)
def stage(id: int) -> None:
    """Read the files of an upload and compare them, as the web asks for it."""
    making.stage(id)


@group.command("apply")
@click.argument("id", type=int)
def apply(id: int) -> None:
    """Apply an import that is ready; one that was applied already stays as it is."""
    with _by_hand(id, APPLYING):
        making.apply(id)
    _tell(id)


@group.command("revert")
@click.argument("id", type=int)
def revert(id: int) -> None:
    """Take an import back, unless something later rests on it."""
    made = db.session.get(Import, id)
    if made is None or made.state not in IN_FORCE:
        raise click.ClickException("There is no such import that is applied.")
    db.session.rollback()
    with _by_hand(id, REVERTING):
        making.revert(id)
    made = db.session.get_one(Import, id, populate_existing=True)
    if made.dependences:
        lines = [f"  {each['what']}: {each['count']:,} ({', '.join(each['names'])})"
                 for each in made.dependences]  # fmt: skip
        raise click.ClickException(_printable("\n".join(["Something later rests on it:", *lines])))
    if made.error:
        raise click.ClickException(made.error)
    click.echo("Reverted.")


@contextmanager
def _by_hand(id: int, state: str) -> Iterator[None]:
    try:
        with jobs.by_hand(id, state):
            yield
    except Conflict as busy:
        raise click.ClickException(str(busy)) from busy


def _tell(id: int) -> None:
    made = db.session.get(Import, id, populate_existing=True)
    if made is None:
        raise click.ClickException("There is no such import.")
    if made.error:
        raise click.ClickException(_printable(made.error))
    click.echo(f"Import {id} is {made.state}.")


def _printable(text: str) -> str:
    """What the terminal can show: a customer's name must not end a finished import in an error."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
