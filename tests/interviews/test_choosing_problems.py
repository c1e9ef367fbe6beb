"""A reason's problem is chosen by its title: the likely ones first, however many there are."""

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Blocker, Problem, Statement
from tests.support.client import CheckingClient, Page
from tests.support.company import Company

FIELD = "reasons-0-problem"


def options(page: Page, list: str = FIELD) -> list[str]:
    return [str(option["value"]) for option in page.all(f"#{list}-list option")]


def many(app: Flask, how_many: int = 300) -> None:
    with app.app_context():
        db.session.add_all(Problem(title=f"Problem {n:04d}") for n in range(how_many))
        db.session.commit()


class Story:
    def __init__(self, app: Flask) -> None:
        self.company = company = Company(app)
        account = company.account("Acme")
        self.claimed = company.problem("Zip files are refused")
        self.asked = company.problem("Yearly reports are late")
        self.heard = company.problem("Xml is not read")
        company.problem("Another pain")
        self.deal = company.deal(
            "Acme deal", status="lost", account=account,
            blockers=[(self.heard, "customer"), self.claimed],
        )  # fmt: skip
        company.request(account=account, problem=self.asked)
        company.request("Another", account=account, problem=self.claimed)
        self.interview = company.interview(self.deal)
        self.log = f"/interviews/{self.interview}/log"


@pytest.fixture
def story(app: Flask) -> Story:
    return Story(app)


FIRST = ["Zip files are refused", "Xml is not read", "Yearly reports are late"]


def test_what_the_deal_and_its_account_name_already_is_offered_first(
    story: Story, priya: CheckingClient
) -> None:
    page = priya.get(story.log)
    assert options(page) == [*FIRST, "Another pain"]
    assert page.all(f"#{FIELD}-list option")[0]["label"] == (
        "Zip files are refused (claimed for this deal)"
    )
    hint = page.text_of("#named-already")
    assert "Named already: “Zip files are refused” (claimed for this deal)" in hint
    assert "“Yearly reports are late” (in a request of this account)" in hint
    # All are in the list, so nothing has to be searched for.
    assert not page.one(f"#{FIELD}").has_attr("hx-get")


def test_of_many_only_the_likely_ones_are_sent_and_the_others_are_searched_for(
    app: Flask, story: Story, priya: CheckingClient
) -> None:
    many(app)
    page = priya.get(story.log)
    assert options(page) == FIRST
    search = str(page.one(f"#{FIELD}")["hx-get"])
    found = priya.fragment(f"{search}&{FIELD}=PROBLEM+0117")
    assert [str(each["value"]) for each in found.all("option")] == ["Problem 0117"]
    named = priya.fragment(f"{search}&{FIELD}=are")
    assert [str(each["value"]) for each in named.all("option")] == [FIRST[0], FIRST[2]]
    assert len(priya.fragment(f"{search}&{FIELD}=problem").all("option")) == 20
    assert [str(e["value"]) for e in priya.fragment(f"{search}&{FIELD}=").all("option")] == FIRST
    assert priya.fragment(f"{search}&{FIELD}=%00").all("option")


def test_a_title_is_enough_without_javascript(
    app: Flask, story: Story, priya: CheckingClient
) -> None:
    many(app)
    filled = priya.get(story.log).submit(
        "#log", name="Dana", **{"reasons-0-bucket": "product", FIELD: "  problem   0042 "}
    )
    assert filled.path == f"/interviews/{story.interview}"
    with app.app_context():
        reason = db.session.scalars(select(Statement).where(Statement.origin == "interview")).one()
        assert reason.problem is not None
        assert reason.problem.title == "Problem 0042"
        tied = select(Blocker.problem_id).where(
            Blocker.deal_id == story.deal, Blocker.source == "interview"
        )
        assert db.session.scalars(tied).all() == [reason.problem_id]
    again = priya.get(story.log)
    assert again.value_of(f"#{FIELD}") == "Problem 0042"


