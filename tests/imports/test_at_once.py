"""Imports whose process dies on the way, and imports at one moment: real processes on one database.

An import is applied by a process of its own, which may be killed at any moment.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from roadmap.config import ROOT
from roadmap.extensions import db
from roadmap.imports import actions, jobs, uploads
from roadmap.imports.mapping import ImportMapping
from roadmap.imports.progress import Progress
from roadmap.models import Account, Deal, Import, Workspace
from roadmap.models.base import table as sa_table
from roadmap.models.imports import REVERTING, STAGING
from tests.imports.conftest import HEADER, Importing, Writing
from tests.support import databases
from tests.support.client import CheckingClient

Everything = Callable[[], dict[str, list[tuple[Any, ...]]]]

BEFORE = f"{HEADER}\n" + "".join(f"D{n},Deal {n},Acme,Open,100,2027-03-01\n" for n in range(20))
AFTER = f"{HEADER}\n" + "".join(
    f"D{n},Deal {n},{'Acme' if n % 2 else 'Globex'},Closed Won,{n + 1},2027-01-04\n"
    for n in range(10, 40)
)
#: Applies or reverts an import, and dies right after a statement that begins so, or right before
#: the commit.
DYING = """
import os, signal, sys
from sqlalchemy import event
from roadmap import create_app
from roadmap.extensions import db
from roadmap.imports import bulk, jobs, making

bulk.FEW = 0  # so that indexes are built anew
app, (_, state, import_id, last) = create_app(), sys.argv
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
with app.app_context():
    with jobs.by_hand(int(import_id), state):
        if last == "COMMIT":
            event.listen(db.engine, "commit", die)
        @event.listens_for(db.engine, "after_cursor_execute")
        def look(connection, cursor, statement, *_):
            if statement.lstrip().startswith(last):
                die()
        jobs.COMMANDS[state][1](int(import_id))
"""

#: Begins a job and is at it until it is killed.
WAITING = """
import sys, time
from roadmap import create_app
from roadmap.imports import jobs
from roadmap.extensions import db
from roadmap.models import Import

