"""The `flask` command's groups."""

from __future__ import annotations

from flask import Flask

from .checks import cli as checks
from .demo import cli as demo
from .imports import cli as imports
from .intake.telling import catch_up
from .notices import cli as notices
from .people import cli as people
from .planning import cli as planning
from .reports import cli as reports
from .similar import cli as similar


def init_app(app: Flask) -> None:
    for command in (
        people.group,
        demo.group,
        imports.group,
        reports.group,
        planning.plan_group,
        planning.figures_group,
        checks.check,
        similar.similar,
        *notices.make_commands(catch_up),
    ):
        app.cli.add_command(command)
