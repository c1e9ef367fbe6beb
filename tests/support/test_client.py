"""The checking client is itself checked, on a throwaway application."""

import secrets
from pathlib import Path

import pytest
from flask import Flask, redirect, request
from flask_wtf.csrf import CSRFProtect, generate_csrf

from tests.support.client import CheckingClient

PAGE = """<!doctype html><html lang="en"><head><title>A title</title></head>
<body hx-headers:inherited='{{"X-CSRFToken": "x"}}'><main id="main"><h1>A heading</h1>
{}</main></body></html>"""

FORM = """<form id="edit" method="post" action="/echo">
<input type="hidden" name="csrf_token" value="{token}">
<input type="hidden" name="revision" value="7">
<label>Title <input name="title" value="old &amp; gold"></label>
<label>Notes <textarea name="notes">
first</textarea></label>
<label>Kind <select name="kind"><option value="a">A</option><option value="b" selected>B</option>
</select></label>
<label>Tags <select name="tags" multiple><option>x</option><option selected>y</option>
<option selected>z</option></select></label>
<label><input type="checkbox" name="urgent" checked> Urgent</label>
<label><input type="checkbox" name="quiet" value="yes"> Quiet</label>
<label>Gone <input name="gone" disabled value="1"></label>
<button name="act" value="save">Save</button>
<button name="act" value="drop" formaction="/echo?drop=1">Drop</button>
</form><label>Outside <input name="outside" form="edit" value="o"></label>"""


@pytest.fixture
def client(tmp_path: Path) -> CheckingClient:
    (tmp_path / "icons.svg").write_text('<svg><symbol id="star"></symbol></svg>')
    app = Flask("throwaway", static_folder=str(tmp_path), static_url_path="/static")
    app.config["SECRET_KEY"] = secrets.token_hex()
    CSRFProtect(app)
    app.test_client_class = CheckingClient

    # The body to answer is set by the test, so that each shows the markup that it speaks of.
    @app.get("/")
    def home() -> str:
        return app.config["BODY"].replace("{token}", generate_csrf())

    @app.post("/echo")
    def echo() -> dict[str, list[str]]:
        return request.form.to_dict(flat=False) | request.args.to_dict(flat=False)

    @app.get("/away")
    def away() -> object:
        return redirect("/nowhere")

    client = app.test_client()
    assert isinstance(client, CheckingClient)
    return client


def show(client: CheckingClient, body: str, **kwargs: str) -> object:
    client.application.config["BODY"] = PAGE.format(body, **kwargs)
    return client.get("/")


