"""`flask report …`: what the report pages show, as text or as the CSV that they offer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime

import click
from flask.cli import AppGroup

from roadmap.domain.errors import Refused
from roadmap.extensions import reading
from roadmap.web.csv import cell, lines

from . import filters
from .catalogue import KINDS, Kind
from .tables import Table

group = AppGroup("report", help="Who we lose, why, and what is worth closing.")

ISO_DATE = click.DateTime(["%Y-%m-%d"])


class Unanswerable(click.ClickException):
    """A question that makes no sense; the message says what about it."""

    exit_code = 2


def _command(kind: Kind) -> None:
    @group.command(kind.name, help=f"{kind.question} docs/reports.md says more.")
    @click.option("--by", default="", metavar="ATTRIBUTE", help="What the table is grouped by.")
    @click.option("--as-of", type=ISO_DATE, metavar="DATE", help="The day (default: today).")
    @click.option(
        "--filter", "pairs", multiple=True, metavar="NAME=VALUE",
        help="segment, product, region, rep, fit, window, source or any attribute.",
    )  # fmt: skip
    @click.option("--csv", "as_csv", is_flag=True, help="The CSV that the page offers.")
    def report(by: str, as_of: datetime | None, pairs: Sequence[str], as_csv: bool) -> None:
        with reading():
            finding, table = _made(kind, by, as_of.date() if as_of else None, pairs)
        if as_csv:
            # The page's download, byte for byte, whatever the terminal speaks.
            click.echo("".join(lines(table.header, table.rows)).encode(), nl=False)
        else:
            _say(f"{finding}\n\n{_as_text(table)}")


def _made(kind: Kind, by: str, as_of: date | None, pairs: Sequence[str]) -> tuple[str, Table]:
    try:
        asked = filters.from_words(as_of, _split(pairs))
        made = kind.report(asked, kind.grouping(by))
    except Refused as error:
        raise Unanswerable(str(error)) from None
    return kind.finding(made), kind.table(made)


def _split(pairs: Sequence[str]) -> dict[str, str]:
    """Raises Refused for a filter without a name or a value."""
    found = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not (name.strip() and separator and value.strip()):
            raise Refused(f"--filter {pair}: write NAME=VALUE")
        found[name.strip()] = value
    return found


def _as_text(table: Table) -> str:
    """Columns side by side: words to the left, figures to the right."""
    rows = [[cell(value) for value in row] for row in table.rows]
    widths = [max(map(len, column)) for column in zip(table.header, *rows, strict=True)]
    return "\n".join(
        "  ".join(
            text.ljust(width) if place == 0 else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (table.header, *rows)
    )


def _say(text: str) -> None:
    """What the terminal can show: a customer's name must not end a report in an error."""
    encoding = sys.stdout.encoding or "utf-8"
    click.echo(text.encode(encoding, "replace").decode(encoding).rstrip("\r\n"))


for _kind in KINDS.values():
    _command(_kind)
