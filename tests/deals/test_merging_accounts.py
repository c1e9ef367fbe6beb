"""Two accounts that are one: merged with consequences first, counted once, and taken apart."""

from flask import Flask

from roadmap.domain.icp import Criterion
from roadmap.extensions import db
from roadmap.market import actions as market
from roadmap.models import Account, AccountName, Request, User
from tests.support.client import CheckingClient, Page
from tests.support.company import Company
from tests.support.tables import everything


def pair(app: Flask) -> tuple[Company, int, int]:
    """Meridel Ltd with a deal and a request, to be merged into Meridel, which has a deal as well;
    of three criteria each meets another one."""
    company = Company(app)
    pain = company.problem("Sign-in is manual work")
    company.initiative("SSO", work=[(company.team(), 5)], solves=[pain])
    gone, kept = company.account("Meridel Ltd"), company.account("Meridel")
    with app.app_context():
        facts = {"industry": "Banking", "employees": 90, "attributes": {"Tier": "Gold"}}
        for id, values in ((gone, facts), (kept, {"industry": "Retail", "region": "EMEA"})):
            for name, value in values.items():
                setattr(db.session.get_one(Account, id), name, value)
        db.session.commit()
        market.save_profile(
            (Criterion("industry", "is", ("Banking",), 1), Criterion("Tier", "is", ("Gold",), 1))
        )
    deal = company.deal("Renewal", 100_00, account=gone, blockers=[pain])
    company.deal("RENEWAL", 300_00, account=kept, blockers=[pain])
    company.request(deals=[deal])
    company.conversation(gone)
    return company, gone, kept


def preview(priya: CheckingClient, gone: int, kept: int) -> Page:
    page = priya.get(f"/accounts/{gone}").follow("Merge into…").submit(".form", q="meridel")
    assert page.texts_of("#candidates th a") == ["Meridel"]
    return priya.get(f"/accounts/{gone}/merge?into={kept}")


def test_a_merge_is_shown_first_counts_everything_once_and_can_be_undone(
    app: Flask, priya: CheckingClient
) -> None:
    company, gone, kept = pair(app)
    before = everything(app)
    page = preview(priya, gone, kept)
    said = page.text_of(".preview")
    for words in (
        "with 1 deal, 1 request and 1 conversation",
        "Industry: Banking instead of Retail", "“Meridel” learns Employees 90 Tier Gold",
        "one account instead of two $100 → $200", "RENEWAL",
    ):  # fmt: skip
        assert words in said, words
    page = page.submit(".preview-part form", take=["industry"])
    assert "one account instead of two $100 → $400" in page.text_of(".preview")
    page = page.submit("#merge-form")
    assert page.text_of(".tile:first-child .tile-value") == "100 %"
    assert "$400" in page.text_of(".tiles")
    assert "merged into it by Priya" in page.text_of("#names")
    assert company.wrong_totals() == []
    assert priya.get("/accounts").texts_of("tbody th") == ["Meridel"]
    assert priya.get("/accounts?q=ltd").texts_of("tbody th") == ["Meridel"]
    assert "also Meridel Ltd" in priya.get("/search?q=meridel+ltd").text
    assert priya.get(f"/accounts/{gone}").location == f"/accounts/{kept}"
    assert priya.get("/accounts.csv").data.count(b"Meridel") == 1
    page = priya.get(f"/accounts/{kept}").submit("#names form")
    assert page.text_of("h1") == "Meridel Ltd"
    assert company.wrong_totals() == []
    after = everything(app)
    told = {"requests", "workspace", "submissions"}
    assert {n for n in after if after[n] != before[n]} <= told


def test_what_was_edited_since_stays_and_only_the_newest_merge_is_taken_back(
    app: Flask, priya: CheckingClient
) -> None:
    company, gone, kept = pair(app)
    third = company.account("Meridel GmbH")
    company.merged_account(gone, kept)
    company.merged_account(kept, third)
    with app.app_context():
        names = {name.name: name.id for name in db.session.query(AccountName)}
        assert {name.account_id for name in db.session.query(AccountName)} == {third}
    page = priya.get(f"/accounts/{third}")
    assert len(page.all("#names form")) == 1
    path = f"/accounts/{third}/names/{names['Meridel Ltd']}/reversal"
    page = priya.post(path, data={"csrf_token": page.value_of("#names [name=csrf_token]")})
    with app.app_context():
        assert db.session.get(Account, gone) is None
        db.session.get_one(Account, third).region = "Nordics"
        db.session.commit()
    priya.get(f"/accounts/{third}").submit("#names form")
    priya.get(f"/accounts/{kept}").submit("#names form")
    with app.app_context():
        found = {a.name: (a.region, a.employees) for a in db.session.query(Account)}
    assert found == {
        "Meridel Ltd": (None, 90), "Meridel": ("EMEA", None), "Meridel GmbH": ("Nordics", None),
    }  # fmt: skip


def test_a_merge_that_was_shown_otherwise_is_not_made(app: Flask, priya: CheckingClient) -> None:
    company, gone, kept = pair(app)
    page = preview(priya, gone, kept)
    company.deal("Another", 50_00, account=gone)
    page = page.submit("#merge-form")
    assert page.status_code == 409
    assert "with 2 deals" in page.text_of(".preview")
    assert "becomes part of" not in page.submit("#merge-form").text


def test_the_same_question_in_one_quarter_is_asked_once(app: Flask) -> None:
    company = Company(app)
    accounts = [company.account(name, fit=0) for name in ("Acme", "Acme Ltd")]
    for account in accounts:
        company.interview(company.deal(status="lost", account=account))
    before = everything(app)
    name = company.merged_account(accounts[1], accounts[0])
    with app.app_context():
        from roadmap.deals import merging

        merging.split(name)
    after = everything(app)
    assert {table for table in after if after[table] != before[table]} <= {"workspace"}


def test_undoing_that_a_request_was_linked_finds_the_account_that_it_is_now(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    gone, kept, other = (company.account(name) for name in ("Acme Ltd", "Acme", "Globex"))
    asked = company.request(account=gone)
    by = company.people["product"]
    with app.app_context():
        from roadmap.intake import steps, triaging

        triaging.link(asked, db.session.get_one(User, by), other, [])
    company.merged_account(gone, kept)
    with app.app_context():
        steps.undo(asked, db.session.get_one(User, by))
        assert db.session.get_one(Request, asked).account_id == kept
    assert priya.get(f"/requests/{asked}").status_code == 200
