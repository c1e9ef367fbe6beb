"""The `flask` command's groups."""

from __future__ import annotations

from flask import Flask

from .people import cli as people


def init_app(app: Flask) -> None:
    for group in (people.group,):
        app.cli.add_command(group)
