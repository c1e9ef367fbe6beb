"""No cache grows beyond its limit, however much is asked for."""

from dataclasses import dataclass
from fractions import Fraction

import pytest
from flask import Flask
from sqlalchemy import column

from roadmap.board import page
from roadmap.extensions import db
from roadmap.market import kept as figures
from roadmap.similar import words
from roadmap.workspace.cache import ENTRY, Cache, weight


@dataclass(frozen=True)
class Holder:
    value: object


# As the features' own classes are.
Holder.__module__ = "roadmap.reports.example"


def test_what_was_not_asked_for_longest_makes_room() -> None:
    cache: Cache[str] = Cache(3 * (ENTRY + 100), len)
    for key in ("one", "two", "three"):
        cache.find(key, lambda: "x" * 100)
    cache.find("one", lambda: pytest.fail("it is there"))
    cache.find("four", lambda: "x" * 100)
    assert [key for key in ("one", "two", "three", "four") if key in cache] == [
        "one", "three", "four",
    ]  # fmt: skip
    assert cache.size == cache.most


def test_many_entries_and_large_ones_stay_within_the_limit() -> None:
    cache: Cache[str] = Cache(100_000, len)
    for number in range(2_000):
        assert cache.find(number, lambda size=number * 7: "x" * size) == "x" * (number * 7)
        assert cache.size <= cache.most
    assert cache.find("too large", lambda: "x" * 200_000) == "x" * 200_000
    assert "too large" not in cache
    assert len(cache) > 1


def test_an_answer_that_is_nothing_is_kept_too() -> None:
    cache: Cache[object] = Cache(10_000, weight)
    assert cache.find("nobody", lambda: None) is None
    assert cache.find("nobody", lambda: pytest.fail("it is there")) is None


def test_a_value_weighs_what_it_is_made_of_once_and_nothing_that_is_shared() -> None:
    text = "x" * 10_000
    assert 10_000 < weight([text, text, Holder({"a": (text, Fraction(1, 3))})]) < 12_000
    assert weight(Holder([str(number) for number in range(1_000)])) > 50_000
    assert weight(Holder((column("deals"), db, Flask))) < 2_000


def test_figures_and_board_parts_of_the_product_stay_within_their_limits(app: Flask) -> None:
    """Everything is kept through `kept` and the board's shelf: more is asked for than fits."""
    with app.app_context():
        for number in range(40):
            figures.kept(("large", number), lambda: ["x" * 400_000])
        cache = app.extensions[figures.KEY]
        assert len(cache) > 1
        assert cache.size <= figures.MOST
    shelf = page.Shelf()
    for number in range(40):
        shelf.of("1").find(number, lambda: [page.Kept(b"x" * 700_000)])
    assert len(shelf.parts) > 1
    assert shelf.parts.size <= page.MOST_BYTES
    assert len(shelf.of("2")) == 0


def test_the_rows_of_a_board_of_two_thousand_are_all_kept() -> None:
    shelf = page.Shelf()
    for _ in range(2):
        for start in range(0, 2_200, page.PART):
            shelf.of("1").find(("rows", start), lambda: [page.Kept(b"x" * 4_800 * page.PART)])
    assert len(shelf.parts) == 11


def test_words_and_statements_are_kept_in_limited_numbers(app: Flask) -> None:
    for number in range(words.MOST_STEMS + 500):
        words.stem(f"word{number}")
    assert words.stem.cache_info().currsize == words.MOST_STEMS
    with app.app_context():
        statements = db.engine._compiled_cache
        assert statements is not None
        for number in range(400):
            db.session.execute(db.select(*[db.literal_column(str(number))] * 2))
        assert len(statements) <= 150
