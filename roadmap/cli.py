"""The `flask` command's groups."""

from __future__ import annotations

from flask import Flask

from .checks import cli as checks
from .demo import cli as demo
from .imports import cli as imports
from .people import cli as people
from .planning import cli as planning
from .reports import cli as reports


def init_app(app: Flask) -> None:
    for command in (
        people.group,
        demo.group,
        imports.group,
        reports.group,
        planning.plan_group,
        planning.figures_group,
        checks.check,
    ):
        app.cli.add_command(command)
