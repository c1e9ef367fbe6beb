"""What a look costs, and that it is never out of date."""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from roadmap.domain import planfile
from roadmap.extensions import db
from roadmap.initiatives import actions as initiatives
from roadmap.models import Forecast, Initiative, Workspace
from roadmap.people import actions as people
from roadmap.planning import picture as pictures
from tests.support import cast
from tests.support.client import CheckingClient
from tests.support.company import Company
from tests.support.queries import count_queries


def company_of(app: Flask, size: int) -> Company:
    """Initiatives with work, needs, promises, ties and deals: something for every query."""
    company = Company(app)
    teams = [company.team(name) for name in ("Core", "Web", "Data")]
    segment = company.segment("Enterprise")
    problems = [company.problem(f"Problem {n}", [segment]) for n in range(3)]
    for n in range(3):
        company.deal(f"Deal {n}", 100_000_00 * (n + 1), blockers=[problems[n]])
    ids: list[int] = []
    for n in range(size):
        ids.append(
            company.initiative(
                f"Initiative {n}",
                work=[(teams[n % 3], 5), (teams[(n + 1) % 3], 3)],
                solves=[problems[n % 3]],
                needs=ids[-1:] if n % 5 == 4 else [],
                promised=[("2027-04-30", "Acme")] if n % 7 == 0 else [],
                owner=company.people["product"],
            )
        )
    return company


@pytest.fixture
def company(app: Flask) -> Company:
    return company_of(app, 4)


def forget(app: Flask) -> None:
    """As a process that has just started."""
    app.extensions.pop(pictures.KEY, None)
    app.extensions.pop("roadmap board parts", None)


@pytest.mark.parametrize("size", [3, 60])
def test_a_look_costs_one_query_warm_and_six_cold_and_a_preview_few_whatever_the_size(
    app: Flask, size: int
) -> None:
    company = company_of(app, size)
    with company.looking():
        pass
    forget(app)
    with count_queries(app) as cold, company.looking() as first:
        pass
    with count_queries(app) as warm, company.looking() as second:
        pass
    assert len(first.plan.order) == size
    assert second is first
    assert len(cold) <= 6, "\n".join(cold)
    assert len(warm) == 1, "\n".join(warm)

    priya = cast.visitor(app, "product")
    address = f"/board/preview?initiative={size}&to=1"
    priya.get(address)
    with count_queries(app, ignoring=["users"]) as statements:
        assert "Moving" in priya.get(address).text
    assert len(statements) <= 6, "\n".join(statements)


def test_new_words_cost_two_queries_and_show_everywhere(app: Flask, company: Company) -> None:
    priya = cast.visitor(app, "product")
    preview = "/board/preview?initiative=4&to=1"
    for address in ("/board", preview):
        priya.get(address)
    rename(app, 4, "A clearer title")
    with count_queries(app) as statements, company.looking() as picture:
        pass
    assert len(statements) <= 2, "\n".join(statements)
    assert picture.cards["4"].title == picture.plan.initiatives["4"].title == "A clearer title"
    assert picture.cards["4"].value == "Worth more"
    for address in ("/board", preview, "/board.csv", "/initiatives/4"):
        page = priya.get(address)
        assert "A clearer title" in page.text, address
        # The ledger keeps what it was called when it entered.
        past = "Putting “Initiative 3” on the board"
        assert "Initiative 3" not in page.text.replace(past, ""), address
    assert company.order()[-1] == "A clearer title"


def test_new_words_leave_what_was_reckoned_as_it_was(app: Flask, company: Company) -> None:
    with company.looking() as before:
        scores, lines = before.scores, before.lines
    rename(app, 2, "Other words")
    with company.looking() as after:
        assert after is not before
        assert after.scores is scores
        assert after.lines is lines
        assert after.schedule.finish("2") == before.schedule.finish("2")


