"""Files that call accounts otherwise: renamed ones, and ones that were merged here."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.imports import reverting
from roadmap.models import Account, AccountName, Import
from tests.support.company import Company

from .conftest import Importing

Stored = Callable[[], dict[str, Any]]
HEADER = "Deal ID,Deal Name,Stage,Account ID,Account Name"
BY_NAME = "Deal ID,Deal Name,Stage,Account Name"
RENAMED = "get another name, and are found by the old one as well: 1 (“Acme → Acme Holding”)"


def revert_last(app: Flask) -> list[str]:
    """Take the newest import back; what rests on it, if that was refused."""
    from roadmap.domain.errors import Refused

    with app.app_context():
        applied = select(Import.id).where(Import.state == "applied").order_by(Import.id.desc())
        last = db.session.scalars(applied).first()
        assert last
        try:
            reverting.revert(last, None)
        except Refused as refusal:
            return [each.what for each in refusal.found]
    return []


def merge(app: Flask, gone: str, kept: str) -> int:
    with app.app_context():
        ids = dict(db.session.execute(select(Account.external_id, Account.id)).all())
    return Company(app).merged_account(ids[gone], ids[kept])


@pytest.mark.parametrize(
    "accounts_file", [None, "Account ID,Account Name\nC1,Acme Holding\n"], ids=["deals", "accounts"]
)
def test_an_account_with_another_name_is_renamed_and_found_by_the_old_one_until_reverted(
    app: Flask, importing: Importing, accounts: Stored, deals: Stored, accounts_file: str | None
) -> None:
    importing(f"{HEADER}\nD1,A,Won,C1,Acme\nD2,B,Won,C2,Globex\n")
    importing(
        f"{HEADER}\nD3,C,Won,C1,Acme Holding\nD4,D,Won,C1,Acme Holding\n", accounts=accounts_file
    ).has(RENAMED)
    assert {a.name for a in accounts().values()} == {"Acme Holding", "Globex"}
    importing(f"{BY_NAME}\nD5,E,Won,ACME\n")
    assert deals()["D5"].account.name == "Acme Holding"
    assert len(accounts()) == 2
    assert revert_last(app) == []
    assert revert_last(app) == []
    assert accounts()["C1"].name == "Acme"
    with app.app_context():
        assert db.session.scalars(select(AccountName.id)).all() == []


@pytest.mark.parametrize(
    ("content", "accounts_file"),
    [
        (f"{HEADER}\nD9,X,Won,C2,Meridel Ltd\n", None),
        (f"{BY_NAME}\nD9,X,Won,meridel ltd\n", None),
        (f"{HEADER}\nD9,X,Won,C2,\n", "Account ID,Account Name,Region\nC2,Meridel Ltd,EMEA\n"),
        (f"{HEADER}\nD9,X,Won,C2,\n",
         "Account ID,Account Name,Region\nC2,Meridel Ltd,APAC\nC1,Meridel,EMEA\n"),
        (f"{HEADER}\nD9,X,Won,C2,\n",
         "Account ID,Account Name,Region\nC1,Meridel,EMEA\nC2,Meridel Ltd,APAC\n"),
        (f"{BY_NAME}\nD9,X,Won,Meridel Ltd\n", "Account Name,Region\nMeridel Ltd,EMEA\n"),
        (f"{BY_NAME},Region\nD9,X,Won,Meridel Ltd,EMEA\n", None),
    ],
    ids=["id", "name", "its row", "both rows", "both rows turned", "no ids", "facts"],
)  # fmt: skip
def test_what_names_a_merged_account_lands_on_the_other_without_a_question(
    app: Flask,
    importing: Importing,
    accounts: Stored,
    deals: Stored,
    content: str,
    accounts_file: str | None,
) -> None:
    importing(f"{HEADER}\nD1,A,Won,C1,Meridel\nD2,B,Won,C2,Meridel Ltd\n")
    merge(app, "C2", "C1")
    answer = importing(content, accounts=accounts_file)
    assert answer.code == 0, answer.text
    assert {id: a.name for id, a in accounts().items()} == {"C1": "Meridel"}
    assert {deal.account.external_id for deal in deals().values()} == {"C1"}
    if accounts_file:
        assert accounts()["C1"].region == "EMEA"
    before = accounts()["C1"].region
    importing(content, accounts=accounts_file).has("0 new, 0 changed")
    assert accounts()["C1"].region == before
    assert revert_last(app) == []
    assert set(deals()) == {"D1", "D2"}


def test_an_import_whose_accounts_were_merged_since_stays_until_they_are_apart_again(
    app: Flask, importing: Importing, accounts: Stored
) -> None:
    importing(f"{HEADER}\nD1,A,Won,C1,Meridel\nD2,B,Won,C2,Meridel Ltd\n")
    name = merge(app, "C2", "C1")
    assert "Accounts of it were merged since" in revert_last(app)
    with app.app_context():
        from roadmap.deals import merging

        merging.split(name)
    assert revert_last(app) == []
    assert accounts() == {}
