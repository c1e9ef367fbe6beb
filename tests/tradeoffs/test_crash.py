"""The server is killed while people commit: what was acknowledged is there, whole, and no half."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from itertools import count
from queue import Empty, Queue
from threading import Event

from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db, reading
from roadmap.models import Tradeoff
from tests.support.company import Company
from tests.support.http import Visitor
from tests.tradeoffs.conftest import Serve

ROUNDS = 3
PEOPLE = 4
#: A server dies after so many acknowledged commits, with others on their way.
COMMITS = 5


def recorded(app: Flask) -> list[str]:
    with app.app_context(), reading():
        return list(db.session.scalars(select(Tradeoff.reason).where(Tradeoff.reason != "")))


def test_whatever_was_acknowledged_survives_whole_when_the_server_is_killed(
    app: Flask, crowd: Company, serve: Serve
) -> None:
    owner, sponsor = crowd.people["product"], crowd.people["executive"]
    acknowledged: list[str] = []
    asked = 0

    def keep_deciding(
        who: Visitor, places: Iterator[int], done: Queue[str], name: str, over: Event
    ) -> int:
        """Commit one move after the other until the server is gone; how many were sent."""
        sent = 0
        for to in places:
            if over.is_set():
                break
            try:
                reply = who.get(f"/board/preview?initiative={name}&to={to % 20 + 1}")
                # Others' moves may put it there already: then there is nothing to commit.
                while "commit-form" in reply.text and not over.is_set():
                    sent += 1
                    reason = f"{name} to {to}"
                    reply = who.commit(reply, owner=owner, sponsor=sponsor, reason=reason)
                    if reply.status == 303:
                        done.put(reason)
            except (OSError, HTTPException):
                break
            assert reply.status < 500, reply.text
        return sent

    for turn in range(ROUNDS):
        done: Queue[str] = Queue()
        over = Event()
        with serve() as server, ThreadPoolExecutor(PEOPLE) as pool:
            priya = Visitor(server.url).sign_in("product")
            running = [
                pool.submit(
                    keep_deciding,
                    priya.also(),
                    count(100 * turn + 5 * n, 3),
                    done,
                    str(n + 1),
                    over,
                )
                for n in range(PEOPLE)
            ]
            try:
                acknowledged += [done.get(timeout=60) for _ in range(COMMITS)]
            finally:
                os.killpg(server.process.pid, signal.SIGKILL)
                over.set()
            asked += sum(future.result(timeout=60) for future in running)
        acknowledged += drained(done)

        # As the next server would find it, before anybody repairs anything.
        found = recorded(app)
        assert set(acknowledged) <= set(found)
        assert len(found) == len(set(found)), "a decision was made twice"
        assert len(found) <= asked
        result = app.test_cli_runner().invoke(args=["check"])
        assert result.exit_code == 0, result.output

    with serve() as server:
        elias = Visitor(server.url).sign_in("executive")
        ledger = elias.get("/tradeoffs").text
    assert acknowledged[-1] in ledger


def drained(queue: Queue[str]) -> list[str]:
    found = []
    while True:
        try:
            found.append(queue.get_nowait())
        except Empty:
            return found