def test_the_title_of_what_left_the_board_is_new_where_others_need_it(
    app: Flask, company: Company
) -> None:
    from roadmap.domain.changes import Leave
    from roadmap.tradeoffs import actions

    needs = company.initiative("Needs it", needs=[1])
    with app.app_context():
        priya = people.find(cast.person("product").email)
        assert priya is not None
        gone = Leave("1", "declined", "Not now")
        actions.commit(
            lambda _: gone,
            actions.Signature(priya, priya.id, company.people["executive"], "Because"),
        )
    with company.looking():
        pass
    rename(app, 1, "Once called otherwise")
    with company.looking() as picture:
        assert picture.plan.initiatives["1"].title == "Once called otherwise"
        assert picture.plan.initiatives[str(needs)].needs == ("1",)


def test_a_process_that_slept_through_many_changes_sees_them_all(
    app: Flask, company: Company, database_url: str
) -> None:
    from tests.support import databases

    sleeper = databases.create(database_url)
    with sleeper.app_context():
        assert len(pictures.current().plan.order) == 4
    rename(app, 1, "Renamed meanwhile")
    company.initiative("Entered meanwhile", rank=1)
    rename(app, 2, "Renamed at last")
    with sleeper.app_context():
        seen = pictures.current()
        titles = [seen.cards[id].title for id in seen.plan.order]
    databases.dispose(sleeper)
    assert titles == company.order()
    assert titles[:3] == ["Entered meanwhile", "Renamed meanwhile", "Renamed at last"]


