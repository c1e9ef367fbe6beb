"""`flask similar`: what the page suggests, for a text on the command line."""

import json

import pytest
from click.testing import Result
from flask import Flask

from tests.similar.conftest import Intake, Suggest
from tests.support.company import Company


def similar(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["similar", *words])


@pytest.fixture
def filled(company: Company, intake: Intake) -> None:
    company.problem("Okta for contractors")
    intake.request("Contractors get paid late", "By bank transfer")
    intake.request("Azure for contractors")


@pytest.mark.usefixtures("filled")
def test_it_prints_what_is_suggested_with_ids_titles_and_scores(app: Flask, ask: Suggest) -> None:
    done = similar(app, "--text", "okta for contractors")
    found = ask("okta for contractors")
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        f"{each.kind} {each.id}\t{each.score:.4f}\t{each.title}" for each in found
    ]
    assert done.output.startswith("problem 1\t0.")
    assert len(found) == 3


@pytest.mark.usefixtures("filled")
def test_as_json_it_says_why_as_well(app: Flask, ask: Suggest) -> None:
    done = similar(app, "--text", "okta for contractors", "--json", "--limit", "1")
    first = ask("okta for contractors")[0]
    assert json.loads(done.output) == [
        {
            "kind": "problem", "id": 1, "title": "Okta for contractors", "score": first.score,
            "why": ["alike in okta, contractors"], "through": None,
        }
    ]  # fmt: skip


@pytest.mark.usefixtures("filled")
def test_when_nothing_looks_like_it_that_is_said(app: Flask) -> None:
    done = similar(app, "--text", "weather in Lisbon")
    assert (done.exit_code, done.output) == (0, "Nothing looks like it.\n")
    done = similar(app, "--text", "weather in Lisbon", "--json")
    assert (done.exit_code, json.loads(done.output)) == (0, [])


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--text", ""], "Say something in --text."),
        (["--text", " \n"], "Say something in --text."),
        ([], "Missing option '--text'"),
        (["--text", "okta", "--limit", "0"], "0 is not in the range 1<=x<=50"),
        (["--text", "okta", "--limit", "51"], "51 is not in the range 1<=x<=50"),
        (["--text", "okta", "--limit", "many"], "'many' is not a valid integer"),
    ],
)
@pytest.mark.only("sqlite")
def test_a_question_that_makes_no_sense_ends_with_2(
    app: Flask, words: list[str], complaint: str
) -> None:
    done = similar(app, *words)
    assert done.exit_code == 2
    assert complaint in done.output
    assert "Traceback" not in done.output
