"""Every answer, of whatever kind, tells the browser what it may load, keep and show where."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from roadmap.extensions import db
from roadmap.models import UserSession
from roadmap.web.headers import CONTENT_SECURITY_POLICY, PERMISSIONS_POLICY
from tests.support import cast, databases
from tests.support.client import HTMX, CheckingClient, Page
from tests.support.company import Company

FORM = "main form:has([type=password])"
ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cache-Control": "no-store",
}


def answers(app: Flask) -> dict[str, Page]:
    """One answer of each kind that a browser may get."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/broken", "broken", broken)
    company = Company(app)
    company.initiative("First")
    visitor, rep = app.test_client(), cast.visitor(app, "rep")
    executive = cast.visitor(app, "executive")
    token = str(visitor.get("/sign-in").value_of("form:has([type=password]) [name=csrf_token]"))
    return {
        "page": rep.get("/tradeoffs"),
        "board": rep.get("/board"),
        "compressed": rep.get("/board", headers={"Accept-Encoding": "gzip"}),
        "fragment": rep.get("/board/list", headers=HTMX),
        "file": rep.get("/board.csv"),
        "redirect": visitor.get("/board"),
        "leave for htmx": visitor.get("/board/list", headers=HTMX),
        "well": visitor.get("/healthz"),
        "400": executive.post("/board/promotions"),
        "401": visitor.post("/board/promotions", data={"csrf_token": token}),
        "403": rep.post("/board/promotions", headers={"X-CSRFToken": token_of(rep)}),
        "404": rep.get("/nowhere"),
        "404 hidden": rep.get("/users"),
        "404 file": rep.get("/static/nothing.css"),
        "405": rep.get("/sign-out"),
        "422": visitor.post("/sign-in", data={"csrf_token": token}),
        "500": rep.get("/broken"),
    }


def broken() -> str:
    raise RuntimeError("a fault in a handler")


def token_of(client: CheckingClient) -> str:
    return str(client.get("/tradeoffs").value_of("form[action='/sign-out'] [name=csrf_token]"))


def test_every_kind_of_answer_is_protected(app: Flask) -> None:
    for kind, answer in answers(app).items():
        if kind[:3].isdigit():
            assert answer.status_code == int(kind[:3]), kind
        for name, value in ALWAYS.items():
            assert answer.headers.get(name) == value, (kind, name)
        assert {"Cookie", "HX-Request"} <= set(answer.vary), kind
        assert "Strict-Transport-Security" not in answer.headers


def test_static_files_are_what_they_say_and_may_be_kept(app: Flask) -> None:
    page = app.test_client().get("/sign-in")
    address = page.one("link[rel=stylesheet][href*=tabler]")["href"]
    answer = app.test_client().get(str(address))
    assert answer.status_code == 200
    assert answer.mimetype == "text/css"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers
    answer.close()


def test_the_policy_lets_no_inline_script_style_or_other_site_in() -> None:
    policy = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


def test_over_https_browsers_are_told_to_stay_there(database_url: str) -> None:
    app = databases.create(database_url, HTTPS_ONLY=True)
    page = app.test_client().get("/sign-in")
    databases.dispose(app)
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_fault_of_ours_is_admitted_without_its_details(app: Flask) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/broken", "broken", broken)
    cast.enrol(app)
    page = cast.visitor(app, "rep").get("/broken")
    assert page.text_of("h1") == "Our mistake"
    assert "Something failed on our side. Please try again." in page.text
    assert "RuntimeError" not in page.text


def test_only_believed_proxies_say_where_a_request_comes_from(database_url: str) -> None:
    seen = []
    for hops in (0, 1):
        app = databases.create(database_url, BEHIND_PROXIES=hops)
        cast.enrol(app)
        form = app.test_client().get("/sign-in")
        rosa = cast.person("rep")
        form.submit(FORM, email=rosa.email, password=rosa.password, follow=False)
        proxied = form.client
        with app.app_context():
            db.session.execute(update(UserSession).values(address="unknown"))
            db.session.commit()
        data = {"email": rosa.email, "password": rosa.password, "csrf_token": token_of(proxied)}
        headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}
        proxied.post("/sign-in", data=data, headers=headers)
        page = proxied.get("/sessions")
        seen.append({row["Address"] for row in page.rows_of("table")})
        databases.dispose(app)
    assert [addresses - {"unknown"} for addresses in seen] == [{"127.0.0.1"}, {"203.0.113.9"}]


def test_static_files_are_found_below_whatever_the_product_is_served_under(app: Flask) -> None:
    """Their addresses are kept, but not across two places."""
    visitor = FlaskClient(app, app.response_class)
    for place in ("", "/board-of-ours", ""):
        page = visitor.get("/sign-in", environ_overrides={"SCRIPT_NAME": place})
        found = re.findall(r'<link rel="stylesheet" href="([^"]*)"', page.text)
        assert found
        assert all(address.startswith(f"{place}/static/") for address in found)
