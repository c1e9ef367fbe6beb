"""Where htmx goes after a form, and that it truly goes there."""

import pytest
from flask import Flask

from roadmap.web import htmx


@pytest.mark.parametrize(
    ("current", "address", "header"),
    [
        ("http://localhost/board", "/board#initiative-3", "HX-Refresh"),
        ("http://localhost/board?segment=2#initiative-9", "/board#initiative-3", "HX-Refresh"),
        ("http://localhost/initiatives/3", "/board#initiative-3", "HX-Redirect"),
        ("http://localhost/board", "/board?segment=2", "HX-Redirect"),
        ("http://[", "/board#initiative-3", "HX-Redirect"),
        ("", "/board", "HX-Redirect"),
    ],
)
def test_a_page_that_one_is_on_already_is_loaded_anew(
    app: Flask, current: str, address: str, header: str
) -> None:
    """A browser that is sent to where it is only scrolls: the panel would stay, as if undone."""
    headers = {"HX-Request": "true", "HX-Current-URL": current}

    with app.test_request_context(headers=headers):
        answer = htmx.go(address)

    assert answer.status_code == 200
    assert header in answer.headers
    assert {"HX-Refresh", "HX-Redirect"} & set(answer.headers.keys()) == {header}


def test_without_htmx_it_is_a_plain_redirect(app: Flask) -> None:
    with app.test_request_context():
        answer = htmx.go("/board#initiative-3")

    assert (answer.status_code, answer.location) == (303, "/board#initiative-3")
