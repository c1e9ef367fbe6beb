"""The long parts of an import, outside the request: in a process of its own, with memory of its
own, which a restart of the server does not end. Whoever looks at the import sees how far it is, and
may start it again where nobody is at it any more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import MappingProxyType

from flask import current_app
from sqlalchemy import select

from roadmap.config import ROOT
from roadmap.domain.errors import Conflict
from roadmap.extensions import db
from roadmap.models import Import
from roadmap.models.base import now
from roadmap.models.imports import APPLIED, APPLYING, READY, REVERTING, STAGING, WORKING

from . import locks, making

COMMANDS: Mapping[str, tuple[str, Callable[[int], None]]] = MappingProxyType(
    {
        STAGING: ("stage", making.stage),
        APPLYING: ("apply", making.apply),
        REVERTING: ("revert", making.revert),
    }
)
#: The state in which an import waits for somebody to begin this.
WAITING = {APPLYING: READY, REVERTING: APPLIED}
#: What changes deals: one at a time.
WRITING = (APPLYING, REVERTING)
NAMES = {APPLYING: "being applied", REVERTING: "being reverted"}

QUICK_BYTES = 400_000
#: Where another machine has the lock: who has not said anything for so long is not there any more.
SILENCE = {
    STAGING: timedelta(seconds=90),
    APPLYING: timedelta(minutes=10),
    REVERTING: timedelta(minutes=10),
}


def begin(made: Import, state: str) -> locks.Lock:
    """Put an import into the state in which somebody is at it; whoever was before stops."""
    lock, before = locks.Lock(), made.job
    made.state, made.job = state, lock.token
    made.attempt += 1
    made.beat_at = now()
    made.done = made.total = 0
    made.error, made.dependences = "", []
    db.session.commit()
    locks.remove(before)
    return lock


def start(made: Import, state: str) -> None:
    """Begin this and let a process do it; what is quick is done at once, within the request."""
    with begin(made, state) as lock:
        command, run = COMMANDS[state]
        if _is_quick(made) and not current_app.config.get("IMPORTS_APART"):
            run(made.id)
        else:
            _start_process(command, made.id, lock)


@contextmanager
def by_hand(import_id: int, state: str) -> Iterator[None]:
    """For a command: begin this where nobody has, or where whoever did is not there any more. Whom
    `start` started has the lock. Raises Conflict."""
    made = db.session.get(Import, import_id, populate_existing=True, with_for_update=True)
    waits = made is not None and (
        made.state == WAITING[state] or (made.state == state and is_silent(made))
    )
    if made is None or not waits:
        db.session.rollback()
        yield
        return
    refuse_beside(made)
    with begin(made, state):
        yield


def refuse_beside(made: Import) -> None:
    """Raises Conflict while another import is being applied or reverted."""
    others = select(Import).where(Import.state.in_(WRITING), Import.id != made.id)
    for other in db.session.scalars(others.order_by(Import.id)):
        if not is_silent(other):
            db.session.rollback()
            doing = NAMES[other.state]
            raise Conflict(f"Import {other.id} is {doing}. Try again when that is done.")


def is_silent(made: Import) -> bool:
    """Whether somebody should be at it, and is not."""
    if made.state not in WORKING:
        return False
    held = locks.is_held(made.job)
    if held is not None:
        return not held
    return made.beat_at is None or now() - made.beat_at > SILENCE[made.state]


def progress(made: Import) -> tuple[int, int]:
    """So many of how many rows are done."""
    return locks.progress(made.job) if made.state in WRITING else (made.done, made.total)


def _start_process(command: str, import_id: int, lock: locks.Lock) -> None:
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
        pass_fds=(lock.file.fileno(),),
    )


def _is_quick(made: Import) -> bool:
    """Whether it takes less time than starting a process would."""
    weight: int = sum(
        f["size"] * (10 if f["name"].lower().endswith("x") else 1) for f in made.files
    )
    return weight <= QUICK_BYTES
