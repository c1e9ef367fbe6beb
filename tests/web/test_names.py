"""People are written first name first, whatever CRM has."""

import pytest

from roadmap.web.filters import first_name_first


@pytest.mark.parametrize(
    ("crm", "shown"),
    [
        ("Quintero, Rosa", "Rosa Quintero"),
        ("van der Berg, Elias", "Elias van der Berg"),
        ("Whitlow, Dan (left)", "Dan Whitlow (left)"),
        ("Ångström,Åsa", "Åsa Ångström"),
        ("Rosa Quintero", "Rosa Quintero"),
        ("Quintero,", "Quintero,"),
        ("A, B, C", "A, B, C"),
        (", Rosa", ", Rosa"),
        ("", ""),
        (None, ""),
    ],
)
def test_the_first_name_comes_first(crm: str | None, shown: str) -> None:
    assert first_name_first(crm) == shown
