"""How an edit form is saved: merged with what is stored, under the lock."""

from __future__ import annotations

from collections.abc import Callable

from roadmap.domain.errors import Conflict
from roadmap.extensions import db
from roadmap.web.conflicts import EditForm

from . import revision


def settle(form: EditForm, stored: Callable[[], EditForm | None]) -> None:
    """Merge a form with what is stored, holding the workspace's row until the transaction ends.

    `stored` fills the same form from the database, or returns None where the row is gone. Raises
    Conflict, with the lock let go.
    """
    revision.lock()
    # What was read before the lock may have been changed while it was waited for.
    db.session.expire_all()
    try:
        form.merge(stored())
    except Conflict:
        db.session.rollback()
        raise