def test_a_sound_page_passes(client: CheckingClient) -> None:
    client.application.config["BODY"] = PAGE.format(
        """<a href="/">Home</a><a href="?sort=title">Sort</a><a href="#main">To the top</a>
        <a href="https://example.com/deal/1">The deal in CRM</a><img src="/static/icons.svg" alt="">
        <svg viewBox="0 0 1 1" aria-hidden="true"><use href="/static/icons.svg#star"/></svg>
        <table><thead><tr><th>Who</th><th>What</th></tr></thead>
        <tbody><tr><td>Ada</td><td>Counts <b>all</b></td></tr></tbody></table>
        <button hx-post="/echo" hx-target="#main">Send</button>"""
    )
    page = client.get("/")
    assert page.text_of("h1") == "A heading"
    assert page.rows_of("table") == [{"Who": "Ada", "What": "Counts all"}]
    assert page.follow("Home").status_code == 200


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<div>", "comes while <div>"),
        ("</div>", "comes while <main"),
        ("<p>one<p>two</p>", "stands in <p>|comes while"),
        ("<p><ul><li>x</li></ul></p>", "stands in <p>"),
        ("<div/>", "closes itself"),
        ("<br></br>", "no end tag"),
        ("<li>x</li>", "stands in <main>"),
        ('<i id="a"></i><i id="a"></i>', 'id "a" occurs 2 times'),
        ('<i class="a" class="b"></i>', "attribute class 2 times"),
        ("<h1>Again</h1>", "exactly one <h1>"),
        ('<a href="/nowhere">x</a>', "/nowhere is no address"),
        ('<a href="/echo">x</a>', "does not take GET"),
        ('<a href="#gone">x</a>', 'points to "gone"'),
        ('<a href="/"></a>', "no name"),
        ('<a href="javascript:x()">x</a>', "is a script"),
        ('<button hx-get="/gone">x</button>', "/gone is no address"),
        ('<button hx-post="/">x</button>', "does not take POST"),
        ('<button hx-get="/" hx-target="#gone">x</button>', 'points to "gone"'),
        ('<button hx-get="/" hx-target:inherited="#gone">x</button>', 'points to "gone"'),
        ('<button aria-controls="gone">x</button>', 'points to "gone"'),
        ('<b aria-describedby="main gone">x</b>', 'points to "gone"'),
        ('<label for="gone">x</label>', 'points to "gone"'),
        ('<form action="/gone"></form>', "/gone is no address"),
        ('<form method="post" action="/echo"></form>', "without a csrf_token"),
        ("<form><div><form></form></div></form>", "stands inside <form>"),
        ("<script>x()</script>", "inline script"),
        ("<style>a{}</style>", "inline style sheet"),
        ('<b style="color: red">x</b>', "style attribute"),
        ('<b onclick="x()">x</b>', "inline handler"),
        ('<b hx-on:click="x()">x</b>', "inline handler"),
        ('<b hx-get="/" hx-trigger="keyup[key]">x</b>', "trigger filter"),
        ("<b hx-get='/' hx-vals='js:{a: 1}'>x</b>", "evaluated"),
        ('<img src="/static/icons.svg">', "no alt"),
        ('<img src="/static/gone.png" alt="">', "no static file"),
        ('<svg><use href="/static/icons.svg#moon"/></svg>', "no symbol #moon"),
        ('<input name="a">', "no label"),
        ('<input name="id" aria-label="x">', 'called "id"'),
        ('<script src="https://cdn.example.com/x.js"></script>', "leads to another place"),
        ('<script src="//cdn.example.com/x.js"></script>', "leads to another place"),
    ],
)
def test_a_fault_in_a_page_fails_the_test(
    client: CheckingClient, body: str, complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        show(client, body)


def test_a_page_without_a_title_fails_the_test(client: CheckingClient) -> None:
    client.application.config["BODY"] = PAGE.format("").replace("A title", "")
    with pytest.raises(AssertionError, match="<title>"):
        client.get("/")


def test_a_button_that_writes_needs_the_inherited_token(client: CheckingClient) -> None:
    body = PAGE.format('<button hx-post="/echo">x</button>')
    client.application.config["BODY"] = body.replace("X-CSRFToken", "X-Other")
    with pytest.raises(AssertionError, match="CSRF token in hx-headers"):
        client.get("/")


def test_a_fragment_may_point_to_the_page_around_it_and_answers_htmx_only(
    client: CheckingClient,
) -> None:
    client.application.config["BODY"] = '<tr><td><a href="#main">x</a></td></tr>'
    assert client.fragment("/").text_of("td") == "x"
    with pytest.raises(AssertionError, match="fragment answers a request"):
        client.get("/")


def test_a_redirect_that_leads_nowhere_fails_the_test(client: CheckingClient) -> None:
    with pytest.raises(AssertionError, match="/nowhere is no address"):
        client.get("/away")


def test_a_form_is_sent_as_rendered_but_for_the_values_given(client: CheckingClient) -> None:
    client.application.config["BODY"] = PAGE.format(FORM)
    page = client.get("/")
    assert page.value_of("[name=title]") == "old & gold"
    sent = page.submit("form#edit", title="new", quiet=True).json
    assert sent.pop("csrf_token")
    assert sent == {
        "revision": ["7"],
        "title": ["new"],
        "notes": ["first"],
        "kind": ["b"],
        "tags": ["y", "z"],
        "urgent": ["on"],
        "quiet": ["yes"],
        "outside": ["o"],
        "act": ["save"],
    }


def test_a_pressed_button_sends_its_own_value_to_its_own_address(client: CheckingClient) -> None:
    client.application.config["BODY"] = PAGE.format(FORM)
    sent = client.get("/").submit("#edit", press="Drop", tags=["x"], urgent=False).json
    assert sent["act"] == ["drop"]
    assert sent["drop"] == ["1"]
    assert sent["tags"] == ["x"]
    assert "urgent" not in sent


@pytest.mark.parametrize("values", [{"nonsense": "1"}, {"kind": "c"}, {"gone": "2"}])
def test_what_a_form_does_not_offer_cannot_be_sent(
    client: CheckingClient, values: dict[str, str]
) -> None:
    client.application.config["BODY"] = PAGE.format(FORM)
    with pytest.raises(AssertionError):
        client.get("/").submit("#edit", **values)


def test_a_write_without_the_token_is_refused_and_a_bare_error_page_fails_the_test(
    client: CheckingClient,
) -> None:
    with pytest.raises(AssertionError, match="400 BAD REQUEST with faults"):
        client.post("/echo")
