"""News in sentences that a rep can repeat to a customer."""

from datetime import date

import pytest

from roadmap.domain.deals import BEFORE_ALL
from roadmap.domain.news import News
from roadmap.notices.wording import DealName, Titles, words

MARCH, JUNE = date(2027, 3, 5), date(2027, 6, 11)
TITLES = Titles(
    "Security will not approve another password",
    {"1": DealName("Meridel field operations", date(2027, 4, 1)), "2": DealName("Acme renewal")},
    {"7": "SSO and audit log"},
)
REQUEST = "“Security will not approve another password”"


@pytest.mark.parametrize(
    ("news", "sentence"),
    [
        (
            News("missed", ("1",), MARCH, JUNE),
            (
                f"The forecast for {REQUEST} moved from 5 Mar 2027 (Q1) to 11 Jun 2027 (Q2): "
                "“Meridel field operations” (needed by 1 Apr 2027) is out of reach."
            ),
        ),
        (
            News("missed", ("1", "2"), JUNE, JUNE),
            (
                f"The forecast for {REQUEST} is 11 Jun 2027 (Q2): “Meridel field operations” "
                "(needed by 1 Apr 2027) and “Acme renewal” are out of reach."
            ),
        ),
        (
            News("missed", ("2",), MARCH, None),
            (
                f"{REQUEST} has no date any more, after 5 Mar 2027 (Q1): “Acme renewal” is out of "
                "reach."
            ),
        ),
        (News("missed", ("2",)), f"{REQUEST} has no date: “Acme renewal” is out of reach."),
        (
            News("in time", ("2",), BEFORE_ALL, BEFORE_ALL),
            f"{REQUEST} is solved: “Acme renewal” is within reach again.",
        ),
        (
            News("in time", ("9",), None, MARCH),
            f"{REQUEST} has a date now, 5 Mar 2027 (Q1): a deal is within reach again.",
        ),
        (
            News("earlier", (), JUNE, MARCH),
            f"The forecast for {REQUEST} moved from 11 Jun 2027 (Q2) to 5 Mar 2027 (Q1).",
        ),
        (
            News("earlier", (), MARCH, BEFORE_ALL),
            f"{REQUEST} is solved, earlier than 5 Mar 2027 (Q1).",
        ),
        (
            News("later", (), BEFORE_ALL, JUNE),
            f"{REQUEST} was solved, and is expected on 11 Jun 2027 (Q2) now.",
        ),
        (
            News("later", (), BEFORE_ALL, None),
            f"{REQUEST} was solved, and has no date any more.",
        ),
        (
            News("committed", initiative="7"),
            f"“SSO and audit log” is committed; it addresses {REQUEST}.",
        ),
        (
            News("shipped", initiative="7"),
            f"“SSO and audit log” has shipped; it addresses {REQUEST}.",
        ),
        (
            News("declined", initiative="8"),
            f"An initiative is declined; {REQUEST} no longer counts on it.",
        ),
    ],
)
def test_news_in_words(news: News, sentence: str) -> None:
    assert words(news, TITLES) == sentence


def test_many_deals_are_named_in_part_and_counted() -> None:
    titles = Titles("It hurts", {str(n): DealName(f"Deal {n}") for n in range(8)})
    sentence = words(News("missed", tuple(titles.deals), JUNE, JUNE), titles)
    assert sentence.endswith(
        "“Deal 0”, “Deal 1”, “Deal 2”, “Deal 3”, “Deal 4” and 3 more deals are out of reach."
    )