def test_a_look_from_an_older_snapshot_does_not_replace_a_newer_picture(
    app: Flask, company: Company
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from roadmap.workspace.settings import workspace

    with app.test_request_context("/board"):
        workspace()  # this snapshot is of now
        with ThreadPoolExecutor(1) as pool:
            pool.submit(company.initiative, "Newer", rank=1).result(timeout=20)
            newer = pool.submit(company.order).result(timeout=20)
        older = pictures.current()
        assert "Newer" not in [older.cards[id].title for id in older.plan.order]
    assert newer[0] == "Newer"
    with count_queries(app) as statements:
        assert company.order() == newer
    assert len(statements) == 1, "the newer picture was thrown away"


# --- a new day -----------------------------------------------------------------------------------


@pytest.fixture
def tomorrow(app: Flask) -> Iterator[str]:
    """Thursday of a later week of the same quarter."""
    yield "2027-02-04"
    app.config["TODAY"] = "2027-01-11"


def test_the_first_look_of_a_day_brings_figures_and_forecasts_to_it(
    app: Flask, company: Company, priya: CheckingClient, tomorrow: str
) -> None:
    pain = company.problem("Pain")
    lost = company.deal(
        "Old loss", 70_000_00, status="lost", close_date="2026-07-20", blockers=[pain]
    )
    cure = company.initiative("Cure", solves=[pain])
    assert lost
    with company.looking() as before:
        assert before.cards[str(cure)].lost_count == 1
        finish = before.schedule.finish("1")
        monday = finish

    app.config["TODAY"] = tomorrow
    page = priya.get("/board")

    with company.looking() as after:
        card = after.cards[str(cure)]
        # Six months before 4 February is 4 August: the loss of 20 July has left the window.
        assert (card.lost_count, card.lost_all_count) == (0, 1)
        assert after.today == date(2027, 2, 4)
        assert after.schedule.finish("1") == date(2027, 2, 5)
        # The baseline is still the quarter's first forecast.
        assert after.cards["1"].baseline == monday
    assert "slipped 3 weeks" in page.text
    assert company.wrong_totals() == []
    assert days_kept(app) == {date(2027, 1, 11): 5, date(2027, 2, 4): 5}


def test_a_day_is_opened_once(app: Flask, company: Company, tomorrow: str) -> None:
    app.config["TODAY"] = tomorrow
    visitors = [cast.visitor(app, role) for role in ("rep", "product")]
    visitors[0].get("/board")
    with app.app_context():
        opened = db.session.scalar(select(Workspace.revision))
    for visitor in visitors:
        visitor.get("/board")
        visitor.get("/board/preview?initiative=2&to=1")
    with app.app_context():
        assert db.session.scalar(select(Workspace.revision)) == opened
        assert db.session.scalar(select(Workspace.figures_as_of)) == date(2027, 2, 4)


def test_the_forecast_that_a_day_keeps_is_its_first(
    app: Flask, company: Company, tomorrow: str
) -> None:
    app.config["TODAY"] = tomorrow
    with company.looking() as first:
        finish = first.schedule.finish("4")
    elias = cast.visitor(app, "executive")
    page = elias.get("/board/preview?initiative=4&to=1")
    sponsor = company.people["executive"] if page.has("[name=sponsor]") else None
    moved = page.submit(
        "main form[method=post]", reason="Because", owner=company.people["product"],
        **({"sponsor": sponsor} if sponsor else {}),
    )  # fmt: skip
    assert moved.status_code == 200
    assert company.order()[0] == "Initiative 3"
    with app.app_context():
        kept = db.session.scalar(
            select(Forecast.finish).where(
                Forecast.day == date(2027, 2, 4), Forecast.initiative_id == 4
            )
        )
    assert kept == finish


def test_a_preview_from_yesterday_is_committed_today_where_its_impact_is_the_same(
    app: Flask, company: Company, tomorrow: str
) -> None:
    elias = cast.visitor(app, "executive")
    page = elias.get("/board/preview?initiative=4&to=1")
    app.config["TODAY"] = tomorrow
    answer = page.submit("main form[method=post]", reason="Because")
    assert answer.status_code == 200
    assert company.order()[0] == "Initiative 3"


def test_a_command_rebuilds_and_checks_the_figures(
    app: Flask, company: Company, tomorrow: str
) -> None:
    runner = app.test_cli_runner()
    assert "right" in runner.invoke(args=["figures", "check"]).output
    with app.app_context():
        db.session.execute(db.text("UPDATE initiative_totals SET open_amount = 1"))
        db.session.commit()
    wrong = runner.invoke(args=["figures", "check"])
    assert wrong.exit_code == 1
    assert "open_amount is stored as 1, counted as 10000000" in wrong.output
    app.config["TODAY"] = tomorrow
    rebuilt = runner.invoke(args=["figures", "rebuild"])
    assert rebuilt.output == "The totals and forecasts are as of 2027-02-04.\n"
    assert runner.invoke(args=["figures", "check"]).exit_code == 0
    assert date(2027, 2, 4) in days_kept(app)


# --- the plan as a file --------------------------------------------------------------------------


def test_the_exported_plan_answers_as_the_database_does(app: Flask, tmp_path) -> None:
    company_of(app, 12)
    runner = app.test_cli_runner()
    exported = runner.invoke(args=["plan", "export"])
    assert exported.exit_code == 0
    file = tmp_path / "plan.json"
    file.write_text(exported.output, encoding="utf-8")
    for question in (["--promote", "12", "--to", "1"], ["--promote", "5", "--to", "2"],
                     ["--promote", "12", "--by", "2027-01-29"]):  # fmt: skip
        asked = ["plan", "preview", *question, "--json"]
        here = runner.invoke(args=asked)
        there = runner.invoke(args=[*asked, "--plan", str(file)])
        assert here.exit_code == there.exit_code == 0, here.output
        assert json.loads(here.output) == json.loads(there.output)
    assert planfile.dump(planfile.load(exported.output)) == exported.output


def test_the_command_forecasts_what_the_board_shows(app: Flask, company: Company) -> None:
    asked = ["plan", "preview", "--promote", "4", "--to", "1", "--json"]
    answer = json.loads(app.test_cli_runner().invoke(args=asked).output)
    with company.looking() as picture:
        for id, forecast in answer["before"].items():
            finish = picture.schedule.finish(id)
            assert forecast["finish"] == (finish and finish.isoformat())


def rename(app: Flask, id: int, title: str) -> None:
    with app.app_context():
        row = db.session.get_one(Initiative, id)
        initiatives.rewrite(
            row, title=title, value="Worth more", kind="strategic", owner_id=row.owner_id
        )


def days_kept(app: Flask) -> dict[date, int]:
    with app.app_context():
        rows = db.session.execute(select(Forecast.day, func.count()).group_by(Forecast.day))
        return dict(rows.all())
