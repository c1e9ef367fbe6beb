"""What the pages show, to whom, and at what cost."""

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.initiatives.evidence import evidence
from roadmap.models import Commitment, Product
from roadmap.planning import totals
from tests.support import cast
from tests.support.client import CheckingClient
from tests.support.company import Company
from tests.support.queries import count_queries

from .conftest import Story
from .test_edits import FORM

pytestmark = pytest.mark.either

HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}'\"&amp;"

READ = [
    "/initiatives", "/initiatives.csv", "/initiatives/{id}", "/initiatives/{id}/deals",
    "/initiatives/{id}/deals.csv", "/products", "/products.csv",
]  # fmt: skip
WRITE = [
    "/initiatives/new", "/initiatives/{id}/edit", "/initiatives/{id}/work",
    "/initiatives/{id}/effort", "/initiatives/{id}/needs", "/initiatives/{id}/problems",
    "/initiatives/{id}/not-before", "/initiatives/{id}/promises", "/initiatives/{id}/shipping",
    "/initiatives/{id}/declining", "/initiatives/{id}/entry", "/products/{product}",
]  # fmt: skip
POST_ONLY = [
    "/initiatives/{id}/state", "/initiatives/{id}/promises/1/withdrawal", "/products",
]  # fmt: skip


@pytest.mark.parametrize("role", ["rep", "product", "executive", "admin"])
def test_every_role_at_every_address(story: Story, app: Flask, role: str) -> None:
    visitor = cast.visitor(app, role)
    may_write = role in ("product", "admin")
    names = {"id": story.first, "product": story.product}
    token = visitor.get("/initiatives").value_of("form[action='/sign-out'] [name=csrf_token]")
    for address in READ:
        assert visitor.get(address.format(**names)).status_code == 200
    for address in WRITE:
        assert visitor.get(address.format(**names)).status_code == (200 if may_write else 403)
    for address in [*WRITE, *POST_ONLY]:
        answer = visitor.post(address.format(**names), data={"csrf_token": token})
        assert (answer.status_code != 403) == may_write, address
    assert visitor.get(f"/initiatives/{story.first}").has("a[href$='/work']") == may_write


def test_nobody_gets_in_without_a_session(story: Story, client: CheckingClient) -> None:
    for address in READ:
        answer = client.get(address.format(id=story.first))
        assert answer.location.startswith("/sign-in")


def test_an_empty_company_says_what_to_do(company: Company, priya: CheckingClient) -> None:
    assert "No initiative yet" in priya.get("/initiatives").text
    assert "No product yet" in priya.get("/products").text
    assert priya.get("/initiatives/1").status_code == 404


def test_the_list_is_in_the_boards_order_then_what_is_off_it(
    story: Story, priya: CheckingClient
) -> None:
    gone = story.company.initiative("A gone one")
    priya.get(f"/initiatives/{gone}/declining").submit(FORM, why="No").submit("#commit-form")
    rows = priya.get("/initiatives").rows_of("table")
    assert [row["Rank"] for row in rows] == ["1", "2", "–"]
    assert [row["Forecast"] for row in rows] == ["22 Jan 2027", "5 Feb 2027", "No"]
    listed = priya.get("/initiatives.csv").table()
    assert [(row["title"], row["rank"], row["finish"]) for row in listed] == [
        ("First", "1", "2027-01-22"),
        ("Second", "2", "2027-02-05"),
        ("A gone one", "", ""),
    ]
    assert listed[1]["open_amount"] == "600000.00"


def test_the_list_is_narrowed_by_state_kind_owner_product_and_words(
    story: Story, priya: CheckingClient
) -> None:
    other = story.company.product("Other")
    owner = story.company.user("product", "Zoë")
    story.company.initiative(
        "ÄRGER", kind="strategic", owner=owner, product=other, work=[(story.team, 5)]
    )
    for query in ("kind=strategic", f"owner={owner}", f"product={other}", "q=ärger"):
        page = priya.get(f"/initiatives?{query}")
        assert [row["Rank"] for row in page.rows_of("table")] == ["3"], query
        assert page.link("CSV").endswith(query.replace("ä", "%C3%A4"))
    assert "No initiative fits" in priya.get("/initiatives?state=shipped").text
    assert len(priya.get("/initiatives?state=board").rows_of("table")) == 3
    assert len(priya.get("/initiatives?state=nonsense&owner=x&page=0").rows_of("table")) == 3
    assert priya.get("/initiatives?page=77").status_code == 200


def test_a_list_of_many_costs_as_many_queries_as_a_list_of_few(
    story: Story, priya: CheckingClient, app: Flask
) -> None:
    def cost() -> int:
        priya.get("/initiatives")
        with count_queries(app, ignoring=["users"]) as statements:
            priya.get("/initiatives")
        return len(statements)

    few = cost()
    for _ in range(8):
        story.company.initiative(work=[(story.team, 5)], solves=[story.pain])
    assert cost() == few <= 5


