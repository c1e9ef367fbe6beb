"""Other direct conversations: logging them, counting them, and whose voice a problem is."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.interviews import tallies
from roadmap.models import Conversation
from tests.support.client import CheckingClient
from tests.support.company import Company
from tests.support.tables import everything

MONTHS = "table:has(caption:-soup-contains('per person'))"


def test_a_call_is_logged_for_an_account_with_what_was_heard(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    pain, other = company.problem("Sign-in is manual"), company.problem("No export")
    acme = company.account("Ächme Werke")
    page = priya.get("/conversations").follow("Log a conversation")
    page = page.submit("main form[role=search]", q="ÄCHME").follow("Ächme Werke")
    page = page.submit(
        "#talk", kind="visit", name="Dana Osei", role="CIO", layer="executive",
        held_on="2027-01-05", problems=[pain, other], quote="“Two people retype it.”",
    )  # fmt: skip
    assert page.text_of("h1") == "Visit"
    assert "“Two people retype it.”" in page.text
    assert page.has(f"a[href='/problems/{pain}']")
    row = priya.get("/conversations").rows_of(
        "table:has(caption:-soup-contains('Conversations'):not(:-soup-contains('per')))"
    )[0]
    assert (row["What"], row["Held by"]) == ("Visit", "Priya Nair")
    text = priya.get("/conversations.csv").text
    assert "2027-01-05,Visit,Ächme Werke,,Dana Osei,CIO,executive,Priya Nair" in text
    with app.app_context():
        talk = db.session.scalars(select(Conversation)).one()
        assert (talk.account_id, talk.state, talk.kind) == (acme, "held", "visit")


def test_counts_stand_against_the_target_and_open_to_the_conversations(
    app: Flask, priya: CheckingClient, ada: CheckingClient
) -> None:
    company = Company(app)
    acme = company.account("Acme")
    for day in (date(2027, 1, 4), date(2026, 12, 31), date(2026, 12, 1), date(2026, 7, 31)):
        company.conversation(acme, held_on=day)
    company.interview(company.deal("Lost", status="lost"), held=True, held_on=date(2026, 12, 5))
    page = priya.get("/conversations")
    row = page.rows_of(MONTHS)[0]
    assert row["Person"] == "Priya Nair"
    assert [row[month] for month in ("Aug 2026", "Dec 2026", "Jan 2027 so far", "Together")] == [
        "0 of 2", "3 met", "1", "4",
    ]  # fmt: skip
    assert ["Priya Nair,0,0,0,0,3,1,4" in priya.get("/conversations/months.csv").lines()] == [True]
    link = page.one(f"{MONTHS} a[href*='2026-12']")["href"]
    found = priya.get(str(link))
    assert "3 conversations" in found.text_of(".filters-count")
    assert "Month: Dec 2026" in found.text
    settings = ada.get("/settings").submit("#settings", conversations_target="4")
    assert settings.status_code == 200
    assert priya.get("/conversations").rows_of(MONTHS)[0]["Dec 2026"] == "3 of 4"
    assert ada.get("/settings").submit("#settings", conversations_target="-1").status_code == 422


def test_a_withdrawn_conversation_counts_for_nobody_and_its_words_stay(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    talk = company.conversation(company.account("Acme"), [pain], quote="Two people retype it.")
    assert "1 heard directly" in priya.get(f"/problems/{pain}").text_of("#heard")
    page = priya.get(f"/conversations/{talk}").submit("#withdrawal")
    assert "Two people retype it." in page.text
    assert "No customer speaks of it yet" in priya.get(f"/problems/{pain}").text_of("#heard")
    assert priya.get("/conversations").rows_of(MONTHS)[0]["Together"] == "0"
    late = priya.get(f"/conversations/{talk}/edit")
    assert late.status_code == 404


def test_an_edit_replaces_and_a_second_one_of_the_same_field_is_told(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    talk = company.conversation(company.account("Acme"), [pain])
    page = priya.get(f"/conversations/{talk}/edit")
    assert page.submit("#talk", kind="demo", problems=None).path == f"/conversations/{talk}"
    late = page.submit("#talk", kind="visit", name="Somebody Else")
    assert late.status_code == 409
    assert late.value_of("#talk input[name=name]") == "Somebody Else"
    with app.app_context():
        kept = db.session.get_one(Conversation, talk)
        assert (kept.kind, kept.spoke_name, kept.problems) == ("demo", "Dana Osei", [])


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("kind", "letter", "Not a valid choice"),
        ("kind", "win interview", "Choose the deal that was won"),
        ("problems", "999", "not a valid choice"),
        ("problems", "²", "coerced"),
        ("deal", "999", "Not a valid choice"),
        ("held_on", "2027-02-01", "in the future"),
        ("quote", "a\x00b", "control characters"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_stored(
    app: Flask, priya: CheckingClient, field: str, value: str, said: str
) -> None:
    company = Company(app)
    acme = company.account("Acme")
    company.problem("Sign-in is manual")
    page = priya.get(f"/conversations/new?account={acme}")
    before = everything(app)
    typed = {
        "csrf_token": page.value_of("#talk input[name=csrf_token]"), "kind": "call",
        "name": "Dana Osei", "held_on": "2027-01-05", "held_by": company.people["product"],
        "layer": "", "deal": "", field: value,
    }  # fmt: skip
    answer = priya.post(f"/accounts/{acme}/conversations", data=typed)
    assert answer.status_code == 422
    assert said in " ".join(answer.texts_of(".field-errors"))
    assert everything(app) == before


def test_each_customer_is_one_voice_and_direct_if_ever_heard_directly(
    app: Flask, rosa: CheckingClient
) -> None:
    company = Company(app)
    pain, other = company.problem("Sign-in is manual"), company.problem("No export")
    acme, globex = company.account("Acme"), company.account("Globex")
    company.deal("One", account=acme, blockers=[pain])
    company.deal("Two", account=acme, blockers=[(pain, "customer")])
    company.deal("Three", account=globex, blockers=[pain])
    lost = company.deal("Four", status="lost")
    company.interview(lost, ("product", pain))
    company.conversation(acme, [pain])
    company.conversation(company.account("Initech"), [other])
    said = rosa.get(f"/problems/{pain}").text_of("#heard")
    assert "3 customers speak of it" in said
    assert "2 heard directly , 1 through sales alone" in said
    assert "2 conversations" in said
    listed = rosa.get(f"/conversations?problem={pain}")
    assert "2 conversations" in listed.text_of(".filters-count")


def test_months_run_across_a_year(app: Flask) -> None:
    assert tallies.months(date(2027, 1, 31), 3) == [
        date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1),
    ]  # fmt: skip
    assert tallies.end_of(date(2026, 12, 1)) == date(2027, 1, 1)
