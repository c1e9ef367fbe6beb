"""A first line out of somebody's words, and the words that name but a feature."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.domain.asking import MOST_TITLE, names_only_a_feature, title_of


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("They copy orders by hand. It takes a day.", "They copy orders by hand."),
        ("One line\nand another", "One line"),
        ("  Spaces   between\twords  ", "Spaces between words"),
        ("", ""),
        ("Version 2.5 breaks their import", "Version 2.5 breaks their import"),
        ("x" * 300, "x" * (MOST_TITLE - 1) + "…"),
    ],
)
def test_the_title_is_the_first_line_or_sentence(body: str, title: str) -> None:
    assert title_of(body) == title


def test_a_long_first_sentence_is_cut_between_words() -> None:
    title = title_of("word " * 100)
    assert title.endswith("word…")
    assert len(title) <= MOST_TITLE


@given(st.text())
def test_a_title_is_always_one_line_that_fits(body: str) -> None:
    title = title_of(body)
    assert len(title) <= MOST_TITLE
    assert "\n" not in title


@pytest.mark.parametrize(
    "text", ["SSO", "We need SAML", "Dark mode please", "Feature X for Acme", "Add an API for jobs"]
)
def test_a_bare_feature_is_asked_about(text: str) -> None:
    assert names_only_a_feature(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Their auditors reject our export",
        "They can't sign in without a second password",
        "SSO, because security blocks every tool with its own passwords",
        "Two people copy orders by hand",
        "We would like the dispatcher to see all vans of the region on one map at once, please",
    ],
)
def test_a_need_is_not_asked_about(text: str) -> None:
    assert not names_only_a_feature(text)
