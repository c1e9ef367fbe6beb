"""The ledger: who decided and owns what, what was known then, and reverting the last decision."""

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.domain import changes
from roadmap.domain.changes import Move
from roadmap.domain.errors import Refused
from roadmap.extensions import db
from roadmap.models import Initiative, Tradeoff, User, WorkItem
from roadmap.tradeoffs import actions, present
from roadmap.tradeoffs.actions import Signature
from tests.support.client import CheckingClient
from tests.support.company import Company
from tests.support.queries import count_queries

COMMIT = "form#commit-form"


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


@pytest.fixture
def trio(company: Company) -> list[int]:
    """Three initiatives of two weeks each, one after the other."""
    core = company.team("Core", people=2)
    return [company.initiative(title, work=[(core, 20)]) for title in ("One", "Two", "Three")]


def promote(company: Company, id: int, to: int, reason: str = "Asked", **who: int) -> int:
    """Commit a move as the product manager, and give the trade-off's id."""
    people = company.people
    with company.app.app_context():
        by = db.session.get_one(User, people["product"])
        signature = Signature(by, who.get("owner", people["product"]), who.get("sponsor"), reason)
        entry = actions.commit(lambda _: Move(str(id), to), signature)
        assert entry is not None
        return entry.id


def test_the_ledger_lists_decisions_the_newest_first_with_owner_and_price(
    company: Company, trio: list[int], rosa: CheckingClient
) -> None:
    promote(company, trio[2], 1, "Acme waits")
    promote(company, trio[1], 1, "Bolt waits", owner=company.people["executive"])

    rows = rosa.get("/tradeoffs").rows_of("table")

    assert [row["Owner"] for row in rows] == ["Elias Berg", "Priya Nair"]
    assert rows[0]["What it did"].startswith("Moving “Two” from 3 to 1 delays 2 initiatives")
    assert "Bolt waits" in rows[0]["What it did"]
    assert rows[1]["Delayed"] == "2"


@pytest.mark.parametrize(
    ("query", "reasons"),
    [
        ("owner={executive}", ["second"]),
        ("owner=me", ["first"]),
        ("sponsor={executive}", ["first"]),
        ("initiative={two}", ["second", "first"]),
        ("initiative={three}", ["second", "first"]),
        ("since=2027-01-12", []),
        ("until=2027-01-11", ["second", "first"]),
        ("owner=nonsense&since=yesterday", ["second", "first"]),
    ],
)
def test_the_ledger_filters_by_who_what_and_when(
    company: Company,
    trio: list[int],
    priya: CheckingClient,
    query: str,
    reasons: list[str],
) -> None:
    executive = company.people["executive"]
    promote(company, trio[2], 1, "first", sponsor=executive)
    promote(company, trio[1], 1, "second", owner=executive)
    query = query.format(executive=executive, two=trio[1], three=trio[2])

    page = priya.get(f"/tradeoffs?{query}")
    table = priya.get(f"/tradeoffs.csv?{query}").table()

    assert [text.split()[-1] for text in page.texts_of("td[data-label='What it did']")] == reasons
    assert [row["reason"] for row in table] == reasons


def test_every_change_of_the_order_is_there_when_asked_for(
    company: Company, trio: list[int], priya: CheckingClient
) -> None:
    costly = priya.get("/tradeoffs").texts_of("tbody tr")
    everything = priya.get("/tradeoffs?all=1").texts_of("tbody tr")

    assert costly == []
    assert len(everything) == 3
    assert "Putting “Three” on the board at 3" in everything[0]