def test_an_initiatives_page_costs_the_same_whatever_is_behind_it(
    story: Story, priya: CheckingClient, app: Flask
) -> None:
    def cost() -> int:
        priya.get(f"/initiatives/{story.second}")
        with count_queries(app, ignoring=["users"]) as statements:
            priya.get(f"/initiatives/{story.second}")
        return len(statements)

    few = cost()
    for _ in range(6):
        story.company.deal(blockers=[story.pain])
    story.company.initiative(solves=[story.pain], needs=[story.second])
    assert cost() <= few + 1


def test_the_page_says_why_it_has_its_dates(story: Story, priya: CheckingClient) -> None:
    company = story.company
    page = priya.get(f"/initiatives/{story.second}")
    assert "It waits 2 weeks for Core, taken by “First” (20 person-days)." in page.text
    first = priya.get(f"/initiatives/{story.first}")
    assert "Its teams are free from the first week on" in first.text
    needy = company.initiative("Needy", needs=[story.second], work=[(story.team, 5)])
    reasons = priya.get(f"/initiatives/{needy}").text
    assert "It starts after “Second”, which it needs and which finishes on 5 Feb 2027." in reasons
    idea = company.initiative("Idea", work=[(story.team, None)])
    page = priya.get(f"/initiatives/{idea}")
    assert "“Part 1” is not estimated" in page.text
    assert page.link("Estimate it") == f"/initiatives/{idea}/effort"
    blocked = company.initiative("Blocked", needs=[idea], work=[(story.team, 5)])
    assert "It needs “Idea”, which is not estimated." in priya.get(f"/initiatives/{blocked}").text
    huge = company.initiative("Huge", work=[(story.team, 5000)])
    assert "not fit inside the next three years" in priya.get(f"/initiatives/{huge}").text
    nobody = company.team("Empty", people={})
    lost = company.initiative("Lost", work=[(nobody, 5)])
    page = priya.get(f"/initiatives/{lost}")
    assert "5 person-days of Empty do not fit" in page.text
    assert page.link("Look at its people") == f"/teams/{nobody}"


def test_every_deal_behind_it_is_taken_apart_and_adds_up_to_the_stored_totals(
    story: Story, priya: CheckingClient
) -> None:
    company = story.company
    other = company.problem("Other")
    company.initiative("Third", contributes=[story.pain, other])
    company.deal("Both", 300_000_00, fit=70, blockers=[(story.pain, "interview"), (other, "crm")])
    company.deal("Unknown", None, blockers=[story.pain])
    company.deal("Past", 90_000_00, status="lost", blockers=[(story.pain, "crm")])
    company.deal("Older", 80_000_00, status="lost", blockers=[story.pain], close_date="2026-01-01")
    company.deal("Dateless", 1_00, status="lost", blockers=[story.pain], close_date=None)
    company.deal("Won", 5_00, status="won", blockers=[story.pain])
    with company.looking() as picture:
        stored = totals.stored()
        for id in (story.second, story.first):
            found = evidence(picture, id)
            kept = stored[id]
            assert found.open.exact_value * 10_000 == kept.open_value
            assert found.lost.exact_value * 10_000 == kept.lost_value
            assert (found.open.count, found.open.gross) == (kept.open_count, kept.open_amount)
            assert (found.lost.count, found.lost.gross) == (kept.lost_count, kept.lost_amount)
            assert found.open.unknown == kept.open_unknown
            assert found.lost.count + found.lost_before.count == kept.lost_all_count
            assert found.undated == kept.lost_undated
    page = priya.get(f"/initiatives/{story.second}")
    sums = page.rows_of("table[class*=sheet]:has(caption:-soup-contains('add up to'))")
    assert sums[0]["Count"] == "3"
    assert sums[0]["Gross"] == "$900K"
    assert sums[0]["Shared out"] == "$450K"
    assert sums[0]["Unknown amounts"] == "1"
    # 300,000 x 70 % x 100 % in two, and 600,000 x 100 % x 50 % in two.
    assert sums[0]["Value"] == "$255K"
    assert "1 lost deal without a close date is left out" in page.text
    deals = page.rows_of("table:has(caption:-soup-contains('Open deals behind it'))")
    assert [row["× evidence"] for row in deals] == [
        "50 % sales rep", "100 % interview", "50 % sales rep",
    ]  # fmt: skip
    assert deals[2]["Amount"] == "unknown"
    assert deals[0]["Ready"] == "5 Feb 2027 in time"


def test_all_deals_are_listed_in_pages_and_as_csv(story: Story, priya: CheckingClient) -> None:
    story.company.deal("=1+1", 1_00, blockers=[story.pain], needed_by="2027-01-01")
    for which, count in (("all", 2), ("open", 2), ("late", 1), ("lost", 0), ("x", 2)):
        page = priya.get(f"/initiatives/{story.second}/deals?which={which}")
        assert len(page.all("a[href^='/deals/']")) == count, which
    rows = priya.get(f"/initiatives/{story.second}/deals.csv").table()
    assert [(row["deal"], row["value"], row["in_time"]) for row in rows] == [
        ("Acme", "300000.00", "True"),
        ("'=1+1", "0.50", "False"),
    ]


