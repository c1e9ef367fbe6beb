"""Numbers as people type them: read as they mean them, or not at all."""

from decimal import Decimal

import pytest

from roadmap.domain.numbers import COMMA, POINT, in_mark, read

#: What is no number under either mark, whatever digits it has.
NONE = (
    "", "15,", "15.", ",5", ".5", "1e5", "--5", "-5", "+5", "\u066b", "١٢", "½", "5²",
    "NaN", "inf", "\uff11\uff12", "1 2", "12,34,567", "1,200 000", "1 200'000",
    "1,2000", "0,123", "0.123", "1,200,50",
    "1.200.50", "0x1", "1_000", "five",
)  # fmt: skip
LONG = "1" + "0" * 400
#: Typed, read with the point and read with the comma as decimal mark, at up to two places.
READ = (
    ("15", "15", "15"), ("007", "7", "7"), (" 0 ", "0", "0"),
    ("2,5", None, "2.5"), ("2.5", "2.5", None),
    ("0,5", None, "0.5"), ("0.50", "0.5", None), ("1,200", "1200", None), ("1.200", None, "1200"),
    ("1'200", "1200", "1200"), ("1’200", "1200", "1200"), ("1\u202f200", "1200", "1200"),
    ("1 200,50", None, "1200.5"), ("1 200.50", "1200.5", None), ("1,200.50", "1200.5", None),
    ("1.200,50", None, "1200.5"), ("1,200,000", "1200000", None), (LONG, LONG, LONG),
)  # fmt: skip
ALL = [*READ, *((text, None, None) for text in NONE)]


@pytest.mark.parametrize(("typed", "point", "comma"), ALL)
def test_a_number_is_read_by_its_mark_or_not_at_all(
    typed: str, point: str | None, comma: str | None
) -> None:
    for mark, expected in ((POINT, point), (COMMA, comma)):
        found = read(typed, mark, places=2)
        assert found == (None if expected is None else Decimal(expected)), mark


@pytest.mark.parametrize("typed", ["1.0", "2,5", "2.5"])
def test_a_whole_number_has_no_fraction_under_either_mark(typed: str) -> None:
    assert [read(typed, mark) for mark in (POINT, COMMA)] == [None, None]


def test_words_keep_their_commas_when_numbers_change_their_mark() -> None:
    said = "Write an amount, such as 1,200,000 or 99.50."
    assert in_mark(said, COMMA) == "Write an amount, such as 1.200.000 or 99,50."
    assert in_mark(said, POINT) == said
