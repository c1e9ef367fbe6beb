"""`flask similar`: the suggestions of the page, for a text on the command line."""

from __future__ import annotations

import json
import sys

import click
from flask.cli import with_appcontext

from roadmap.extensions import reading

from .suggesting import MOST, Suggestion, Text, suggest


class Unanswerable(click.ClickException):
    """A text or a limit that nothing can be suggested for."""

    exit_code = 2


@click.command("similar")
@click.option("--text", required=True, help="What the customer is trying to do.")
@click.option(
    "--limit", type=click.IntRange(1, MOST), default=5, show_default=True, metavar="N",
    help="At most so many suggestions.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The suggestions as JSON.")
@with_appcontext
def similar(text: str, limit: int, as_json: bool) -> None:
    """Problems and requests that look like a text, the most alike first.

    Scores are from 0 to 1: the part of what the text says, weighed by rarity, that the other says
    too. An empty text or a limit out of range ends with exit code 2.
    """
    if not text.strip():
        raise Unanswerable("Say something in --text.")
    with reading():
        found = suggest(Text(body=text), limit=limit)
    if as_json:
        click.echo(json.dumps([_plain(each) for each in found], indent=1))
        return
    for each in found:
        click.echo(_printable(f"{each.kind} {each.id}\t{each.score:.4f}\t{each.title}"))
    if not found:
        click.echo("Nothing looks like it.")


def _plain(found: Suggestion) -> dict[str, object]:
    return {
        "kind": found.kind, "id": found.id, "title": found.title, "score": found.score,
        "why": list(found.why), "through": found.through,
    }  # fmt: skip


def _printable(text: str) -> str:
    """What the terminal can show: a customer's words must not end a command in an error."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
