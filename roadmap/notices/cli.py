"""`flask outbox …`, for cron and for whoever looks after mail; `flask worker`, which needs no cron.

What moved since people were last told is found by features that come later than this one, so the
commands are made around a function that finds it.
"""

from __future__ import annotations

import sys

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from roadmap.extensions import reading
from roadmap.models.base import now
from roadmap.web.filters import moment, plural

from . import outbox
from .outbox import Waiting
from .rounds import CatchUp, make_round
from .worker import Stop, work


def make_commands(catch_up: CatchUp) -> list[click.Command]:
    """`outbox` and `worker`. `catch_up` tells people what moved, and commits; it is called before
    letters are written, in an application context of its own.
    """
    group = AppGroup("outbox", help="Letters: write and send them, see which wait.")

    @group.command("send")
    def send() -> None:
        """Tell what moved, write the letters that are due, send them. For cron."""
        done = make_round(catch_up)
        click.echo(done.in_words() or "Nothing to send.")
        if current_app.config["SMTP_HOST"] is None:
            click.echo("Mail is not set up: SMTP_HOST is not set.")
        if done.faults:
            sys.exit(1)

    group.add_command(waiting)
    group.add_command(retry)

    @click.command("worker")
    @with_appcontext
    def worker() -> None:
        """Do what `outbox send` does, again and again, until it is told to stop."""
        with Stop() as stop:
            work(catch_up, stop, current_app.config["WORKER_SECONDS"])

    return [group, worker]


@click.command("list")
@with_appcontext
def waiting() -> None:
    """Letters that have not left. Exit code 1 where one was given back, or was tried often."""
    with reading():
        found = outbox.waiting()
    for letter in found:
        click.echo(_line(letter))
    needy = sum(letter.needs_somebody for letter in found)
    if not found:
        click.echo("No letter waits.")
    if needy:
        click.echo(f"{plural(needy, 'letter')} cannot leave without help.", err=True)
        sys.exit(1)


@click.command("retry")
@with_appcontext
def retry() -> None:
    """Make every letter that failed due at once."""
    click.echo(f"{plural(outbox.retry(now()), 'letter')} will be tried again.")


def _line(letter: Waiting) -> str:
    if not letter.wanted:
        state = "held: its receiver wants no mail now"
    elif letter.undeliverable:
        state = "cannot be delivered"
    else:
        state = f"next try {moment(letter.next_try_at)}"
    tried = f", tried {plural(letter.attempts, 'time')}" if letter.attempts else ""
    error = f": {letter.error}" if letter.error else ""
    return f"{letter.id} {letter.kind} to {letter.to}, {letter.subject!r}{tried}, {state}{error}"
