"""One deal: what it waits for, who says so, and what reps and product managers may add."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.evidence.counting import recount
from roadmap.extensions import db
from roadmap.models import Blocker, Deal, LossReason, Statement, Workspace
from tests.support.client import CheckingClient, Page
from tests.support.company import Company, statement
from tests.support.queries import count_queries

pytestmark = pytest.mark.either

VERDICT = ".note-title"


def blockers(app: Flask, deal: int) -> list[tuple[str, bool, int | None, int, int | None]]:
    with app.app_context():
        rows = db.session.execute(
            select(
                Statement.source, Statement.counts, Statement.amount_then, Statement.fit_then,
                Statement.by_id,
            ).where(Statement.deal_id == deal, Statement.ended_at.is_(None),
                Statement.root_id.is_not(None))
            .order_by(Statement.id)
        )  # fmt: skip
        return [tuple(row) for row in rows]


def evidence_revision(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(select(Workspace.evidence_revision)).one()


def facts(page: Page) -> dict[str, str]:
    terms, values = page.texts_of("dl.facts dt"), page.texts_of("dl.facts dd")
    return dict(zip(terms, values, strict=True))


def test_tying_takes_a_choice_and_a_button_and_remembers_the_moment(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    deal = company.deal("Acme", 500_000_00, fit=60, stage="Proposal")
    sso = company.initiative("SSO", work=[(company.team(), 20)], solves=[pain])
    before = evidence_revision(app)
    page = priya.get(f"/deals/{deal}").submit("#tie-problem", problem=pain, source="customer")
    assert page.path == f"/deals/{deal}"
    row = page.rows_of("table")[0]
    assert row["What"].startswith("Sign-in is manual")
    assert row["Counts?"].startswith("counts")
    assert row["Stage then, now"] == "Proposal"
    assert blockers(app, deal) == [("customer", True, 500_000_00, 60, company.people["product"])]
    assert evidence_revision(app) > before
    assert company.wrong_totals() == []
    with company.looking() as picture:
        assert picture.cards[str(sso)].open_amount == 500_000_00


@pytest.mark.parametrize("status", ["open", "won"])
def test_a_reason_for_a_loss_that_is_none_any_more_stays_on_screen(
    app: Flask, priya: CheckingClient, status: str
) -> None:
    company = Company(app)
    deal = company.deal("Acme", status="lost")
    old = priya.get(f"/deals/{deal}")
    with company._writing():
        db.session.get_one(Deal, deal).status = status
    for form, note in (("#claimed", "They left"), ("#verified", "We met them")):
        page = old.submit(form, bucket="price", note=note)
        assert page.status_code == 409
        assert f"The deal is {status} by now" in page.text_of("[data-takes-focus]")
        assert note in page.texts_of("textarea")
    with app.app_context():
        assert not db.session.scalars(select(LossReason)).all()


def test_the_same_tie_from_the_same_source_is_refused_beside_the_field(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    deal = company.deal("Acme", blockers=[pain])
    page = priya.get(f"/deals/{deal}").submit("#tie-problem", problem=pain, source="rep")
    assert page.status_code == 422
    assert "tied to this problem already" in page.text_of("#tie-problem .field-errors")
    assert page.value_of("#tie-problem select[name=problem]") == str(pain)
    assert len(blockers(app, deal)) == 1


@pytest.mark.parametrize("problem", ["", "x", "999", "99999999999", "-1"])
def test_a_problem_that_is_not_there_cannot_be_tied(
    app: Flask, priya: CheckingClient, problem: str
) -> None:
    company = Company(app)
    company.problem("Sign-in is manual")
    deal = company.deal("Acme")
    token = priya.get(f"/deals/{deal}").value_of("#tie-problem input[name=csrf_token]")
    page = priya.post(
        f"/deals/{deal}/blockers", data={"problem": problem, "source": "rep", "csrf_token": token}
    )
    assert page.status_code == 422
    assert page.has("#tie-problem .field-errors")
    assert blockers(app, deal) == []


def test_many_problems_are_found_by_words_first(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    with app.app_context():
        from roadmap.models import Problem

        db.session.add_all(Problem(title=f"Problem {n:03d}") for n in range(201))
        db.session.commit()
    deal = company.deal("Acme")
    page = priya.get(f"/deals/{deal}")
    assert not page.has("#tie-problem")
    found = page.submit("#tie form[role=search]", problem="PROBLEM 117")
    assert found.texts_of("#tie-problem select[name=problem] option") == [
        "Choose a problem",
        "Problem 117",
    ]


def test_only_a_tie_made_by_hand_can_be_removed(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    pain, other = company.problem("One"), company.problem("Two")
    deal = company.deal("Acme", blockers=[(pain, "crm")])
    company.initiative("SSO", work=[(company.team(), 20)], solves=[other])
    page = priya.get(f"/deals/{deal}").submit("#tie-problem", problem=other)
    assert len(page.all("form[action$='/removal']")) == 1
    page = page.submit("form[action$='/removal']")
    assert "It counts no longer" in page.text_of(".flashes")
    ended = page.rows_of("#ended table")[0]
    assert (ended["What"], ended["Source"]) == ("Product: Two", "Sales rep")
    assert [source for source, *_ in blockers(app, deal)] == ["crm"]
    assert company.wrong_totals() == []
    with app.app_context():
        imported = db.session.scalars(select(Blocker.id)).one()
    token = page.value_of("#tie-problem input[name=csrf_token]")
    page = priya.post(
        f"/deals/{deal}/blockers/{imported}/removal",
        data={"csrf_token": token},
        follow_redirects=True,
    )
    assert "came from CRM" in page.text_of(".flashes")
    assert len(blockers(app, deal)) == 1


def test_an_open_deal_is_judged_against_the_forecast(app: Flask, rosa: CheckingClient) -> None:
    company = Company(app)
    pain, gap = company.problem("Sign-in is manual"), company.problem("No export")
    company.initiative("SSO", work=[(company.team(people=2), 20)], solves=[pain])
    late = company.deal("Late", needed_by="2027-01-12", blockers=[pain])
    early = company.deal("Early", needed_by="2027-12-31", blockers=[pain])
    never = company.deal("Never", needed_by="2027-12-31", blockers=[pain, gap])
    undated = company.deal("Undated", needed_by=None, blockers=[pain])
    overdue = company.deal("Overdue", needed_by="2026-12-01", blockers=[pain])
    free = company.deal("Free")
    assert rosa.get(f"/deals/{early}").text_of(VERDICT) == "In time"
    page = rosa.get(f"/deals/{late}")
    assert page.text_of(VERDICT) == "Late"
    assert "needs them by 12 Jan 2027" in page.text
    page = rosa.get(f"/deals/{never}")
    assert page.text_of(VERDICT) == "Late"
    assert "It waits for “No export”." in page.text_of(".note-words p")
    assert "uncovered" in page.text
    assert rosa.get(f"/deals/{undated}").text_of(VERDICT) == "Undated, so late"
    assert "overdue" in rosa.get(f"/deals/{overdue}").text_of(".note-words p")
    assert rosa.get(f"/deals/{free}").text_of(VERDICT) == "Waits for no problem"


def test_a_verified_reason_turns_a_product_loss_into_a_false_one(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    deal = company.deal("Acme", 300_000_00, status="lost", blockers=[pain])
    sso = company.initiative("SSO", work=[(company.team(), 20)], solves=[pain])
    page = priya.get(f"/deals/{deal}").submit(
        "#verified", bucket="price", source="interview", note="Twice the rival's price"
    )
    assert page.text_of(VERDICT) == "False loss"
    assert page.rows_of("table:has(caption:-soup-contains('Why it was lost'))")[0][
        "Counts?"
    ].startswith("does not count False loss")
    assert [counts for _, counts, *_ in blockers(app, deal)] == [False]
    assert company.wrong_totals() == []
    with company.looking() as picture:
        assert picture.cards[str(sso)].lost_amount == 0
    with app.app_context():
        reason = db.session.scalars(select(LossReason)).one()
        assert (reason.bucket, reason.source) == ("price", "interview")
        assert reason.by_id == company.people["product"]


def test_a_customer_who_names_a_problem_makes_it_count(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    deal = company.deal("Acme", status="lost")
    page = priya.get(f"/deals/{deal}").submit("#claimed", bucket="price")
    page = page.submit("#verified", bucket="product", problem=pain, source="customer")
    assert page.text_of(VERDICT) == "Hidden product loss"
    assert blockers(app, deal)[0][:2] == ("customer", True)


def test_only_a_product_reason_names_a_problem(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    deal = company.deal("Acme", status="lost")
    page = priya.get(f"/deals/{deal}").submit(
        "#claimed", bucket="price", problem=pain, note="kept words"
    )
    assert page.status_code == 422
    assert "Only a Product reason" in page.text_of("#claimed .field-errors")
    assert page.text_of("#claimed textarea") == "kept words"
    assert blockers(app, deal) == []


def test_a_rep_reports_on_their_own_deals_alone(app: Flask, rosa: CheckingClient) -> None:
    company = Company(app)
    mine = company.deal(
        "Mine", status="lost", owner=company.owner("R. Lindqvist", company.people["rep"])
    )
    other = company.deal("Other", status="lost", owner=company.owner("Somebody"))
    page = rosa.get(f"/deals/{mine}")
    assert not page.has("#verified")
    token = page.value_of("#claimed input[name=csrf_token]")
    page = page.submit("#claimed", bucket="process", note="Legal took a year")
    assert "Legal took a year" in page.text
    with app.app_context():
        reason = db.session.scalars(select(LossReason)).one()
        assert (reason.deal_id, reason.source) == (mine, "rep")
    assert not rosa.get(f"/deals/{other}").has("#claimed")
    data = {"bucket": "price", "csrf_token": token}
    assert rosa.post(f"/deals/{other}/reasons", data=data).status_code == 403
    assert rosa.post(f"/deals/{other}/needed-by", data=data).status_code == 403
    assert rosa.post(f"/deals/{mine}/verified-reasons", data=data).status_code == 403
    assert rosa.post(f"/deals/{mine}/blockers", data=data).status_code == 403
    with app.app_context():
        assert len(db.session.scalars(select(LossReason)).all()) == 1


def test_an_open_deal_has_no_reasons_for_its_loss(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    deal = company.deal("Acme")
    page = priya.get(f"/deals/{deal}")
    token = page.value_of("#needed-by input[name=csrf_token]")
    page = priya.post(f"/deals/{deal}/reasons", data={"bucket": "price", "csrf_token": token})
    assert page.status_code == 409
    with app.app_context():
        assert db.session.scalars(select(LossReason)).all() == []


def test_the_customers_own_date_goes_before_the_close_date_and_can_be_taken_back(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    deal = company.deal("Acme", needed_by=None, close_date="2027-06-30")
    page = priya.get(f"/deals/{deal}")
    assert facts(page)["Needed by"] == "30 Jun 2027 (from the expected close)"
    assert page.value_of("#needed-by [name=needed_by]") == ""
    page = page.submit("#needed-by", needed_by="2027-03-01")
    assert facts(page)["Needed by"] == "1 Mar 2027 (the customer's date)"
    with app.app_context():
        assert db.session.get_one(Deal, deal).own_needed_by == date(2027, 3, 1)
    page = page.submit("#needed-by", needed_by="")
    assert "from the expected close" in facts(page)["Needed by"]
    page = page.submit("#needed-by", needed_by="soon")
    assert page.status_code == 422
    assert page.has("#needed-by .field-errors")


def test_missing_figures_are_named_and_an_unmatched_owner_is_not_reachable(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    deal = company.deal("Acme", None, owner=company.owner("Zoe Q."))
    page = priya.get(f"/deals/{deal}")
    assert facts(page)["Amount"].startswith("unknown; it counts 0")
    assert "Zoe Q., not reachable" in facts(page)["CRM owner"]
    owners = page.follow("say who that is")
    page = owners.submit("#match", user=company.people["rep"])
    assert "Rosa" in page.rows_of("table")[0]["User"]
    assert "Zoe Q." in facts(priya.get(f"/deals/{deal}"))["CRM owner"]
    assert "not reachable" not in facts(priya.get(f"/deals/{deal}"))["CRM owner"]


def test_a_namesake_is_matched_with_one_button_and_unmatched_again(
    app: Flask, ada: CheckingClient
) -> None:
    company = Company(app)
    with app.app_context():
        from roadmap.models import User

        name = db.session.get_one(User, company.people["rep"]).name
    owner = company.owner(name.upper())
    company.deal("Acme", 700_000_00, owner=owner)
    page = ada.get("/deals/owners")
    assert page.rows_of("table")[0]["Open"] == "$700K 1 deal"
    page = page.submit("form[action$='/match']")
    assert name in page.rows_of("table")[0]["User"]
    page = page.follow(f"Match {name.upper()}").submit("#match", user="")
    assert "not reachable" in page.rows_of("table")[0]["User"]


def test_a_rep_may_not_match_owners(app: Flask, rosa: CheckingClient) -> None:
    company = Company(app)
    owner = company.owner("Zoe Q.")
    page = rosa.get("/deals/owners")
    assert not page.has("form[action$='/match']")
    token = page.value_of("form[action='/sign-out'] input[name=csrf_token]")
    page = rosa.post(
        f"/deals/owners/{owner}/match",
        data={"user": str(company.people["rep"]), "csrf_token": token},
    )
    assert page.status_code == 403
    assert "not reachable" in rosa.get("/deals/owners").text


def test_recounting_thousands_of_deals_takes_a_handful_of_statements(app: Flask) -> None:
    company = Company(app)
    pain = company.problem("Pain")
    with app.app_context():
        deals = [
            Deal(external_id=f"R{n}", name="R", search_text="r", status="lost") for n in range(6000)
        ]
        db.session.add_all(deals)
        db.session.flush()
        db.session.add_all(
            statement(deal.id, pain, counts=n % 2 == 0) for n, deal in enumerate(deals)
        )
        db.session.add_all(
            statement(deal.id, source="customer", bucket="price") for deal in deals[:10]
        )
        db.session.commit()
        ids = [deal.id for deal in deals]
        with count_queries(app) as statements:
            assert recount(ids) == 3000
        assert len(statements) <= 6, statements
        counting = db.session.scalars(
            select(Blocker.deal_id).where(Blocker.counts).order_by(Blocker.deal_id)
        ).all()
        assert counting == ids[10:]
        db.session.rollback()


def test_a_deal_that_is_not_there_is_not_found(app: Flask, priya: CheckingClient) -> None:
    for address in ("/deals/1", "/deals/99999999999999999999", "/accounts/7", "/problems/7"):
        assert priya.get(address).status_code == 404


@pytest.mark.parametrize("day", ["0027-02-01", "0001-01-01", "9999-12-31", "1999-12-31"])
def test_a_year_that_is_a_slip_of_the_hand_is_no_needed_by(
    app: Flask, priya: CheckingClient, day: str
) -> None:
    deal = Company(app).deal("Acme", 500_000_00, needed_by="2027-06-30")

    page = priya.get(f"/deals/{deal}").submit("form:has([name=needed_by])", needed_by=day)

    assert page.status_code == 422
    assert "Choose a day between 2000 and 2199." in page.text
    with app.app_context():
        assert db.session.get_one(Deal, deal).own_needed_by == date(2027, 6, 30)
