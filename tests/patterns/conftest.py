"""Two problems that share a lot: deals, requests, initiatives, segments, a place in the tree."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.evidence.counting import recount
from roadmap.extensions import db, reading
from roadmap.intake import triaging
from roadmap.market import actions
from roadmap.models import Base, Statement, User
from tests.support.company import Company
from tests.support.tables import HOUSEKEEPING

#: What a step counts or writes down for good, and so stays when it is undone.
STAYS = ("workspace", "problem_steps", "notices")


@dataclass
class Twins:
    """Sign-in is what stays, passwords what is merged into it or split."""

    company: Company
    stays: int
    goes: int
    boss: int
    child: int
    banks: int
    shared: int
    own: int
    waiting: int
    confirmed: int
    pending: int
    swallowed: int
    solver: int
    helper: int


@pytest.fixture
def confirm(app: Flask) -> Callable[..., None]:
    """Confirms a request for a problem, as the product manager."""

    def confirmed(company: Company, request: int, problem: int, *, quote: bool = False) -> None:
        with app.app_context():
            by = db.session.get_one(User, company.people["product"])
            triaging.confirm(request, problem, by, quote=quote)

    return confirmed


@pytest.fixture
def twins(app: Flask, confirm: Callable[..., None]) -> Twins:
    company = Company(app)
    banks, mills = company.segment("Banks"), company.segment("Mills")
    boss = company.problem("Audits fail", layer="executive")
    stays = company.problem("Signing in is manual work", [mills], layer="manager")
    goes = company.problem("Everybody shares a password", [banks, mills], layer="manager")
    child = company.problem("Logins are typed by hand", layer="user")
    with app.app_context():
        actions.roll_up(goes, boss)
        actions.roll_up(child, goes)
    acme = company.account("Acme", fit=50, segment=banks)
    shared = company.deal("Both", 400_000_00, account=acme, blockers=[stays, goes, (goes, "crm")],
                          needed_by="2027-02-26")  # fmt: skip
    own = company.deal("Only passwords", 250_000_00, account=acme, blockers=[goes],
                       needed_by="2027-02-26")  # fmt: skip
    lost = company.deal("Lost", 70_000_00, status="lost", blockers=[(goes, "customer"), stays])
    with app.app_context():
        # The customer named one of the two: the rep's word for the other does not count.
        recount([lost])
        db.session.commit()
    company.deal("Sign-in only", 90_000_00, blockers=[stays])
    waiting = company.deal("Asked for", 120_000_00, account=acme)
    extra = company.deal("Asked twice", None, account=acme)
    confirmed = company.request("We share one password.", deals=[waiting, own], quote="One for all")
    confirm(company, confirmed, goes, quote=True)
    also = company.request("We type our logins.", deals=[waiting, shared], problem=stays)
    confirm(company, also, stays, quote=True)
    pending = company.request("Nobody knows who did it.", deals=[extra], problem=goes)
    swallowed = company.request("Again: who did it?", deals=[extra, own])
    with app.app_context():
        by = db.session.get_one(User, company.people["product"])
        triaging.merge(swallowed, confirmed, by)
        said = select(Statement).where(
            Statement.root_id == goes, Statement.deal_id == shared, Statement.origin == "hand"
        )
        db.session.scalars(said).one().words = "They said so in May"
        db.session.commit()
    core = company.team("Core", people=2)
    solver = company.initiative("Passwords away", work=[(core, 40)], solves=[goes])
    helper = company.initiative("Directory", work=[(core, 80)], solves=[goes], contributes=[stays])
    return Twins(
        company, stays, goes, boss, child, banks, shared, own, waiting, confirmed, pending,
        swallowed, solver, helper,
    )  # fmt: skip


def rows(app: Flask) -> dict[str, list[str]]:
    """All that a step may change, without the revisions that it counts."""
    left_out = {
        "problems": ("revision",), "requests": ("revision", "told"), "users": ("unread_notices",),
    }  # fmt: skip
    with app.app_context(), reading():
        return {
            table.name: sorted(
                repr(row)
                for row in db.session.execute(
                    select(*(c for c in table.c if c.name not in left_out.get(table.name, ())))
                )
            )
            for table in Base.metadata.sorted_tables
            if table.name not in HOUSEKEEPING
            if table.name not in STAYS
        }


def difference(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    """The rows that one of them has and the other has not; empty where nothing changed."""
    return [
        f"{sign} {name}: {row}"
        for name in before
        for sign, one, other in (("-", before, after), ("+", after, before))
        for row in one[name]
        if row not in other[name]
    ]
