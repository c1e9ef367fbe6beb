"""Where several people do, or ask for, what may be one thing, and what to do about it."""

import pytest
from flask import Flask

from roadmap.patterns import overlaps
from roadmap.patterns.overlaps import Pair
from tests.support.client import CheckingClient
from tests.support.company import Company
from tests.support.queries import count_queries


def test_where_nothing_overlaps_the_page_says_so(app: Flask, rosa: CheckingClient) -> None:
    page = rosa.get("/markets").follow("Overlaps")
    assert page.text_of("h1") == "Overlaps"
    assert rosa.get("/problems").link("Overlaps") == "/markets/overlaps"
    assert len(page.all(".box-body.muted")) == 3


def test_initiatives_of_different_products_that_address_one_problem(
    app: Flask, priya: CheckingClient, rosa: CheckingClient
) -> None:
    company = Company(app)
    pain, alone, same = (company.problem(title) for title in ("Shared", "Alone", "Same"))
    core = company.team("Core")
    platform, mobile = company.product("Platform"), company.product("Mobile")
    first = company.initiative("SSO", work=[(core, 5)], solves=[pain, alone], product=platform)
    company.initiative("App", work=[(core, 5)], contributes=[pain], product=mobile)
    for title in ("One", "Two"):
        company.initiative(title, work=[(core, 5)], solves=[same], product=platform)
    company.deal("Deal", 100_000_00, blockers=[pain])
    page = priya.get("/markets/overlaps")
    (row,) = page.rows_of("#shared table")
    assert row["Problem"] == "Shared"
    assert "SSO rank 1" in row["Initiatives"]
    assert "App contributes, rank 2" in row["Initiatives"]
    assert row["Open blocked"] == "$100K 1 deal"
    link = page.link("Make it one initiative: the work of SSO")
    assert link == f"/initiatives/{first}/work"
    assert priya.get(link).has("main form[method=post]")
    assert not rosa.get("/markets/overlaps").has(f"a[href='{link}']")


def test_accounts_where_several_reps_or_products_ask_for_different_things(
    app: Flask, priya: CheckingClient, rosa: CheckingClient
) -> None:
    company = Company(app)
    pain, other = company.problem("Sign-in"), company.problem("Export")
    busy, calm, one = (company.account(name) for name in ("Busy", "Calm", "One thing"))
    deal = company.deal("Deal", 100_000_00, account=busy, product="Mobile")
    company.request("Hers.", deals=[deal], problem=pain, by="rep")
    company.request("His.", account=busy, problem=other, by="product")
    company.request("Hers again.", deals=[deal], by="rep")
    # The same person for the same product, and two people for the same thing: no overlap.
    company.request("Calm one.", account=calm, problem=pain, by="rep")
    company.request("Calm two.", account=calm, problem=other, by="rep")
    company.request("Same one.", account=one, problem=pain, by="rep")
    company.request("Same two.", account=one, problem=pain, by="product")
    page = priya.get("/markets/overlaps")
    (row,) = page.rows_of("#crowded table")
    assert row["Account"] == "Busy 3 requests"
    assert row["Who asks"].count("request") == 2
    assert "Rosa" in row["Who asks"]
    assert "Mobile" in row["Who asks"]
    assert row["For what"] == "Sign-in Export Hers again. no problem yet"
    assert row["Open deals"] == "$100K"
    assert page.link("Name one owner for Busy") == f"/accounts/{busy}"
    # Who asks is for those who may read the requests.
    (row,) = rosa.get("/markets/overlaps").rows_of("#crowded table")
    assert row["Who asks"] == "2 people Product: Mobile"


def test_one_rep_who_asks_for_several_products_is_an_overlap(
    app: Flask, rosa: CheckingClient
) -> None:
    company = Company(app)
    busy = company.account("Busy")
    for product in ("Mobile", "Platform"):
        deal = company.deal(f"For {product}", account=busy, product=product)
        company.request(f"Said of {product}.", deals=[deal])
    assert len(rosa.get("/markets/overlaps").rows_of("#crowded table")) == 1


def test_problems_with_nearly_the_same_statement_lead_to_the_merge_of_both(
    app: Flask, priya: CheckingClient, rosa: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = Company(app)
    one, two = company.problem("Sign-in is manual"), company.problem("Signing in is manual")
    pair = Pair(one, "Sign-in is manual", two, "Signing in is manual", 0.9)
    monkeypatch.setattr(overlaps, "near_identical", lambda limit: [pair][:limit])
    page = priya.get("/markets/overlaps")
    page = page.follow("Merge Signing in is manual into Sign-in is manual")
    assert page.path == f"/problems/{two}/merge?into={one}"
    assert page.has("#merge-form")
    assert not rosa.get("/markets/overlaps").has("a[href*='/merge']")


def test_the_page_takes_few_queries(app: Flask, rosa: CheckingClient) -> None:
    company = Company(app)
    for n in range(5):
        account = company.account(f"Account {n}")
        company.request(f"One {n}.", account=account, by="rep")
        company.request(f"Two {n}.", account=account, by="product")
    rosa.get("/markets/overlaps")
    with count_queries(app, ignoring=["users"]) as statements:
        rosa.get("/markets/overlaps")
    assert len(statements) <= 3, "\n".join(statements)
