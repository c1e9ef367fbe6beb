"""A problem's page is its case: growth, quotes, claimed and verified, requests beside figures."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from roadmap.evidence.recording import name_problem
from roadmap.extensions import db
from roadmap.intake import triaging
from roadmap.market import over_time
from roadmap.models import Request, Statement, User, Workspace
from tests.support.client import CheckingClient, Page
from tests.support.company import Company
from tests.support.queries import count_queries


def tied_on(app: Flask, deal: int, day: str) -> None:
    with app.app_context():
        at = datetime.fromisoformat(day).replace(tzinfo=UTC)
        db.session.execute(update(Statement).where(Statement.deal_id == deal).values(said_at=at))
        db.session.scalars(select(Workspace)).one().evidence_revision += 1000
        db.session.commit()


def confirm(app: Flask, company: Company, request: int, problem: int, *, quote: bool) -> None:
    with app.app_context():
        by = db.session.get_one(User, company.people["product"])
        triaging.confirm(request, problem, by, quote=quote)


def months(page: Page) -> list[dict[str, str]]:
    return page.rows_of("#growth table")


def test_it_grew_by_what_was_tied_until_the_end_of_each_month(
    app: Flask, rosa: CheckingClient
) -> None:
    company = Company(app)
    pain, other = company.problem("Sign-in is manual"), company.problem("Other")
    acme = company.account("Acme", fit=50)
    old = company.deal("Old", 100_000_00, account=acme, blockers=[pain, (pain, "customer")])
    new = company.deal("New", 200_000_00, account=acme, blockers=[pain, other])
    lost = company.deal("Lost", 50_000_00, status="lost", close_date="2026-03-01", blockers=[pain])
    company.deal("Unknown", None, blockers=[pain])
    for deal, day in ((old, "2025-06-01"), (new, "2026-10-31T23:00"), (lost, "2026-02-03")):
        tied_on(app, deal, day)
    page = rosa.get(f"/problems/{pain}")
    title = "From 1 deal, $100K to 4 deals, $350K in twelve months"
    assert page.text_of("#growth figcaption") == title
    rows = months(page)
    assert [row["Until"] for row in rows][:2] == ["31 Jan 2026", "28 Feb 2026"]
    assert rows[-1] == {
        "Until": "11 Jan 2027", "Accounts": "3", "Deals": "4", "Gross": "$350K",
        "By this alone": "$150K", "ICP-weighted": "$200K",
    }  # fmt: skip
    by_end = {row["Until"]: row["Deals"] for row in rows}
    assert (by_end["30 Sep 2026"], by_end["31 Oct 2026"]) == ("2", "3")
    assert "1 without amount counts as 0" in page.text_of("#growth")
    assert len(page.all("#growth circle")) == 13
    assert len(page.all("#growth svg text")) == 5


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ((0, 0), (0, 0), "No deal speaks for it so far"),
        ((2, 500), (2, 500), "No deal was added in twelve months: 2 deals, $5"),
        ((0, 0), (1, 300), "All of it came in the last twelve months: 1 deal, $3"),
        ((1, 100), (2, 300), "From 1 deal, $1 to 2 deals, $3 in twelve months"),
    ],
)
def test_the_title_says_what_the_chart_shows(
    first: tuple[int, int], last: tuple[int, int], said: str
) -> None:
    ends = [
        over_time.Month(date(2027, 1, 1), deals, 1, amount, 0, 0) for deals, amount in (first, last)
    ]
    assert over_time.finding(ends, "USD") == said


def test_months_end_on_their_last_day_whatever_today_is() -> None:
    ends = over_time.month_ends(date(2028, 3, 31))
    assert (len(ends), ends[0], ends[-2], ends[-1]) == (
        13, date(2027, 3, 31), date(2028, 2, 29), date(2028, 3, 31),
    )  # fmt: skip


def test_claimed_and_verified_stand_apart_with_counts_and_amounts(
    app: Flask, rosa: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    company.deal("Heard", 100_000_00, blockers=[pain, (pain, "customer")])
    company.deal("Said", 70_000_00, blockers=[pain])
    refuted = company.deal("Refuted", 30_000_00, blockers=[pain])
    with app.app_context():
        tie = db.session.scalars(select(Statement).where(Statement.deal_id == refuted)).one()
        tie.bucket, tie.counts, tie.problem_strength = "price", False, None
        db.session.scalars(select(Workspace)).one().evidence_revision += 1000
        db.session.commit()
    rows = rosa.get(f"/problems/{pain}").rows_of("#certainty table")
    assert [(row["How we know"].split()[0], row["Open"]) for row in rows] == [
        ("Verified", "$100K 1 deal"), ("Claimed", "$70K 1 deal"), ("Not", "$30K 1 deal"),
    ]  # fmt: skip


def test_pending_requests_stand_beside_the_figures_not_in_them(
    app: Flask, rosa: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    acme = company.account("Acme")
    counted = company.deal("Counted", 100_000_00, account=acme, blockers=[pain])
    more = company.deal("More", 300_000_00, account=acme)
    unknown = company.deal("Unknown", None, account=acme)
    won = company.deal("Won", 900_000_00, status="won", account=acme)
    company.request("First.", deals=[counted, more], problem=pain)
    company.request("Second.", deals=[more, unknown, won], problem=pain)
    before = rosa.get(f"/problems/{pain}")
    said = before.text_of("#pending")
    assert "2 pending requests speak of 2 more deals worth $300K (1 without amount)." in said
    assert "$100K" in before.text_of(".tile:has(dt:-soup-contains('Open pipeline')) .tile-value")
    assert before.text_of("#requests .box-sub") == "0 confirmed, 2 pending"
    with app.app_context():
        ids = db.session.scalars(select(Request.id)).all()
    for id in ids:
        confirm(app, company, id, pain, quote=False)
    after = rosa.get(f"/problems/{pain}")
    assert not after.has("#pending")
    assert "$400K" in after.text_of(".tile:has(dt:-soup-contains('Open pipeline')) .tile-value")
    assert after.text_of("#requests .box-sub") == "2 confirmed, 0 pending"


def test_merged_requests_count_with_their_survivor(app: Flask, rosa: CheckingClient) -> None:
    company = Company(app)
    pain, other = company.problem("Sign-in is manual"), company.problem("Other")
    acme = company.account("Acme")
    deals = [company.deal(f"Deal {n}", 50_000_00, account=acme) for n in range(3)]
    head, first, second = (company.request(f"Said {n}.", deals=[deals[n]]) for n in range(3))
    with app.app_context():
        by = db.session.get_one(User, company.people["product"])
        triaging.confirm(second, other, by)
        triaging.merge(second, first, by)
        triaging.merge(first, head, by)
        triaging.confirm(head, pain, by)
    page = rosa.get(f"/problems/{pain}")
    assert page.text_of("#requests .box-sub") == "3 confirmed, 0 pending"
    (row,) = page.rows_of("#requests table")
    assert "with 2 requests merged into it" in row["Request"]
    assert (row["Deals"], row["Worth"]) == ("3", "$150K")
    assert rosa.get(f"/problems/{other}").text_of("#requests .box-sub") == "0 confirmed, 0 pending"


def test_a_quote_is_for_everybody_only_once_it_is_confirmed(
    app: Flask, rosa: CheckingClient, elias: CheckingClient, priya: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    acme = company.account("Acme")
    vouched = company.request(
        "One.", account=acme, quote="Forty logins a day", said_by_name="Mo Okafor",
        said_by_role="head of IT", said_on=date(2026, 12, 3), by="product",
    )  # fmt: skip
    private = company.request("Two.", account=acme, quote="Our IT is asleep", note="Do not repeat")
    confirm(app, company, vouched, pain, quote=True)
    confirm(app, company, private, pain, quote=False)
    for reader in (rosa, elias, priya):
        said = reader.get(f"/problems/{pain}").text_of("#voices")
        assert "Forty logins a day Mo Okafor, head of IT, Acme · 3 Dec 2026" in said
    assert "Our IT is asleep" not in elias.get(f"/problems/{pain}").text
    for reader in (rosa, priya):
        mine = reader.get(f"/problems/{pain}").text_of("#voices li:-soup-contains('asleep')")
        assert "not confirmed" in mine
    assert "Do not repeat" not in priya.get(f"/problems/{pain}").text


def test_who_asked_is_for_those_who_may_read_the_request(
    app: Flask, rosa: CheckingClient, elias: CheckingClient, priya: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    company.request("Hers.", problem=pain, prospect="Not in CRM yet")
    assert "yours" in rosa.get(f"/problems/{pain}").text_of("#requests tbody")
    assert "asked by Rosa" in priya.get(f"/problems/{pain}").text_of("#requests tbody")
    row = elias.get(f"/problems/{pain}").rows_of("#requests table")[0]
    assert row == {
        "Request": "Hers.", "Account": "Not in CRM yet", "Deals": "0", "Worth": "$0",
    }  # fmt: skip


def test_words_noted_where_a_deal_was_tied_are_quotes_too_unless_a_request_said_them(
    app: Flask, rosa: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    acme = company.account("Acme")
    heard = company.deal("Heard", account=acme, blockers=[(pain, "interview")])
    company.deal("Said", account=acme, blockers=[pain])
    asked = company.deal("Asked", account=acme)
    with app.app_context():
        for tie in db.session.scalars(select(Statement)):
            tie.words = f"Words about {tie.source}"
        db.session.commit()
    request = company.request("Theirs.", deals=[asked], quote="Only once")
    confirm(app, company, request, pain, quote=True)
    page = rosa.get(f"/problems/{pain}")
    assert page.texts_of("#voices blockquote") == ["Words about interview", "Only once"]
    assert page.has(f"#voices a[href='/deals/{heard}']")


def test_many_quotes_and_requests_fold(app: Flask, rosa: CheckingClient) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    with app.app_context():
        for n in range(30):
            request = Request(
                title=f"Request {n}", state="confirmed", quote=f"Words {n}", quote_confirmed=True
            )
            db.session.add(request)
            db.session.flush()
            name_problem(request, pain, None)
        db.session.commit()
    page = rosa.get(f"/problems/{pain}")
    assert page.text_of("#voices summary") == "24 more quotes"
    assert page.text_of("#requests summary") == "25 more confirmed requests"
    assert len(page.all("#voices li")) == len(page.all("#requests tbody tr")) == 30


def test_the_page_takes_the_same_queries_at_any_size(app: Flask, rosa: CheckingClient) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    acme = company.account("Acme")
    costs = []
    for size in (1, 12):
        for n in range(size):
            deal = company.deal(f"Deal {size} {n}", account=acme, blockers=[(pain, "customer")])
            company.request(f"Said {size} {n}.", deals=[deal], problem=pain)
            with app.app_context():
                # Nobody types as fast as a test does.
                long_ago = datetime(2026, 1, 1, tzinfo=UTC)
                db.session.execute(update(Request).values(created_at=long_ago))
                db.session.commit()
        with count_queries(app, ignoring=["users"]) as cold:
            rosa.get(f"/problems/{pain}")
        with count_queries(app, ignoring=["users"]) as warm:
            rosa.get(f"/problems/{pain}")
        costs.append((len(cold), len(warm)))
    assert costs[0] == costs[1]
    assert costs[0][1] <= 16, "\n".join(warm)
    assert costs[0][0] <= 30, "\n".join(cold)
