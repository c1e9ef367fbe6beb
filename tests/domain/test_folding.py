"""What search takes for the same: folded texts, words in any order, the glossary's words."""

import unicodedata

import pytest

from roadmap.domain.folding import Sought, folded, groups_of

GROUPS = groups_of("SSO = single sign-on = SAML\nlone\n= \nPO = purchase order")

ALIKE = (
    ("tomorrow’s crew", "Tomorrow's  CREW"), ("Café", unicodedata.normalize("NFD", "café")),
    ("Ärger & Söhne", "arger sohne"), ("Straße", "STRASSE"), ("Łódź", "lodz"),
    ("\uff21\uff22\uff23\uff11\uff12", "abc12"),
    ("single\u2013sign\u2010on", "single sign-on"), ("e\u2011mail", "E-Mail"),
    ("I\u0307stanbul", "istanbul"),
    ("ﬁnance", "finance"), ("co\u00adop", "coop"), ("x_y.z", "X y z"), ("Ελλάς", "ελλασ"),
)  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_two_spellings_of_the_same_fold_alike(one: str, other: str) -> None:
    assert folded(one) == folded(other)
    assert folded(folded(one)) == folded(one)


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("crew tomorrow", "See tomorrow's crew", True),
        ("sign", "Design", True),
        ("crew yesterday", "See tomorrow's crew", False),
        ("single sign on", "They want SSO", True),
        ("sso", "Single sign-on for all", True),
        ("SAML login", "login by single sign on", True),
        ("saml", "a lesson in processor", False),
        ("order purchase", "PO numbers", False),
        ("purchase orders", "PO numbers", False),
        ("  ’ - ", "anything", False),
        ("  ", "anything", True),
        ("日程", "配送日程を見る", True),
    ],
)
def test_words_are_found_in_any_order_and_by_the_glossary(
    query: str, text: str, found: bool
) -> None:
    assert Sought(query, GROUPS).within(folded(text)) is found


def test_a_line_of_the_glossary_with_one_term_stands_for_nothing() -> None:
    assert [len(group) for group in GROUPS] == [3, 2]
    assert not Sought(" ")
