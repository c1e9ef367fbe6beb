"""Lists by name are in Unicode's order, the same on both databases, page by page."""

import random

import pytest
from flask import Flask

from roadmap.extensions import db
from roadmap.models import Problem
from roadmap.web import paging
from tests.support.client import CheckingClient, Page
from tests.support.company import Company

NAMES = (
    "🚀 Rocket", "2 Rivers", "9 Lives", "ångström", "Apfel", "Ärger", "Éclair", "nandu", "ñandú",
    "Strasse", "straße", "Zebra", "Яблоко", "日本",
)  # fmt: skip


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


@pytest.fixture
def mixed() -> list[str]:
    """The names in an order that is nobody's."""
    return random.Random(4).sample(NAMES, len(NAMES))


def listed(texts: list[str]) -> list[str]:
    return [text for text in texts if text in NAMES]


@pytest.mark.parametrize("kind", ["accounts", "deals"])
def test_a_long_list_by_name_goes_on_in_order_from_page_to_page(
    company: Company, priya: CheckingClient, mixed: list[str], kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    account = company.account("- none of them")
    for name in mixed:
        if kind == "accounts":
            company.account(name)
        else:
            company.deal(name, account=account)
    monkeypatch.setattr(paging, "PAGE", 4)
    pages = [priya.get(f"/{kind}?sort=name")]
    while pages[-1].has("a[rel=next]"):
        pages.append(pages[-1].follow("Next"))
    found = [first_cells(page) for page in pages]
    assert listed([name for each in found for name in each]) == list(NAMES)
    assert first_cells(pages[-1].follow("Previous")) == found[-2]
    column = {"accounts": "Account", "deals": "Deal"}[kind]
    rows = priya.get(f"/{kind}.csv?sort=name").table()
    assert listed([row[column] for row in rows]) == list(NAMES)


def first_cells(page: Page) -> list[str]:
    return page.texts_of("main tbody tr > th a")


def test_short_lists_and_menus_by_name_are_in_the_same_order(
    company: Company, ada: CheckingClient, mixed: list[str]
) -> None:
    account = company.account("Acme")
    for name in mixed:
        company.problem(name)
        company.product(name)
        company.team(name)
        company.user("rep", name)
        company.deal("D", account=account, owner=company.owner(name), product=name)
    tables = {
        "/problems.csv": "Problem", "/products.csv": "product", "/teams.csv": "team",
        "/deals/owners.csv": "Name in CRM",
    }  # fmt: skip
    for address, column in tables.items():
        rows = ada.get(address).table()
        found = listed(list(dict.fromkeys(row[column] for row in rows)))
        assert found == list(NAMES), address
    assert listed(ada.get("/users").texts_of("td[data-label=Name]")) == list(NAMES)
    deals = ada.get("/deals")
    for name in ("owner", "problem", "product"):
        assert listed(deals.texts_of(f"select[name={name}] option")) == list(NAMES), name


def test_a_name_that_changes_takes_its_new_place(company: Company) -> None:
    with company.app.app_context():
        company.problem("Zebra")
        company.problem("Étude")
        problem = db.session.query(Problem).filter_by(title="Zebra").one()
        problem.title = "Ärger"
        db.session.commit()
        ordered = db.session.query(Problem).order_by(Problem.sort_key)
        assert [each.title for each in ordered] == ["Ärger", "Étude"]
