"""`flask plan …` and `flask figures …`: the same answers from the database and from its file."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from roadmap.domain import planfile
from roadmap.extensions import db
from roadmap.models import Deal, Initiative
from tests.support import databases

HERO = "Single sign-on and SCIM provisioning"


def run(app: Flask, *arguments: str, input: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=arguments, input=input)


@pytest.fixture
def hero(demo_app: Flask) -> str:
    with demo_app.app_context():
        return str(db.session.query(Initiative.id).filter_by(title=HERO).scalar())


@pytest.fixture
def exported(demo_app: Flask, tmp_path: Path) -> Path:
    file = tmp_path / "plan.json"
    file.write_text(run(demo_app, "plan", "export").output, "utf-8")
    return file


def answer(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_an_exported_plan_gives_the_same_answers_as_the_database(
    demo_app: Flask, exported: Path, hero: str
) -> None:
    for question in (("--to", "2"), ("--to", "24"), ("--by", "2027-03-05"), ("--by", "2027-01-12")):
        asked = ("plan", "preview", "--promote", hero, *question, "--json")
        kept = answer(run(demo_app, *asked))
        assert kept == answer(run(demo_app, *asked, "--plan", str(exported))), question
        piped = run(demo_app, *asked, "--plan", "-", input=exported.read_text("utf-8"))
        assert kept == answer(piped)


def test_an_export_holds_every_deal_and_what_has_left_the_board(
    demo_app: Flask, exported: Path
) -> None:
    plan = planfile.load(exported.read_text("utf-8"))
    with demo_app.app_context():
        deals = db.session.query(Deal.id, Deal.status, Deal.amount).all()
    assert {(d.id, d.status, d.amount) for d in plan.deals.values()} == {
        (str(id), status, amount) for id, status, amount in deals
    }
    off_board = [one for one in plan.initiatives.values() if not one.on_board]
    assert {one.state for one in off_board} == {"shipped", "declined"}
    assert all(one.work for one in off_board)
    by_title = {one.title: one for one in plan.initiatives.values()}
    assert by_title[HERO].owner == "Priya Nair"
    assert planfile.dump(plan) == exported.read_text("utf-8")


def test_a_preview_in_words_names_deals_money_and_promises(demo_app: Flask, hero: str) -> None:
    said = run(demo_app, "plan", "preview", "--promote", hero, "--to", "2").stdout
    assert f"Moving “{HERO}” from 9 to 2 delays 4 initiatives" in said
    assert "puts $3,130,000.00 (4 deals) out of reach" in said
    assert "Ostravik field crews (Ostravik Energie): $1,150,000.00, needed by" in said
    assert re.search(r"“Offline mobile for technicians” takes \d+ person-days of its teams", said)
    assert "“EU data residency”, promised to Ostravik Energie for" in said


def test_done_by_says_how_far_up_or_why_not(demo_app: Flask, hero: str) -> None:
    asked = ("plan", "preview", "--promote", hero, "--by")
    assert "has to move up to" in run(demo_app, *asked, "2027-03-05").stdout
    assert "nothing to do" in run(demo_app, *asked, "2028-01-01").stdout
    soon = run(demo_app, *asked, "2027-01-12").stdout
    assert "No position has" in soon
    assert "even with its teams to itself" in soon


def test_a_file_without_a_currency_is_answered_in_plain_figures(
    app: Flask, exported: Path, hero: str
) -> None:
    asked = ("plan", "preview", "--promote", hero, "--to", "2", "--plan", str(exported))
    said = run(app, *asked).stdout
    assert "puts 3,130,000.00 (4 deals) out of reach" in said
    assert "$" not in said


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"today": "2027-02-30"}, "today: there is no such day: 2027-02-30"),
        ({"teams": []}, 'work[0].team: there is no team "'),
        ({"deals": None}, "deals: must be a list, not null"),
    ],
)
def test_a_faulty_file_is_refused_by_its_place(
    app: Flask, exported: Path, hero: str, change: dict[str, Any], place: str
) -> None:
    file = {**json.loads(exported.read_text("utf-8")), **change}
    exported.write_text(json.dumps(file), "utf-8")
    result = run(app, "plan", "preview", "--promote", hero, "--to", "2", "--plan", str(exported))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert place in result.stderr


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (("--to", "0"), "rank 0 does not exist: the board has ranks 1 to"),
        (("--to", "999"), "rank 999 does not exist"),
        ((), "Say either --to RANK or --by DATE"),
        (("--to", "1", "--by", "2027-03-05"), "Say either --to RANK or --by DATE"),
        (("--by", "soon"), "Invalid value for '--by'"),
        (("--to", "1", "--plan", "nowhere.json"), "nowhere.json: No such file"),
    ],
)
def test_a_question_without_sense_ends_with_exit_code_2(
    demo_app: Flask, hero: str, question: tuple[str, ...], message: str
) -> None:
    result = run(demo_app, "plan", "preview", "--promote", hero, *question)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr


def test_an_unknown_initiative_and_a_file_of_other_bytes_are_refused(
    app: Flask, tmp_path: Path
) -> None:
    unknown = run(app, "plan", "preview", "--promote", "404", "--to", "1")
    assert unknown.exit_code == 2
    assert 'there is no initiative "404"' in unknown.stderr
    binary = tmp_path / "plan.json"
    binary.write_bytes(b"{\xff}")
    other = run(app, "plan", "preview", "--promote", "a", "--to", "1", "--plan", str(binary))
    assert other.exit_code == 2
    assert "byte 1 is not UTF-8" in other.stderr


def test_an_empty_company_exports_an_empty_plan(app: Flask) -> None:
    plan = planfile.load(run(app, "plan", "export").stdout)
    assert plan.today.isoformat() == databases.TODAY
    assert not plan.order
    assert not plan.deals


def test_figures_are_checked_and_rebuilt(demo_app: Flask) -> None:
    assert run(demo_app, "figures", "check").exit_code == 0
    with demo_app.app_context():
        db.session.execute(text("UPDATE initiative_totals SET open_count = open_count + 1"))
        db.session.commit()
    wrong = run(demo_app, "figures", "check")
    assert wrong.exit_code == 1
    assert "open_count is stored as" in wrong.stdout
    assert run(demo_app, "figures", "rebuild").exit_code == 0
    assert run(demo_app, "figures", "check").exit_code == 0
