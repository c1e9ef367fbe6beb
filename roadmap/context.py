"""What every template may use besides its own values."""

from __future__ import annotations

from typing import Any

from flask import Flask

from .people.guards import can
from .web.navigation import navigation
from .workspace.settings import workspace


def init_app(app: Flask) -> None:
    @app.context_processor
    def _everywhere() -> dict[str, Any]:
        return {"workspace": workspace(), "can": can, "navigation": navigation}
