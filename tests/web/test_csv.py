"""Cells that no spreadsheet runs."""

import pytest

from roadmap.web.csv import cell


@pytest.mark.parametrize("sign", [*"=+-@\t\r\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_what_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe(sign: str) -> None:
    # The wide ones count as formulas where full-width characters are typed.
    assert cell(f"{sign}SUM(1)") == f"'{sign}SUM(1)"


@pytest.mark.parametrize("number", ["-5", "+5", "-5.25", "5"])
def test_a_number_is_no_formula(number: str) -> None:
    assert cell(number) == number
