"""Accounts: the list, the fit taken apart, attributes and segments."""

from flask import Flask

from roadmap.domain.icp import Criterion
from roadmap.extensions import db
from roadmap.market import actions as market
from roadmap.models import Account
from tests.support.client import CheckingClient
from tests.support.company import Company
from tests.support.queries import count_queries

BANKS = [{"attribute": "industry", "operator": "is", "value": ["Banking"]}]
PROFILE = (
    Criterion("industry", "any_of", ("Banking", "Insurance"), 3),
    Criterion("employees", "between", (50, 500), 1),
    Criterion("Tech stack", "is", ("AWS",), 1),
)


def account_row(app: Flask, id: int) -> Account:
    with app.app_context():
        return db.session.get_one(Account, id)


def profiled(app: Flask) -> None:
    with app.app_context():
        market.save_profile(PROFILE)


def test_the_fit_opens_to_its_parts_and_missing_data_leads_to_where_it_is_filled_in(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Pain")
    company.initiative("SSO", work=[(company.team(), 5)], solves=[pain])
    account = company.account("Acme", fit=0)
    company.deal("Deal", 100_00, account=account, blockers=[pain])
    profiled(app)
    page = priya.get(f"/accounts/{account}")
    assert page.text_of(".tile:first-child .tile-value") == "0 %"
    verdicts = {
        row["Criterion"]: row["Verdict"]
        for row in page.rows_of("table:has(caption:-soup-contains('Criteria'))")
    }
    assert set(verdicts.values()) == {"missing"}
    form = page.soup.find("a", string="fill it in")
    assert form is not None
    page = priya.get(str(form["href"])).submit(
        "#account", industry=" banking ", employees="1000", more_1="aws", revenue="1,200,000.50"
    )
    assert page.text_of(".tile:first-child .tile-value") == "80 %"
    verdicts = {
        row["Criterion"]: row["Verdict"]
        for row in page.rows_of("table:has(caption:-soup-contains('Criteria'))")
    }
    assert verdicts == {
        "Industry is one of Banking, Insurance": "met",
        "Tech stack is AWS": "met",
        "Employees is between 50 and 500": "not met",
    }
    row = account_row(app, account)
    assert (row.fit, row.revenue, row.attributes) == (80, 1_200_000_50, {"Tech stack": "aws"})
    assert company.wrong_totals() == []


def test_what_was_typed_stays_beside_its_errors(app: Flask, priya: CheckingClient) -> None:
    account = Company(app).account("Acme")
    page = priya.get(f"/accounts/{account}/edit").submit(
        "#account", industry="x" * 201, employees="-3", revenue="lots", region="EMEA"
    )
    assert page.status_code == 422
    assert len(page.all("#account .field-errors")) == 3
    assert page.value_of("#account input[name=revenue]") == "lots"
    assert page.value_of("#account input[name=region]") == "EMEA"
    assert account_row(app, account).region is None


def test_a_segment_set_by_hand_stays_until_the_rules_get_it_back(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    banks, other = company.segment("Banks", BANKS), company.segment("Others")
    account = company.account("Acme")
    page = priya.get(f"/accounts/{account}/edit").submit("#account", industry="Banking")
    assert "because Industry is Banking" in page.text
    assert account_row(app, account).segment_id == banks
    page = page.submit("#segment", segment=other)
    assert "By the rules it would be Banks" in page.text
    priya.get(f"/accounts/{account}/edit").submit("#account", region="EMEA")
    row = account_row(app, account)
    assert (row.segment_id, row.segment_by_hand) == (other, True)
    page = priya.get(f"/accounts/{account}").submit("#segment", segment="none")
    assert account_row(app, account).segment_id is None
    page.submit("#segment", segment="rules")
    row = account_row(app, account)
    assert (row.segment_id, row.segment_by_hand) == (banks, False)


def test_the_list_filters_sorts_and_takes_the_same_queries_at_any_size(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    banks = company.segment("Banks", BANKS)
    company.account("Ägypten Bank", fit=40, segment=banks)
    company.account("Zebra", fit=90)
    assert priya.get("/accounts?q=ÄGY").texts_of("tbody th") == ["Ägypten Bank"]
    assert priya.get(f"/accounts?segment={banks}").texts_of("tbody th") == ["Ägypten Bank"]
    assert priya.get("/accounts?segment=none").texts_of("tbody th") == ["Zebra"]
    assert priya.get("/accounts?sort=fit").texts_of("tbody th") == ["Zebra", "Ägypten Bank"]
    with count_queries(app, ignoring=["users"]) as few:
        priya.get("/accounts?sort=employees")
    with app.app_context():
        db.session.add_all(
            Account(
                external_id=f"N{n}", name=f"N {n:03d}", search_text=f"n {n:03d}",
                employees=None if n % 3 else n,
            )
            for n in range(120)
        )  # fmt: skip
        db.session.commit()
    with count_queries(app, ignoring=["users"]) as many:
        page = priya.get("/accounts?sort=employees")
    assert len(many) <= len(few) <= 5
    seen = page.texts_of("tbody th")
    while page.has("a[rel=next]"):
        page = page.follow("Next")
        seen += page.texts_of("tbody th")
    assert len(seen) == len(set(seen)) == 122
    csv = priya.get("/accounts.csv?sort=employees").lines()[1:]
    assert [line.split(",")[0] for line in csv] == seen


def test_a_rep_reads_accounts_and_changes_none(app: Flask, rosa: CheckingClient) -> None:
    company = Company(app)
    account = company.account("<b>Acme</b>")
    page = rosa.get(f"/accounts/{account}")
    assert page.text_of("h1") == "<b>Acme</b>"
    assert not page.has("#segment")
    assert rosa.get(f"/accounts/{account}/edit").status_code == 403
    token = page.value_of("form[action='/sign-out'] input[name=csrf_token]")
    answer = rosa.post(f"/accounts/{account}", data={"industry": "X", "csrf_token": token})
    assert answer.status_code == 403
    assert account_row(app, account).industry is None
