"""Accounts: those of a file, those that deals name, and which one a deal belongs to."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.imports.conftest import HEADER, Importing

Stored = Callable[[], dict[str, Any]]

DEAL = "First,Acme,Won,1,2024-05-17"


def test_an_accounts_file_gives_size_industry_and_region(
    importing: Importing, accounts: Stored, deals: Stored
) -> None:
    answer = importing(
        f"{HEADER}\nD1,{DEAL}\n",
        accounts="Account ID,Account Name,Industry,Billing Country,Employees,Annual Revenue,Tier\n"
        '001Ec00000GGw3i,ACME,Retail,Germany,"1,200","$2,500,000.50",A\n',
    )
    assert answer.code == 0, answer.text
    account = accounts()["001Ec00000GGw3iIAD"]
    assert (account.industry, account.region, account.employees) == ("Retail", "Germany", 1200)
    assert account.revenue == 250000050
    assert account.attributes == {"Tier": "A"}
    assert deals()["D1"].account_id == account.id


def test_an_account_that_nobody_knows_is_created_and_said_so(
    importing: Importing, accounts: Stored
) -> None:
    answer = importing(f"{HEADER}\nD1,{DEAL}\nD2,{DEAL.replace('Acme', 'ACME ')}\n")
    answer.has("nobody knew were created: 1 (“Acme”)")
    assert [account.name for account in accounts().values()] == ["Acme"]


def test_a_name_that_two_accounts_share_names_none_of_them(
    importing: Importing, deals: Stored
) -> None:
    answer = importing(
        f"{HEADER}\nD1,{DEAL}\n", accounts="Account ID,Account Name\nA1,Acme\nA2,Acme\n"
    )
    answer.has("Several accounts have this name: the deal belongs to none: 1 (row 2): “Acme”")
    assert deals()["D1"].account_id is None


def test_an_account_known_by_name_takes_the_id_that_comes_later(
    importing: Importing, accounts: Stored
) -> None:
    importing(f"{HEADER}\nD1,{DEAL}\n")
    answer = importing(f"{HEADER},Account ID\nD1,{DEAL},A1\n")
    answer.has("known by name alone and now have CRM's id: 1")
    assert list(accounts()) == ["A1"]
    importing(f"{HEADER},Account ID\nD1,{DEAL},A1\n").has("0 new, 0 changed, 1 unchanged")


def test_an_accounts_file_names_accounts_known_by_id_alone(
    importing: Importing, accounts: Stored
) -> None:
    content = "Opportunity ID,Opportunity Name,Stage,Account ID\nD1,A,Won,A1\n"
    importing(content)
    assert accounts()["A1"].name == "A1"
    importing(content, accounts="Account ID,Account Name\nA1,Acme\n").has("0 new, 1 changed")
    assert accounts()["A1"].name == "Acme"


def test_a_blank_cell_leaves_what_was_filled_in_here(
    app: Flask, importing: Importing, accounts: Stored
) -> None:
    rows = "Account Name,Industry,Employees\nAcme,,50\n"
    importing(f"{HEADER}\nD1,{DEAL}\n", accounts=rows).has("No industry: missing: 1 (row 2)")
    with app.app_context():
        from roadmap.extensions import db
        from roadmap.models import Account

        db.session.query(Account).one().industry = "Retail"
        db.session.commit()
    importing(f"{HEADER}\nD1,{DEAL}\n", accounts=rows).has("0 new, 0 changed, 1 unchanged")
    assert accounts()["Acme"].industry == "Retail"


def test_misspelt_industries_and_countries_are_pointed_out_and_replaced_on_demand(
    importing: Importing, accounts: Stored
) -> None:
    rows = "Account Name,Industry,Country\nAcme,technolgy,Philipines\nBeta,Retail,Deutschland\n"
    answer = importing(f"{HEADER}\nD1,{DEAL}\n", accounts=rows)
    answer.has("“technolgy” looks like a misspelling of “technology”")
    answer.has("“Philipines” looks like a misspelling of “Philippines”")
    assert "Deutschland" not in answer.text
    assert accounts()["Acme"].industry == "technolgy"
    tables = {"industry": {"technolgy": "technology"}, "region": {"philipines": "Philippines"}}
    importing(f"{HEADER}\nD1,{DEAL}\n", accounts=rows, mapping={"replace": tables})
    assert (accounts()["Acme"].industry, accounts()["Acme"].region) == (
        "technology", "Philippines",
    )  # fmt: skip


def test_figures_that_cannot_be_read_are_left_empty_and_named(
    importing: Importing, accounts: Stored
) -> None:
    answer = importing(
        f"{HEADER}\nD1,{DEAL}\n",
        accounts="Account Name,Employees,Annual Revenue\nAcme,51-200,99999999999999999999\n",
    )
    answer.has("Employees left empty: 1 (row 2)", "Annual Revenue left empty: 1 (row 2)")
    assert accounts()["Acme"].employees is None


def test_segment_and_fit_follow_from_the_imported_attributes(
    app: Flask, importing: Importing, accounts: Stored
) -> None:
    with app.app_context():
        from roadmap.extensions import db
        from roadmap.models import Criterion, Segment

        db.session.add(
            Criterion(position=1, attribute="employees", operator="at_least", values=[100])
        )
        rule = {"attribute": "industry", "operator": "is", "value": ["Retail"]}
        segment = Segment(name="Shops", position=1, rules=[rule])
        db.session.add(segment)
        db.session.commit()
        shops = segment.id
    header = "Account Name,Industry,Employees\n"
    importing(f"{HEADER}\nD1,{DEAL}\n", accounts=f"{header}Acme,Retail,500\n")
    assert (accounts()["Acme"].fit, accounts()["Acme"].segment_id) == (100, shops)
    importing(f"{HEADER}\nD1,{DEAL}\n", accounts=f"{header}Acme,Software,50\n")
    assert (accounts()["Acme"].fit, accounts()["Acme"].segment_id) == (0, None)


def test_two_rows_that_a_replacement_makes_one_account_do_not_both_come_in(
    importing: Importing, accounts: Stored
) -> None:
    answer = importing(
        f"{HEADER}\nD1,{DEAL}\n",
        accounts="Account Name,Industry\nAcme,Retail\nAcme Inc,Retail\n",
        mapping={"replace": {"name": {"acme inc": "Acme"}}},
    )
    answer.has("row 3: an earlier row is the account Acme, too")
    assert list(accounts()) == ["Acme"]


def test_one_name_written_with_two_unicode_forms_is_one_account(
    importing: Importing, accounts: Stored
) -> None:
    importing(f"{HEADER}\nD1,A,Mu\u0308ller,Won,1,2024-05-17\nD2,B,M\u00fcller,Won,1,2024-05-17\n")
    assert list(accounts()) == ["M\u00fcller"]


@pytest.mark.parametrize("kept", [1, 50_000])
def test_accounts_are_the_same_however_many_are_kept_in_memory(
    importing: Importing,
    deals: Stored,
    accounts: Stored,
    monkeypatch: pytest.MonkeyPatch,
    kept: int,
) -> None:
    monkeypatch.setattr("roadmap.imports.accounts.MOST_KEPT", kept)
    monkeypatch.setattr("roadmap.imports.reading.BATCH", 2)
    monkeypatch.setattr("roadmap.imports.reading._AT_ONCE", 1)
    header = "Opportunity ID,Opportunity Name,Account ID,Account Name,Stage"
    rows = [
        ("", "Acme"), ("", "Globex"), ("", "ACME"), ("A1", "Initech"), ("A2", "Initech"),
        ("", "initech"), ("A1", ""), ("", "globex"), ("A1", "Other"), ("", "A2"), ("", "Acme"),
    ]  # fmt: skip
    content = "\n".join(f"D{n},Deal,{id},{name},Open" for n, (id, name) in enumerate(rows))

    answer = importing(f"{header}\n{content}\n")

    assert answer.code == 0, answer.text
    found = deals()
    belongs = [found[f"D{n}"].account.external_id for n in range(len(rows))]
    assert belongs == [
        "Acme", "Globex", "Acme", "A1", "A2", "A1", "A1", "Globex", "A1", "A2", "Acme",
    ]  # fmt: skip
    assert {id: account.name for id, account in accounts().items()} == {
        "Acme": "Acme", "Globex": "Globex", "A1": "Initech", "A2": "Initech",
    }  # fmt: skip
