"""A session: what ends it, what protects it, and what happens to those who have none."""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text, update

from roadmap import config
from roadmap.extensions import db, reading
from roadmap.models import UserSession
from roadmap.people import actions
from roadmap.people.user_sessions import TOKEN as TOKEN_NAME
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


def test_another_role_ends_every_open_session(app: Flask, priya: CheckingClient) -> None:
    assert priya.get("/users").status_code == 404
    with app.app_context():
        actions.change_role(actions.find(PRIYA), "admin")
    assert not is_signed_in(priya)
    assert cast.visitor(app, "product").get("/users").status_code == 200


def test_others_stay_signed_in_when_one_person_leaves(
    app: Flask, priya: CheckingClient, ada: CheckingClient
) -> None:
    with app.app_context():
        actions.deactivate(actions.find(PRIYA))
    assert is_signed_in(ada)


FORGED = ("1", "1:", "", "²", "1:\x00", "' OR 1=1 --", "x" * 3000, 1, None, [], {"a": 1}, "\ud800")


def test_a_forged_session_is_nobodys(app: Flask, priya: CheckingClient) -> None:
    for forged in FORGED:
        with priya.session_transaction() as session:
            session[TOKEN_NAME] = forged
            session["_user_id"] = "1"
        assert not is_signed_in(priya)


def test_a_cookie_that_was_copied_is_dead_once_its_session_ended(
    app: Flask, priya: CheckingClient
) -> None:
    copy = cast.visitor(app)
    for name, value in cookies_of(priya).items():
        copy.set_cookie(name, value)
    assert is_signed_in(copy)
    priya.get("/tradeoffs").submit("form[action='/sign-out']")
    assert not is_signed_in(copy)


def test_signing_in_anew_ends_what_the_browser_had_before(
    app: Flask, priya: CheckingClient
) -> None:
    copy = cast.visitor(app)
    for name, value in cookies_of(priya).items():
        copy.set_cookie(name, value)
    data = {"email": PRIYA, "password": cast.PASSWORD, "csrf_token": token_of(priya)}
    assert priya.post("/sign-in", data=data).status_code == 303
    assert is_signed_in(priya)
    assert not is_signed_in(copy)


def test_whoever_reads_the_database_cannot_be_anybody(app: Flask, priya: CheckingClient) -> None:
    with priya.session_transaction() as session:
        token = session[TOKEN_NAME]
    assert token not in str(everything(app))
    with app.app_context():
        stored = db.session.scalar(select(UserSession.token_hash))
    assert stored == hashlib.sha256(token.encode()).hexdigest()


def test_a_session_ends_when_nobody_uses_it_and_however_much_it_is_used(
    app: Flask, priya: CheckingClient, rosa: CheckingClient
) -> None:
    start = datetime.now(UTC)
    for hours in range(6, 7 * 24, 6):
        with time_machine.travel(start + timedelta(hours=hours)):
            assert is_signed_in(priya), hours
    with time_machine.travel(start + timedelta(hours=12)):
        assert not is_signed_in(rosa)
    with time_machine.travel(start + timedelta(days=7)):
        assert not is_signed_in(priya)
        # What is over is taken away when somebody signs in.
        cast.visitor(app, "executive")
    with app.app_context():
        assert len(db.session.scalars(select(UserSession.id)).all()) == 1


def seen_at(app: Flask) -> datetime:
    with app.app_context(), reading():
        return db.session.scalars(select(UserSession.seen_at)).one()


def test_the_last_use_is_written_every_five_minutes_and_a_poll_is_none(
    app: Flask, priya: CheckingClient
) -> None:
    first = seen_at(app)
    with time_machine.travel(first + timedelta(minutes=4), tick=False):
        priya.get("/tradeoffs")
    assert seen_at(app) == first
    with time_machine.travel(first + timedelta(minutes=6), tick=False):
        priya.get("/board/list", headers=HTMX)
        assert seen_at(app) == first
        priya.get("/board")
        assert seen_at(app) == first + timedelta(minutes=6)
    with time_machine.travel(first + timedelta(minutes=10), tick=False):
        priya.get("/board")
    assert seen_at(app) == first + timedelta(minutes=6)


def test_polls_alone_let_a_session_run_out(priya: CheckingClient) -> None:
    start = datetime.now(UTC)
    for hours in (3, 6, 9, 11):
        with time_machine.travel(start + timedelta(hours=hours)):
            assert priya.get("/board/list", headers=HTMX).status_code == 200
    with time_machine.travel(start + timedelta(hours=12, minutes=1)):
        assert not is_signed_in(priya)


@pytest.mark.only("sqlite")
def test_whatever_a_page_asks_again_and_again_is_marked_as_a_poll(app: Flask) -> None:
    asked = set()
    for path in Path(str(app.root_path), "templates").rglob("*.html"):
        for tag in re.findall(r"<[a-z][^>]*hx-trigger=\"[^\"]*every [^>]*>", path.read_text()):
            asked |= set(re.findall(r"hx-get=\"\{\{ url_for\('([\w.]+)'", tag))
            assert "hx-get" in tag, f"{path.name}: {tag}"
    marked = {name for name, view in app.view_functions.items() if hasattr(view, "polled")}
    assert asked == marked != set()


