"""What is kept of imports besides deals: uploads, mappings, and what words were said to mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import and_, delete, func, select
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import FileStorage

from roadmap.domain.errors import Conflict
from roadmap.extensions import db
from roadmap.models import Deal, Import, SavedMapping, StagedDeal, StageWord
from roadmap.models.base import now
from roadmap.models.imports import ASKING, READY, SKIPPED, UPLOADED
from roadmap.web.conflicts import digest, mark
from roadmap.web.fields import has_controls, whole_number
from roadmap.web.filters import day
from roadmap.workspace import clock

from . import actions, choices, looking, uploads
from .looking import Look
from .prepare import DELETED
from .values import plain

MOST_NAME = 200


class Unsaved(NamedTuple):
    """Why a mapping is not saved under its name; the mark of the one that has the name."""

    why: str
    replaces: str = ""


def receive(files: Mapping[str, FileStorage], by_id: int) -> Import:
    """Keep the uploaded files, by kind."""
    made = Import(state=UPLOADED, by_id=by_id, report={}, files=[], created_at=clock.now())
    db.session.add(made)
    db.session.commit()
    # Nobody waits while they are written: the row alone says that they will be there.
    token = uploads.new_token()
    made.files = [
        uploads.keep(token, kind, file.filename or "", file.stream) for kind, file in files.items()
    ]
    db.session.commit()
    return made


def discard(import_id: int) -> None:
    """Forget an upload and all that is staged of it."""
    files = db.session.scalar(select(Import.files).where(Import.id == import_id)) or []
    actions.discard(import_id)
    uploads.remove(files)


def choose(made: Import, form: Mapping[str, str], by_id: int) -> Unsaved | None:
    """Keep how the files are read, what stages mean and, under its name, the mapping.

    Returns why the mapping is not kept under that name; all the rest is kept nevertheless.
    """
    db.session.commit()  # nobody must wait while the files are looked at
    looks = looking.look(made)
    chosen_now(made, form.get("seen", ""))
    mapping = choices.chosen(form, looks, made.mapping)
    asked = made.questions if made.state == ASKING else ()
    made.mapping = choices.answered(form, asked, mapping)
    made.full_export = bool(form.get("full_export"))
    if made.state == ASKING:
        _remember(choices.meanings(form, made.questions), by_id)
    wrong = _save(form, made, looks, by_id)
    try:
        db.session.commit()
    except IntegrityError:
        # Another mapping took the name in the same moment: all but the name is kept as chosen.
        db.session.rollback()
        return choose(db.session.get_one(Import, made.id), form, by_id)
    return wrong


def chosen(made: Import) -> str:
    """The mark of how an import's files are read: all of it is one choice."""
    return mark({"mapping": [made.state, made.full_export, made.mapping]})


def chosen_now(made: Import, seen: str) -> None:
    """Hold the import's row. Raises Conflict where the files are not read as when that was seen."""
    db.session.refresh(made, with_for_update=True)
    if chosen(made) != seen:
        db.session.rollback()
        raise Conflict(
            "Somebody else chose how this import is read meanwhile. Nothing of yours was saved. "
            "Open the import again, look at what they chose, and change what you would."
        )


def take(made: Import, mapping_id: str, seen: str) -> bool:
    """Read the files by a saved mapping; whether there is one."""
    chosen_now(made, seen)
    saved = db.session.get(SavedMapping, whole_number(mapping_id) or 0)
    if saved is not None:
        made.mapping = saved.mapping
        db.session.commit()
    return saved is not None


def remove_mapping(mapping_id: int) -> None:
    db.session.execute(delete(SavedMapping).where(SavedMapping.id == mapping_id))
    db.session.commit()


def suggested(made: Import, looks: Sequence[Look]) -> SavedMapping | None:
    """A mapping that was saved for a file with the same columns, unless it is taken already."""
    header = sorted(looks[0].header)
    for saved in db.session.scalars(select(SavedMapping).order_by(SavedMapping.saved_at.desc())):
        if sorted(saved.header) == header:
            return None if saved.mapping == made.mapping else saved
    return None


def vanishing(made: Import) -> int | None:
    """How many deals a full export lacks: those that would be flagged, or were."""
    if not made.full_export:
        return None
    if made.state != READY:
        return len(made.beside.get("vanished", ()))
    gone = and_(StagedDeal.action == SKIPPED, StagedDeal.reason == DELETED)
    present = select(StagedDeal.external_id).where(
        StagedDeal.import_id == made.id, StagedDeal.external_id.is_not(None), ~gone
    )
    return db.session.scalar(
        select(func.count())
        .select_from(Deal)
        .where(Deal.vanished_on.is_(None), Deal.external_id.not_in(present))
    )


def _remember(meanings: Sequence[tuple[str, str, str]], by_id: int) -> None:
    for setting, word, meaning in meanings:
        key = plain(word)[:MOST_NAME]
        if not key:
            continue
        row = db.session.get(StageWord, (setting, key)) or StageWord(setting=setting, key=key)
        row.word, row.meaning, row.by_id, row.said_at = word[:MOST_NAME], meaning, by_id, now()
        db.session.add(row)


def _save(
    form: Mapping[str, str], made: Import, looks: Sequence[Look], by_id: int
) -> Unsaved | None:
    name = " ".join(form.get("save_as", "").split())
    if not name:
        return None
    if has_controls(name) or len(name) > MOST_NAME:
        return Unsaved(f"Write a name of at most {MOST_NAME} characters.")
    found = select(SavedMapping).where(SavedMapping.name == name).with_for_update()
    saved = db.session.scalar(found)
    if saved is None:
        saved = SavedMapping(name=name)
    elif saved.mapping != made.mapping and form.get("replaces") != digest(saved.mapping):
        return Unsaved(
            f"Another mapping is called “{name}”, saved on {day(saved.saved_at)}. Choose another "
            "name, or say that yours replaces it.",
            digest(saved.mapping),
        )
    saved.mapping, saved.header = made.mapping, list(looks[0].header)
    saved.by_id, saved.saved_at = by_id, now()
    db.session.add(saved)
    return None
