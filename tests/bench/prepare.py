"""The databases that are measured: built once, kept in .bench/, copied for each run."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import company, words
from tests.bench.company import SIZES

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".bench"


@contextmanager
def database(size: str, system: str) -> Iterator[str]:
    """The address of a database of this size that is this run's own."""
    if system == "postgresql":
        with _postgresql(size) as url:
            yield url
        return
    template = KEPT / f"{size}-{_version()}.sqlite"
    if not template.exists():
        for old in KEPT.glob(f"{size}-*"):
            old.unlink()
        unfinished = KEPT / "unfinished.sqlite"
        _remove(unfinished)
        fill(f"sqlite:///{unfinished}", size)
        unfinished.rename(template)
    copy = KEPT / f"run-{os.getpid()}.sqlite"
    shutil.copyfile(template, copy)
    try:
        yield f"sqlite:///{copy}"
    finally:
        _remove(copy)


def fill(url: str, size: str) -> None:
    """Migrate and build, in a process of its own: what it allocates is not measured."""
    say(f"Building the {size} company (a few minutes at most, once)")
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "tests.bench.prepare", size],
        cwd=ROOT,
        check=True,
        env=environment(url),
    )
    say(f"Built in {time.monotonic() - started:.0f} s")


def environment(url: str) -> dict[str, str]:
    """What the product is told: this database, this day, a key and folder of its own."""
    KEPT.mkdir(exist_ok=True)
    return {
        **os.environ,
        "DATABASE_URL": url,
        "ROADMAP_INSTANCE": str(KEPT / "instance"),
        "ROADMAP_TODAY": company.TODAY.isoformat(),
        "SECRET_KEY": "only for measuring",
    }


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


@contextmanager
def _postgresql(size: str) -> Iterator[str]:
    """A server of its own that, unlike the tests', waits for the disk."""
    from tests.support import postgres

    scratch = KEPT / f"postgresql-{os.getpid()}"
    scratch.mkdir(parents=True)
    # What must reach a disk has to be measured, so this server waits for it.
    postgres.SETTINGS.update(fsync="on", synchronous_commit="on", full_page_writes="on")
    try:
        url = postgres.server(scratch).create("bench")
        fill(url, size)
        yield url
    finally:
        postgres.stop(scratch)
        shutil.rmtree(scratch, ignore_errors=True)


def _version() -> str:
    """Changes with what a built database depends on."""
    digest = hashlib.sha256()
    sources = [
        Path(company.__file__),
        Path(words.__file__),
        *sorted((ROOT / "migrations" / "versions").glob("*.py")),
    ]
    sources += [ROOT / "roadmap" / "domain" / "value.py", ROOT / "roadmap" / "domain" / "icp.py"]
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _remove(file: Path) -> None:
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()


def _build(size: str) -> None:
    from flask_migrate import upgrade

    from roadmap import create_app
    from roadmap.extensions import db

    app = create_app()
    with app.app_context():
        upgrade()
    company.build(app, SIZES[size])
    with app.app_context():
        db.session.execute(
            db.text("CREATE TABLE bench_writes (id INTEGER PRIMARY KEY, count INTEGER NOT NULL)")
        )
        db.session.execute(db.text("INSERT INTO bench_writes VALUES (1, 0)"))
        db.session.commit()
        if db.engine.dialect.name == "sqlite":
            db.session.execute(db.text("SELECT 1"))
        db.session.remove()
        db.engine.dispose()


if __name__ == "__main__":
    _build(sys.argv[1])
