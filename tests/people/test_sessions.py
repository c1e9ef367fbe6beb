"""A session: what ends it, what protects it, and what happens to those who have none."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from roadmap import config
from roadmap.people import actions
from tests.support import cast, databases
from tests.support.cast import person
from tests.support.client import HTMX, CheckingClient
from tests.support.company import Company
from tests.support.tables import everything

PRIYA = person("product").email
TOKEN = "main form:has([type=password]) [name=csrf_token]"


def is_signed_in(client: CheckingClient) -> bool:
    return client.get("/tradeoffs").status_code == 200


@pytest.fixture
def company(app: Flask) -> Company:
    company = Company(app)
    core = company.team()
    company.initiative("First", work=[(core, 10)])
    company.initiative("Second", work=[(core, 10)])
    return company


@pytest.fixture
def promotion(company: Company) -> dict[str, str]:
    """What committing "Second" to the top sends, but for the token."""
    return {
        "initiative": "2", "to": "1", "revision": "999", "as_of": "2027-01-11",
        "owner": str(company.people["product"]), "reason": "Because",
    }  # fmt: skip


def test_a_new_password_ends_every_open_session(app: Flask, priya: CheckingClient) -> None:
    phone = cast.visitor(app, "product")
    with app.app_context():
        actions.change_password(actions.find(PRIYA), "another password")
    assert not is_signed_in(priya)
    assert not is_signed_in(phone)
    assert is_signed_in(app.test_client().sign_in(PRIYA, "another password"))


def test_deactivation_ends_a_session_for_good(app: Flask, priya: CheckingClient) -> None:
    with app.app_context():
        actions.deactivate(actions.find(PRIYA))
    assert not is_signed_in(priya)
    with app.app_context():
        actions.activate(actions.find(PRIYA))
    assert not is_signed_in(priya)


def test_another_role_holds_from_the_next_request_on(app: Flask, priya: CheckingClient) -> None:
    assert priya.get("/users").status_code == 404
    with app.app_context():
        actions.change_role(actions.find(PRIYA), "admin")
    assert priya.get("/users").status_code == 200


def test_others_stay_signed_in_when_one_person_leaves(
    app: Flask, priya: CheckingClient, ada: CheckingClient
) -> None:
    with app.app_context():
        actions.deactivate(actions.find(PRIYA))
    assert is_signed_in(ada)


FORGED = ("1", "1:", "1:0", ":", "x:y", "", f"{10**20}:k", "-1:k", "²:k", "1:\x00")


def test_a_forged_session_is_nobodys(app: Flask, priya: CheckingClient) -> None:
    for forged in FORGED:
        with priya.session_transaction() as session:
            session["_user_id"] = forged
        assert not is_signed_in(priya)


def test_a_session_signed_with_another_key_is_nobodys(app: Flask, priya: CheckingClient) -> None:
    app.config["SECRET_KEY"] = "another key"
    assert not is_signed_in(priya)


@pytest.mark.parametrize("https", [False, True])
def test_cookies_are_kept_from_scripts_and_other_sites(database_url: str, https: bool) -> None:
    app = databases.create(database_url, HTTPS_ONLY=https, SESSION_COOKIE_SECURE=https)
    cast.enrol(app)
    page = app.test_client().get("/sign-in", base_url=f"http{'s' if https else ''}://localhost")
    cookies = page.headers.getlist("Set-Cookie")
    databases.dispose(app)
    assert cookies
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert ("Secure" in cookie) is https


@pytest.mark.parametrize(("value", "secure"), [("1", True), ("", False), ("0", False)])
def test_the_environment_says_whether_all_goes_over_https(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str, secure: bool
) -> None:
    monkeypatch.setenv("HTTPS_ONLY", value)
    settings = config.from_environment(tmp_path)
    assert settings["SESSION_COOKIE_SECURE"] is secure
    assert settings["HTTPS_ONLY"] is secure
    assert settings["SESSION_COOKIE_HTTPONLY"] is True


def test_a_page_leads_to_the_sign_in_and_back_to_where_one_was(
    app: Flask, company: Company
) -> None:
    visitor = app.test_client()
    page = visitor.get("/tradeoffs?all=1", follow_redirects=True)
    assert page.request.path == "/sign-in"
    back = page.submit(
        "main form:has([type=password])", email=PRIYA, password=cast.PASSWORD, follow=False
    )
    assert back.location == "/tradeoffs?all=1"


def test_htmx_leaves_for_the_sign_in_page_instead_of_showing_it_in_a_part(
    app: Flask, company: Company
) -> None:
    answer = app.test_client().get("/board/list", headers=HTMX)
    assert answer.status_code == 200
    assert answer.data == b""
    assert answer.headers["HX-Redirect"].startswith("/sign-in?next=")
    assert "location" not in answer.headers


def test_a_write_without_a_session_says_so_and_changes_nothing(
    app: Flask, company: Company, promotion: dict[str, str]
) -> None:
    before = everything(app)
    visitor = app.test_client()
    token = str(visitor.get("/sign-in").value_of(TOKEN))
    plain = visitor.post("/board/promotions", data={**promotion, "csrf_token": token})
    quick = visitor.post(
        "/board/promotions", data=promotion, headers={**HTMX, "X-CSRFToken": token}
    )
    assert plain.status_code == 401
    assert plain.text_of("h1") == "Please sign in again"
    assert quick.status_code == 401
    assert quick.headers["HX-Retarget"] == "body"
    assert everything(app) == before


def test_a_write_without_a_token_of_this_session_is_refused_and_changes_nothing(
    app: Flask, elias: CheckingClient, promotion: dict[str, str]
) -> None:
    others = str(app.test_client().get("/sign-in").value_of(TOKEN))
    before = everything(app)
    for token in ({}, {"csrf_token": ""}, {"csrf_token": "nonsense"}, {"csrf_token": others}):
        for headers in ({}, HTMX):
            answer = elias.post("/board/promotions", data=promotion | token, headers=headers)
            assert answer.status_code == 400
            assert "This page is too old" in answer.text
            assert answer.has("h1") is not bool(headers)
    assert everything(app) == before


def test_a_form_may_be_sent_hours_after_it_was_opened(
    app: Flask, company: Company, elias: CheckingClient
) -> None:
    # A review meeting lasts longer than the hour that a token usually does.
    page = elias.get("/board/preview?initiative=2&to=1")
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=9)):
        done = page.submit("main form[method=post]", reason="Asked for", follow=False)
    assert done.status_code == 303
    assert company.order() == ["Second", "First"]


def test_signing_in_starts_a_session_of_its_own(app: Flask, cast_ids: dict[str, int]) -> None:
    # Whoever knew the session before, on a shared machine or by planting it, must not know its
    # token afterwards.
    visitor = cast.visitor(app)
    token = visitor.get("/sign-in").value_of(TOKEN)
    visitor.sign_in(PRIYA)
    data = {"csrf_token": token, "name": "Platform"}
    assert visitor.post("/products", data=data).status_code == 400
    data["csrf_token"] = str(visitor.get("/products").value_of("[action='/sign-out'] [name]"))
    assert visitor.post("/products", data=data).status_code == 303

    page = visitor.get("/products").submit("form[action='/sign-out']")
    assert "You are signed out." in page.text
    visitor.sign_in(PRIYA)
    assert visitor.post("/products", data={**data, "name": "Other"}).status_code == 400
