"""How many requests of one process may do what at once, so that those who wait stop nobody else.

Writers queue for one lock in the database. Each who waits there holds a thread of the server, so
without a bound a handful of them would leave none to those who only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from threading import BoundedSemaphore
from typing import Any

from flask import Flask, current_app, g, request
from werkzeug.wsgi import ClosingIterator

from . import outage
from .errors import Answer, unavailable

READS = frozenset({"GET", "HEAD", "OPTIONS"})
STACK = "roadmap.door"

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
    app.extensions["writers"] = BoundedSemaphore(WRITERS)
    serve: Callable[..., Iterable[bytes]] = app.wsgi_app

    def serve_and_leave(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Places are given back once the answer is out and what comes after it is done."""
        with ExitStack() as stack:
            environ[STACK] = stack
            answer = serve(environ, start_response)
            return ClosingIterator(answer, stack.pop_all().close)

    app.wsgi_app = serve_and_leave  # type: ignore[method-assign]

    @app.before_request
    def _take_a_place() -> Answer | None:
        if request.method not in READS:
            if not places.acquire(blocking=False):
                return unavailable(outage.BUSY)
            request.environ[STACK].callback(places.release)
        elif request.endpoint != "healthz":
            if not readers.acquire(timeout=PATIENCE):
                return unavailable(outage.BUSY)
            g.reader = True
        return None

    @app.teardown_request
    def _read(error: BaseException | None) -> None:
        # Not with the answer: whoever takes it slowly would keep others from reading.
        if g.pop("reader", False):
            readers.release()


def before_writing(app: Flask) -> None:
    """Goes after the body was read, which may take its sender long, and before the database."""

    @app.before_request
    def _take_a_turn() -> Answer | None:
        view = current_app.view_functions.get(request.endpoint or "")
        if request.method in READS or hasattr(view, "writes_nothing"):
            return None
        writers: BoundedSemaphore = current_app.extensions["writers"]
        if not writers.acquire(timeout=PATIENCE):
            return unavailable(outage.BUSY)
        request.environ[STACK].callback(writers.release)
        return None
