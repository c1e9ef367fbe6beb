"""Whether the process of a job is there. It holds the lock of a file, which the system takes back
however the process ends: whoever looks a moment after it was killed sees that it is gone.

The server takes the lock before it starts the process, which inherits it: there is no moment in
between. How far the job is stands in the file, because what a transaction has done nobody sees
before it commits.
"""

from __future__ import annotations

import fcntl
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Self

from . import uploads


class Lock:
    """The lock of one job, for as long as this object, or a process that inherited it, is there."""

    def __init__(self) -> None:
        self.token = secrets.token_hex(16)
        self.file = _path(self.token).open("w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


def is_held(token: str) -> bool | None:
    """Whether somebody has this lock; None where this machine does not know it."""
    try:
        with _path(token).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    return False


def remove(token: str) -> None:
    """Nobody asks for it any more."""
    with suppress(OSError):
        _path(token).unlink()


def write_progress(token: str, done: int, total: int) -> None:
    """Say how far the job is. That a disk is full stops no job."""
    with suppress(OSError):
        _path(token).write_text(f"{done} {total}")


def progress(token: str) -> tuple[int, int]:
    """So many of how many are done; nothing of nothing where it says nothing."""
    try:
        done, total = map(int, _path(token).read_text().split())
    except (OSError, ValueError):
        return 0, 0
    return done, total


def _path(token: str) -> Path:
    return uploads.folder() / f"job-{token}"
