"""How many requests of one process may do what at once, so that those who wait stop nobody else.

Writers queue for one lock in the database. Each who waits there holds a thread of the server, so
without a bound a handful of them would leave none to those who only read.
"""

from __future__ import annotations

from threading import BoundedSemaphore

from flask import Flask, current_app, g, request

from . import outage
from .errors import Answer, unavailable

READS = frozenset({"GET", "HEAD", "OPTIONS"})

#: How long somebody waits for a place; those who write wait as long again for the lock itself.
PATIENCE = 10.0
#: Threads that no form can take, be it sent ever so slowly.
FREE = 2
#: More than one, so that the next is ready when a lock is let go; many would only queue there.
WRITERS = 2
#: Pages are made by the processor, which does not do more at once; each takes its memory.
READERS = 4


def init_app(app: Flask) -> None:
    """Goes before whoever reads the body or asks the database; `before_writing` goes after."""
    places = app.extensions["places"] = BoundedSemaphore(max(1, app.config["WEB_THREADS"] - FREE))
    readers = BoundedSemaphore(READERS)

    @app.before_request
    def _take_a_place() -> Answer | None:
        if request.method not in READS:
            return _take(places, 0)
        return None if request.endpoint == "healthz" else _take(readers, PATIENCE)

    @app.teardown_request
    def _leave(error: BaseException | None) -> None:
        # Not with the answer: whoever takes it slowly would keep others from theirs.
        for taken in g.pop("places", ()):
            taken.release()


def before_writing(app: Flask) -> None:
    """Goes after the body was read, which may take its sender long, and before the database."""
    writers = BoundedSemaphore(WRITERS)

    @app.before_request
    def _take_a_turn() -> Answer | None:
        view = current_app.view_functions.get(request.endpoint or "")
        if request.method in READS or hasattr(view, "writes_nothing"):
            return None
        return _take(writers, PATIENCE)


def _take(places: BoundedSemaphore, seconds: float) -> Answer | None:
    """Take one of the places until the request ends; what to answer where there is none."""
    if not places.acquire(timeout=seconds):
        return unavailable(outage.BUSY)
    g.setdefault("places", []).append(places)
    return None