def test_hostile_words_stay_words(story: Story, priya: CheckingClient) -> None:
    company = story.company
    team = company.team(HOSTILE)
    product = company.product(HOSTILE)
    problem = company.problem(HOSTILE)
    deal = company.deal(HOSTILE, blockers=[problem], account=company.account(HOSTILE))
    id = company.initiative(
        HOSTILE, value=HOSTILE, work=[(team, 5)], product=product, solves=[problem],
        promised=[("2027-03-01", HOSTILE)], owner=company.user("product", HOSTILE),
        needs=[story.first],
    )  # fmt: skip
    assert deal
    for address in [*READ, *WRITE]:
        page = priya.get(address.format(id=id, product=product))
        assert "<img" not in page.text or page.mimetype == "text/csv", address
    assert priya.get(f"/initiatives/{id}").text_of("h1") == HOSTILE


def test_a_promise_that_the_forecast_misses_says_so_before_it_is_kept(
    story: Story, priya: CheckingClient
) -> None:
    form = priya.get(f"/initiatives/{story.second}/promises")
    asked = form.submit(FORM, day="2027-02-01", to="Acme & <b>sons</b>")
    assert asked.status_code == 422
    assert "It finishes on 5 Feb 2027, after the date that you promise" in asked.text
    with story.company.looking():
        assert db.session.scalars(select(Commitment.id)).all() == []
    done = asked.submit(FORM, knowing=True)
    assert "missed" in done.text_of("main")
    held = priya.get(f"/initiatives/{story.second}/promises").submit(
        FORM, day="2027-02-05", to="Helios"
    )
    assert "holds" in held.text_of("main")
    with story.company.looking() as picture:
        assert len(picture.plan.initiatives[str(story.second)].promised) == 2
    page = held.submit("form[action$='/promises/1/withdrawal']")
    sponsor = story.company.people["executive"]
    page = page.submit("#commit-form", reason="They left", sponsor=sponsor)
    assert "Taking back the promise of" in page.text
    with story.company.looking() as picture:
        promised = picture.plan.initiatives[str(story.second)].promised
    assert [promise.to for promise in promised] == ["Helios"]


def test_another_initiatives_promise_cannot_be_taken_back(
    story: Story, priya: CheckingClient
) -> None:
    story.company.initiative("Third", promised=[("2027-05-01", "Acme")])
    page = priya.get("/products")
    token = page.value_of("form[action='/sign-out'] [name=csrf_token]")
    answer = priya.post(
        f"/initiatives/{story.first}/promises/1/withdrawal", data={"csrf_token": token}
    )
    assert answer.status_code == 404
    with story.company.looking():
        assert db.session.scalars(select(Commitment.to)).all() == ["Acme"]


def test_an_effort_that_is_weeks_old_is_asked_about(story: Story, priya: CheckingClient) -> None:
    old = story.company.initiative("Old", work=[(story.team, 5)], updated_on="2026-12-01")
    done = story.company.initiative("Done", work=[(story.team, 0)], updated_on="2026-12-01")
    board = priya.get("/board")
    for id, asked in ((old, True), (story.first, False), (done, False)):
        row = board.text_of(f"#initiative-{id}")
        assert ("effort?" in row) is asked
        assert ("Is this still what is left?" in priya.get(f"/initiatives/{id}").text) is asked


def test_a_slip_names_what_moved_it(story: Story, priya: CheckingClient) -> None:
    from .test_edits import commit

    people = story.company.people
    shown = priya.get(f"/initiatives/{story.first}/effort").submit(FORM, left__0="40")
    commit(shown, people["product"], people["executive"])
    page = priya.get(f"/initiatives/{story.second}")
    assert "2 weeks later than at the start of the quarter, when it was 5 Feb 2027" in page.text
    assert "2 weeks later: “First” was re-estimated" in page.text
    own = priya.get(f"/initiatives/{story.first}")
    assert "2 weeks later: re-estimated" in own.text_of("main")
    assert own.has("ol.history a[href^='/tradeoffs/']")


def test_products_are_added_and_renamed_once(story: Story, priya: CheckingClient) -> None:
    page = priya.get("/products").submit(FORM, name="  Mobile  ")
    assert "“Mobile” is there." in page.text
    again = priya.get("/products").submit(FORM, name="Mobile")
    assert again.status_code == 422
    assert "There is a product called Mobile already." in again.text
    renamed = priya.get(f"/products/{story.product}").submit(FORM, name="Core")
    rows = renamed.rows_of("table")
    assert [(row["Product"], row["Person-days left"]) for row in rows] == [
        ("Core", "40"),
        ("Mobile", "0"),
    ]
    taken = priya.get(f"/products/{story.product}").submit(FORM, name="Mobile")
    assert taken.status_code == 422
    with story.company.looking() as picture:
        assert picture.cards[str(story.first)].products == ((story.product, "Core"),)
        assert db.session.scalars(select(Product.name).order_by(Product.name)).all() == [
            "Core",
            "Mobile",
        ]
