"""Whether a failure is the database's, the disk's, or ours: told by the drivers' own codes.

What is an outage passes by itself, so whoever meets one is answered 503 and told to come back.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError

from roadmap.extensions import db, only_reads


@dataclass(frozen=True, slots=True)
class Outage:
    """What is the matter, for the page; after how many seconds it is worth another try."""

    title: str
    message: str
    retry_after: int
    #: Whether a commit that met it may have been carried out all the same.
    doubtful: bool = False


BUSY = Outage("Busy", "Others are saving just now, and it did not come to your turn in time.", 3)
FULL = Outage("Nothing can be saved", "The server has no room left to store anything.", 60)
AWAY = Outage("Out of order", "The database cannot be reached just now.", 10, doubtful=True)
BROKEN = Outage("Out of order", "The server's disk does not work as it should.", 60, doubtful=True)

#: SQLite's primary result codes (https://www.sqlite.org/rescode.html).
_SQLITE = {
    3: BROKEN,  # PERM
    5: BUSY, 6: BUSY,  # BUSY, LOCKED
    7: AWAY,  # NOMEM
    8: BROKEN,  # READONLY
    10: BROKEN,  # IOERR, a failing fsync among them
    11: BROKEN,  # CORRUPT
    13: FULL,
    14: AWAY,  # CANTOPEN
    15: BUSY,  # PROTOCOL: the lock on the log's index could not be had
    22: FULL,  # NOLFS: the file is as large as this system lets one be
    26: BROKEN,  # NOTADB
}  # fmt: skip
_SQLITE_READONLY = 8

#: PostgreSQL's states, whole or as the class that the first two letters name.
_POSTGRES = {
    "08": AWAY,  # the connection
    "40001": BUSY, "40P01": BUSY,  # serialization failure, deadlock
    "53": AWAY,  # connections, memory
    "53100": FULL,
    "55P03": BUSY,  # lock_timeout
    "55006": BUSY,  # object in use
    "57": AWAY,  # shutdown, crash, recovery
    "57014": BUSY,  # statement_timeout
    "25006": AWAY,  # read only: a standby, or made so while the disk is full
    "25P03": BUSY, "25P04": BUSY,  # a transaction was idle, or took, too long
    "58": BROKEN,  # input and output
    "XX001": BROKEN, "XX002": BROKEN,
}  # fmt: skip
_READ_ONLY = "25006"
#: A row names another one that is not there, to SQLite and to PostgreSQL.
_FOREIGN_KEY = (787, "23503", "23001")

_DISK = {
    errno.ENOSPC: FULL, errno.EDQUOT: FULL, errno.EFBIG: FULL,
    errno.EIO: BROKEN, errno.EROFS: BROKEN,
    errno.EMFILE: AWAY, errno.ENFILE: AWAY,
}  # fmt: skip


def outage(error: BaseException) -> Outage | None:
    """What is out of order, if that is the cause of this error; None where the mistake is ours."""
    if isinstance(error, PoolTimeout):
        return BUSY  # every connection of the pool is taken
    if isinstance(error, DBAPIError):
        lost = error.connection_invalidated
        return outage(error.orig) if error.orig else AWAY if lost else None
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        # A page that tries to write is stopped with the same code: that is a mistake of ours.
        ours = code == _SQLITE_READONLY and only_reads()
        return None if ours else _SQLITE.get(code & 0xFF)
    if hasattr(error, "sqlstate"):
        return _of_postgres(error)
    return _DISK.get(error.errno or 0) if isinstance(error, OSError) else None


def gone(error: BaseException) -> bool:
    """Whether a change met a row that somebody had taken away since it was read."""
    if isinstance(error, IntegrityError):
        cause: Any = error.orig
        code = getattr(cause, "sqlite_errorcode", None) or getattr(cause, "sqlstate", None)
        return code in _FOREIGN_KEY
    return isinstance(error, (NoResultFound, ObjectDeletedError, StaleDataError))


def _of_postgres(error: BaseException) -> Outage | None:
    state = getattr(error, "sqlstate", None)
    if state is None:
        # No server gave it: none could be reached, or the connection broke. The driver's other
        # errors without a state are about how it was called.
        names = {each.__name__ for each in type(error).__mro__}
        return AWAY if "OperationalError" in names else None
    if state == _READ_ONLY and only_reads():
        return None
    return _POSTGRES.get(state) or _POSTGRES.get(state[:2])


def consequence(found: Outage | None) -> str:
    """What became of what this request was to change, as far as we know it."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return ""
    commit = g.get("commit")
    if commit == "done" or (commit == "begun" and (found is None or found.doubtful)):
        return "We cannot say whether your change was saved: look before you send it again."
    return "Nothing was changed."


@event.listens_for(Engine, "commit")
def _begins(connection: Connection) -> None:
    if has_request_context() and not only_reads():
        g.commit = "begun"


@event.listens_for(db.session, "after_commit")
def _done(session: Session) -> None:
    if has_request_context() and g.get("commit") == "begun":
        g.commit = "done"