app, (_, state, import_id) = create_app(), sys.argv
with app.app_context():
    made = db.session.get_one(Import, int(import_id))
    with jobs.begin(made, state):
        print("at it", flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def run(app: Flask, database_url: str) -> Callable[..., subprocess.Popen[str]]:
    """Start a Python process on the test's database."""

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": database_url,
                "ROADMAP_TODAY": databases.TODAY,
                "ROADMAP_INSTANCE": app.instance_path,
                "SECRET_KEY": "only for tests",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def staged(app: Flask, path: Path) -> int:
    """An import of the file that is ready to be applied."""
    with app.app_context():
        made = Import(state=STAGING, report={}, files=[uploads.described("deals", path)])
        db.session.add(made)
        db.session.commit()
        opened = actions.open_files(actions.Files(path), ImportMapping())
        actions.stage(made.id, opened, Progress(made.id, made.attempt))
        return made.id


def indexes(app: Flask) -> set[str]:
    with app.app_context():
        return {str(index["name"]) for index in inspect(db.engine).get_indexes("deals")}


def assert_same(now: dict[str, Any], before: dict[str, Any]) -> None:
    """Everything is as it was, but for the imports' own states."""
    assert {**now, "imports": []} == {**before, "imports": []}


def clean(app: Flask) -> None:
    checked = app.test_cli_runner().invoke(args=["check"])
    assert checked.exit_code == 0, checked.output


@pytest.mark.parametrize(
    "last",
    ["INSERT INTO accounts", "DROP INDEX", "INSERT INTO deals", "CREATE INDEX", "UPDATE deals",
     "COMMIT"],
)  # fmt: skip
def test_an_import_that_is_killed_while_it_is_applied_has_changed_nothing(
    app: Flask,
    importing: Importing,
    file: Writing,
    everything: Everything,
    run: Callable[..., subprocess.Popen[str]],
    last: str,
) -> None:
    with app.app_context():
        if "INDEX" in last and db.engine.dialect.name != "sqlite":
            pytest.skip("indexes stay where readers would have to wait for them")
    importing(BEFORE)
    import_id = staged(app, file(AFTER, name="after.csv"))
    before, known = everything(), indexes(app)

    dying = run("-c", DYING, "applying", str(import_id), last)
    output, _ = dying.communicate(timeout=300)
    assert dying.returncode == -signal.SIGKILL, output

    with app.app_context():
        # Only that somebody began is known, and at once that nobody is at it any more.
        assert jobs.is_silent(db.session.get_one(Import, import_id))
        db.session.rollback()
    assert_same(everything(), before)
    assert indexes(app) == known

    again = app.test_cli_runner().invoke(args=["import", "apply", str(import_id)])
    assert f"Import {import_id} is applied." in again.output
    with app.app_context():
        assert len(db.session.scalars(select(Deal)).all()) == 40
    assert indexes(app) == known
    clean(app)


@pytest.mark.parametrize(
    "last", ["DELETE FROM deals", "DROP INDEX", "CREATE INDEX", "UPDATE deals", "COMMIT"]
)
def test_a_revert_that_is_killed_has_changed_nothing_and_can_be_begun_again(
    app: Flask,
    importing: Importing,
    file: Writing,
    everything: Everything,
    run: Callable[..., subprocess.Popen[str]],
    last: str,
) -> None:
    with app.app_context():
        if "INDEX" in last and db.engine.dialect.name != "sqlite":
            pytest.skip("indexes stay where readers would have to wait for them")
    importing(BEFORE)
    at_first = everything()
    importing(AFTER)
    before, known = everything(), indexes(app)

    dying = run("-c", DYING, "reverting", "2", last)
    output, _ = dying.communicate(timeout=300)
    assert dying.returncode == -signal.SIGKILL, output
    with app.app_context():
        made = db.session.get_one(Import, 2)
        assert (made.state, jobs.is_silent(made)) == (REVERTING, True)
        db.session.rollback()
    assert_same(everything(), before)
    assert indexes(app) == known

    again = app.test_cli_runner().invoke(args=["import", "revert", "2"])
    assert "Reverted." in again.output
    after = everything()
    for table in ("deals", "accounts", "crm_owners", "loss_words", "statements"):
        assert after[table] == at_first[table]
    assert indexes(app) == known
    clean(app)


@pytest.mark.parametrize("state", ["staging", "applying", "reverting"])
def test_a_page_tells_at_once_that_a_job_was_killed_and_goes_on(
    app: Flask,
    priya: CheckingClient,
    importing: Importing,
    file: Writing,
    run: Callable[..., subprocess.Popen[str]],
    state: str,
) -> None:
    importing(BEFORE)
    import_id = staged(app, file(AFTER, name="after.csv"))
    if state == "reverting":
        app.test_cli_runner().invoke(args=["import", "apply", str(import_id)])
    working = run("-c", WAITING, state, str(import_id))
    assert working.stdout
    assert working.stdout.readline() == "at it\n"
    page = priya.get(f"/imports/{import_id}")
    assert not page.has("form[action$='/reading']"), "somebody is at it"
    assert page.has("[hx-trigger='every 1s']")
    again = priya.get(f"/imports/{import_id}")
    assert not again.has("form[action$='/reading']")

    working.kill()
    working.communicate(timeout=300)
    page = priya.get(f"/imports/{import_id}")
    assert "It has stopped: nobody is at it any more" in page.text
    page = page.submit("form[action$='/reading']")
    ends = {"staging": "Upload it again", "applying": "applied", "reverting": "reverted"}
    assert ends[state] in page.text


def test_one_import_that_two_processes_revert_at_once_is_reverted_once(
    app: Flask,
    importing: Importing,
    everything: Everything,
    run: Callable[..., subprocess.Popen[str]],
) -> None:
    importing(BEFORE)
    at_first = everything()
    importing(AFTER)
    revision = everything()["workspace"]

    both = [run("-m", "flask", "--app", "wsgi", "import", "revert", "2") for _ in range(2)]
    outputs = [each.communicate(timeout=300)[0] for each in both]

    assert 0 in [each.returncode for each in both], outputs
    assert all("Reverted." in text or "no such import" in text for text in outputs), outputs
    after = everything()
    assert after["deals"] == at_first["deals"]
    with app.app_context():
        columns = [column.name for column in sa_table(Workspace).columns]
    place = columns.index("revision")
    assert after["workspace"][0][place] == revision[0][place] + 1
    clean(app)


def test_nothing_is_applied_or_reverted_beside_another_import(
    app: Flask,
    priya: CheckingClient,
    importing: Importing,
    file: Writing,
    everything: Everything,
    run: Callable[..., subprocess.Popen[str]],
) -> None:
    importing(BEFORE)
    other, ready = (staged(app, file(AFTER, name="after.csv")) for _ in range(2))
    revert = priya.get("/imports/1")
    apply = priya.get(f"/imports/{ready}")
    working = run("-c", WAITING, "applying", str(other))
    assert working.stdout
    assert working.stdout.readline() == "at it\n"
    before = everything()

    for page, form in ((revert, "form#revert"), (apply, "form#apply")):
        answer = page.submit(form)
        assert answer.status_code == 409
        assert f"Import {other} is being applied. Try again when that is done." in answer.text
    for command in (("revert", "1"), ("apply", str(ready))):
        answer = app.test_cli_runner().invoke(args=["import", *command])
        assert answer.exit_code == 1
        assert f"Import {other} is being applied." in answer.output
    assert everything() == before

    working.kill()
    working.communicate(timeout=300)
    revert.submit("form#revert")
    with app.app_context():
        assert db.session.get_one(Import, 1).state == "reverted"


def test_one_import_that_two_processes_apply_at_once_is_applied_once(
    app: Flask, importing: Importing, file: Writing, run: Callable[..., subprocess.Popen[str]]
) -> None:
    importing(BEFORE)
    import_id = str(staged(app, file(AFTER, name="after.csv")))

    both = [run("-m", "flask", "--app", "wsgi", "import", "apply", import_id) for _ in range(2)]
    said = [each.communicate(timeout=300)[0] for each in both]

    assert [each.returncode for each in both] == [0, 0], said
    with app.app_context():
        won = db.session.scalars(select(Deal).where(Deal.status == "won")).all()
        assert sorted(deal.amount or 0 for deal in won) == [100 * (n + 1) for n in range(10, 40)]
        assert db.session.scalars(select(Account.name).order_by(Account.name)).all() == [
            "Acme", "Globex",
        ]  # fmt: skip
    clean(app)


def test_two_files_at_once_make_each_deal_and_account_once_and_can_be_taken_back(
    app: Flask,
    file: Writing,
    everything: Everything,
    run: Callable[..., subprocess.Popen[str]],
) -> None:
    before = everything()
    files = [file(BEFORE, name="one.csv"), file(AFTER, name="two.csv")]

    both = [run("-m", "flask", "--app", "wsgi", "import", "deals", str(path)) for path in files]
    said = [each.communicate(timeout=300)[0] for each in both]

    assert [each.returncode for each in both] == [0, 0], said
    with app.app_context():
        deals = {deal.external_id: deal for deal in db.session.scalars(select(Deal))}
        assert len(deals) == 40
        # Of a deal in both files, whoever came last is right, with all that it says.
        late = {
            (deals[f"D{n}"].status, deals[f"D{n}"].amount == 100 * (n + 1)) for n in range(10, 20)
        }
        assert late in ({("won", True)}, {("open", False)})
        assert len(db.session.scalars(select(Account.id)).all()) == 2
        made = list(db.session.scalars(select(Import.id).order_by(Import.compared_revision.desc())))
    clean(app)

    for import_id in made:
        back = app.test_cli_runner().invoke(args=["import", "revert", str(import_id)])
        assert "Reverted." in back.output
    after = everything()
    for table in ("deals", "accounts", "crm_owners", "statements"):
        assert after[table] == before[table]
    clean(app)
