"""How gunicorn serves the product: `gunicorn --config roadmap/serve.py wsgi:app`.

Run as a script it says in plain words whether HOST and PORT can be served at all, which `make run`
asks before anything else: gunicorn itself would only retry and end in a traceback.
"""

import contextlib
import ctypes
import gc
import os
import socket
import struct
import sys
from typing import Any

from sqlalchemy.orm import configure_mappers

host = os.environ.get("HOST") or "127.0.0.1"
port = os.environ.get("PORT") or "8000"

bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
# Most of them only hold writers, who wait for their turn: see roadmap/web/door.py.
threads = int(os.environ.get("WEB_THREADS") or 16)

# The application is loaded once and shared by the workers as memory that nobody writes to.
# Loading must open no database connection: SQLite's do not survive a fork.
preload_app = True

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


# Each thread gets a heap of its own from glibc, and none gives back what it once needed: two heaps
# are enough for a handful of threads, and large pieces go back at once. Elsewhere nothing happens.
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3
with contextlib.suppress(OSError, AttributeError):
    _mallopt = ctypes.CDLL(None).mallopt
    _mallopt(M_ARENA_MAX, 2)
    _mallopt(M_MMAP_THRESHOLD, 256 * 1024)


def when_ready(server: Any) -> None:
    """Compile templates and tie the tables together before forking: no first page waits for it.

    Threads also stop waiting for connections that fall silent.
    """
    for listener in server.LISTENERS:
        # Connections inherit it from their listener.
        for timeout in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.sock.setsockopt(socket.SOL_SOCKET, timeout, struct.pack("@ll", SILENCE, 0))
    configure_mappers()
    templates = server.app.wsgi().jinja_env
    for name in templates.list_templates(extensions=["html"]):
        templates.get_template(name)


def pre_fork(_server: Any, _worker: Any) -> None:
    """Keep the collector off what is loaded already, so that its pages stay shared.

    A board is many thousand small values at once: with the default threshold the collector would
    look through all of them again and again while they are made.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


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
