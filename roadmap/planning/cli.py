"""`flask plan …`: the plan as a file, and what a promotion does, from the database or a file.

`flask figures …`: the stored totals and today's forecast, counted anew or compared.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from roadmap.domain import planfile
from roadmap.domain.answers import Answer
from roadmap.domain.impact import DEFAULT_THRESHOLD
from roadmap.domain.plan import Plan, PlanError
from roadmap.extensions import db, reading
from roadmap.models import Account, Deal, Team
from roadmap.workspace import clock, revision
from roadmap.workspace.settings import workspace

from . import daily, totals
from .export import plan_with_deals, whole_plan
from .telling import Names, tell, tell_by

plan_group = AppGroup("plan", help="The plan as JSON, and what a promotion would do.")
figures_group = AppGroup("figures", help="The stored totals and forecasts.")

ISO_DATE = click.DateTime(["%Y-%m-%d"])


class Unanswerable(click.ClickException):
    """A plan file or a question that makes no sense; the message names the place."""

    exit_code = 2


@plan_group.command("export")
def export() -> None:
    """Write the current plan, with all deals, as JSON."""
    with reading():
        text = planfile.dump(whole_plan(clock.today()))
    click.echo(text, nl=False)


@plan_group.command("preview")
@click.option("--promote", "id", required=True, metavar="ID", help="The initiative's id.")
@click.option("--to", type=int, metavar="RANK", help="The rank it would have.")
@click.option("--by", type=ISO_DATE, metavar="DATE", help="Done by this date, at least cost.")
@click.option(
    "--plan", "file", metavar="FILE", help="A plan file instead of the database; - reads it."
)
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
def preview(id: str, to: int | None, by: datetime | None, file: str | None, as_json: bool) -> None:
    """Say what promoting an initiative delays, whose money it moves and which promises break.

    A file or question that makes no sense ends with exit code 2.
    """
    if (to is None) == (by is None):
        raise Unanswerable("Say either --to RANK or --by DATE.")
    day = by.date() if by else None
    with _plainly():
        plan, threshold = (planfile.load(_text(file)), DEFAULT_THRESHOLD) if file else _present()
        answer = _answer(plan, id, to, day, threshold)
    if as_json:
        click.echo(json.dumps(answer, indent=1))
        return
    names = Names() if file else _names(answer)
    if day is not None:
        click.echo(tell_by(plan, id, day, answer, names), nl=False)
    elif to is not None:
        click.echo(tell(plan, id, to, answer, names), nl=False)


@figures_group.command("rebuild")
def rebuild() -> None:
    """Count all stored totals anew as of today, and keep today's forecasts."""
    row = revision.lock()
    today = clock.today()
    daily.refresh(row, today)
    db.session.commit()
    click.echo(f"The totals and forecasts are as of {today.isoformat()}.")


@figures_group.command("check")
def check() -> None:
    """Compare the stored totals with a fresh count; exit code 1 where they differ."""
    with reading():
        wrong = totals.differences(workspace())
    if wrong:
        click.echo("\n".join(wrong))
        sys.exit(1)
    click.echo("The stored totals are right.")


def _answer(plan: Plan, id: str, to: int | None, by: date | None, threshold: int) -> Answer:
    if by is not None:
        return planfile.answer_by(plan, id, by, threshold)
    return planfile.answer_promotion(plan, id, to or 0, threshold)


def _present() -> tuple[Plan, int]:
    """The present plan, and above how much pushed out of reach a sponsor is needed."""
    with reading():
        return plan_with_deals(clock.today()), workspace().sponsor_threshold


def _text(file: str) -> str:
    """A plan file's text. Raises Unanswerable when it cannot be read."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return content.decode("utf-8")
    except OSError as error:
        raise Unanswerable(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Unanswerable(f"{file}: byte {error.start} is not UTF-8") from None


def _names(answer: Answer) -> Names:
    """Names of the deals that an answer mentions, of the teams, and the currency."""
    ids = [int(id) for key in ("pushed", "brought") for id in answer[key]]
    deals: dict[str, str] = {}
    stand_ins: dict[str, str] = {}
    with reading():
        for start in range(0, len(ids), 5000):
            rows = db.session.execute(
                select(Deal.id, Deal.name, Account.name, Deal.amount_source)
                .outerjoin(Account, Account.id == Deal.account_id)
                .where(Deal.id.in_(ids[start : start + 5000]))
            )
            for id, name, account, stand_in in rows:
                deals[str(id)] = f"{name} ({account})" if account else name
                if stand_in:
                    stand_ins[str(id)] = stand_in
        teams = {str(id): name for id, name in db.session.execute(select(Team.id, Team.name))}
        return Names(workspace().currency, deals, teams, stand_ins)


@contextmanager
def _plainly() -> Iterator[None]:
    """Turns what is wrong with a plan into a message that names the place, and exit code 2."""
    try:
        yield
    except PlanError as error:
        raise Unanswerable(str(error)) from None
