"""How far an import has come, for whoever watches it, and whether it is still ours to make."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from roadmap.domain.errors import Conflict
from roadmap.extensions import db
from roadmap.models import Import
from roadmap.models.base import now

from . import locks


class Progress:
    """Writes how many rows are done of how many: in transactions of their own or, from within a
    long one, into the file of the job's lock."""

    def __init__(self, import_id: int, attempt: int, job: str = "") -> None:
        self.import_id = import_id
        self.attempt = attempt
        self.job = job
        self.done = 0
        self.total = 0

    def survey(self, rows: int) -> None:
        """So many rows were looked at; how many there are is not known yet."""
        self._write(rows, 0)

    def begin(self, total: int) -> None:
        self.done, self.total = 0, total
        self._write(0, total)

    def loaded(self, rows: int) -> None:
        self.done += rows
        self._write(self.done, self.total)

    def compared(self, rows: int) -> None:
        self.done = min(self.done + rows, self.total)
        self._write(self.done, self.total)

    def begin_within(self, total: int) -> None:
        """From here on everything is one transaction."""
        self.done, self.total = 0, total
        self.within(0)

    def within(self, rows: int) -> None:
        self.done = min(self.done + rows, self.total)
        if self.job:
            locks.write_progress(self.job, self.done, self.total)

    def _write(self, done: int, total: int) -> None:
        found: Any = db.session.execute(
            update(Import)
            .where(Import.id == self.import_id, Import.attempt == self.attempt)
            .values(done=done, total=total, beat_at=now())
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
        if not found.rowcount:
            raise Conflict
