"""Splitting a problem: what is chosen becomes the evidence of a new one; and goes back exactly."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.market import figures
from roadmap.models import Problem, ProblemTie, Request, Statement
from tests.patterns.conftest import Twins, difference, rows
from tests.support.client import CheckingClient, Page
from tests.support.company import Company
from tests.support.tables import everything

NEW = "Nobody knows who did it"


def choose(priya: CheckingClient, twins: Twins, **values: object) -> Page:
    page = priya.get(f"/problems/{twins.goes}").follow("Split…")
    chosen = {"title": NEW, "request": [twins.confirmed], "deal": [twins.own], **values}
    return page.submit("#split-form", press="See what it does", **chosen)


def made(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(select(Problem.id).where(Problem.title == NEW)).one()


def test_requests_and_deals_tied_by_hand_are_offered_and_found_by_words(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    page = priya.get(f"/problems/{twins.goes}/split")
    requests = page.texts_of("#split-requests label")
    assert requests == ["We share one password.", "Nobody knows who did it."]
    assert page.texts_of("#split-deals label") == ["Both", "Only passwords", "Lost"]
    assert "3 deals are tied by requests" in page.text
    page = page.submit("#split-form", press="Find", q="lost", deal=[twins.own], title="Kept")
    assert page.texts_of("#split-deals label") == ["Only passwords", "Lost"]
    assert page.value_of(f"#deal-{twins.own}") == str(twins.own)
    assert page.value_of("#split-form [name=title]") == "Kept"


def test_a_choice_that_makes_no_sense_is_said_beside_its_field(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    before = everything(app)
    empty = choose(priya, twins, title="", request=[], deal=[])
    assert empty.status_code == 422
    assert "Name the new problem" in empty.text_of("#split-form .field-errors")
    nothing = choose(priya, twins, request=[], deal=[])
    assert nothing.status_code == 422
    assert "Choose at least one request or deal." in nothing.text_of("[role=alert]")
    taken = choose(priya, twins, title="Audits fail")
    assert taken.status_code == 422
    assert "Another problem has this title." in taken.text_of("#split-form .field-errors")
    assert everything(app) == before


def test_consequences_are_shown_before_and_nothing_is_changed(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    before = everything(app)
    page = choose(priya, twins)
    sentence = page.text_of(".preview-sentence")
    # The confirmed request goes with what was merged into it, and takes the deals of both along.
    assert "takes 3 open deals ( $370K ) and 0 lost deals" in sentence
    assert "2 requests" in sentence
    assert "What stays: 1 open deal ( $400K ) and 1 lost deal ( $70K )" in sentence
    assert "No open deal falls out of reach" in page.text
    page = choose(priya, twins, same_initiatives=False)
    assert "uncovered" in page.text_of(".preview-part:has(h3:-soup-contains('solved'))")
    pushed = page.texts_of(".preview-part:has(h3:-soup-contains('Out of reach')) li a")
    # Asked for waits for sign-in, too, which has no date: it was out of reach all along.
    assert pushed == ["Asked twice"]
    again = page.submit("#split-form", press="Change the choice")
    assert again.value_of("#split-form [name=title]") == NEW
    assert again.value_of(f"#request-{twins.confirmed}") == str(twins.confirmed)
    assert everything(app) == before


def test_what_was_chosen_becomes_the_evidence_of_a_new_problem(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    page = choose(priya, twins, statement="Audits ask who did what.")
    page = page.submit("#split-form", press="Split")
    assert page.text_of("h1") == NEW
    new = made(app)
    with twins.company.looking() as picture:
        counted = figures.by_problem()
        assert (counted[new].open_count, counted[new].open_amount) == (3, 370_000_00)
        assert (counted[twins.goes].open_count, counted[twins.goes].lost_count) == (1, 1)
        problem = db.session.get_one(Problem, new)
        assert (problem.layer, problem.parent_id) == ("manager", twins.boss)
        assert [segment.name for segment in problem.segments] == ["Banks", "Mills"]
        tied = select(ProblemTie.initiative_id).where(ProblemTie.problem_id == new)
        assert set(db.session.scalars(tied)) == {twins.solver, twins.helper}
        assert picture.solved[str(new)] == picture.solved[str(twins.goes)]
        assert db.session.get_one(Request, twins.confirmed).problem_id == new
        assert db.session.get_one(Request, twins.pending).problem_id == twins.goes
    assert twins.company.wrong_totals() == []
    assert "was split off this problem" in priya.get(f"/problems/{twins.goes}").text_of("#steps")


def test_a_deal_that_requests_on_both_sides_speak_of_waits_for_both(
    app: Flask, priya: CheckingClient, confirm: Callable[..., None]
) -> None:
    company = Company(app)
    old = company.problem("Old")
    deal = company.deal("Renewal", 50_000_00)
    one, other = (company.request(f"Said {n}.", deals=[deal]) for n in range(2))
    for request in (one, other):
        confirm(company, request, old)
    before = rows(app)
    page = priya.get(f"/problems/{old}/split").submit(
        "#split-form", press="See what it does", title=NEW, request=[one]
    )
    assert "1 deal waits for both from then on" in page.text_of(".preview-sentence")
    page.submit("#split-form", press="Split")
    new = made(app)
    with app.app_context():
        said = select(Statement.origin_id, Statement.root_id).where(Statement.deal_id == deal)
        assert set(db.session.execute(said).all()) == {(one, new), (other, old)}
    priya.get(f"/problems/{new}").submit("#steps form")
    left = difference(before, rows(app))
    assert [row for row in left if not row.startswith("+ problems")] == []


def test_undoing_restores_every_row_and_leaves_an_empty_page_that_says_so(
    app: Flask, priya: CheckingClient, rosa: CheckingClient, twins: Twins
) -> None:
    before = rows(app)
    for same in (True, False):
        choose(priya, twins, same_initiatives=same).submit("#split-form", press="Split")
        new = made(app)
        priya.get(f"/problems/{twins.goes}").submit("#steps form")
        # Its title is free again, so that the split can be tried anew.
        left = difference(before, rows(app))
        assert all(row.startswith("+ problems: ") and "split undone" in row for row in left)
        page = rosa.get(f"/problems/{new}")
        assert page.has(f"main a[href='/problems/{twins.goes}']")
        assert "undone" in page.text_of("#steps")
        assert NEW not in rosa.get("/problems").text_of("main")
    assert twins.company.wrong_totals() == []


def test_undoing_is_refused_where_the_new_problem_was_built_on(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    choose(priya, twins).submit("#split-form", press="Split")
    new = made(app)
    twins.company.deal("Came later", blockers=[new])
    before = everything(app)
    page = priya.get(f"/problems/{new}").submit("#steps form")
    assert "“Came later” came to what was split off since" in page.text_of("#flashes")
    assert everything(app) == before


def test_a_split_can_be_merged_back_and_both_undone(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    before = rows(app)
    choose(priya, twins).submit("#split-form", press="Split")
    new, between = made(app), rows(app)
    priya.get(f"/problems/{new}/merge?into={twins.goes}").submit("#merge-form")
    assert twins.company.wrong_totals() == []
    priya.get(f"/problems/{twins.goes}").submit("#steps form")
    assert difference(between, rows(app)) == []
    priya.get(f"/problems/{twins.goes}").submit("#steps form")
    assert len(difference(before, rows(app))) == 1


def test_what_was_shown_is_what_is_committed(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    page = choose(priya, twins)
    twins.company.deal("New", 10_000_00, blockers=[twins.goes])
    before = everything(app)
    answer = page.submit("#split-form", press="Split")
    assert answer.status_code == 409
    assert "Nothing was committed" in answer.text_of("[role=alert]")
    assert "What stays: 2 open deals ( $410K )" in answer.text_of(".preview-sentence")
    assert everything(app) == before
    assert answer.submit("#split-form", press="Split").text_of("h1") == NEW


def test_what_is_not_of_this_problem_cannot_be_taken(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    other = twins.company.problem("Other")
    foreign = twins.company.deal("Foreign", blockers=[other])
    page = priya.get(f"/problems/{twins.goes}/split")
    token = page.value_of("#split-form [name=csrf_token]")
    shown = choose(priya, twins)
    answer = priya.post(
        f"/problems/{twins.goes}/split",
        data={
            "csrf_token": token, "title": NEW, "deal": [foreign, "x", "²", 10**30],
            "step": "commit",
            "revision": shown.value_of("[name=revision]"), "as_of": shown.value_of("[name=as_of]"),
        },
    )  # fmt: skip
    assert answer.status_code == 422
    assert "Choose at least one request or deal." in answer.text
