"""The list of deals: filters, order on both databases, pages by key, and what it costs."""

from datetime import date
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import select, text

from roadmap.deals import listing
from roadmap.extensions import db
from roadmap.models import Deal
from roadmap.web import paging
from roadmap.workspace import revision
from tests.support.client import CheckingClient, Page
from tests.support.company import Company
from tests.support.queries import count_queries


def names(page: Page) -> list[str]:
    return page.texts_of("tbody th a[href^='/deals/']")


def shown(client: CheckingClient, query: str = "") -> list[str]:
    return names(client.get(f"/deals{query}"))


def many(app: Flask, number: int, **columns: Any) -> None:
    """So many deals at once, closing on days that repeat, every tenth without one."""
    with app.app_context():
        db.session.add_all(
            Deal(
                external_id=f"M{i}",
                name=f"Many {i:04d}",
                search_text=f"many {i:04d}",
                status="open",
                amount=None if i % 7 == 0 else (i % 50) * 1000,
                close_date=None if i % 10 == 0 else date(2027, 3, i % 28 + 1),
                **columns,
            )
            for i in range(number)
        )
        db.session.commit()


def test_an_empty_list_says_where_deals_come_from(rosa: CheckingClient) -> None:
    page = rosa.get("/deals")
    assert "No deals yet" in page.text_of(".empty-state h2")
    assert "import" in page.text_of(".empty-state p")


def test_the_newest_close_date_comes_first_and_undated_deals_last(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    company.deal("Undated", needed_by=None)
    company.deal("March", close_date="2027-03-01")
    company.deal("May", close_date="2027-05-01")
    assert shown(priya) == ["May", "March", "Undated"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("amount", ["Large", "Small", "Unknown"]),
        ("needed", ["Small", "Large", "Unknown"]),
        ("name", ["Large", "Small", "Unknown"]),
        ("nonsense", ["Small", "Large", "Unknown"]),
    ],
)
def test_unknown_values_come_last_in_every_order(
    app: Flask, priya: CheckingClient, sort: str, expected: list[str]
) -> None:
    company = Company(app)
    company.deal("Unknown", None, needed_by=None)
    company.deal("Small", 100, needed_by="2027-02-01", close_date="2027-09-01")
    company.deal("Large", 900, needed_by=None, close_date="2027-03-01")
    assert shown(priya, f"?sort={sort}") == expected


