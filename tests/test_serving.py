"""The server's processes: whoever serves the application has it in memory, and nobody else."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.browser import Server, serving, wait_for

SECONDS = 60


def wait_until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def kilobytes() -> dict[int, tuple[int, int]]:
    """Each process's parent and what of its memory is resident."""
    said = subprocess.run(["ps", "-axo", "pid=,ppid=,rss="], capture_output=True, check=True)
    rows = (map(int, line.split()) for line in said.stdout.splitlines())
    return {pid: (parent, resident) for pid, parent, resident in rows}


def workers(server: Server) -> set[int]:
    return {pid for pid, (parent, _) in kilobytes().items() if parent == server.process.pid}


@contextmanager
def slimmed(database_url: str, folder: Path) -> Iterator[tuple[Server, Path]]:
    """A server whose master has let go of the application, and its log."""
    with serving(database_url, folder, "2026-07-01") as server:
        log = folder / "server.log"
        wait_until(lambda: log.read_text().count("Using worker") == 2)
        yield server, log


def test_the_master_lets_go_of_the_application_and_keeps_its_workers(
    database_url: str, tmp_path: Path
) -> None:
    with serving(database_url, tmp_path, "2026-07-01") as server:
        wait_until(lambda: len(workers(server)) == 2)
        first = workers(server)
        log = tmp_path / "server.log"
        wait_until(lambda: log.read_text().count("Using worker") == 2)
        assert workers(server) == first
        resident = {pid: size for pid, (_, size) in kilobytes().items()}
        assert resident[server.process.pid] < min(resident[pid] for pid in first) / 2


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_ends_is_replaced_by_one_that_serves(
    database_url: str, tmp_path: Path, number: signal.Signals
) -> None:
    with slimmed(database_url, tmp_path) as (server, log):
        first = workers(server)
        for pid in first:
            os.kill(pid, number)
        wait_until(lambda: len(workers(server) - first) == 2)
        wait_for(f"{server.url}/healthz", server.process, log)


def test_a_server_told_to_load_anew_has_new_workers_and_lets_go_again(
    database_url: str, tmp_path: Path
) -> None:
    with slimmed(database_url, tmp_path) as (server, log):
        first = workers(server)
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: log.read_text().count("Using worker") == 3)
        wait_until(lambda: len(workers(server)) == 2)
        assert not workers(server) & first
        wait_for(f"{server.url}/healthz", server.process, log)


def test_a_server_that_ends_takes_along_the_workers_that_it_took_over(
    database_url: str, tmp_path: Path
) -> None:
    with slimmed(database_url, tmp_path) as (server, _log):
        all_of_it = {server.process.pid, *workers(server)}
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(SECONDS) == 0
        assert not all_of_it & kilobytes().keys()
