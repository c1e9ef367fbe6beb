"""What a request may bring: whatever is no form is refused before anybody reads it as one."""

import io
import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from roadmap.extensions import db
from roadmap.models import Product
from roadmap.web.bodies import MOST_FIELDS
from tests.support.client import CheckingClient
from tests.support.company import Company


def token(client: CheckingClient) -> str:
    return str(client.get("/products").value_of("form[action='/sign-out'] [name=csrf_token]"))


def products(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Product.id))) or 0


@pytest.mark.parametrize(
    "body", [{"name": 5}, {"name": [1, {}]}, {"name": None}, {"name": "Fine"}, [1, 2], "x", 5]
)
def test_json_is_no_form(app: Flask, priya: CheckingClient, body: Any) -> None:
    page = priya.post(
        "/products",
        data=json.dumps(body),
        content_type="application/json",
        headers={"X-CSRFToken": token(priya)},
    )
    assert page.status_code == 415
    assert "takes the fields of a form" in page.text_of("main")
    assert products(app) == 0


def test_json_is_no_sign_in(client: CheckingClient) -> None:
    csrf = str(client.get("/sign-in").value_of("main [name=csrf_token]"))
    page = client.post("/sign-in", json={"email": 5, "password": 5}, headers={"X-CSRFToken": csrf})
    assert page.status_code == 415


def test_a_file_is_no_field(app: Flask, priya: CheckingClient) -> None:
    page = priya.post(
        "/products", data={"csrf_token": token(priya), "name": (io.BytesIO(b"Name"), "name.txt")}
    )
    assert page.status_code == 415
    assert products(app) == 0


def test_a_form_may_come_in_parts(app: Flask, priya: CheckingClient) -> None:
    page = priya.post(
        "/products",
        data={"csrf_token": token(priya), "name": "Platform"},
        content_type="multipart/form-data",
    )
    assert page.status_code == 303
    assert products(app) == 1


def test_more_fields_than_a_statement_takes_are_refused(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    id = company.initiative("One")
    data: dict[str, Any] = {f"tie-{number}": "solves" for number in range(1, MOST_FIELDS + 1)}
    page = priya.post(f"/initiatives/{id}/problems", data={**data, "csrf_token": token(priya)})
    assert page.status_code == 413
    assert "Nothing was changed" in page.text_of("main")

    data.popitem()
    page = priya.post(f"/initiatives/{id}/problems", data={**data, "csrf_token": token(priya)})
    assert page.status_code == 303, "as many as are taken are looked at"