def test_a_trade_off_keeps_what_was_known_then(
    company: Company, trio: list[int], priya: CheckingClient, app: Flask
) -> None:
    id = promote(company, trio[2], 1)
    with app.app_context():
        renamed = db.session.get_one(Initiative, trio[0])
        renamed.title = "Renamed since"
        renamed.owner_id = company.people["executive"]
        db.session.commit()

    page = priya.get(f"/tradeoffs/{id}")

    rows = page.rows_of("table:has(caption:-soup-contains('Delayed'))")
    assert [row["Initiative"] for row in rows] == ["One", "Two"]
    assert rows[0]["Owner then"] == "no owner"
    assert rows[0]["Finish before"] == "22 Jan 2027"
    assert rows[0]["Finish after"] == "5 Feb 2027"
    assert rows[0]["Weeks"] == "+2"
    assert rows[0]["Why"] == "“Three” uses 20 days of Core that it had planned"
    assert "Owner Priya Nair" in page.text_of("main")


def test_reverting_restores_every_date_and_is_itself_recorded(
    company: Company, trio: list[int], priya: CheckingClient, app: Flask
) -> None:
    before = [company.finish(id) for id in trio]
    id = promote(company, trio[2], 1)

    preview = priya.get(f"/tradeoffs/{id}").follow("Preview reverting it")
    assert preview.text_of(".preview-sentence").startswith("Moving “Three” from 1 to 3")
    done = preview.submit(COMMIT, reason="It was a misunderstanding")

    assert company.order() == ["One", "Two", "Three"]
    assert [company.finish(one) for one in trio] == before
    assert f"reverts no. {id}" in done.text_of("tbody tr:first-child")
    with app.app_context():
        newest = db.session.scalars(select(Tradeoff).order_by(Tradeoff.id.desc())).first()
        assert newest is not None
        assert (newest.reverts_id, newest.reason) == (id, "It was a misunderstanding")
    assert f"trade-off {newest.id}" in priya.get(f"/tradeoffs/{id}").text_of(".note-info")


def test_only_the_last_trade_off_can_be_reverted(
    company: Company, trio: list[int], priya: CheckingClient
) -> None:
    first = promote(company, trio[2], 1)
    promote(company, trio[1], 1)

    page = priya.get(f"/tradeoffs/{first}/reversal")

    assert "Only the last trade-off can be reverted" in page.text_of("article.preview")
    assert not priya.get(f"/tradeoffs/{first}").has("a[href$='/reversal']")


def test_a_change_that_was_overwritten_without_a_record_is_not_reverted(
    company: Company, trio: list[int], app: Flask
) -> None:
    """An effort that somebody corrected since must not be lost to a revert."""

    def effort(days: int):
        def build(picture):
            was = present.requirements(trio[0])
            (item,) = was
            new = changes.Requirement(item.title, item.product, item.team, days, item.max_days)
            return changes.ChangeEffort(str(trio[0]), (new,), was)

        return build

    with app.app_context():
        by = db.session.get_one(User, company.people["product"])
        entry = actions.commit(effort(40), Signature(by, by.id, None, "More than we thought"))
        assert entry is not None
        assert entry.kind == "effort"
        item = db.session.scalars(select(WorkItem).where(WorkItem.initiative_id == trio[0])).one()
        item.person_days = 39
        db.session.commit()
        with pytest.raises(Refused, match="changed again since"):
            actions.commit(actions.reversal(entry.id), Signature(by, by.id, None, "No"))


def test_nobody_but_a_decider_reverts(
    company: Company, trio: list[int], rosa: CheckingClient
) -> None:
    id = promote(company, trio[2], 1)
    assert rosa.get(f"/tradeoffs/{id}/reversal").status_code == 403
    assert company.order() == ["Three", "One", "Two"]


def test_the_ledger_costs_the_same_queries_for_one_line_as_for_many(
    company: Company, trio: list[int], priya: CheckingClient, app: Flask
) -> None:
    promote(company, trio[2], 1)
    with count_queries(app) as few:
        priya.get("/tradeoffs?all=1")
    for id in (*reversed(trio[:2]), *reversed(trio)):
        promote(company, id, 1)
    with count_queries(app) as many:
        priya.get("/tradeoffs?all=1")
    assert len(few) == len(many) <= 9