def test_each_filter_narrows_the_list_and_the_sum_with_it(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    segment = company.segment("Banks")
    bank = company.account("Bank of Ägypten", segment=segment)
    pain = company.problem("Sign-in is manual")
    owner = company.owner("J. Doe")
    company.deal(
        "Bank deal", 500_000_00, account=bank, blockers=[pain], owner=owner, product="Cloud"
    )
    company.deal("Other deal", 200_000_00, status="lost")
    company.deal("Third", None, status="won")
    for query in (
        f"?account={bank}", f"?segment={segment}", f"?problem={pain}", f"?owner={owner}",
        "?product=Cloud", "?q=ÄGYPTEN", "?q=bank+deal", "?ties=counting&status=open",
    ):  # fmt: skip
        page = priya.get(f"/deals{query}")
        assert names(page) == ["Bank deal"], query
        assert "1 deal, $500K" in page.text_of("main div[role=status].cluster strong")
    assert shown(priya, "?ties=none&status=lost") == ["Other deal"]
    assert set(shown(priya, "?segment=none")) == {"Other deal", "Third"}
    assert set(shown(priya, "?owner=none")) == {"Other deal", "Third"}
    page = priya.get("/deals")
    assert "3 deals, $700K" in page.text_of("main div[role=status].cluster strong")
    assert "1 of them has no amount and counts 0" in page.text_of("main div[role=status].cluster")


def test_lost_figures_open_to_the_deals_of_the_trailing_window(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Pain")
    for name, day in (("Within", "2026-07-12"), ("Before", "2026-07-11"), ("Undated", None)):
        company.deal(name, 50_000_00, status="lost", blockers=[pain], close_date=day)
    tile = priya.get(f"/problems/{pain}").one(".tile:has(dt:-soup-contains('Lost'))")
    page = priya.get(str(tile.select("a")[0]["href"]))
    assert names(page) == ["Within"]
    assert "1 deal, $50K" in page.text_of("main div[role=status].cluster strong")
    assert "Closed in the last 6 months" in page.text_of("main div[role=status].cluster")
    assert len(names(page.follow("Closed in the last 6 months"))) == 3


@pytest.mark.parametrize(
    "query",
    [
        "?q=100%25_real", "?q=%00", "?q=%27--", "?account=99999999999999999999", "?account=-1",
        "?after=garbage", "?after=1~not-a-date", "?after=9999999999999~2027-01-01",
        "?before=~", "?segment=x", "?after=1~%00", "?sort=amount&after=1~99999999999999999999",
        "?problem=2147483647&ties=counting",
    ],
)  # fmt: skip
def test_senseless_addresses_are_answered_as_if_they_said_nothing_more(
    app: Flask, priya: CheckingClient, query: str
) -> None:
    Company(app).deal("100%_real <b>&</b> deal", close_date="2027-03-01")
    page = priya.get(f"/deals{query}")
    assert page.status_code == 200
    assert page.text_of("h1") == "Deals"


def test_signs_are_no_part_of_what_is_searched_for(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    company.deal("100% sure")
    company.deal("100 x sure")
    assert sorted(shown(priya, "?q=100%25+SURE")) == ["100 x sure", "100% sure"]
    assert shown(priya, "?q=_") == shown(priya, "?q=%25") == []


def test_markup_in_names_is_shown_as_text(app: Flask, priya: CheckingClient) -> None:
    hostile = "<script>alert(1)</script> שלום 🚀"
    company = Company(app)
    account = company.account(hostile)
    pain = company.problem(hostile)
    company.deal(
        hostile, account=account, blockers=[pain], owner=company.owner(hostile),
        product=hostile, stage=hostile,
    )  # fmt: skip
    page = priya.get(f"/deals?account={account}")
    assert names(page) == [hostile]
    assert not page.has("main script")


@pytest.mark.parametrize("sort", ["close", "amount", "name", "needed"])
def test_pages_by_key_show_every_deal_once_and_lead_back(
    app: Flask, priya: CheckingClient, sort: str
) -> None:
    Company(app)
    many(app, 230)
    page = priya.get(f"/deals?sort={sort}")
    pages, seen = [names(page)], list(names(page))
    while page.has("a[rel=next]"):
        page = page.follow("Next")
        pages.append(names(page))
        seen += names(page)
    assert [len(each) for each in pages] == [50, 50, 50, 50, 30]
    assert len(set(seen)) == 230
    assert "201 to 230 of 230 deals" in page.text_of("nav[aria-label=Pages]")
    for expected in reversed(pages[:-1]):
        page = page.follow("Previous")
        assert names(page) == expected
    assert not page.has("a[rel=prev]")
    csv = priya.get(f"/deals.csv?sort={sort}").lines()[1:]
    assert [line.split(",")[0] for line in csv] == seen


def test_the_list_takes_five_queries_however_many_deals_there_are(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Pain")
    for number in range(3):
        company.deal(f"Deal {number}", blockers=[pain, (pain, "crm")])
    costs = []
    for more in (0, 300):
        many(app, more)
        with app.app_context():
            row = revision.lock()
            revision.count(row, evidence=True)
            db.session.commit()
        with count_queries(app, ignoring=["users"]) as cold:
            priya.get("/deals")
        with count_queries(app, ignoring=["users"]) as warm:
            priya.get("/deals?after=1~2027-03-04")
        costs.append((len(cold), len(warm)))
    assert costs[0] == costs[1]
    assert costs[0][0] <= 5, cold
    assert costs[0][1] <= 3, warm


def test_a_page_is_read_from_an_index_not_from_the_table(
    app: Flask, priya: CheckingClient, database_system: str
) -> None:
    Company(app)
    many(app, 3000)
    with app.app_context():
        db.session.execute(text("ANALYZE"))
        db.session.commit()
    for query, index in (
        ("", "ix_deals_close_date"),
        ("?after=2000~2027-03-09", "ix_deals_close_date"),
        ("?sort=amount", "ix_deals_amount"),
        ("?sort=name", "ix_deals_sort_key"),
    ):
        plan = plan_of(app, query, database_system)
        assert index in plan, f"{query}: {plan}"
        assert "Seq Scan on deals" not in plan, f"{query}: {plan}"
        assert "SCAN deals\n" not in plan + "\n", f"{query}: {plan}"


def plan_of(app: Flask, query: str, system: str) -> str:
    """How the database would read a page of deals."""
    with app.test_request_context(f"/deals{query}"):
        order = listing.ORDERS[request.args.get("sort", "close")]
        where = paging.place(order)
        base = listing._filtered(listing.Filters.from_address())
        found = paging.keys(order, Deal.id.expression, base, where)
        statement = select(found).compile(db.engine, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN" if system == "sqlite" else "EXPLAIN"
        words = f"{explain} {statement}".replace("%%", "%").replace(":", "\\:")
        rows = db.session.execute(text(words))
        return "\n".join(str(row[-1]) for row in rows)


def test_the_csv_is_safe_to_open_in_a_spreadsheet(app: Flask, priya: CheckingClient) -> None:
    Company(app).deal("=HYPERLINK(1)", 1_234_50, stage="-2+3", close_date="2027-03-01")
    header, line = priya.get("/deals.csv").lines()
    assert header.startswith("Deal,Account")
    assert line.startswith("'=HYPERLINK(1),")
    assert ",'-2+3,1234.50,2027-03-01," in line
