"""What deals are grouped by: one rep for each person, and no name that means two things."""

from typing import Any

from flask import Flask
from sqlalchemy import update

from roadmap.deals.actions import match_owner
from roadmap.extensions import db
from roadmap.models import Account
from tests.support.client import CheckingClient
from tests.support.company import Company

THREE = ("Ann Lee", "ann lee", "ann@demo.example")


def lost(elias: CheckingClient, address: str = "") -> dict[str, str]:
    rows = elias.get(f"/reports/segments.csv?by=rep{address}").table()
    return {row["Rep"]: row["Lost deals"] for row in rows}


def test_owners_who_are_one_user_are_one_rep(
    app: Flask, elias: CheckingClient, company: Company
) -> None:
    user = company.user(name="Ann Lee")
    owners = [company.owner(name) for name in (*THREE, "Bo")]
    pain = company.problem("SSO")
    for owner in owners:
        deal = company.deal(status="lost", close_date="2026-12-01", owner=owner, blockers=[pain])
        company.interview(deal, ("price", None))
    assert len(lost(elias)) == 5, "nobody has said yet who they are"
    with app.app_context():
        for owner in owners[:3]:
            match_owner(owner, user)
    found = lost(elias)
    assert (found.pop("Ann Lee"), found.pop("Bo"), len(found)) == ("3", "1", 1)
    for owner in owners[:3]:
        assert lost(elias, f"&rep={owner}")["Ann Lee"] == "3"
    page = elias.get("/reports/false-losses")
    assert "Ann Lee" in page.text_of("main")
    assert "ann@demo.example" not in page.text_of("main")


def test_an_attribute_that_deals_and_accounts_have_is_named_apart(
    app: Flask, elias: CheckingClient, company: Company
) -> None:
    account = company.account()
    said: dict[str, Any] = {"attributes": {"TYPE": "Renewal", "region": "South", "Own": "1"}}
    company.deal(status="lost", close_date="2026-12-01", account=account, **said)
    with app.app_context():
        words = {"region": "EMEA", "attributes": {"Type": "Partner", "Tier": "1"}}
        db.session.execute(update(Account).values(**words))
        db.session.commit()
    offered = elias.get("/reports/segments").texts_of("select[name=by] option")
    assert [name for name in offered if "(" in name] == [
        "Region (account)", "Type (account)", "region (deal)", "TYPE (deal)",
    ]  # fmt: skip
    assert {"Tier", "Own", "Industry"} <= set(offered)
    for name, value in (
        ("region", "EMEA"), ("region (deal)", "South"), ("Type", "Partner"),
        ("TYPE (deal)", "Renewal"),
    ):  # fmt: skip
        rows = elias.get(f"/reports/segments.csv?by={name}").table()
        assert value in rows[0].values(), name
        address = name if name == "region" else f"attr.{name}"
        for wanted, lost in ((value, "1"), ("Other", "0")):
            rows = elias.get(f"/reports/segments.csv?{address}={wanted}").table()
            assert rows[-1]["Lost deals"] == lost, name
