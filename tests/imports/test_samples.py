"""The two real exports beside the project, where they are: whole, twice, with every known fault."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.imports.conftest import Importing

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
MAVEN = DATA / "maven_crm"
SALESFORCE = DATA / "salesforce_api_export_sample"

Stored = Callable[[], dict[str, Any]]


def needs(folder: Path) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        not folder.is_dir(), reason=f"{folder.name} is not part of the project and not beside it"
    )


@needs(MAVEN)
def test_maven_comes_in_whole_and_twice_with_its_faults_reported(
    importing: Importing,
    deals: Stored,
    accounts: Stored,
    everything: Callable[[], dict[str, list[tuple[Any, ...]]]],
) -> None:
    files = MAVEN / "sales_pipeline.csv", MAVEN / "accounts.csv", MAVEN / "products.csv"
    answer = importing(files[0], accounts=files[1], products=files[2])
    assert answer.code == 0, answer.text
    answer.has(
        "8,800 new, 0 changed, 0 unchanged, 0 skipped, 0 failed",
        "85 new, 0 changed",
        "No account named: the deal belongs to none: 1,425",
        "Lost with the amount 0: taken as unknown, not as 0: 2,473",
        "No amount: unknown (open deals): 2,089",
        "No expected close date: undated (open deals): 2,089",
        "No engage_date: the day it was opened is unknown: 500",
        "“GTXPro” looks like a misspelling of “GTX Pro”",
        "1,480",
        "“technolgy” looks like a misspelling of “technology”",
        "“Philipines” looks like a misspelling of “Philippines”",
        "no column for the loss reason",
        "no column for the currency",
        "Owners that match no user",
        "Engaging is open (1,589)",
    )
    stored = deals()
    assert Counter(deal.status for deal in stored.values()) == {
        "won": 4238, "lost": 2473, "open": 2089,
    }  # fmt: skip
    assert sum(deal.amount for deal in stored.values() if deal.status == "won") == 1_000_553_400
    assert all(deal.amount is None for deal in stored.values() if deal.status != "won")
    assert sum(deal.account_id is None for deal in stored.values()) == 1425
    assert accounts()["Acme Corporation"].revenue == 110_004_000_000
    before = everything()
    importing(files[0], accounts=files[1], products=files[2]).has("8,800 unchanged")
    assert everything() == before


@needs(MAVEN)
def test_maven_s_product_is_pointed_out_without_a_list_of_products(importing: Importing) -> None:
    answer = importing(MAVEN / "sales_pipeline.csv")
    answer.has("“GTXPro” looks like a misspelling of “GTX Pro”", "created: 85")


@needs(SALESFORCE)
def test_a_salesforce_export_with_api_names(
    importing: Importing, deals: Stored, accounts: Stored
) -> None:
    answer = importing(SALESFORCE / "Opportunity.csv", accounts=SALESFORCE / "Account.csv")
    assert answer.code == 0, answer.text
    answer.has("50 new, 0 changed, 0 unchanged, 0 skipped, 0 failed", "22 new")
    stored = deals()
    assert Counter(deal.status for deal in stored.values()) == {"won": 12, "lost": 3, "open": 35}
    assert len(accounts()) == 22
    first = stored["006Ec00000AieKFIAZ"]
    assert (first.amount, first.probability) == (112474115, 10)
    assert first.account.name == "Patterson-Hansen"
    assert "city" in first.account.attributes["BillingAddress"]
