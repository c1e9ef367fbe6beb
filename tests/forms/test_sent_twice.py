"""The same form, sent twice, is carried out once, and both presses get the same answer."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from bs4 import Tag
from flask import Flask

from tests.support import cast
from tests.support.client import CheckingClient, filled
from tests.support.company import Company
from tests.support.queries import count_queries
from tests.support.tables import everything, rows

NEW = "main form[action='/products']"


def products(app: Flask) -> list[str]:
    return [row for row in everything(app)["products"] if "Mobile" in row]


def test_a_second_press_gets_the_firsts_answer(app: Flask, priya: CheckingClient) -> None:
    page = priya.get("/products")
    first = page.submit(NEW, name="Mobile", follow=False)
    second = page.submit(NEW, name="Mobile", follow=False)
    assert (second.status_code, second.location) == (first.status_code, first.location) == (
        303, "/products",
    )  # fmt: skip
    assert len(products(app)) == 1
    assert "“Mobile” is there." in priya.get("/products").text
    quick = page.submit(NEW, name="Mobile", htmx=True)
    assert quick.headers["HX-Redirect"] == "/products"


def test_a_form_that_was_changed_is_another_one(app: Flask, priya: CheckingClient) -> None:
    page = priya.get("/products")
    page.submit(NEW, name="Mobile")
    page.submit(NEW, name="Mobile 2")
    assert len(products(app)) == 2


def test_a_press_that_failed_may_be_repeated(app: Flask, priya: CheckingClient) -> None:
    page = priya.get("/products")
    assert page.submit(NEW, name="").status_code == 422
    assert page.submit(NEW, name="").status_code == 422
    assert not rows(app, "submissions")
    # The page anew is another page: what is taken is taken.
    priya.get("/products").submit(NEW, name="Mobile")
    assert priya.get("/products").submit(NEW, name="Mobile").status_code == 422


def test_a_token_is_its_users(app: Flask, priya: CheckingClient, ada: CheckingClient) -> None:
    tokens = [
        str(who.get("/products").value_of(f"{NEW} [name=form_token]")) for who in (priya, ada)
    ]
    pages = [who.get("/products") for who in (priya, ada)]
    assert len({*tokens, *(str(p.value_of(f"{NEW} [name=form_token]")) for p in pages)}) == 4
    pages[0].submit(NEW, name="Mobile", form_token=tokens[0])
    assert pages[1].submit(NEW, name="Mobile", form_token=tokens[0]).status_code == 422


@pytest.mark.parametrize("presses", [2, 5])
def test_presses_at_the_same_time_are_one(app: Flask, presses: int) -> None:
    company = Company(app)
    core = company.team()
    for title in ("First", "Second"):
        company.initiative(title, work=[(core, 10)])
    client = cast.visitor(app, "product")
    for address, form, typed in (
        ("/initiatives/new", "main form[method=post]", {"title": "Mobile"}),
        ("/board/preview?initiative=2&to=1", "#commit-form", {"reason": "Because"}),
    ):
        page = client.get(address)
        element = page.one(form)
        answers = press(app, client, element, dict(filled(element, typed)), presses)
        assert len(set(answers)) == 1, answers
        assert answers[0][0] == 303
    rows = everything(app)
    assert sum("Mobile" in row for row in rows["initiatives"]) == 1
    assert sum("Because" in row for row in rows["tradeoffs"]) == 1


def press(
    app: Flask, client: CheckingClient, form: Tag, data: dict[str, str], times: int
) -> list[tuple[int, str]]:
    cookie = client.get_cookie("roadmap")
    assert cookie
    ready = Barrier(times)

    def send(_: int) -> tuple[int, str]:
        other = app.test_client()
        other.set_cookie("roadmap", cookie.value)
        ready.wait()
        answer = other.post(str(form["action"]), data=data)
        return answer.status_code, str(answer.location)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(send, range(times)))


def test_reading_asks_for_nothing_more_and_a_write_for_one_row(
    app: Flask, priya: CheckingClient
) -> None:
    page = priya.get("/products")
    with count_queries(app) as asked:
        priya.get("/products")
    assert not [each for each in asked if "submissions" in each]
    with count_queries(app) as asked:
        page.submit(NEW, name="Mobile", follow=False)
    ours = [each.split()[0] for each in asked if "submissions" in each]
    # The second, and what cleans up now and then, come once the answer has left.
    assert ours[:2] == ["INSERT", "UPDATE"]
