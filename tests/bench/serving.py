"""The real server, started and watched: gunicorn with its workers, and the memory that they use."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Self

from tests.bench.prepare import KEPT, ROOT, environment


class Server:
    """gunicorn on a port of its own on this machine, as `make run` starts it."""

    def __init__(self, database_url: str, workers: int = 2) -> None:
        self.port = _free_port()
        self.database_url = database_url
        self.workers = workers
        self.memory = Memory()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        self.memory.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.memory.stop()
        self.stop()

    def restart(self) -> None:
        self.stop()
        self.start()

    def start(self) -> None:
        log = KEPT / "server.log"
        settings = {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "WEB_WORKERS": str(self.workers),
        }
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", "roadmap/serve.py",
                 "tests.bench.server:app"],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**environment(self.database_url), **settings},
            )  # fmt: skip
        self.memory.root = self.process.pid
        self._wait(log)

    def stop(self) -> None:
        process, self.process = self.process, None
        self.memory.root = None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _wait(self, log: Path) -> None:
        deadline = time.monotonic() + 60
        assert self.process is not None
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"The server did not start:\n{log.read_text()[-4000:]}")


class Memory(threading.Thread):
    """The most that the server's processes held at once: their proportional set size, in KiB."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.root: int | None = None
        self.peak: int | None = None
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.25):
            root = self.root
            now = _held(root) if root else None
            if now is not None:
                self.peak = max(self.peak or 0, now)

    @property
    def held(self) -> int | None:
        """What they hold now."""
        return _held(self.root) if self.root else None

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _held(root: int) -> int | None:
    """PSS of a process and all beneath it; None where the system does not tell."""
    total = 0
    found = False
    for pid in _family(root):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        for line in text.splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
                found = True
    return total if found else None


def _family(root: int) -> list[int]:
    family = [root]
    for pid in family:
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except OSError:
            continue
        family += map(int, children)
    return family


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