def test_what_is_no_title_is_kept_with_the_near_ones_to_choose_from(
    app: Flask, story: Story, priya: CheckingClient
) -> None:
    many(app)
    typed = {
        "name": "Dana",
        "reasons-0-bucket": "product",
        FIELD: "zip refused",
        "reasons-0-quote": "It said no",
    }
    page = priya.get(story.log).submit("#log", **typed)
    assert page.status_code == 422
    assert page.text_of(f"#{FIELD}-errors") == (
        "No problem has this title. Choose one of the near ones below, or leave it empty."
    )
    assert page.one(".note-danger a")["href"] == f"#{FIELD}"
    assert page.value_of(f"#{FIELD}") == "zip refused"
    assert page.text_of("#reasons-0-quote").strip() == "It said no"
    near = page.all(f"[name={FIELD}-near]")
    assert str(near[0]["value"]) == str(story.claimed)
    assert page.texts_of("fieldset .field-choices label")[0].startswith("Zip files are refused")
    with app.app_context():
        assert (
            db.session.scalars(select(Statement).where(Statement.origin == "interview")).all() == []
        )
    done = page.submit("#log", **{f"{FIELD}-near": str(story.claimed)})
    assert done.path == f"/interviews/{story.interview}"
    with app.app_context():
        said = db.session.scalars(select(Statement).where(Statement.origin == "interview")).one()
        assert said.problem_id == story.claimed


def test_a_slip_of_the_fingers_finds_what_was_meant(story: Story, priya: CheckingClient) -> None:
    typed = {"reasons-0-bucket": "product", FIELD: "Zip fiels are refussed"}
    page = priya.get(story.log).submit("#log", name="Dana", **typed)
    assert str(story.claimed) in [str(each["value"]) for each in page.all(f"[name={FIELD}-near]")]


def test_nothing_near_says_so(story: Story, priya: CheckingClient) -> None:
    typed = {"reasons-0-bucket": "product", FIELD: "qqqq"}
    page = priya.get(story.log).submit("#log", name="Dana", **typed)
    assert page.text_of(f"#{FIELD}-errors") == (
        "No problem has this title. Search again, or leave it empty."
    )
    assert not page.has(f"[name={FIELD}-near]")


def test_one_that_was_not_offered_cannot_be_picked(
    app: Flask, story: Story, priya: CheckingClient
) -> None:
    token = priya.get(story.log).value_of("#log [name=csrf_token]")
    for picked in ("999", "x", "99999999999999999999"):
        page = priya.post(
            f"/interviews/{story.interview}/log",
            data={"csrf_token": token, "reasons-0-bucket": "product", FIELD: "zip refused",
                  f"{FIELD}-near": picked},
        )  # fmt: skip
        assert page.status_code == 422
        assert "No problem has this title" in page.text_of(f"#{FIELD}-errors")


def test_one_more_reason_keeps_a_title_that_is_not_finished(
    story: Story, priya: CheckingClient
) -> None:
    page = priya.get(story.log).submit("#log", press="more", **{FIELD: "Zip fi"})
    assert page.value_of(f"#{FIELD}") == "Zip fi"
    assert page.value_of("#reasons-3-problem") == ""


def test_a_rep_s_report_chooses_the_same_way(
    app: Flask, story: Story, priya: CheckingClient
) -> None:
    many(app)
    page = priya.get(f"/deals/{story.deal}/report")
    assert options(page, "problem") == FIRST
    search = str(page.one("#problem")["hx-get"])
    assert len(priya.fragment(f"{search}&problem=0117").all("option")) == 1
    refused = page.submit("#report", against="unknown", bucket="product", problem="zip refused")
    assert refused.status_code == 422
    assert refused.value_of("#problem") == "zip refused"
    done = refused.submit("#report", **{"problem-near": str(story.claimed)})
    assert done.path == f"/deals/{story.deal}"