def test_no_answer_waits_until_its_use_is_written_down(app: Flask, priya: CheckingClient) -> None:
    first = seen_at(app)
    with app.app_context():
        # On PostgreSQL this holds the session's row, on SQLite the whole database.
        db.session.execute(update(UserSession).values(address="held"))
        with (
            time_machine.travel(first + timedelta(hours=1), tick=False),
            ThreadPoolExecutor(1) as pool,
        ):
            page = pool.submit(priya.get, "/tradeoffs").result(timeout=10)
        db.session.rollback()
    assert page.status_code == 200
    assert seen_at(app) == first
    with app.app_context():
        # The connection waits for others again.
        asked = {"sqlite": "PRAGMA busy_timeout", "postgresql": "SHOW lock_timeout"}
        assert db.session.scalar(text(asked[db.engine.dialect.name])) in (10_000, "10s")


def test_one_sees_and_ends_ones_own_sessions(app: Flask, priya: CheckingClient) -> None:
    phone, tablet, rosa = (cast.visitor(app, role) for role in ("product", "product", "rep"))
    page = priya.get("/sessions")
    assert len(page.rows_of("#sessions")) == 3
    assert [" this one" in row["Browser"] for row in page.rows_of("#sessions")].count(True) == 1
    ended = page.all("form[action$='/end']")[0]["action"]
    token = {"csrf_token": token_of(priya)}
    # Another's session does not exist.
    assert rosa.post(str(ended), data={"csrf_token": token_of(rosa)}).status_code == 404
    done = priya.post(str(ended), data=token, follow_redirects=True)
    assert "That session has ended." in done.text
    assert [is_signed_in(each) for each in (phone, tablet)].count(True) == 1
    done = priya.get("/sessions").submit("form[action='/sessions/end-others']")
    assert len(done.rows_of("#sessions")) == 1
    assert [is_signed_in(each) for each in (phone, tablet, priya, rosa)] == [
        False, False, True, True,
    ]  # fmt: skip


def test_a_browser_is_named_in_our_words_whatever_it_says_of_itself(
    app: Flask, cast_ids: dict[str, int]
) -> None:
    agents = {
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0": "Firefox on Linux",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Safari/604.1":
            "Safari on iPhone",
        "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0": "Edge on Windows",
        "<script>alert(1)</script>": "Unknown browser",
        "": "Unknown browser",
    }  # fmt: skip
    for agent, name in agents.items():
        visitor = app.test_client()
        data = {"email": PRIYA, "password": cast.PASSWORD,
                "csrf_token": visitor.get("/sign-in").value_of(TOKEN)}  # fmt: skip
        visitor.post("/sign-in", data=data, headers={"User-Agent": agent})
        found = visitor.get("/sessions").rows_of("#sessions")
        assert [row["Browser"] for row in found if "this one" in row["Browser"]] == [
            f"{name} this one"
        ]


def token_of(client: CheckingClient) -> str:
    return str(client.get("/tradeoffs").value_of("form[action='/sign-out'] [name=csrf_token]"))


def cookies_of(client: CheckingClient) -> dict[str, str]:
    return {each.key: each.value for each in client._cookies.values()}


def test_a_session_signed_with_another_key_is_nobodys(app: Flask, priya: CheckingClient) -> None:
    app.config["SECRET_KEY"] = "another key"
    assert not is_signed_in(priya)


@pytest.mark.parametrize("https", [False, True])
def test_cookies_are_kept_from_scripts_and_other_sites(database_url: str, https: bool) -> None:
    app = databases.create(database_url, HTTPS_ONLY=https)
    cast.enrol(app)
    base = f"http{'s' if https else ''}://localhost"
    visitor = app.test_client()
    page = visitor.get("/sign-in", base_url=base)
    data = {"email": PRIYA, "password": cast.PASSWORD, "csrf_token": page.value_of(TOKEN)}
    headers = {"Referer": f"{base}/sign-in"}
    entered = visitor.post("/sign-in", base_url=base, data=data, headers=headers)
    assert entered.status_code == 303
    cookies = [each for answer in (page, entered) for each in answer.headers.getlist("Set-Cookie")]
    databases.dispose(app)
    assert len(cookies) == 3
    for cookie in cookies:
        assert cookie.startswith("__Host-roadmap" if https else "roadmap")
        assert "Path=/" in cookie.split("; ")
        assert "Domain" not in cookie
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


@pytest.mark.parametrize("address", ["/board/list", "/board/part", "/board/preview"])
def test_a_part_of_a_page_whose_session_ended_leaves_the_page_as_it_is(
    app: Flask, company: Company, address: str
) -> None:
    headers = {**HTMX, "HX-Current-URL": "http://localhost/board?segment=1"}
    answer = app.test_client().get(address, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Retarget"] == "#flashes"
    assert "HX-Redirect" not in answer.headers
    assert "What you typed is still on this page." in answer.text
    assert "/sign-in?next=/board?segment%3D1" in answer.text.replace("%2F", "/").replace("%3F", "?")


def test_what_a_form_asks_while_one_types_leaves_the_page_as_it_is_as_well(
    app: Flask, company: Company
) -> None:
    visitor = app.test_client()
    token = str(visitor.get("/sign-in").value_of(TOKEN))
    answer = visitor.post(
        "/requests/similar", data={"body": "No signal"}, headers={**HTMX, "X-CSRFToken": token}
    )
    assert answer.status_code == 401
    assert answer.headers["HX-Retarget"] == "#flashes"


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
