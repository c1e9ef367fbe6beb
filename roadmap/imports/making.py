"""Uploaded files into staging, and staging into deals, as the web asks for it: every outcome is a
state of the import, and what went wrong is said in it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from roadmap.domain.errors import Conflict, Refused
from roadmap.extensions import db
from roadmap.models import Import
from roadmap.models.imports import (
    ACCOUNTS,
    APPLIED,
    APPLYING,
    ASKING,
    DEALS,
    FAILED,
    PRODUCTS,
    READY,
    REQUESTS,
    REVERTING,
    STAGING,
    WORKING,
)

from . import actions, locks, mapping, requests, reverting, uploads
from .mapping import MappingError
from .progress import Progress
from .reading import UnreadableFile


def _stage(made: Import, progress: Progress) -> None:
    """Raises UnreadableFile where a file is not any more where it was kept."""
    own = mapping.parse(made.mapping)
    paths = {file["kind"]: uploads.path(file) for file in made.files}
    if made.kind == REQUESTS:
        requests.stage(made.id, requests.opened(paths[REQUESTS], own, progress.survey), progress)
    else:
        files = actions.Files(paths[DEALS], paths.get(ACCOUNTS), paths.get(PRODUCTS))
        actions.stage(made.id, actions.open_files(files, own, progress), progress)


def stage(import_id: int) -> None:
    """Read the files and compare them. The import is then ready, or asks, or says what is wrong."""
    made = db.session.get(Import, import_id)
    if made is None or made.state != STAGING:
        return
    progress = Progress(made.id, made.attempt, made.job)
    try:
        _stage(made, progress)
    except Conflict:
        db.session.rollback()
    except MappingError as error:
        state = ASKING if error.questions else FAILED
        _end(progress, state, error.plain, questions=list(error.questions))
    except UnreadableFile as error:
        _end(progress, FAILED, str(error))
    except Exception:
        _end(progress, FAILED, "Something failed on our side. Nothing was changed.")
        raise
    locks.remove(progress.job)


def apply(import_id: int) -> None:
    """Apply an import that is to be applied; whoever started it is in its row."""
    made = db.session.get(Import, import_id)
    if made is None or made.state != APPLYING:
        return
    progress = Progress(made.id, made.attempt, made.job)
    try:
        apply = requests.apply if made.kind == REQUESTS else actions.apply
        apply(made.id, made.beside.get("by"))
    except Conflict as moved:
        what = "Requests" if made.kind == REQUESTS else "Deals or accounts"
        _end(progress, READY, f"{what} were changed in the meantime: {moved}. Look again.")
    except Exception:
        _end(progress, READY, "Something failed on our side. Nothing was changed.")
        raise
    else:
        uploads.remove(made.files)
    locks.remove(progress.job)


def revert(import_id: int) -> None:
    """Take back an import that is to be reverted, or say what rests on it."""
    made = db.session.get(Import, import_id)
    if made is None or made.state != REVERTING:
        return
    progress = Progress(made.id, made.attempt, made.job)
    try:
        if made.kind == REQUESTS:
            requests.revert(made.id, made.reverted_by_id)
        else:
            reverting.revert(made.id, made.reverted_by_id, progress)
    except Refused as refused:
        if refused.found:
            _end(progress, APPLIED, "", dependences=[asdict(each) for each in refused.found])
        else:
            db.session.rollback()
    except Exception:
        _end(progress, APPLIED, "Something failed on our side. Nothing was changed.")
        raise
    locks.remove(progress.job)


def _end(progress: Progress, state: str, error: str, **more: Any) -> None:
    db.session.rollback()
    made = db.session.get(Import, progress.import_id, populate_existing=True)
    if made is None or made.attempt != progress.attempt or made.state not in WORKING:
        db.session.rollback()
        return
    made.state, made.error, made.questions = state, error, []
    for name, value in more.items():
        setattr(made, name, value)
    db.session.commit()
