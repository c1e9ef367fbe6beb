"""How gunicorn serves the product: `gunicorn --config roadmap/serve.py wsgi:app`.

Run as a script it says in plain words whether HOST and PORT can be served at all, which `make run`
asks before anything else: gunicorn itself would only retry and end in a traceback.
"""

import contextlib
import ctypes
import gc
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

host = os.environ.get("HOST") or "127.0.0.1"
port = os.environ.get("PORT") or "8000"

bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
# Most of them only hold writers, who wait for their turn: see roadmap/web/door.py.
threads = int(os.environ.get("WEB_THREADS") or 16)

#: Names, in the master's environment, the workers that it takes over from itself: see `slim`.
TAKEN_OVER = "ROADMAP_WORKERS"
# The application is loaded once and shared by the workers as memory that nobody writes to.
# Loading must open no database connection: SQLite's do not survive a fork.
preload_app = TAKEN_OVER not in os.environ

# A heartbeat on disk can stall a worker for as long as the disk does.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
# Nobody steers a running server through a socket in their home, and two servers would share it.
control_socket_disable = True
keepalive = 5
graceful_timeout = 10
# Without a proxy in front: so many connections a process, and so much of a head.
worker_connections = 200
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 16380
#: Seconds after which a thread waits no longer for somebody who sends, or takes, nothing.
SILENCE = 10


# Each thread gets a heap of its own from glibc, and none gives back what it once needed: one heap
# is enough, since mostly one thread at a time runs, and large pieces go back at once. Elsewhere
# nothing happens.
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3
_give_back: Callable[[int], int] = int
with contextlib.suppress(OSError, AttributeError):
    _c = ctypes.CDLL(None)
    _c.mallopt(M_ARENA_MAX, 1)
    _c.mallopt(M_MMAP_THRESHOLD, 256 * 1024)
    _give_back = _c.malloc_trim
#: Seconds between two times that a worker gives back what its heaps have free, which takes a few
#: milliseconds.
TIDY = 10


def when_ready(server: Any) -> None:
    """Prepare the application for the workers, or take over those that are there already.

    Threads also stop waiting for connections that fall silent.
    """
    for listener in server.LISTENERS:
        # Connections inherit it from their listener.
        for timeout in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.sock.setsockopt(socket.SOL_SOCKET, timeout, struct.pack("@ll", SILENCE, 0))
    if preload_app:
        on_reload(server)
    else:
        _take_over(server)


def on_reload(server: Any) -> None:
    """After the application was loaded, be it at the start or anew."""
    _prepare(server.app.wsgi())
    server.handle_alrm = partial(slim, server)
    signal.signal(signal.SIGALRM, server.signal)
    signal.alarm(SLIM_AFTER)


def post_worker_init(worker: Any) -> None:
    """A worker that is started later, for one that died, loads the application by itself."""
    if not preload_app:
        _prepare(worker.wsgi)
        pre_fork(None, worker)


def _prepare(app: Any) -> None:
    """Compile templates and tie the tables together before anybody asks for the first page."""
    from sqlalchemy.orm import configure_mappers  # which the master does without

    configure_mappers()
    templates = app.jinja_env
    for name in templates.list_templates(extensions=["html"]):
        templates.get_template(name)
    # What is known of currencies and languages is read with the first amount that is written.
    templates.filters["money_full"](0, "USD")


#: Seconds after which the master, having started its workers, lets go of the application.
SLIM_AFTER = 1


def slim(server: Any) -> None:
    """Let the master, as the same process, begin again without the application.

    Whatever both workers wrote to would stay in memory a third time, for a master that never looks
    at it. Only the listening sockets and the workers' heartbeats are handed on. Signals that
    arrive meanwhile wait.
    """
    if len(server.WORKERS) < server.num_workers:
        signal.alarm(SLIM_AFTER)
        return
    heartbeats = {pid: worker.tmp.fileno() for pid, worker in server.WORKERS.items()}
    for descriptor in heartbeats.values():
        os.set_inheritable(descriptor, True)
    environment = {
        **os.environ,
        TAKEN_OVER: " ".join(f"{pid}:{descriptor}" for pid, descriptor in heartbeats.items()),
        "GUNICORN_PID": str(os.getpid()),
        "GUNICORN_FD": ",".join(str(listener.fileno()) for listener in server.LISTENERS),
    }
    signal.pthread_sigmask(signal.SIG_BLOCK, server.SIGNALS)
    try:
        os.execve(sys.executable, sys.orig_argv, environment)  # noqa: S606 (it is ourselves)
    except OSError:
        server.log.exception("The master keeps the application in memory")
        signal.pthread_sigmask(signal.SIG_UNBLOCK, server.SIGNALS)


class Heartbeat:
    """The file by whose time a worker says that it lives."""

    def __init__(self, descriptor: int) -> None:
        os.set_inheritable(descriptor, False)
        self._file = os.fdopen(descriptor, "rb", 0)

    def last_update(self) -> float:
        return os.fstat(self._file.fileno()).st_mtime

    def close(self) -> None:
        self._file.close()


def _take_over(server: Any) -> None:
    for each in os.environ.pop(TAKEN_OVER, "").split():
        pid, descriptor = map(int, each.split(":"))
        server.worker_age += 1
        server.WORKERS[pid] = SimpleNamespace(
            pid=pid, age=server.worker_age, aborted=False, tmp=Heartbeat(descriptor)
        )
    # One may have died while nobody listened.
    server.SIG_QUEUE.put_nowait(signal.SIGCHLD)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, server.SIGNALS)


def pre_fork(_server: Any, _worker: Any) -> None:
    """Keep the collector off what is loaded already, so that its pages stay shared.

    A board is many thousand small values at once: with the default threshold the collector would
    look through all of them again and again while they are made. With a high one, what refers to
    itself, such as a request and its page, lies about for long.
    """
    _give_back(0)
    gc.freeze()
    gc.set_threshold(5_000, 10, 5)


def post_request(worker: Any, _request: Any, _environ: Any, _answer: Any) -> None:
    """Give free memory back now and then: what a large answer needed would stay the worker's."""
    now = time.monotonic()
    if now - getattr(worker, "tidied", 0) > TIDY:
        worker.tidied = now
        _give_back(0)


def problem() -> str | None:
    """Say why HOST and PORT cannot be served, or None where they can."""
    if not port.isdigit() or not 0 < int(port) < 65536:
        return f"PORT must be a number from 1 to 65535, but it is {port!r}."
    try:
        addresses = socket.getaddrinfo(
            host, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError:
        return f"HOST {host!r} is no address of this machine."
    family, kind, protocol, _, address = addresses[0]
    with socket.socket(family, kind, protocol) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(address)
        except PermissionError:
            return f"Port {port} needs more rights than this user has: try `make run PORT=8000`."
        except OSError as error:
            return (
                f"{host}:{port} cannot be served ({error.strerror}): is something else running "
                f"there? Stop it, or choose another port: `make run PORT=8001`."
            )
    return None


if __name__ == "__main__":
    sys.exit(problem())
