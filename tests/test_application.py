"""The harness on the real application: it starts, answers, and loads without a connection."""

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.support import databases
from tests.support.client import CheckingClient
from tests.support.queries import count_queries


def test_the_product_says_that_it_is_well_without_a_session(client: CheckingClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page(client: CheckingClient) -> None:
    page = client.get("/users", follow_redirects=True)
    assert page.request.path == "/sign-in"
    assert page.has("input[type=password]")


def test_a_wrong_password_is_refused_beside_the_field(
    client: CheckingClient, cast_ids: dict[str, int]
) -> None:
    page = client.get("/sign-in").submit(
        "form:has([type=password])", email="priya@demo.example", password="wrong password"
    )
    assert page.status_code == 422
    assert "do not belong together" in page.text


def test_the_cast_signs_in_through_the_real_form(ada: CheckingClient) -> None:
    assert "Priya Nair" in ada.get("/users").text


def test_queries_are_counted_without_those_that_identify_the_person(
    app: Flask, ada: CheckingClient
) -> None:
    with count_queries(app) as all_statements:
        ada.get("/users")
    with count_queries(app, ignoring=["users"]) as others:
        ada.get("/users")
    assert any("FROM users" in statement for statement in all_statements)
    assert len(others) < len(all_statements)


def test_loading_the_application_opens_no_connection(database_url: str) -> None:
    # gunicorn loads it once before it forks, and SQLite's connections do not survive a fork.
    opened: list[object] = []

    def record(*connection: object) -> None:
        opened.append(connection)

    event.listen(Engine, "connect", record)
    try:
        databases.create(database_url)
    finally:
        event.remove(Engine, "connect", record)
    assert not opened


@pytest.mark.parametrize("address", ["/nowhere", "/static/nothing.css"])
def test_an_unknown_address_is_not_found_in_plain_words(ada: CheckingClient, address: str) -> None:
    page = ada.get(address)
    assert page.status_code == 404
    assert page.text_of("h1")
