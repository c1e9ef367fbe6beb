"""Cells: text, ids, dates, money and percentages, each to the letter or refused with a reason."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.imports import dates, money, values
from roadmap.imports.values import Unreadable


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("  two   words ", "two words"),
        ("line\nbreak", "line break"),
        ("nul\x00 and \x1bescape", "nul and escape"),
        ('="00123"', "00123"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_text_is_one_line_without_control_characters(cell: str, expected: str) -> None:
    assert values.text(cell) == expected


def test_ids_of_15_and_18_characters_are_one_and_case_matters() -> None:
    long = values.external_id("006Ec00000AieKFIAZ", "006")
    assert long == "006Ec00000AieKFIAZ"
    assert values.external_id("006Ec00000AieKF", "006") == long
    assert values.external_id("006Ec00000AieKf", "006") != long


def test_numbered_ids_that_only_look_like_salesforce_stay_apart() -> None:
    first, second = ("006X" + f"{n:014}" for n in (1, 2))
    assert values.external_id(first, "006") == first
    assert values.external_id(second, "006") == second


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("1.2E+10", "scientific"), ("1,2e+10", "scientific"), (" ", "no id"), ("x" * 201, "200")],
)
def test_ids_that_name_nothing_for_certain_are_refused(cell: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        values.external_id(cell)


def test_an_id_with_an_e_between_digits_is_an_id() -> None:
    assert values.external_id("12E45") == "12E45"
    assert values.external_id("{A0B1C2D3-0000-1111-2222-333344445555}") == (
        "a0b1c2d3-0000-1111-2222-333344445555"
    )


@pytest.mark.parametrize("cell", ["true", "YES", "y", "On", "1", "TRUE"])
def test_yes_in_every_spelling(cell: str) -> None:
    assert values.boolean(cell) is True


@pytest.mark.parametrize("cell", ["false", "No", "n", "OFF", "0", ""])
def test_no_in_every_spelling(cell: str) -> None:
    assert values.boolean(cell) is False


def test_what_is_neither_yes_nor_no_is_refused() -> None:
    with pytest.raises(Unreadable, match="neither"):
        values.boolean("maybe")


@pytest.mark.parametrize(
    ("cell", "fractions", "expected"),
    [("60%", False, 60), ("60 %", True, 60), ("0.6", True, 60), ("60", False, 60), ("", True, None),
     ("1", True, 100), ("12.5%", False, 13), ("0,6", True, 60)],
)  # fmt: skip
def test_percentages(cell: str, fractions: bool, expected: int | None) -> None:
    assert values.percent(cell, fractions=fractions) == expected


@pytest.mark.parametrize(
    "cell",
    ["2015-12-28", "2015/12/28", "2015.12.28", "20151228", "2015-12-28T16:14:25.000+0000",
     "2015-12-28 16:14", "28 Dec 2015", "28-Dec-2015", "December 28, 2015", "28/12/2015",
     "12/28/2015", "28.12.2015", "28-12-2015 16:14", "12/28/2015, 4:14 PM", "42366", "42366.75",
     "1451318400000", "28.12.15", "12/28/15", "Mon, 28 Dec 2015", "28/Dec/15 4:14 PM",
     "28-déc.-2015", "28. Dezember 2015", "28.Dez.2015", "28 de dez. de 2015", "28-dic-15",
     "lunes, 28 de diciembre de 2015", "28 décembre 2015", "28 grudnia 2015",
     "28. joulukuuta 2015"],
)  # fmt: skip
def test_one_day_in_many_spellings(cell: str) -> None:
    order = "mdy" if cell.startswith("12/") else "dmy"
    assert dates.day(cell, order) == date(2015, 12, 28)


def test_a_month_is_known_by_its_whole_name() -> None:
    # In Finnish November begins as March does elsewhere.
    assert dates.day("13. marraskuuta 2026") == date(2026, 11, 13)
    assert dates.day("1er mars 2026") == date(2026, 3, 1)


@pytest.mark.parametrize("cell", ["03/04/2024", "3.4.2024", "03-04-24"])
def test_day_and_month_are_never_guessed(cell: str) -> None:
    with pytest.raises(dates.AmbiguousDate):
        dates.day(cell)
    assert dates.day(cell, "dmy") == date(2024, 4, 3)
    assert dates.day(cell, "mdy") == date(2024, 3, 4)


def test_a_day_that_is_its_own_month_needs_no_order() -> None:
    assert dates.day("05/05/2024") == date(2024, 5, 5)


@pytest.mark.parametrize("cell", ["2024-02-31", "31/02/2024", "soon", "0024-01-01", "13/13/2024",
                                  "1 Marketing 2024", "1 zzz 2024"])  # fmt: skip
def test_what_is_no_date_is_refused(cell: str) -> None:
    with pytest.raises(Unreadable):
        dates.day(cell, "dmy")


@pytest.mark.parametrize("cell", ["", "-", "n/a", "NULL"])
def test_blank_is_unknown_and_not_zero(cell: str) -> None:
    assert dates.day(cell) is None
    assert money.amount(cell, "USD").cents is None


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from("-/."))
def test_dates_come_back_as_they_were_written(day: date, mark: str) -> None:
    assert dates.day(day.isoformat()) == day
    assert dates.day(f"{day.day}{mark}{day.month}{mark}{day.year}", "dmy") == day
    assert dates.day(f"{day.month:02}{mark}{day.day:02}{mark}{day.year}", "mdy") == day


@given(st.text(max_size=40) | st.text("0123456789.,-/$€ ()", max_size=25))
def test_no_cell_breaks_the_reading_of_dates_and_money(cell: str) -> None:
    with suppress(Unreadable):
        assert dates.day(cell) is None or dates.day(cell).year >= 1900
    with suppress(Unreadable):
        found = money.amount(cell, "USD")
        assert found.cents is None or found.cents >= 0


@pytest.mark.parametrize(
    ("cell", "cents"),
    [("1,234.50", 123450), ("1.234,50", 123450), ("$1,234.5", 123450), ("USD 1,234.50", 123450),
     ("1234.50 USD", 123450), ("US$1234.50", 123450), ("1 234,50", 123450), ("1'234.50", 123450),
     ("1234.5", 123450), ("12,34,567.00", 123456700), ("1,234,567", 123456700), ("0", 0),
     (".5", 50), ("AED 1,500.00 (USD 1,000.00)", 100000), ("1124741.15", 112474115),
     ("0.10", 10), ("90071992547409.91", None)],
)  # fmt: skip
def test_amounts_to_the_cent(cell: str, cents: int | None) -> None:
    if cents is None:
        with pytest.raises(Unreadable, match="more than"):
            money.amount(cell, "USD")
    else:
        assert money.amount(cell, "USD").cents == cents


@pytest.mark.parametrize("cell", ["-5", "(1,234)", "$-5.00", "−5", "-$5"])
def test_negative_amounts_are_refused(cell: str) -> None:
    with pytest.raises(Unreadable, match="negative"):
        money.amount(cell, "USD")


@pytest.mark.parametrize(
    "cell", ["50k", "1.5E+06", "abc", "1,23,4.5", "1..5", "12 34", "1.2.3,4,5"]
)
def test_what_is_no_amount_is_refused(cell: str) -> None:
    with pytest.raises(Unreadable):
        money.amount(cell, "USD")


def test_another_currency_leaves_the_amount_unknown_and_named() -> None:
    assert money.amount("€ 1.234,50", "USD") == money.Amount(None, foreign="EUR")
    assert money.amount("100", "USD", said="EUR") == money.Amount(None, foreign="EUR")
    assert money.amount("100", "USD", said="US Dollar").cents == 10000
    assert money.amount("AED 1,500.00 (SAR 1,000.00)", "USD").foreign == "AED"


def test_one_thousand_or_one_and_a_fraction_is_asked_for() -> None:
    with pytest.raises(money.AmbiguousNumber):
        money.amount("1,234", "USD")
    assert money.amount("1,234", "USD", ".").cents == 123400
    assert money.amount("1.234", "USD", ".").cents == 123
    assert money.amount("1.234", "USD", ".").rounded


@given(st.integers(0, 10**13), st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", ".")]))
def test_amounts_come_back_as_they_were_written(cents: int, marks: tuple[str, str]) -> None:
    group, decimal = marks
    whole = f"{cents // 100:,}".replace(",", group)
    assert money.amount(f"{whole}{decimal}{cents % 100:02}", "USD", decimal).cents == cents
    assert money.amount(str(Decimal(cents) / 100), "USD", ".").cents == cents
