"""An import leaves the stored totals, the blockers that count and the revision right."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Account, Blocker, Criterion, Deal, Workspace
from tests.imports.conftest import Importing
from tests.support.company import Company

HEADER = "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date\n"
STAGES = {"stages": {"Talks": "open"}}


def test_totals_follow_deals_that_are_lost_won_and_worth_more(
    app: Flask, importing: Importing
) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual work")
    sso = company.initiative("SSO", work=[(company.team(), 20)], solves=[pain])
    ids = [company.deal(f"Deal {n}", 100_000_00, blockers=[pain]) for n in range(3)]
    lost, won, more = rows_of(app, ids)
    answer = importing(
        f"{HEADER}{lost},Closed Lost,70000,2027-01-02\n{won},Closed Won,1,2027-01-02\n"
        f"{more},Talks,250000,2027-05-05\n",
        mapping=STAGES,
    )
    answer.has("0 new, 3 changed")
    assert company.wrong_totals() == []
    with company.looking() as picture:
        card = picture.cards[str(sso)]
        assert (card.open_count, card.open_amount) == (1, 250_000_00)
        assert (card.lost_count, card.lost_amount) == (1, 70_000_00)
        counting = db.session.scalars(select(Blocker.deal_id).where(Blocker.counts))
        assert set(counting) == {
            ids[0],
            ids[2],
        }


def test_totals_follow_an_account_that_fits_better(app: Flask, importing: Importing) -> None:
    company = Company(app)
    with app.app_context():
        db.session.add(
            Criterion(position=1, attribute="employees", operator="at_least", values=[100])
        )
        db.session.commit()
    pain = company.problem("Sign-in is manual work")
    sso = company.initiative("SSO", work=[(company.team(), 20)], solves=[pain])
    deal = company.deal("Deal", 100_000_00, blockers=[pain], fit=0)
    (row,) = rows_of(app, [deal])
    name = row.split(",")[2]
    importing(
        f"{HEADER}{row},Talks,100000,2027-05-05\n",
        mapping=STAGES,
        accounts=f"Account Name,Employees\n{name},500\n",
    ).has("0 new, 1 changed")
    assert company.wrong_totals() == []
    with company.looking() as picture:
        assert picture.cards[str(sso)].fit_sum == 100


def test_the_revision_is_counted_once_and_only_where_something_changed(
    app: Flask, importing: Importing
) -> None:
    content = f"{HEADER}D1,A,Acme,Won,1,2027-01-02\n"
    before = revisions(app)
    importing(content, "--dry-run")
    assert revisions(app) == before
    importing(content)
    revision, plan, _ = before
    assert revisions(app) == (revision + 1, plan, revision + 1)
    importing(content)
    assert revisions(app) == (revision + 1, plan, revision + 1)


def rows_of(app: Flask, ids: list[int]) -> list[str]:
    """The first cells of these deals' rows: id, name and account."""
    with app.app_context():
        found = db.session.execute(
            select(Deal.external_id, Deal.name, Account.name)
            .join(Account, Account.id == Deal.account_id)
            .where(Deal.id.in_(ids))
            .order_by(Deal.id)
        )
        return [",".join(row) for row in found]


def revisions(app: Flask) -> tuple[Any, ...]:
    with app.app_context():
        row = db.session.scalars(select(Workspace)).one()
        return row.revision, row.plan_revision, row.evidence_revision
