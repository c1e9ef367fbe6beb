"""Problems: the ranked list, one problem with its deals, writing them."""

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from roadmap.evidence.counting import recount
from roadmap.extensions import db
from roadmap.models import Blocker, Deal, Problem, Segment, Statement, Workspace
from tests.support.client import CheckingClient, Page
from tests.support.company import Company, statement
from tests.support.queries import count_queries

HOSTILE = "<script>alert(1)</script> \u202e\u05e9\u05dc\u05d5\u05dd \U0001f680 & co"


def titles(page: Page) -> list[str]:
    return page.texts_of("tbody th > div > a")


def tile(page: Page, label: str) -> str:
    return page.text_of(f".tile:has(dt:-soup-contains('{label}')) .tile-value")


def test_an_empty_list_tells_the_first_steps(priya: CheckingClient, rosa: CheckingClient) -> None:
    page = priya.get("/problems")
    assert page.text_of(".empty-state h2") == "No problems yet"
    assert priya.get(page.link("New problem")).has("#problem")
    assert not rosa.get("/problems").has("main a[href='/problems/new']")


def test_problems_rank_by_what_they_block_and_together_count_each_deal_once(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    small, large, idle = (company.problem(t) for t in ("Small", "Large", "Idle"))
    company.deal("Both", 300_000_00, blockers=[small, large, (large, "crm")], fit=50)
    company.deal("One", 200_000_00, blockers=[large])
    company.deal("Unknown", None, blockers=[large])
    company.deal("Lost", 70_000_00, status="lost", blockers=[small], close_date="2026-12-01")
    company.deal("Long ago", 90_000_00, status="lost", blockers=[small], close_date="2026-07-11")
    company.deal("When", 10_000_00, status="lost", blockers=[small], close_date=None)
    company.deal("Won", 999_000_00, status="won", blockers=[small])
    page = priya.get("/problems")
    assert titles(page) == ["Large", "Small", "Idle"]
    rows = page.rows_of("table")
    assert rows[0]["Open blocked"] == "$500K 1 without amount"
    assert rows[0]["Deals"].startswith("3 open")
    assert rows[1]["Open blocked"] == "$300K"
    assert rows[1]["Lost, last 6 months"] == "$70K 1 without date left out"
    assert "$500K open in 3 deals, $70K lost in 1 deal" in page.text_of("#together")
    assert titles(priya.get("/problems?sort=lost")) == ["Small", "Idle", "Large"]
    assert titles(priya.get("/problems?q=LARG")) == ["Large"]
    assert idle


def test_filters_keep_to_the_address_and_mark_what_is_uncovered(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    banks = company.segment("Banks")
    one = company.problem("One", [banks], layer="executive")
    two = company.problem("Two", layer="user")
    company.problem("Three")
    company.initiative("SSO", work=[(company.team(), 20)], solves=[one], contributes=[two])
    assert titles(priya.get(f"/problems?segment={banks}")) == ["One"]
    assert titles(priya.get("/problems?layer=user")) == ["Two"]
    page = priya.get("/problems?uncovered=1&sort=title")
    assert titles(page) == ["Three", "Two"]
    assert page.value_of("select[name=uncovered]") == "1"
    assert "contributes" in page.rows_of("table")[1]["Addressed by"]
    assert "uncovered" in page.rows_of("table")[1]["Addressed by"]
    csv = priya.get(page.link("CSV")).text.splitlines()
    assert [line.split(",")[0] for line in csv[1:]] == ["Three", "Two"]


def test_the_list_takes_the_same_queries_at_any_size(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    company.deal("Deal", blockers=[company.problem("First")])
    costs = []
    for round_ in range(2):
        with app.app_context():
            db.session.add_all(Problem(title=f"{round_} {n}") for n in range(60))
            db.session.scalars(select(Workspace)).one().evidence_revision += 100
            db.session.commit()
        with count_queries(app, ignoring=["users"]) as cold:
            priya.get("/problems")
        with count_queries(app, ignoring=["users"]) as warm:
            priya.get("/problems?page=2")
        costs.append((len(cold), len(warm)))
    assert costs[0] == costs[1]
    assert costs[0][1] <= 3, warm
    assert costs[0][0] <= 12, cold


def test_a_problem_opens_to_its_deals_and_says_which_count(
    app: Flask, rosa: CheckingClient
) -> None:
    company = Company(app)
    pain, other = company.problem("Sign-in is manual"), company.problem("No export")
    company.deal("Alone", 100_000_00, blockers=[(pain, "customer")], fit=30)
    company.deal("Shared", 400_000_00, blockers=[pain, other])
    lost = company.deal("Lost", 50_000_00, status="lost", blockers=[pain])
    with app.app_context():
        db.session.add(statement(lost, source="interview", bucket="price"))
        db.session.flush()
        recount([lost])
        db.session.scalars(select(Workspace)).one().evidence_revision += 100
        db.session.commit()
    sso = company.initiative("SSO", work=[(company.team(), 20)], solves=[pain])
    page = rosa.get(f"/problems/{pain}")
    assert tile(page, "Open pipeline blocked") == "$500K"
    assert tile(page, "blocked by this alone") == "$100K"
    assert tile(page, "Weighted by ICP fit") == "$430K"
    assert tile(page, "Lost in 6 months") == "$0"
    open_rows = page.rows_of("table:has(caption:-soup-contains('Open deals'))")
    assert [row["Deal"].split(" Account")[0] for row in open_rows] == ["Shared", "Alone"]
    lost_row = page.rows_of("table:has(caption:-soup-contains('Deals lost'))")[0]
    assert lost_row["Counts?"].startswith("does not count False loss")
    assert page.has(f"main a[href='/initiatives/{sso}']")
    assert "1 of the deals" in page.text_of("dl.facts dt:-soup-contains('Verified') + dd")
    listed = rosa.get(page.all(".tile a")[0]["href"])
    assert "2 deals, $500K" in listed.text_of("main div[role=status].cluster strong")


def test_an_uncovered_problem_says_so(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    pain = company.problem("Nobody solves it")
    page = priya.get(f"/problems/{pain}")
    assert "none of its deals can be in time" in page.text


def test_tying_from_the_problem_takes_a_search_and_a_button(
    app: Flask, priya: CheckingClient, rosa: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    company.deal("Won already", status="won", account=company.account("Acme Ltd"))
    deal = company.deal("Renewal 100%", account=company.account("Acme"))
    company.deal("Something else")
    page = priya.get(f"/problems/{pain}").submit("#tie form[role=search]", deal="acme")
    assert page.texts_of("#tie-deal th a") == ["Renewal 100%"]
    page = page.submit("#tie-deal", press="Tie Renewal 100%", source="customer")
    assert page.path == f"/problems/{pain}"
    with app.app_context():
        tie = db.session.scalars(select(Blocker)).one()
        assert (tie.deal_id, tie.problem_id, tie.source) == (deal, pain, "customer")
    assert tile(page, "Open pipeline blocked") == "$100K"
    assert "tied already" in priya.get(f"/problems/{pain}?deal=100%25").text_of("#tie-deal")
    assert "No open or lost deal" in priya.get(f"/problems/{pain}?deal=zzz").text_of("#tie")
    assert not rosa.get(f"/problems/{pain}").has("#tie")


def test_a_problem_is_written_and_changed_and_the_board_learns_of_it(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    banks = company.segment("Banks")
    with app.app_context():
        before = db.session.scalars(select(Workspace.plan_revision)).one()
    page = priya.get("/problems/new").submit(
        "#problem", title=f" {HOSTILE} ", statement="Who\nand what", layer="manager",
        segments=[banks], workaround="None",
    )  # fmt: skip
    assert page.text_of("h1") == HOSTILE
    with app.app_context():
        problem = db.session.scalars(select(Problem)).one()
        assert problem.statement == "Who\nand what"
        assert [segment.id for segment in problem.segments] == [banks]
        assert db.session.scalars(select(Workspace.plan_revision)).one() > before
    page = page.follow("Edit").submit("#problem", title="Plain", layer="", segments=[])
    assert page.text_of("h1") == "Plain"
    with app.app_context():
        problem = db.session.scalars(select(Problem)).one()
        assert (problem.layer, problem.segments) == (None, [])


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "a\x07b"])
def test_a_title_that_cannot_be_is_refused_and_everything_typed_kept(
    app: Flask, priya: CheckingClient, title: str
) -> None:
    Company(app)
    page = priya.get("/problems/new").submit("#problem", title=title, workaround="kept")
    assert page.status_code == 422
    assert page.has("#problem .field-errors")
    assert page.text_of("#problem textarea[name=workaround]") == "kept"
    with app.app_context():
        assert db.session.scalars(select(Problem)).all() == []


def test_two_problems_cannot_share_a_title(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    company.problem("Taken")
    page = priya.get("/problems/new").submit("#problem", title="Taken")
    assert page.status_code == 422
    assert "Another problem has this title" in page.text_of("#problem .field-errors")


def test_whoever_saves_second_sees_what_the_first_one_wrote(
    app: Flask, priya: CheckingClient, ada: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Before")
    mine = priya.get(f"/problems/{pain}/edit")
    ada.get(f"/problems/{pain}/edit").submit("#problem", title="Ada's")
    page = mine.submit("#problem", title="Priya's")
    assert page.status_code == 409
    assert page.text_of("#title-errors .field-theirs") == "Ada's"
    assert page.value_of("#problem input[name=title]") == "Priya's"
    with app.app_context():
        assert db.session.get_one(Problem, pain).title == "Ada's"
    assert page.submit("#problem").text_of("h1") == "Priya's"


def test_those_who_only_read_write_nothing(
    app: Flask, rosa: CheckingClient, elias: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Before")
    for reader in (rosa, elias):
        page = reader.get(f"/problems/{pain}")
        token = page.value_of("form[action='/sign-out'] input[name=csrf_token]")
        data = {"title": "After", "csrf_token": token}
        assert not page.has(f"a[href='/problems/{pain}/edit']")
        assert reader.get("/problems/new").status_code == 403
        assert reader.post("/problems", data=data).status_code == 403
        assert reader.post(f"/problems/{pain}", data=data).status_code == 403
    with app.app_context():
        assert [p.title for p in db.session.scalars(select(Problem))] == ["Before"]


def test_more_deals_than_fit_are_counted_and_lead_to_the_list(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("x" * 200)
    with app.app_context():
        deals = [
            Deal(external_id=f"E{n}", name="y" * 200, search_text="y", status="open", amount=10**13)
            for n in range(30)
        ]
        db.session.add_all(deals)
        db.session.flush()
        db.session.add_all(statement(deal.id, pain) for deal in deals)
        db.session.scalars(select(Workspace)).one().evidence_revision += 100
        db.session.commit()
    page = priya.get(f"/problems/{pain}")
    assert tile(page, "Open pipeline blocked") == "$3,000B"
    assert len(page.rows_of("table:has(caption:-soup-contains('Open deals'))")) == 20
    assert len(page.follow("All of them").all("tbody tr")) == 30


def test_a_deal_stands_once_in_a_problem_s_list_however_often_it_is_tied(
    app: Flask, rosa: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    twice = company.deal("Twice", 400_000_00, blockers=[(pain, "rep"), (pain, "customer")], fit=80)
    company.deal("Once", 100_000_00, blockers=[pain])
    lost = company.deal(
        "Lost", 50_000_00, status="lost", blockers=[(pain, "crm"), (pain, "interview")]
    )
    with app.app_context():
        said = select(Statement).where(Statement.deal_id == twice, Statement.source == "customer")
        db.session.scalars(said).one().words = "Our auditors refuse it"
        claimed = select(Statement).where(Statement.deal_id == lost, Statement.source == "crm")
        price = db.session.scalars(claimed).one()
        price.bucket, price.counts, price.problem_strength = "price", False, None
        db.session.commit()
    page = rosa.get(f"/problems/{pain}")
    rows = page.rows_of("table:has(caption:-soup-contains('Open deals'))")
    assert [row["Deal"].split(" Account")[0] for row in rows] == ["Twice", "Once"]
    assert "2 deals" in page.text_of(".tile:has(:-soup-contains('Open pipeline blocked'))")
    assert page.text_of(".box:has(h2:-soup-contains('Open deals it blocks')) .box-sub") == "2 deals"
    said = rows[0]["Counts?"]
    assert said.count("counts Stands in the way") == 2
    assert "(Product, rep)" in said
    assert "(Product, customer)" in said
    assert "“Our auditors refuse it”" in said
    company.deal("Long ago", 1_00, status="lost", close_date="2024-01-02", blockers=[pain])
    page = rosa.get(f"/problems/{pain}")
    assert "1 deal" in page.text_of(".tile:has(:-soup-contains('Lost in 6 months'))")
    assert page.text_of(".box:has(h2:-soup-contains('Deals lost over it')) .box-sub") == (
        "2 deals, 1 not in the last 6 months"
    )
    lost_row = page.rows_of("table:has(caption:-soup-contains('Deals lost'))")[0]
    assert lost_row["Counts?"].startswith("counts Verified by an interview (Product, interview)")
    assert "does not count Found to be Price, not Product (Price, CRM)" in lost_row["Counts?"]


def test_a_long_list_of_deals_says_how_many_there_are(app: Flask, rosa: CheckingClient) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    deals = [
        company.deal(f"Deal {n:02d}", (n + 1) * 100, blockers=[(pain, "rep"), (pain, "crm")])
        for n in range(21)
    ]
    with app.app_context():
        own = Statement.deal_id == deals[20]
        price = {"bucket": "price", "counts": False, "problem_strength": None}
        db.session.execute(update(Statement).where(own).values(price))
        db.session.commit()
    page = rosa.get(f"/problems/{pain}")
    rows = page.rows_of("table:has(caption:-soup-contains('Open deals'))")
    assert [row["Deal"].split(" Account")[0] for row in rows] == [
        f"Deal {n:02d}" for n in range(19, -1, -1)
    ]
    assert page.text_of(".box:has(h2:-soup-contains('Open deals it blocks')) .box-sub") == (
        "21 deals, 1 of them does not count, the first 20 here"
    )


def test_without_segments_the_form_says_what_comes_first(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    gone = company.segment("Banks")
    page = priya.get("/problems/new")
    with app.app_context():
        db.session.execute(delete(Segment))
        db.session.commit()
    assert priya.get("/problems/new").one("#problem #segments a")["href"] == "/segments"
    late = page.submit("#problem", title="No export", segments=[gone])
    assert late.status_code == 422
    (link,) = late.all(".note-danger a")
    assert link["href"] == "#segments"
    assert late.has("#segments .field-errors")
    assert late.value_of("#problem input[name=title]") == "No export"
