"""The roadmap board: shows what a promise costs before it is made."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from . import cli, config, context, extensions, features
from .people import session
from .web import assets, bodies, door, errors, filters, headers, submissions
from .workspace import clock


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """The application. `settings` go before the environment's; see `config` for their names."""
    instance = Path(os.environ.get("ROADMAP_INSTANCE") or config.ROOT / "instance")
    app = Flask(
        __name__,
        instance_path=str(instance),
        root_path=str(config.ROOT),
        static_folder=None,
    )
    app.config.from_mapping(config.from_environment(instance))
    app.config.from_mapping(settings or {})
    app.config.from_mapping(config.cookies(https=app.config["HTTPS_ONLY"]))
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or config.kept_secret(instance)
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_uri(app.config["DATABASE_URL"])
    app.config["MIGRATIONS"] = config.ROOT / "migrations"

    assets.init_app(app)
    headers.init_app(app)
    door.init_app(app)
    bodies.init_app(app)
    door.before_writing(app)
    session.init_app(app)
    extensions.init_app(app)
    filters.init_app(app)
    clock.init_app(app)
    context.init_app(app)
    errors.init_app(app)
    submissions.init_app(app)
    features.init_app(app)
    cli.init_app(app)
    return app
