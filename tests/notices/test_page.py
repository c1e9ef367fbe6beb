"""The bell on every page, and the list behind it."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from roadmap.extensions import db, reading
from roadmap.models import Notice, User
from tests.notices.conftest import Tell, a_request, bells
from tests.support.client import CheckingClient
from tests.support.company import Company
from tests.support.queries import count_queries

pytestmark = pytest.mark.either


@pytest.fixture
def app_config() -> dict[str, object]:
    return {"SMTP_HOST": "mail.company.example", "PUBLIC_URL": "https://roadmap.company.example"}


def test_every_page_has_the_bell_with_its_count(rosa: CheckingClient, tell: Tell) -> None:
    assert rosa.get("/problems").one(".bell")["aria-label"] == "Notices, all read"
    for _ in range(3):
        tell("rep")

    page = rosa.get("/problems")

    assert page.link("Notices, 3 unread") == "/notices"
    assert page.text_of(".bell") == "3"


def test_the_bell_costs_no_query(app: Flask, rosa: CheckingClient, tell: Tell) -> None:
    rosa.get("/teams")  # the first look of the day counts the totals
    with count_queries(app) as without:
        rosa.get("/teams")
    for _ in range(120):
        tell("rep")
    with count_queries(app) as statements:
        page = rosa.get("/teams")

    assert page.text_of(".bell") == "99+"
    assert len(statements) == len(without)


def test_nobody_who_is_signed_out_has_a_bell(client: CheckingClient) -> None:
    assert not client.get("/sign-in").has(".bell")


def test_an_empty_list_says_what_will_come(rosa: CheckingClient) -> None:
    page = rosa.get("/notices")
    assert page.text_of(".empty-state h2") == "Nothing to tell you yet"
    assert not page.has("form[action='/notices/read']")


def test_notices_stand_by_day_the_newest_first_and_say_what_is_unread(
    app: Flask, cast_ids: dict[str, int], rosa: CheckingClient, tell: Tell
) -> None:
    old, older = tell("rep", text="Shipped at last", kind="shipped"), tell("rep", text="Long ago")
    tell("rep", text="Out of reach", kind="missed", urgent=True)
    tell("product", text="Not for Rosa")
    move(app, old, datetime(2027, 1, 10, 23, 59, tzinfo=UTC))
    move(app, older, datetime(2026, 12, 24, 8, 5, tzinfo=UTC))
    page = rosa.get("/notices").submit(f"#notice-{old} .notice-mark")

    assert page.texts_of(".notice-day") == [
        "Today, 11 Jan 2027", "Yesterday, 10 Jan 2027", "24 Dec 2026",
    ]  # fmt: skip
    assert page.texts_of(".notice-text") == ["Out of reach", "Shipped at last", "Long ago"]
    assert page.texts_of(".notice-meta") == [
        "Unread · Date missed · 10:00 UTC", "Shipped · 23:59 UTC", "Unread · Later · 08:05 UTC",
    ]  # fmt: skip


def test_opening_a_notice_reads_it_and_goes_to_what_it_speaks_of(
    app: Flask, rosa: CheckingClient, tell: Tell
) -> None:
    initiative = Company(app).initiative("SSO")
    id = tell("rep", text="“SSO” is committed", kind="committed", initiative_id=initiative)
    page = rosa.get("/notices")

    opened = page.submit(f"#notice-{id} form[action$=opening]")

    assert opened.path == f"/initiatives/{initiative}"
    assert opened.one(".bell")["aria-label"] == "Notices, all read"
    # What is read needs no writing any more: a plain link, which a new tab can open.
    assert rosa.get("/notices").link("“SSO” is committed") == f"/initiatives/{initiative}"
    assert bells(app) == {}


def test_a_notice_about_a_request_leads_to_it(
    requests_have_pages: None, app: Flask, rosa: CheckingClient, tell: Tell
) -> None:
    request = a_request(app)
    id = tell("rep", request_id=request)

    answer = rosa.get("/notices").submit(f"#notice-{id} form[action$=opening]", follow=False)

    assert (answer.status_code, answer.location) == (303, f"/requests/{request}")


def test_a_notice_about_nothing_else_is_only_marked(
    app: Flask, rosa: CheckingClient, tell: Tell
) -> None:
    id = tell("rep")
    page = rosa.get("/notices")
    assert not page.has("form[action$=opening]")

    page = page.submit(f"#notice-{id} .notice-mark")
    assert bells(app) == {}
    page.submit(f"#notice-{id} .notice-mark")
    assert bells(app) == {"Rosa": 1}


def test_all_are_read_at_once_up_to_the_newest_shown(
    app: Flask, rosa: CheckingClient, tell: Tell
) -> None:
    tell("rep"), tell("rep"), tell("product")
    page = rosa.get("/notices")
    tell("rep", text="Came meanwhile")

    page = page.submit("form[action='/notices/read']")

    assert bells(app) == {"Rosa": 1, "Priya": 1}
    assert page.texts_of(".is-unread .notice-text") == ["Came meanwhile"]


@pytest.mark.parametrize("up_to", ["", "-1", "²", "99999999999999999999"])
def test_up_to_nothing_sensible_marks_nothing(
    app: Flask, rosa: CheckingClient, tell: Tell, up_to: str
) -> None:
    tell("rep")
    form = rosa.get("/notices").one("form[action='/notices/read']")
    token = form.select_one("[name=csrf_token]")
    assert token is not None
    answer = rosa.post("/notices/read", data={"csrf_token": token["value"], "up_to": up_to})

    assert answer.status_code == 400
    assert bells(app) == {"Rosa": 1}


def test_anothers_notice_does_not_exist(app: Flask, rosa: CheckingClient, tell: Tell) -> None:
    id = tell("product")
    token = rosa.get("/notices").value_of("form[action='/sign-out'] [name=csrf_token]")
    for step in ("opening", "read", "unread"):
        answer = rosa.post(f"/notices/{id}/{step}", data={"csrf_token": token})
        assert answer.status_code == 404
    assert bells(app) == {"Priya": 1}


def test_thousands_are_paged_and_a_mark_leads_back_to_the_same_page(
    app: Flask, cast_ids: dict[str, int], rosa: CheckingClient, tell: Tell
) -> None:
    for number in range(120):
        tell("rep", text=f"No. {number}")
    second = rosa.get("/notices").follow("Next")
    assert second.text_of(".pages > .tabular") == "51 to 100 of 120 notices"
    assert second.texts_of(".notice-text")[0] == "No. 69"
    first_of_second = second.all(".notice")[0]

    marked = second.submit(f"#{first_of_second['id']} .notice-mark")

    assert marked.path == "/notices?page=2"
    assert not marked.all(".notice")[0].select("strong")
    third = marked.follow("Next")
    assert third.text_of(".pages > .tabular") == "101 to 120 of 120 notices"
    beyond = rosa.get("/notices?page=9")
    assert beyond.text_of(".pages > .tabular") == "101 to 120 of 120 notices"


def test_a_page_costs_the_same_however_many_it_lists(
    app: Flask, rosa: CheckingClient, tell: Tell
) -> None:
    tell("rep")
    with count_queries(app) as few:
        rosa.get("/notices")
    for _ in range(60):
        tell("rep")
    with count_queries(app) as many:
        rosa.get("/notices")

    assert len(few) == len(many) <= 4, "\n".join(many)


def test_only_what_is_unread_can_be_listed(rosa: CheckingClient, tell: Tell) -> None:
    read = tell("rep", text="Read")
    tell("rep", text="Not read")
    rosa.get("/notices").submit(f"#notice-{read} .notice-mark")

    page = rosa.get("/notices").follow("Unread (1)")
    assert page.texts_of(".notice-text") == ["Not read"]
    page = page.submit("form[action^='/notices/read']")
    assert page.path == "/notices?show=unread"
    assert page.text_of(".empty-state h2") == "Nothing unread"


def test_words_are_shown_as_words_whatever_they_are(rosa: CheckingClient, tell: Tell) -> None:
    tell("rep", text="<script>alert(1)</script> & “שלום” 🚀\nsecond line " + "long" * 3000)

    page = rosa.get("/notices")

    assert not page.has("main script")
    assert page.text_of(".notice-text").startswith("<script>alert(1)</script> & “שלום” 🚀")
    assert page.one(".notice-text")["dir"] == "auto"


def test_mail_is_switched_off_and_on_where_it_leaves(app: Flask, rosa: CheckingClient) -> None:
    page = rosa.get("/notices")
    assert "at once when a date is missed" in page.text_of("#mail")

    page = page.submit("#mail form", press="Send me no mail")
    assert wants_mail(app) is False
    assert "You get no more mail" in page.text_of("#flashes")

    page.submit("#mail form", press="Send me mail, too")
    assert wants_mail(app) is True


class TestWithoutMail:
    @pytest.fixture
    def app_config(self) -> dict[str, object]:
        return {"SMTP_HOST": None}

    def test_there_is_no_switch_for_mail(self, rosa: CheckingClient) -> None:
        assert not rosa.get("/notices").has("#mail")


def move(app: Flask, id: int, at: datetime) -> None:
    with app.app_context():
        db.session.execute(update(Notice).where(Notice.id == id).values(at=at))
        db.session.commit()


def wants_mail(app: Flask) -> bool:
    with app.app_context(), reading():
        return bool(db.session.scalar(select(User.wants_mail).where(User.role == "rep")))
