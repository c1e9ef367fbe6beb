"""Segment → problems by weighted money → initiatives across products → work by team."""

from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Problem, Segment, WorkItem, Workspace
from tests.support.client import CheckingClient, Page
from tests.support.company import Company
from tests.support.queries import count_queries


def titles(page: Page) -> list[str]:
    return page.texts_of("tbody th > div > a")


def test_nothing_yet_tells_the_first_steps(app: Flask, rosa: CheckingClient) -> None:
    page = rosa.get("/markets")
    assert page.text_of(".empty-state h2") == "No problems yet"
    assert rosa.get("/markets/none").text_of(".empty-state h2") == "No problem belongs to it yet"
    assert rosa.get("/markets/1").status_code == 404


def test_problems_stand_under_their_segments_by_what_waits_there(
    app: Flask, rosa: CheckingClient
) -> None:
    company = Company(app)
    banks, mills = company.segment("Banks"), company.segment("Mills")
    both = company.problem("Of both", [banks, mills], layer="user")
    bank = company.problem("Of banks", [banks])
    nobody = company.problem("Of nobody")
    fit = company.account("Fit bank", fit=100, segment=banks)
    unfit = company.account("Unfit bank", fit=10, segment=banks)
    mill = company.account("Mill", fit=50, segment=mills)
    company.deal("One", 100_000_00, account=fit, blockers=[bank, both])
    company.deal("Two", 500_000_00, account=unfit, blockers=[both])
    company.deal("Three", 300_000_00, account=mill, blockers=[both, nobody])
    company.deal("Four", 40_000_00, account=fit, blockers=[bank])
    page = rosa.get("/markets")
    assert page.texts_of(".box-title") == ["Banks", "Mills", "No segment named"]
    assert titles(page) == ["Of both", "Of banks", "Of both", "Of nobody"]
    rows = page.rows_of("table:has(caption:-soup-contains('Banks'))")
    assert rows[0]["ICP-weighted"] == "$150K of $300K in all segments"
    assert rows[1]["ICP-weighted"] == "$140K"
    assert rows[0]["Open blocked"] == "$600K 2 deals"
    # Each deal of the segment's accounts once: 100 + 40 whole, 500 at a tenth.
    assert "$190K weighted by ICP fit" in page.text_of("section:has(h2:-soup-contains('Banks'))")
    assert titles(rosa.get(f"/markets/{mills}")) == ["Of both"]
    assert titles(rosa.get("/markets/none")) == ["Of nobody"]


def test_initiatives_across_products_and_their_work_stand_beside_each_problem(
    app: Flask, rosa: CheckingClient
) -> None:
    company = Company(app)
    banks = company.segment("Banks")
    pain = company.problem("Sign-in is manual", [banks])
    company.problem("Nobody cares", [banks])
    core, phone = company.team("Core"), company.team("Phone team")
    platform, mobile = company.product("Platform"), company.product("Mobile")
    sso = company.initiative("SSO", work=[(core, 20), (core, 5)], solves=[pain], product=platform)
    company.initiative("App", work=[(phone, None)], contributes=[pain], product=mobile)
    with app.app_context():
        db.session.add(
            WorkItem(initiative_id=sso, position=9, product_id=mobile, team_id=phone, person_days=3)
        )
        db.session.scalars(select(Workspace)).one().plan_revision += 1000
        db.session.commit()
    page = rosa.get("/markets")
    answers = page.texts_of(".answer")
    assert answers[0].startswith("SSO rank 1,")
    assert "Platform Core, 25 person-days left" in answers[0]
    assert "Mobile Phone team, 3 person-days left" in answers[0]
    assert "contributes, rank 2, no estimate" in answers[1]
    assert "Mobile Phone team, not estimated" in answers[1]
    assert "1 uncovered" in page.text_of(".box-sub")
    assert titles(rosa.get(f"/markets?product={mobile}")) == ["Sign-in is manual"]
    assert titles(rosa.get("/markets?q=CARES")) == ["Nobody cares"]
    csv = rosa.get(rosa.get("/markets?q=sign").link("CSV")).text.splitlines()
    assert [line.rsplit(",", 3)[1:] for line in csv[1:]] == [
        ["Platform", "Core", "25"], ["Mobile", "Phone team", "3"], ["Mobile", "Phone team", ""],
    ]  # fmt: skip
    assert csv[1].startswith("Banks,Sign-in is manual,0.00,")


def test_many_problems_fold_into_a_page_for_each_segment_at_the_same_cost(
    app: Flask, rosa: CheckingClient
) -> None:
    company = Company(app)
    ids = [company.segment(f"Segment {n}") for n in range(4)]
    costs = []
    for size in (20, 780):
        with app.app_context():
            segments = [db.session.get_one(Segment, id) for id in ids]
            for n in range(size):
                problem = Problem(title=f"{size} {n:03}")
                problem.segments = [segments[n % 4]]
                db.session.add(problem)
            row = db.session.scalars(select(Workspace)).one()
            row.plan_revision += 1000
            row.evidence_revision += 1000
            db.session.commit()
        with count_queries(app, ignoring=["users"]) as cold:
            rosa.get("/markets")
        with count_queries(app, ignoring=["users"]) as warm:
            page = rosa.get("/markets")
        costs.append((len(cold), len(warm)))
    assert costs[0] == costs[1]
    assert costs[0][1] <= 3, "\n".join(warm)
    assert costs[0][0] <= 14, "\n".join(cold)
    assert len(titles(page)) == 20
    own = page.follow("All 200 problems of Segment 0")
    assert len(titles(own)) == 50
    assert "1 to 50 of 200 problems" in own.text_of(".pages")
    assert "51 to 100 of 200" in own.follow("Next").text_of(".pages")
    assert len(rosa.get("/markets.csv").lines()) == 801
