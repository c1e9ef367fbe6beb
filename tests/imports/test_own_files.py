"""What the lists of deals and accounts give away can be imported again, and changes nothing."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db, reading
from roadmap.models import Account, Deal
from tests.imports.conftest import Importing
from tests.support import cast, tables

#: A history of imports that changed nothing.
HISTORY = {"imports", "staged_deals", "staged_accounts", "saved_mappings"}


def downloads(app: Flask, folder: Path, query: str = "") -> tuple[str, str]:
    client = cast.visitor(app, "product")
    for name in ("deals.csv", "accounts.csv"):
        (folder / name).write_bytes(client.get(f"/{name}{query}").data)
    return str(folder / "deals.csv"), str(folder / "accounts.csv")


def imported_again(app: Flask, folder: Path, query: str = "") -> str:
    """What the command says; nothing but the history of imports may differ afterwards."""
    deals, accounts = downloads(app, folder, query)
    before = {k: v for k, v in tables.everything(app).items() if k not in HISTORY}
    arguments = ["import", "deals", deals, "--accounts", accounts]
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 0, result.output
    after = {k: v for k, v in tables.everything(app).items() if k not in HISTORY}
    differing = {name: [*set(after[name]) ^ set(rows)] for name, rows in before.items()}
    assert not {name: rows for name, rows in differing.items() if rows}, result.output
    return result.output


def test_the_demo_s_deals_and_accounts_come_back_as_they_are(
    demo_app: Flask, tmp_path: Path
) -> None:
    with demo_app.app_context(), reading():
        count = len(db.session.scalars(select(Deal.id)).all())
    said = imported_again(demo_app, tmp_path)
    assert "this board's own list of deals" in said
    assert f"0 new, 0 changed, {count} unchanged" in said


ODD = '''\
Opportunity ID,Opportunity Name,Account ID,Account Name,Stage,Amount,Close Date,Created Date,\
Probability (%),Lost Reason,Owner,Need By,Status,Product,=1+1,Currency Note,Team,Status
A1,=HYPERLINK(1),001,'+Acme,Won,"1,234.50",2026-05-04,2026-01-02,100,,Ann,,won,@home,-2+3,x,Core,y
A2,'=quoted,,Beta Ltd,Lost,,2026-05-04,,0,Too dear; No SSO,,,lost,,,,,
A3,"Comma, and ""quotes""",,,Talks,0,2027-05-04,2026-02-03,1,,Bob,2027-04-30,open,Suite,"a
b",,Core,z
'''


def test_odd_names_and_labels_come_back_as_they_are(
    app: Flask, importing: Importing, tmp_path: Path
) -> None:
    accounts = "Account ID,Account Name,Sector,Tier\n001,'+Acme,Banks,=A1\n"
    first = importing(ODD, accounts=accounts, mapping={"split_reasons": "semicolon"})
    assert first.code == 0, first.output
    cast.enrol(app)
    imported_again(app, tmp_path)
    with app.app_context(), reading():
        deal = db.session.scalars(select(Deal).where(Deal.external_id == "A1")).one()
        assert (deal.name, deal.attributes["=1+1"]) == ("=HYPERLINK(1)", "-2+3")
        assert [row.name for row in db.session.scalars(select(Account).order_by(Account.sort_key))]


@pytest.mark.either
def test_a_part_of_the_list_leaves_the_rest_alone(demo_app: Flask, tmp_path: Path) -> None:
    imported_again(demo_app, tmp_path, "?status=lost&q=e")
