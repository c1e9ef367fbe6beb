"""Files that a spreadsheet reads as they are meant: UTF-8, and no cell that it runs."""

import pytest
from flask import Flask

from roadmap.web.csv import cell, untamed
from tests.bench.csvs import tables
from tests.support import cast
from tests.support.client import MARK


@pytest.mark.parametrize("sign", [*"=+-@\t\r\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_what_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe(sign: str) -> None:
    # The wide ones count as formulas where full-width characters are typed.
    assert cell(f"{sign}SUM(1)") == f"'{sign}SUM(1)"


@pytest.mark.parametrize("number", ["-5", "+5", "-5.25", "5"])
def test_a_number_is_no_formula(number: str) -> None:
    assert cell(number) == number


@pytest.mark.either
def test_every_download_begins_with_a_byte_order_mark(demo_app: Flask) -> None:
    addresses = {each.partition("?")[0]: each for each in tables(demo_app, most=1)}
    client = cast.visitor(demo_app, "admin")
    answers = {each: client.get(each) for each in addresses}
    assert len(answers) > 20
    assert [each for each, page in answers.items() if page.text.count(MARK) != 1] == []
    assert {page.text[0] for page in answers.values()} == {MARK}


@pytest.mark.parametrize("text", ["=1", "'=1", "''-x", "-5", "'5", "it's", "'", "", "\uff1dx"])
def test_what_was_written_is_found_again(text: str) -> None:
    assert untamed(cell(text)) == text
