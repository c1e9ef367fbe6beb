"""A process that makes a round, rests, and makes the next, until it is asked to stop."""

from __future__ import annotations

import signal
from queue import Empty, SimpleQueue
from types import FrameType, TracebackType
from typing import Any, Self

import click

from .rounds import CatchUp, make_round

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """Hears SIGTERM and SIGINT while it is entered. The letter in hand is finished first.

    A queue, because putting something into it is all that a signal may safely do.
    """

    def __init__(self) -> None:
        self._asked: SimpleQueue[int] = SimpleQueue()
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._hear) for number in SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def asked(self) -> bool:
        return not self._asked.empty()

    def rest(self, seconds: float) -> None:
        """Wait so long, or until somebody asks to stop."""
        try:
            number = self._asked.get(timeout=seconds)
        except Empty:
            return
        self._asked.put(number)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._asked.put(number)


def work(catch_up: CatchUp, stop: Stop, seconds: float) -> None:
    """Make rounds with a rest of `seconds` between them. A round with work is one line."""
    click.echo("The worker is at work.")
    while not stop.asked():
        words = make_round(catch_up, stop.asked).in_words()
        if words:
            click.echo(words)
        stop.rest(seconds)
    click.echo("The worker has stopped.")
