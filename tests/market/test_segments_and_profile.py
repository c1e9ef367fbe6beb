"""Segments with their rules and order, and the ideal customer profile."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.market import classify
from roadmap.models import Account, Criterion, Segment, Workspace
from tests.support.client import CheckingClient
from tests.support.company import Company
from tests.support.queries import count_queries


def accounts(app: Flask, *rows: dict[str, Any]) -> list[int]:
    """Accounts with these attributes."""
    with app.app_context():
        made = [
            Account(external_id=f"X{n}", name=f"Name {n}", search_text=f"name {n}", **row)
            for n, row in enumerate(rows)
        ]
        db.session.add_all(made)
        db.session.commit()
        return [account.id for account in made]


def segment_of(app: Flask, id: int) -> str | None:
    with app.app_context():
        account = db.session.get_one(Account, id)
        return account.segment.name if account.segment else None


def fits(app: Flask) -> list[int]:
    with app.app_context():
        return list(db.session.scalars(select(Account.fit).order_by(Account.id)))


def test_new_rules_assign_every_account_but_those_set_by_hand(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    kept = company.segment("Kept")
    bank, small, by_hand = accounts(
        app,
        {"industry": "Banking", "employees": 900},
        {"industry": " BANKING ", "employees": 10},
        {"industry": "Banking", "employees": 900, "segment_id": kept, "segment_by_hand": True},
    )
    page = priya.get("/segments/new").submit(
        "#segment", name="Large banks", attribute=["industry", "employees", ""],
        operator=["is", "at_least", "is"], value=["banking", "500", ""],
    )  # fmt: skip
    assert "1 account changed segment" in page.text_of(".flashes")
    assert [segment_of(app, id) for id in (bank, small, by_hand)] == ["Large banks", None, "Kept"]
    rules = {row["Segment"]: row["Rules"] for row in page.rows_of("table")}
    assert rules["Large banks"] == "Industry is banking and Employees is at least 500"
    assert rules["Unassigned"] == "meet no segment's rules"


def test_the_order_decides_between_two_segments(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    rule = [{"attribute": "region", "operator": "is", "value": ["EMEA"]}]
    first, second = company.segment("First", rule), company.segment("Second", rule)
    (account,) = accounts(app, {"region": "EMEA", "segment_id": first})
    page = priya.get("/segments")
    page = page.submit(f"form[action='/segments/{second}/position']:has([value=up])")
    assert segment_of(app, account) == "Second"
    assert page.texts_of("tbody th") == ["Second", "First"]
    page = page.submit(f"form[action='/segments/{second}/position']:has([value=down])")
    assert segment_of(app, account) == "First"
    page = page.submit(f"form[action='/segments/{second}/position']:has([value=down])")
    assert page.texts_of("tbody th") == ["First", "Second"]


def test_a_segment_in_use_stays_and_says_why(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    used, free = company.segment("Used"), company.segment("<b>Free</b>")
    company.problem("Pain", [used])
    accounts(app, {"segment_id": used, "segment_by_hand": True})
    page = priya.get("/segments").submit(f"form[action='/segments/{used}/removal']")
    said = page.text_of(".flashes")
    assert "1 problem belongs to it" in said
    assert "1 account was put into it by hand" in said
    page = page.submit(f"form[action='/segments/{free}/removal']")
    assert "“<b>Free</b>” is removed" in page.text_of(".flashes")
    with app.app_context():
        assert [s.id for s in db.session.scalars(select(Segment))] == [used]


@pytest.mark.parametrize(
    ("operator", "value", "error"),
    [
        ("at_least", "many", "Write whole numbers"),
        ("between", "9; 1", "the smaller first"),
        ("between", "9", "Write two numbers"),
        ("is", "a; b", "Write one value"),
        ("any_of", ";", "with semicolons"),
        ("is", "", "Write one value"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_and_kept_as_typed(
    app: Flask, priya: CheckingClient, operator: str, value: str, error: str
) -> None:
    Company(app)
    page = priya.get("/segments/new").submit(
        "#segment", name="Banks", attribute=["industry", "", ""],
        operator=[operator, "is", "is"], value=[value, "", ""],
    )  # fmt: skip
    assert page.status_code == 422
    assert error in page.text_of(".field-errors")
    assert page.all("input[name=value]")[0]["value"] == value
    with app.app_context():
        assert db.session.scalars(select(Segment)).all() == []


def test_segments_show_what_is_open_and_lost_in_each(app: Flask, rosa: CheckingClient) -> None:
    company = Company(app)
    banks = company.segment("Banks")
    bank = company.account("Bank", fit=80, segment=banks)
    company.deal("Open", 500_000_00, account=bank)
    company.deal("Lost", 200_000_00, account=bank, status="lost")
    company.deal("Elsewhere", 1_00)
    page = rosa.get("/segments")
    row = page.rows_of("table")[0]
    assert (row["Accounts"], row["Open"]) == ("1", "$500K 1 deal")
    assert row["Lost, last 6 months"] == "$200K 1 deal"
    assert not page.has("main form")
    assert "Banks" in rosa.get("/segments.csv").text
    assert rosa.get("/segments/new").status_code == 403


def test_the_profile_exists_for_executives_and_administrators_alone(
    app: Flask, rosa: CheckingClient, priya: CheckingClient, elias: CheckingClient,
    ada: CheckingClient,
) -> None:  # fmt: skip
    Company(app)
    for nobody in (rosa, priya):
        assert nobody.get("/profile").status_code == 404
        assert "/profile" not in nobody.get("/segments").text
    page = elias.get("/profile")
    assert not page.has("#profile")
    token = page.value_of("form[action='/sign-out'] input[name=csrf_token]")
    assert elias.post("/profile", data={"csrf_token": token}).status_code == 403
    assert ada.get("/profile").has("#profile")


def test_saving_the_profile_is_previewed_and_counts_everything_anew(
    app: Flask, ada: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Pain")
    sso = company.initiative("SSO", work=[(company.team(), 5)], solves=[pain])
    account = company.account("Acme", fit=100)
    company.deal("Deal", 100_00, account=account, blockers=[pain])
    accounts(app, {"employees": 80, "revenue": 5_000_000_00, "attributes": {"Cloud": "AWS"}})
    page = ada.get("/profile")
    assert "Cloud" in page.texts_of("#attribute-1 option")
    page = page.submit(
        "#profile", attribute=["employees", "revenue", "Cloud"],
        operator=["between", "at_least", "any_of"], value=["50; 500", "5,000,000", "aws; gcp"],
        weight=["2", "1", "1"],
    )  # fmt: skip
    assert "The fit of 2 of 2 accounts changes: 1 better, 1 worse" in page.text
    assert "from 50 % to 50 %" in page.text
    assert fits(app) == [100, 0]
    page = page.submit("#profile", press="Save profile")
    assert "fit of 2 accounts changed" in page.text_of(".flashes")
    assert fits(app) == [0, 100]
    assert company.wrong_totals() == []
    with company.looking() as picture:
        assert picture.cards[str(sso)].fit == 0
    with app.app_context():
        assert [c.weight for c in db.session.scalars(select(Criterion))] == [2, 1, 1]
        assert db.session.scalars(select(Workspace)).one().figures_as_of is not None
    page = ada.get("/profile")
    assert page.all("input[name=value]")[0]["value"] == "50; 500"
    page.submit("#profile", value=[""] * 6, attribute=[""] * 6)
    assert len(ada.get("/profile").all("input[name=value]")) == 6


def test_a_weight_that_makes_no_sense_is_refused(app: Flask, ada: CheckingClient) -> None:
    Company(app)
    for weight in ("0", "-1", "1001", "x"):
        page = ada.get("/profile").submit(
            "#profile", attribute=["region", "", ""], value=["EMEA", "", ""],
            weight=[weight, "1", "1"],
        )  # fmt: skip
        assert page.status_code == 422
        assert re.search(r"(At least|At most|from) 1", page.text_of(".field-errors"))


def test_refitting_takes_few_statements_however_many_accounts_there_are(app: Flask) -> None:
    Company(app)
    accounts(app, *({"employees": n, "industry": f"I{n % 3}"} for n in range(3000)))
    with app.app_context():
        db.session.add(
            Criterion(position=1, attribute="employees", operator="at_least", values=[1500])
        )
        db.session.add(Segment(name="Zero", position=1, rules=[
            {"attribute": "industry", "operator": "is", "value": ["I0"]}
        ]))  # fmt: skip
        db.session.commit()
        with count_queries(app) as statements:
            assert classify.refit() == 1500
            assert classify.reassign() == 1000
        assert len(statements) <= 12, len(statements)
        db.session.rollback()
