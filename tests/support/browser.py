"""A real Chromium against a real server, and what no visit may leave behind.

A visit fails its test on a console error, an uncaught exception, a refusal by the content security
policy, a failed request or an answer of 400 and above, unless the test said that it expects it.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, Response

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
MISSING = "No Chromium was found: apt-get install chromium, or name one in ROADMAP_CHROMIUM"


def chromium() -> str | None:
    """The program to start, or None where there is none."""
    named = os.environ.get("ROADMAP_CHROMIUM")
    return next((p for p in map(shutil.which, [named] if named else NAMES) if p), None)


@dataclass
class Watch:
    """What went wrong on a page so far."""

    faults: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def expect(self, status: int) -> None:
        """Say that an answer with this status is part of the test."""
        self.expected.add(status)

    def over(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"Uncaught: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        # The browser's own line about a status is left to _answered, which knows the status.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"Console: {message.text}")

    def _failed(self, request: Request) -> None:
        # Leaving a page ends its poll, which is no failure.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"{request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.request.method} {response.url}: {response.status}")


def assert_accessible(page: Page) -> None:
    """axe finds nothing to complain about on the page as it is now."""
    found = Axe().run(page).response["violations"]
    assert not found, "axe finds:\n" + "\n".join(
        f"- {rule['id']} ({rule['impact']}): {rule['help']}\n    "
        + "\n    ".join(
            f"{node['html'][:200]}\n      {node['failureSummary']}" for node in rule["nodes"][:5]
        )
        for rule in found
    )


@dataclass
class Server:
    """The product as it is deployed: gunicorn with its workers, on a port of its own."""

    url: str
    process: subprocess.Popen[bytes]
    database_url: str
    today: str


@contextmanager
def serving(database_url: str, folder: Path, today: str) -> Iterator[Server]:
    """Serve the database until the block ends; `folder` takes the server's log and its key."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "roadmap/serve.py", "wsgi:app"],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={
                **os.environ,
                "HOST": "127.0.0.1",
                "PORT": str(port),
                "DATABASE_URL": database_url,
                "ROADMAP_INSTANCE": str(folder),
                "ROADMAP_TODAY": today,
            },
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/healthz", process, log)
        yield Server(url, process, database_url, today)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 90) -> None:
    """Return once the address answers 200; otherwise fail with what the server said."""
    deadline = time.monotonic() + seconds
    said: object = "nothing"
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 (our own address)
                json.load(answer)
                return
        except (OSError, ValueError) as error:
            said = error
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
    raise RuntimeError(f"{url} never answered ({said}):\n{log.read_text()[-4000:]}")
