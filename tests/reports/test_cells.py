"""Every number opens the list of the deals beneath it, and the list sums to the number."""

import re
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import urlsplit

import pytest

from tests.reports import naive
from tests.support.client import CheckingClient, Page, words

REPORTS = (
    "segments", "reasons", "revenue-at-risk", "trend", "false-losses", "cohorts",
)  # fmt: skip
QUESTIONS = (
    "",
    "?by=segment&as_of=2026-08-31",
    "?by=product&window=12&fit=33",
    "?by=problem&source=rep",
    "?by=month&region=Europe",
    "?by=route&segment=1&attr.campaign=spring",
)

Store = Callable[[int], list[naive.Deal]]

# The same lists are counted on both systems, against plain loops; here pages meet pages.
pytestmark = pytest.mark.only("sqlite")


@pytest.mark.parametrize("report", REPORTS)
def test_every_number_is_the_sum_of_its_list(
    elias: CheckingClient, random_company: Store, report: str
) -> None:
    random_company(3)
    wrong = []
    checked = 0
    for question in QUESTIONS:
        page = elias.get(f"/reports/{report}{question}")
        numbers: dict[str, set[str]] = {}
        # A tile's link is its label: its number is the total's, which has a link of its own.
        for link in page.all("main :not(dt) > a[href]"):
            address = str(link["href"])
            if urlsplit(address).path == "/reports/deals":
                numbers.setdefault(address, set()).add(words(link))
        # All of the plain report; of a question every fifth, since a list takes as long as a page.
        for address, said in list(numbers.items())[:: 5 if question else 1]:
            listed = elias.get(address)
            checked += 1
            wrong += [
                f"{text!r} on {page.path} opens {summed(listed)!r} at {address}"
                for text in said
                if not set(parts(text)) <= set(parts(summed(listed)))
            ]
    assert not wrong, "\n".join(wrong[:20])
    assert checked > 8


@pytest.mark.parametrize("path", ["/problems/1/case", "/reports/segments/1/answer"])
def test_a_problem_s_case_and_a_segment_s_figures_open_their_lists(
    elias: CheckingClient, random_company: Store, path: str
) -> None:
    random_company(3)
    page = elias.get(path)
    links = page.all("main td > a[href], main dd > a[href]")
    opened = [link for link in links if urlsplit(str(link["href"])).path == "/reports/deals"]
    assert len(opened) >= 2
    for link in opened:
        listed = elias.get(str(link["href"]))
        assert set(parts(words(link))) <= set(parts(summed(listed))), words(link)


def parts(text: str) -> list[str]:
    """The numbers of deals and the amounts in a link's words; other words say nothing to compare.

    An amount is not compared where a whole is: "12 $3M" is both, "62 %" is neither.
    """
    if "%" in text or not re.search(r"\d", text):
        return []
    found = re.findall(r"\$[\d.,]+[KMB]?|(?<![\d.$])\d[\d,.]*(?![\d.,KMB])", text)
    return [part for part in found if part]


def summed(page: Page) -> str:
    return page.text_of("[role=status] > strong")


@pytest.mark.parametrize(
    "cell",
    [
        "report=reasons&state=lost&bucket=product",
        "report=reasons&state=lost&bucket=not given",
        "report=reasons&state=lost&kind=both&claimed=product&verified=price",
        "report=segments&by=industry&group=-&state=open",
        "report=revenue-at-risk&state=blocked&problem=1",
        "report=trend&state=lost&start=2026-08&end=2027-01",
    ],
)
def test_the_csv_of_a_list_sums_to_its_own_total(
    elias: CheckingClient, random_company: Store, cell: str
) -> None:
    random_company(1)
    *rows, total = elias.get(f"/reports/deals.csv?{cell}").table()
    assert rows
    assert total["Deal"] == "Total"
    for column in ("Share", "Amount counted"):
        found = sum(Decimal(row[column] or 0) for row in rows)
        assert abs(found - Decimal(total[column])) < Decimal("0.0001")


def test_a_split_deal_shows_its_part(elias: CheckingClient, random_company: Store) -> None:
    deals = random_company(1)
    split = {
        deal.id: shares["price"]
        for deal in deals
        if deal.status == "lost"
        and 0 < (shares := naive.split(naive.effective(deal))).get("price", 0) < 1
    }
    assert split
    rows = elias.get("/reports/deals.csv?report=reasons&state=lost&bucket=price").table()
    found = {row["Deal"]: Decimal(row["Share"]) for row in rows}
    for id, share in split.items():
        if f"Deal {id}" in found:
            assert abs(found[f"Deal {id}"] - Decimal(float(share))) < Decimal("0.000001")


def test_a_long_list_has_pages_and_each_sums_to_the_whole(
    elias: CheckingClient, random_company: Store
) -> None:
    random_company(2)
    page = elias.get("/reports/deals?report=segments")
    whole, names = summed(page), page.texts_of("tbody th > div > a")
    assert len(names) == 50
    while page.has("a[rel=next]"):
        page = page.follow("Next")
        assert summed(page) == whole
        names += page.texts_of("tbody th > div > a")
    assert len(set(names)) == len(names)
    assert whole.startswith(f"{len(names)} deals")


@pytest.mark.parametrize(
    "senseless",
    [
        "state=elsewhere", "bucket=luck", "group=%00", "by=nothing&group=x", "problem=0",
        "problem=99999999999999999999", "start=2026-13", "end=0000-00", "age=x", "page=0",
        "initiative=-1", "opened=2027-1", "report=../../etc", "by=segment&group=%3Dx",
        "by=rep&group=%3D99999999999999", "page=99999", "alone=2",
    ],
)  # fmt: skip
def test_a_senseless_cell_is_a_list_of_something_else_or_of_nothing(
    elias: CheckingClient, random_company: Store, senseless: str
) -> None:
    random_company(2)
    assert elias.get(f"/reports/deals?{senseless}").status_code == 200
    assert elias.get(f"/reports/deals.csv?{senseless}").status_code == 200
