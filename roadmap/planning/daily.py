"""What happens once a day, at the first look: totals as of today, and a forecast to measure by."""

from __future__ import annotations

from datetime import date
from time import monotonic

from flask import current_app, g
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from roadmap.domain.schedule import schedule
from roadmap.extensions import db, only_reads, writing
from roadmap.models import Forecast, Workspace
from roadmap.web.outage import outage
from roadmap.workspace import revision
from roadmap.workspace.settings import workspace

from . import totals
from .gather import gather

_AGAIN = "open the day again at"
#: Seconds after which a process tries again to open a day that could not be opened.
REST = 30


def opened(today: date) -> None:
    """Open the day if nobody has. Whoever is about to write does it first: opening it commits."""
    if workspace().figures_as_of != today:
        open_day(today)


def opened_if_possible(today: date) -> Workspace:
    """Open the day, for somebody who only looks. While nothing can be written, or somebody writes
    for long, they see the figures as they are: a page must not need what it can do without.
    """
    known = current_app.extensions
    if not only_reads():
        return open_day(today)
    if monotonic() < known.get(_AGAIN, 0):
        return workspace()
    g.hurries = True
    try:
        return open_day(today)
    except SQLAlchemyError as error:
        if outage(error) is None:
            raise
        current_app.logger.warning("The day could not be opened: %s", error.args[0])
        known[_AGAIN] = monotonic() + REST
    finally:
        g.hurries = False
    db.session.rollback()
    g.pop("workspace", None)
    return workspace()


def open_day(today: date) -> Workspace:
    """Bring the stored figures to today and keep today's first forecast; returns the fresh row.

    The window of losses moves with the day, and a slip is measured against a kept forecast, so
    somebody has to. It is whoever looks first, in a transaction of its own, even a page or command
    that else changes nothing; a cron job that runs
    `flask figures rebuild` after midnight spares them the wait.
    """
    with writing():
        row = revision.lock()
        if row.figures_as_of != today:
            refresh(row, today)
        db.session.commit()
        return row


def refresh(row: Workspace, today: date) -> None:
    """Count all totals anew as of today; the row is locked.

    The day's forecasts are kept the first time only: a baseline is the first one, not the latest.
    """
    totals.rebuild(row, today)
    row.figures_as_of = today
    if db.session.scalar(select(Forecast.day).where(Forecast.day == today).limit(1)) is None:
        keep_forecasts(today)
    revision.count(row, evidence=True)


def keep_forecasts(today: date) -> None:
    """Store the present forecasts of everything on the board as those of today."""
    plan = gather(today).plan
    placed = schedule(plan)
    db.session.execute(delete(Forecast).where(Forecast.day == today))
    rows = [
        {"day": today, "initiative_id": int(id), "state": placed[id].state,
         "finish": placed.finish(id)}
        for id in plan.order
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(Forecast), rows)
