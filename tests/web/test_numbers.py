"""Numbers and days from outside: what is none counts as not given, whatever digits it has."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from roadmap.extensions import db
from roadmap.initiatives.forms import MOST_ITEMS
from roadmap.models import Initiative, Problem, Tradeoff, WorkItem
from roadmap.web.fields import whole_number
from tests.support.client import CheckingClient, Page
from tests.support.company import Company

pytestmark = pytest.mark.either

#: `str.isdigit` takes the first three for numbers; `int` reads two of the six.
SENSELESS = ["²", "٣", "\uff11", "1" * 5000, "9223372036854775808", "-1"]


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


@pytest.fixture
def trio(company: Company) -> list[int]:
    core = company.team("Core", people=2)
    return [company.initiative(title, work=[(core, 20)]) for title in ("One", "Two", "Three")]


def order(app: Flask) -> list[str]:
    with app.app_context():
        on_board = select(Initiative.title).where(Initiative.position.is_not(None))
        return list(db.session.scalars(on_board.order_by(Initiative.position)))


def promoted(client: CheckingClient, company: Company, id: int, **changed: Any) -> Page:
    """Commit the move to the top, with some of the preview's own fields changed."""
    shown = client.get(f"/board/preview?initiative={id}&to=1")
    owner = company.people["product"]
    return shown.submit("#commit-form", owner=owner, reason="Asked", follow=False, **changed)


@pytest.mark.parametrize("text", [*SENSELESS, "", " 1", "1.0", "1e3", "0x1", None, "2147483648"])
def test_what_is_no_number_of_a_row_is_none(text: str | None) -> None:
    assert whole_number(text) is None


def test_whole_numbers_end_where_it_is_said() -> None:
    assert [whole_number(text, 12) for text in ("0", "012", "12", "13", "013")] == [
        0, None, 12, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["owner", "sponsor", "initiative", "page"])
def test_the_ledger_takes_a_senseless_number_for_none(
    company: Company, trio: list[int], priya: CheckingClient, name: str
) -> None:
    promoted(priya, company, trio[2])
    for text in SENSELESS:
        for address in ("/tradeoffs", "/tradeoffs.csv"):
            page = priya.get(address, query_string={name: text, "all": "1"})
            assert page.status_code == 200, text
            assert "Moving “Three”" in page.text, text


@pytest.mark.parametrize("name", ["since", "until"])
def test_the_ledger_takes_a_day_that_nobody_means_for_none(
    company: Company, trio: list[int], priya: CheckingClient, name: str
) -> None:
    promoted(priya, company, trio[2])
    for text in ("9999-12-31", "0001-01-01", "2026-02-31", "²"):
        for address in ("/tradeoffs", "/tradeoffs.csv"):
            page = priya.get(address, query_string={name: text})
            assert page.status_code == 200, text
            assert "Moving “Three”" in page.text, text


def test_the_ledgers_links_keep_its_filters_and_nothing_else(priya: CheckingClient) -> None:
    for query in ("_scheme=javascript&_external=1", "endpoint=x", "_method=POST", "x=1"):
        page = priya.get(f"/tradeoffs?{query}&owner=me")
        assert page.link("CSV") == "/tradeoffs.csv?owner=me"


def test_a_promotion_of_no_initiative_is_refused(
    app: Flask, company: Company, trio: list[int], priya: CheckingClient
) -> None:
    for text in SENSELESS:
        for field in ("initiative", "to"):
            page = promoted(priya, company, trio[2], **{field: text})
            assert page.status_code == 400, (field, text)
    assert order(app) == ["One", "Two", "Three"]


def test_a_revision_that_cannot_be_is_refused(
    app: Flask, company: Company, trio: list[int], priya: CheckingClient
) -> None:
    for revision in ("9" * 30, "-" + "9" * 30, "-1", str(2**63), "²", ""):
        page = promoted(priya, company, trio[2], revision=revision)
        assert page.status_code == 400, revision
    assert order(app) == ["One", "Two", "Three"]


def test_an_impact_that_nobody_was_shown_is_not_committed(
    app: Flask, company: Company, trio: list[int], priya: CheckingClient
) -> None:
    page = promoted(priya, company, trio[2], fingerprint="made up")
    assert page.status_code == 409
    assert order(app) == ["One", "Two", "Three"]
    with app.app_context():
        assert not db.session.scalar(select(func.count(Tradeoff.id)).where(Tradeoff.reason != ""))


def test_totals_that_nobody_was_shown_are_not_compared(
    company: Company, trio: list[int], priya: CheckingClient
) -> None:
    preview = priya.get(f"/board/preview?initiative={trio[2]}&to=1")
    promoted(priya, company, trio[1])
    owner = company.people["product"]
    for shown in ("²,²,²,²", "1,2,3", "a,b,c,d", "9" * 30 + ",1,1,1"):
        page = preview.submit(
            "#commit-form", owner=owner, reason="Asked", shown=shown, fingerprint="made up"
        )
        assert page.status_code == 409, shown


def test_a_problem_that_was_seen_as_nothing_is_not_overwritten(
    app: Flask, company: Company, priya: CheckingClient
) -> None:
    id = company.problem("As it was")
    for seen in ("²", "1" * 5000, "x"):
        page = priya.get(f"/problems/{id}/edit").submit("#problem", title="Other", seen=seen)
        assert page.status_code == 409, seen
    with app.app_context():
        assert db.session.get_one(Problem, id).title == "As it was"


def test_a_weight_is_refused_beside_its_row(ada: CheckingClient) -> None:
    token = ada.get("/profile").value_of("form[action='/sign-out'] [name=csrf_token]")
    row = {"csrf_token": token, "attribute": "industry", "operator": "is", "value": "x"}
    for weight in ("00000000199999999999999999999", "²", "1001", "0", "-1", "2,5", "1e2"):
        page = ada.post("/profile", data={**row, "weight": weight})
        assert page.status_code == 422, weight
        assert page.text_of("#weight-1-errors"), weight


@pytest.mark.parametrize("number", ["²", "9" * 5000])
def test_a_row_without_a_number_is_no_row(
    app: Flask, company: Company, priya: CheckingClient, number: str
) -> None:
    core, product = company.team("Core"), company.product("Platform")
    id = company.initiative("One", work=[(core, 20)])
    for address, fields in (
        (f"/teams/{core}/people", {f"people-{number}": "7"}),
        (f"/initiatives/{id}/effort", {f"left-{number}": "7"}),
        (f"/initiatives/{id}/work", {f"items-{number}-title": "x", f"items-{number}-days": "7"}),
    ):
        page = priya.get(address)
        form = page.one("main form[method=post]")
        seen = form.select_one("[name=seen]")
        token = form.select_one("[name=csrf_token]")
        assert seen
        assert token
        sent = {"seen": seen["value"], "csrf_token": token["value"], **fields}
        assert priya.post(address, data=sent).status_code < 500
    assert product
    with app.app_context():
        days = db.session.scalars(
            select(WorkItem.person_days).where(WorkItem.initiative_id == id)
        ).all()
    assert 7 not in days


def test_work_items_end_where_a_form_ends(
    app: Flask, company: Company, priya: CheckingClient
) -> None:
    id = company.initiative("One", work=[(company.team("Core"), 20)])
    token = priya.get("/board").value_of("form[action='/sign-out'] [name=csrf_token]")
    rows = {f"items-{number}-title": "x" for number in range(MOST_ITEMS)}
    page = priya.post(f"/initiatives/{id}/work", data={"csrf_token": token, "row": "add", **rows})
    assert page.status_code == 200
    assert len(page.all("input[name$='-title']")) == MOST_ITEMS
