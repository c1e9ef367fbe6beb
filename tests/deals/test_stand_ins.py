"""An amount that stands in for an unknown one is marked wherever a deal's own amount shows."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from roadmap.extensions import db
from roadmap.models import Deal, Tradeoff
from tests.support.client import CheckingClient
from tests.support.company import Company

MARK = "≈ average"


class Story:
    """One account with an open and a lost deal whose amounts are averages, wherever deals show."""

    def __init__(self, app: Flask) -> None:
        company = Company(app)
        core = company.team("Core", people=1)
        self.pain, self.other = company.problem("No single sign-on"), company.problem("Other pain")
        self.account = company.account("Acme")
        owner = company.owner("Rosa in CRM", company.people["rep"])
        stand_in = {"amount_source": "average", "account": self.account, "owner": owner}
        self.deal = company.deal(
            "Stand-in", 70_000_00, needed_by="2027-02-26", blockers=[self.pain], **stand_in
        )
        self.lost = company.deal(
            "Lost stand-in", 30_000_00, status="lost", blockers=[self.pain], **stand_in
        )
        self.first = company.initiative("SSO", work=[(core, 20)], solves=[self.pain])
        self.second = company.initiative("Export", work=[(core, 20)])
        self.interview = company.interview(self.lost)
        self.request = company.request(deals=[self.deal], account=self.account)
        self.segment = company.segment("Banks")
        self.company = company


@pytest.fixture
def story(app: Flask) -> Story:
    return Story(app)


PAGES: dict[str, Callable[[Story], str]] = {
    "the list of deals": lambda of: "/deals",
    "the deal": lambda of: f"/deals/{of.deal}",
    "its account": lambda of: f"/accounts/{of.account}",
    "its problem": lambda of: f"/problems/{of.pain}",
    "deals to tie to a problem": lambda of: f"/problems/{of.other}?deal=stand",
    "splitting its problem": lambda of: f"/problems/{of.pain}/split",
    "the initiative": lambda of: f"/initiatives/{of.first}",
    "the initiative's deals": lambda of: f"/initiatives/{of.first}/deals",
    "a trade-off before it": lambda of: f"/board/preview?initiative={of.second}&to=1",
    "the deals beneath a number": lambda of: "/reports/deals?report=segments&state=open",
    "whom to interview": lambda of: "/interviews",
    "planning an interview": lambda of: f"/interviews/new?deal={of.lost}",
    "an interview": lambda of: f"/interviews/{of.interview}",
    "triage": lambda of: f"/requests/{of.request}/triage",
    "linking": lambda of: f"/requests/{of.request}/triage?link={of.account}&step=link",
    "the request's answer": lambda of: f"/requests/{of.request}",
    "asking": lambda of: f"/requests/new?account={of.account}",
}  # fmt: skip


@pytest.mark.parametrize("where", PAGES)
def test_the_mark_stands_on_every_page_that_shows_the_amount(
    story: Story, priya: CheckingClient, where: str
) -> None:
    assert MARK in priya.get(PAGES[where](story)).soup.get_text(" ")


@pytest.mark.parametrize("address", ["/requests/mine", "/requests/new"])
def test_the_mark_stands_where_reps_see_their_own_deals(
    story: Story, rosa: CheckingClient, address: str
) -> None:
    assert MARK in rosa.get(address).soup.get_text(" ")


def test_the_mark_says_what_it_means(story: Story, rosa: CheckingClient) -> None:
    mark = rosa.get(f"/deals/{story.deal}").all("dl.facts .stand-in")[0]
    assert mark["title"] == (
        "CRM gives no amount: the average of the product's won deals stands in"
    )


def test_an_amount_from_crm_has_no_mark(app: Flask, priya: CheckingClient, story: Story) -> None:
    with app.app_context():
        db.session.execute(update(Deal).values(amount_source=None))
        db.session.commit()
    for address in (of(story) for of in PAGES.values()):
        assert "≈" not in priya.get(address).soup.get_text(" "), address


def test_the_ledger_marks_what_the_deal_still_says(
    app: Flask, priya: CheckingClient, story: Story
) -> None:
    with app.app_context():
        known = set(db.session.scalars(select(Tradeoff.id)))
    of = story.company.people
    priya.get(PAGES["a trade-off before it"](story)).submit(
        "form#commit-form",
        owner=str(of["product"]),
        sponsor=str(of["executive"]),
        reason="For the story",
    )
    with app.app_context():
        (entry,) = set(db.session.scalars(select(Tradeoff.id))) - known
    cell = priya.get(f"/tradeoffs/{entry}").rows_of("table:has(th:-soup-contains('Amount then'))")
    assert cell[0]["Amount then"].endswith(MARK)
    with app.app_context():
        db.session.execute(
            update(Deal).where(Deal.id == story.deal).values(amount=1, amount_source="list price")
        )
        db.session.commit()
    cell = priya.get(f"/tradeoffs/{entry}").rows_of("table:has(th:-soup-contains('Amount then'))")
    assert cell[0]["Amount then"] == "$70K"


@pytest.mark.parametrize(
    ("address", "column", "value"),
    [
        ("/deals.csv", "Amount stands in", "average"),
        ("/reports/deals.csv?report=segments&state=open", "Amount stands in", "average"),
        ("/interviews.csv", "Amount stands in", "average"),
        ("/initiatives/{}/deals.csv", "amount_stands_in", "average"),
        ("/requests/mine.csv", "Amount stands in", "average"),
    ],
)
def test_tables_of_deals_to_take_along_say_so(
    story: Story, rosa: CheckingClient, address: str, column: str, value: str
) -> None:
    rows = rosa.get(address.format(story.first)).table()
    assert rows[0][column] == value


def test_the_plan_command_says_so_too(app: Flask, story: Story) -> None:
    result = app.test_cli_runner().invoke(
        args=["plan", "preview", "--promote", str(story.second), "--to", "1"]
    )
    assert result.exit_code == 0, result.output
    assert "Stand-in (Acme): $70,000.00 (≈ average), needed by 26 Feb 2027" in result.output
