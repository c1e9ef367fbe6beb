"""Problems roll up in the customer's organisation, and evidence adds up along it."""

from flask import Flask

from roadmap.extensions import db
from roadmap.models import Problem
from tests.support.client import CheckingClient
from tests.support.company import Company
from tests.support.tables import everything


def parent_of(app: Flask, problem: int) -> int | None:
    with app.app_context():
        return db.session.get_one(Problem, problem).parent_id


def roll_up(priya: CheckingClient, child: int, words: str) -> str:
    page = priya.get(f"/problems/{child}").submit("#roll-up form[role=search]", parent=words)
    return page.submit("#choose-parent", press=page.texts_of("#choose-parent button")[0]).path


def test_a_problem_is_found_and_rolled_up_to_and_taken_out_again(
    app: Flask, priya: CheckingClient, rosa: CheckingClient
) -> None:
    company = Company(app)
    boss = company.problem("Audits fail", layer="executive")
    lead = company.problem("Audits take weeks", layer="manager")
    peer = company.problem("Audits are dull", layer="manager")
    page = priya.get(f"/problems/{lead}").submit("#roll-up form[role=search]", parent="AUDITS")
    assert page.texts_of("#choose-parent th a") == ["Audits fail"]
    page = page.submit("#choose-parent", press="Roll up to Audits fail")
    assert page.path == f"/problems/{lead}"
    assert parent_of(app, lead) == boss
    assert "Rolls up to Audits fail (executive)" in page.text_of("#roll-up")
    assert not rosa.get(f"/problems/{lead}").has("#roll-up form")
    page.submit("#no-parent")
    assert parent_of(app, lead) is None
    assert "No problem that this one could roll up to" in priya.get(
        f"/problems/{peer}?parent=weeks"
    ).text_of("#roll-up")


def test_evidence_adds_up_along_it_each_deal_once(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    boss = company.problem("Audits fail", layer="executive")
    lead = company.problem("Audits take weeks", layer="manager")
    hand = company.problem("Logs are kept by hand", layer="user")
    company.deal("Of all", 400_000_00, blockers=[boss, lead, hand])
    company.deal("Of two", 250_000_00, blockers=[lead, hand])
    company.deal("Of one", 50_000_00, blockers=[hand])
    company.deal("Lost", 30_000_00, status="lost", blockers=[lead])
    roll_up(priya, lead, "fail")
    roll_up(priya, hand, "weeks")
    page = priya.get(f"/problems/{boss}")
    assert "With what rolls up: 3 open deals, $700K (each once)" in page.text_of("#together")
    rows = page.rows_of("#roll-up table")
    assert [row["Open blocked"].split()[0] for row in rows] == ["$400K", "$650K", "$700K"]
    assert "Logs are kept by hand (user) , level 2" in rows[2]["What rolls up to it"]
    assert "$700K 3 deals" in page.text_of("#roll-up tfoot")
    rows = priya.get("/problems").rows_of("table")
    listed = {row["Problem"].split(" felt")[0]: row for row in rows}
    assert listed["Audits fail"]["Open blocked"] == "$400K $700K with what rolls up"
    assert "rolls up" not in listed["Logs are kept by hand"]["Open blocked"]


def test_circles_wrong_layers_and_what_is_gone_are_refused_and_change_nothing(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    one, two, three = (company.problem(title) for title in ("One", "Two", "Three"))
    boss = company.problem("Boss", layer="executive")
    lead = company.problem("Lead", layer="manager")
    gone = company.problem("Gone")
    company.merged(gone, three)
    roll_up(priya, one, "Two")
    roll_up(priya, two, "Three")
    page = priya.get(f"/problems/{one}")
    token = page.value_of("#no-parent [name=csrf_token]")
    before = everything(app)
    for child, parent, said in (
        (three, one, "That would be a circle: “Three” → “One” → “Two” → “Three”."),
        (one, one, "That would be a circle: “One” → “One”."),
        (boss, lead, "which is not above"),
        (one, gone, "There is no such problem any more."),
        (one, 999, "There is no such problem any more."),
        (one, "x", "There is no such problem any more."),
        (gone, boss, "nothing was changed"),
    ):
        answer = priya.post(
            f"/problems/{child}/parent",
            data={"parent": parent, "csrf_token": token},
            follow_redirects=True,
        )
        assert said in answer.text_of("#flashes")
    assert everything(app) == before


def test_a_layer_that_no_longer_fits_is_refused_beside_its_field(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    lead = company.problem("Lead", layer="manager")
    hand = company.problem("Hand", layer="user")
    roll_up(priya, hand, "Lead")
    page = priya.get(f"/problems/{hand}/edit").submit("#problem", layer="executive")
    assert page.status_code == 422
    assert "It rolls up to “Lead”, which the manager feels." in page.text_of(".field-errors")
    page = priya.get(f"/problems/{lead}/edit").submit("#problem", layer="user")
    assert "“Hand”, which the user feels, rolls up to it." in page.text_of(".field-errors")
    with app.app_context():
        assert db.session.get_one(Problem, lead).layer == "manager"
    assert priya.get(f"/problems/{lead}/edit").submit("#problem", layer="").status_code == 200
