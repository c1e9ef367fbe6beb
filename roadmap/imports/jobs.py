"""The long parts of an import, outside the request: in a process of its own, with memory of its
own, which a restart of the server does not end. Whoever looks at the import sees how far it is, and
may start it again where nobody is at it any more."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

from flask import current_app

from roadmap.config import ROOT
from roadmap.extensions import db
from roadmap.models import Import
from roadmap.models.base import now
from roadmap.models.imports import APPLYING, STAGING

from . import making

#: Who has not said anything for so long is not there any more.
QUICK_BYTES = 400_000
SILENCE = {STAGING: timedelta(seconds=90), APPLYING: timedelta(minutes=10)}


def start(made: Import, command: str) -> None:
    """Begin `flask import COMMAND ID`; what is quick is done at once, within the request."""
    import_id = made.id
    if _is_quick(made) and not current_app.config.get("IMPORTS_APART"):
        making.COMMANDS[command](import_id)
        return
    environment = {
        **os.environ,
        "DATABASE_URL": current_app.config["DATABASE_URL"],
        "ROADMAP_INSTANCE": current_app.instance_path,
    }
    today = current_app.config.get("TODAY")
    if today:
        environment["ROADMAP_TODAY"] = today
    # What it says goes where the server's own words go; it must not end with the server.
    subprocess.Popen(  # noqa: S603 (our own command)
        [sys.executable, "-m", "flask", "--app", "wsgi", "import", command, str(import_id)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def _is_quick(made: Import) -> bool:
    """Whether it takes less time than starting a process would."""
    weight: int = sum(
        f["size"] * (10 if f["name"].lower().endswith("x") else 1) for f in made.files
    )
    return weight <= QUICK_BYTES


def is_silent(made: Import) -> bool:
    """Whether somebody should be at it, and is not."""
    patience = SILENCE.get(made.state)
    return patience is not None and (made.beat_at is None or now() - made.beat_at > patience)


def begin(made: Import, state: str) -> None:
    """Put an import into the state in which somebody is at it; whoever was before stops."""
    made.state = state
    made.attempt += 1
    made.beat_at = now()
    made.done = made.total = 0
    made.error = ""
    db.session.commit()
