"""Names stand where somebody looks for them, in any language."""

import pytest

from roadmap.domain.collation import MOST_BYTES, sort_key

#: In Unicode's root order, as `Intl.Collator("und")` of a browser has it.
ORDERED = (
    "", "_y", "-x", "“Quoted”", "🚀 Rocket", "$5", "€5", "1", "10", "\uff11\uff12", "2", "9",
    "Ægir", "aeon", "Angst", "ångström", "Apfel", "Arger", "Ärger", "Éclair", "éclairs",
    "eclat", "naive", "naïve", "Nandu", "Ñandú", "nz", "Ore", "Øre", "strasse", "straße", "Zebra",
    "þorn", "Ωmega", "иод", "йод", "Яблоко", "กา", "แก", "한국", "中国", "日本",
)  # fmt: skip


def test_names_are_in_unicodes_order() -> None:
    assert sorted(ORDERED, key=sort_key) == list(ORDERED)
    assert len({sort_key(name) for name in ORDERED}) == len(ORDERED)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Éclair", "E\u0301clair"),  # composed or not
        ("Å", "\u212b"),
        ("한", "\u1112\u1161\u11ab"),
        ("Acme\u0000", "Acme"),
    ],
)
def test_what_looks_the_same_has_the_same_place(one: str, other: str) -> None:
    assert sort_key(one) == sort_key(other)


def test_letters_go_before_accents_and_accents_before_capitals() -> None:
    names = ["cote", "Cote", "coté", "Coté", "côte", "côté", "coter"]
    assert sorted(names, key=sort_key) == names


def test_a_key_is_short_whatever_the_name() -> None:
    assert len(sort_key("ﷺ" * 200)) == MOST_BYTES
    assert sort_key("x" * 199 + "a") < sort_key("x" * 199 + "b")
