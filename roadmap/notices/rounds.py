"""One round: tell what moved, write the letters that are due, send them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from roadmap.models.base import now
from roadmap.web.filters import plural

from . import composing, outbox
from .outbox import Sent
from .post import server

CatchUp = Callable[[], object]


@dataclass
class Round:
    """What a round did, and what failed in it."""

    written: int = 0
    sent: Sent = field(default_factory=Sent)
    faults: list[str] = field(default_factory=list)

    def in_words(self) -> str:
        """One line; empty where there was nothing to do."""
        parts = [
            f"{plural(count, 'letter')} {done}"
            for count, done in (
                (self.written, "written"), (self.sent.sent, "sent"), (self.sent.failed, "failed"),
            )
            if count
        ]  # fmt: skip
        words = ", ".join(parts)
        return f"{words} ({self.sent.fault})" if self.sent.fault else words


def make_round(catch_up: CatchUp, stopping: Callable[[], bool] = lambda: False) -> Round:
    """Each step has an application context of its own, so it sees the database as it is now, and a
    fault in one is logged and leaves the others to be done: letters leave although nothing new can
    be found out, and the other way round.

    The moment is the real one, whatever day the product takes for today: letters go out into the
    world.
    """
    done = Round()

    def write() -> None:
        done.written = composing.compose(now())

    def send() -> None:
        way = server()
        if way is not None:
            done.sent = outbox.send(now, way.connect, stopping)

    for step, what in ((catch_up, "telling"), (write, "writing letters"), (send, "sending")):
        if stopping():
            break
        try:
            with current_app.app_context():
                step()
        except SQLAlchemyError as fault:
            # The database is away or busy: the next round may do better, and no trace would help.
            done.faults.append(what)
            current_app.logger.error("The database refused while %s: %s", what, fault.args[0])
        except Exception:
            done.faults.append(what)
            current_app.logger.exception("A fault while %s", what)
    return done
