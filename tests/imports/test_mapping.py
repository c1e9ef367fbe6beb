"""The mapping file: what it may say, and an error that names the place where it may not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roadmap.imports.mapping import MappingError, parse
from tests.imports.conftest import Importing

Stored = Callable[[], dict[str, Any]]

OWN = (
    "Nr;Kunde;Phase;Wert;Datum\nX1;Acme;Gewonnen;1.200,50;17.05.2024\nX2;Beta;Läuft;5;01.02.2024\n"
)
MAPPING = {
    "deals": {
        "id": "Nr", "account_name": ["Kunde"], "stage": "Phase", "amount": "Wert",
        "close_date": "Datum",
    },
    "stages": {"Gewonnen": "won", "Läuft": "open"},
}  # fmt: skip


def test_a_file_of_one_s_own_comes_in_with_a_mapping(importing: Importing, deals: Stored) -> None:
    assert importing(OWN).code == 2
    answer = importing(OWN, mapping=MAPPING)
    assert answer.code == 0, answer.text
    assert deals()["X1"].amount == 120050
    assert deals()["X2"].account.name == "Beta"


def test_a_column_that_the_file_lacks_is_named(importing: Importing) -> None:
    wrong = {**MAPPING, "deals": {**MAPPING["deals"], "amount": "Betrag"}}
    answer = importing(OWN, mapping=wrong)
    assert answer.code == 2
    answer.has("deals.amount: the file has no column “Betrag”; it has Nr, Kunde, Phase")


def test_a_mapping_without_an_id_is_refused(importing: Importing) -> None:
    columns = {name: label for name, label in MAPPING["deals"].items() if name != "id"}
    answer = importing(OWN, mapping={**MAPPING, "deals": columns})
    assert answer.code == 2
    answer.has("no column with the deal's id")


def test_a_column_can_be_switched_off(importing: Importing, deals: Stored) -> None:
    content = "Opportunity ID,Opportunity Name,Stage,Amount\nD1,A,Won,5\n"
    importing(content, mapping={"deals": {"amount": None}})
    assert deals()["D1"].amount is None
    assert deals()["D1"].attributes == {"Amount": "5"}


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ([], "the mapping"),
        ({"deal": {}}, "deal: there is no such setting"),
        ({"deals": {"amout": "x"}}, "deals.amout"),
        ({"deals": {"amount": 5}}, "deals.amount"),
        ({"deals": []}, "deals"),
        ({"date_order": "ydm"}, "date_order"),
        ({"decimal": ";"}, "decimal"),
        ({"separator": ";;"}, "separator"),
        ({"stages": {"Signed": "maybe"}}, "stages.Signed"),
        ({"lost_to": {"x": "us"}}, "lost_to.x"),
        ({"replace": {"amount": {}}}, "replace.amount"),
        ({"replace": {"industry": {"a": 1}}}, "replace.industry.a"),
        ({"revenue_unit": 0}, "revenue_unit"),
        ({"lost_zero_is_unknown": "yes"}, "lost_zero_is_unknown"),
    ],
)
def test_an_error_names_the_place(value: object, place: str) -> None:
    with pytest.raises(MappingError, match=place.replace(".", r"\.")):
        parse(value)


def test_broken_json_names_the_line(importing: Importing, file: Callable[..., Any]) -> None:
    path = file('{\n  "deals": {,\n}', name="broken.json")
    answer = importing(OWN, "--mapping", str(path))
    assert answer.code == 2
    answer.has("broken.json, line 2, column 13")


def test_an_unknown_preset_is_named(importing: Importing) -> None:
    importing(OWN, mapping={"preset": "sap"}).has("preset: there is no sap", "hubspot")


def test_the_documented_example_is_a_mapping() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "importing.md").read_text("utf-8")
    example = page[page.index("    {\n") : page.index("    }\n") + 6]
    mapping = parse(json.loads(example))
    assert mapping.deals.columns["owner"] == ("Owner", "Former owner")
    assert mapping.deals.columns["probability"] == ()
    assert mapping.stages["renewalssigned"] == "open"
