"""Merging a problem: evidence moves, each deal once; and goes back exactly."""

import json
from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, insert, select

from roadmap.deals import actions as deals
from roadmap.extensions import db
from roadmap.market import figures
from roadmap.models import (
    Blocker,
    Initiative,
    Problem,
    ProblemStep,
    ProblemTie,
    Request,
    Statement,
    Tradeoff,
    User,
)
from roadmap.patterns import undoing
from tests.patterns.conftest import Twins, difference, rows
from tests.support.client import CheckingClient
from tests.support.company import Company
from tests.support.tables import everything


def merge(priya: CheckingClient, loser: int, survivor: int) -> str:
    page = priya.get(f"/problems/{loser}/merge?into={survivor}")
    done = page.submit("#merge-form")
    assert done.status_code == 200, done.text_of("main")
    return done.text_of("#flashes")


def undo(priya: CheckingClient, problem: int) -> str:
    return priya.get(f"/problems/{problem}").submit("#steps form").text_of("#flashes")


def test_the_survivor_is_found_by_words_in_common_or_looked_for(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    one = company.problem("Exports fail at night", statement="The nightly run stops")
    near = company.problem("The nightly export stops")
    far = company.problem("Invoices are late")
    page = priya.get(f"/problems/{one}").follow("Merge…")
    assert page.texts_of("#candidates th a") == ["The nightly export stops"]
    page = page.submit("main form[role=search]", q="invoices")
    assert page.texts_of("#candidates th a") == ["Invoices are late"]
    page = page.follow("See what merging into Invoices are late does")
    assert page.text_of("h1") == "What merging does"
    assert page.follow("The other way round").path == f"/problems/{far}/merge?into={one}"
    assert "No other problem says" in priya.get(f"/problems/{one}/merge?q=zzz").text
    assert near


def test_consequences_are_shown_before_and_nothing_is_changed(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    before = everything(app)
    page = priya.get(f"/problems/{twins.goes}/merge?into={twins.stays}")
    sentence = page.text_of(".preview-sentence")
    assert "moves 4 open deals ( $770K ) and 1 lost deal ( $70K ), 1 without amount" in sentence
    assert "2 deals wait for both already" in sentence
    assert "Together that is 5 open deals ( $860K )" in sentence
    assert "“Signing in is manual work”, which nobody solves, becomes covered." in page.text
    assert "Passwords away" in page.text
    # Sign-in had no date; with the initiatives of passwords it has one, and so have its deals.
    assert page.texts_of(".preview-sums dd") == ["$0 0 deals", "$210K 2 deals", "$210K"]
    named = page.texts_of(".preview-part:has(h3:-soup-contains('Within reach')) li a")
    assert named == ["Asked for", "Sign-in only"]
    assert "1 confirmed request and 1 pending one" in page.text
    assert "Logins are typed by hand" in page.text
    assert everything(app) == before


def test_evidence_moves_to_the_survivor_and_each_deal_counts_once(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    said = merge(priya, twins.goes, twins.stays)
    assert "“Everybody shares a password” is merged into “Signing in is manual work”." in said
    with twins.company.looking() as picture:
        counted = figures.by_problem()
        assert counted[twins.stays].open_count == 5
        assert counted[twins.stays].open_amount == 860_000_00
        assert twins.goes not in counted
        assert str(twins.goes) not in picture.plan.problems
        left = select(Blocker.id).where(Blocker.problem_id == twins.goes)
        assert db.session.scalars(left).all() == []
        kinds = dict(
            db.session.execute(
                select(ProblemTie.initiative_id, ProblemTie.kind).where(
                    ProblemTie.problem_id == twins.stays
                )
            ).all()
        )
        assert kinds == {twins.solver: "solves", twins.helper: "solves"}
        requests = {id: db.session.get_one(Request, id) for id in (twins.confirmed, twins.pending)}
        assert {request.problem_id for request in requests.values()} == {twins.stays}
        problem = db.session.get_one(Problem, twins.stays)
        assert {segment.name for segment in problem.segments} == {"Banks", "Mills"}
        assert db.session.get_one(Problem, twins.child).parent_id == twins.stays
        words = select(Statement.words).where(
            Statement.root_id == twins.stays, Statement.deal_id == twins.shared,
            Statement.source == "rep", Statement.problem_id == twins.goes,
        )  # fmt: skip
        assert "They said so in May" in db.session.scalars(words).all()
    assert twins.company.wrong_totals() == []
    page = priya.get(f"/problems/{twins.stays}")
    assert "was merged into this problem" in page.text_of("#steps")


def test_undoing_restores_every_row_under_its_id_and_every_forecast(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    with twins.company.looking() as picture:
        solved, finish = dict(picture.solved), picture.schedule.finish(str(twins.helper))
    before = rows(app)
    merge(priya, twins.goes, twins.stays)
    assert rows(app) != before
    assert "Undone" in undo(priya, twins.goes)
    assert difference(before, rows(app)) == []
    with twins.company.looking() as picture:
        assert dict(picture.solved) == solved
        assert picture.schedule.finish(str(twins.helper)) == finish
        step = db.session.scalars(select(ProblemStep)).one()
        assert step.undone_by_id == twins.company.people["product"]
    assert twins.company.wrong_totals() == []


def test_it_can_be_merged_and_undone_the_other_way_round_again_and_again(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    before = rows(app)
    for _ in range(2):
        merge(priya, twins.stays, twins.goes)
        assert twins.company.wrong_totals() == []
        undo(priya, twins.goes)
        assert difference(before, rows(app)) == []


def test_a_merged_problem_is_on_no_list_and_says_where_its_evidence_went(
    app: Flask, priya: CheckingClient, rosa: CheckingClient, twins: Twins
) -> None:
    merge(priya, twins.goes, twins.stays)
    page = rosa.get(f"/problems/{twins.goes}")
    assert page.has(f"main a[href='/problems/{twins.stays}']")
    assert "on no list and in no figure" in page.text
    assert not page.has("#steps form")
    title = "Everybody shares a password"
    deal, initiative = twins.own, twins.solver
    for address in ("/problems", "/problems.csv", "/markets", "/markets.csv", "/markets/overlaps",
                    f"/deals/{deal}", "/deals", f"/initiatives/{initiative}/problems", "/board",
                    f"/problems/{twins.child}?parent=shares"):  # fmt: skip
        assert title not in priya.get(address).text, address
    assert title not in priya.get(f"/problems/{twins.stays}/merge?q=shares").text_of("main")


def test_nothing_more_can_be_done_to_a_merged_problem(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    edit, split = (
        priya.get(f"/problems/{twins.goes}/edit"),
        priya.get(f"/problems/{twins.goes}/split"),
    )
    again = priya.get(f"/problems/{twins.goes}/merge?into={twins.boss}")
    tie = priya.get(f"/problems/{twins.goes}?deal=Sign-in only")
    merge(priya, twins.goes, twins.stays)
    before = everything(app)
    for page, form in ((edit, "#problem"), (split, "#split-form")):
        gone = page.submit(form, title="Another title")
        assert gone.status_code == 409
        assert "merged" in gone.text_of("main")
        assert "Another title" in gone.text
    answer = again.submit("#merge-form")
    assert answer.path == f"/problems/{twins.goes}"
    assert "nothing was changed" in answer.text_of("#flashes")
    assert "is merged into “Signing in is manual work”" in tie.submit("#tie-deal").text
    twin = priya.get("/problems/new").submit("#problem", title="Everybody shares a password")
    assert "was merged into “Signing in is manual work”" in twin.text_of(".field-errors")
    assert priya.get(f"/problems/{twins.stays}/merge?into={twins.goes}").status_code == 303
    assert everything(app) == before


def test_what_was_shown_is_what_is_committed(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    page = priya.get(f"/problems/{twins.goes}/merge?into={twins.stays}")
    twins.company.deal("New", 10_000_00, blockers=[twins.goes])
    before = everything(app)
    answer = page.submit("#merge-form")
    assert answer.status_code == 409
    assert "Nothing was committed" in answer.text_of("[role=alert]")
    assert "5 open deals ( $780K )" in answer.text_of(".preview-sentence")
    assert everything(app) == before
    assert answer.submit("#merge-form").path == f"/problems/{twins.stays}"


def test_undoing_is_refused_where_something_was_built_on_it(
    app: Flask, priya: CheckingClient, twins: Twins, confirm: Callable[..., None]
) -> None:
    merge(priya, twins.goes, twins.stays)
    third = twins.company.problem("Nobody signs out")
    merge(priya, third, twins.stays)
    page = priya.get(f"/problems/{twins.goes}")
    refused = page.submit("#steps form").text_of("#flashes")
    assert "“Nobody signs out” was merged into “Signing in is manual work” afterwards" in refused
    undo(priya, third)
    confirm(twins.company, twins.pending, twins.stays)
    before = everything(app)
    assert "“Nobody knows who did it.” was triaged since" in undo(priya, twins.goes)
    assert everything(app) == before


def test_what_was_ended_meanwhile_stays_ended_when_a_merge_is_undone(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    merge(priya, twins.goes, twins.stays)
    with app.app_context():
        said = select(Statement.id).where(
            Statement.deal_id == twins.shared, Statement.problem_id == twins.goes,
            Statement.source == "rep", Statement.origin == "hand",
        )  # fmt: skip
        deals.untie(twins.shared, db.session.scalars(said).one())
    assert "Undone" in undo(priya, twins.goes)
    with app.app_context():
        left = select(Blocker.source).where(
            Blocker.deal_id == twins.shared, Blocker.problem_id == twins.goes
        )
        assert db.session.scalars(left).all() == ["crm"]
    assert twins.company.wrong_totals() == []


def test_undoing_is_refused_where_ties_to_initiatives_changed(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    merge(priya, twins.goes, twins.stays)
    page = priya.get(f"/initiatives/{twins.solver}/problems")
    page.submit("main form[method=post]", **{f"tie-{twins.stays}": "contributes"})
    assert "“Passwords away” addresses was changed since" in undo(priya, twins.goes)


def test_undoing_is_refused_where_it_would_make_a_circle(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    merge(priya, twins.goes, twins.stays)
    with app.app_context():
        # Passwords rolled up to audits, and logins to passwords; audits under logins closes it.
        db.session.get_one(Problem, twins.boss).parent_id = twins.child
        db.session.commit()
    before = everything(app)
    refused = undo(priya, twins.goes)
    assert "circle" in refused
    assert "“Everybody shares a password”" in refused
    assert everything(app) == before


def test_a_step_is_undone_once_and_by_those_who_triage(
    app: Flask, priya: CheckingClient, rosa: CheckingClient, twins: Twins
) -> None:
    merge(priya, twins.goes, twins.stays)
    page = priya.get(f"/problems/{twins.goes}")
    form = page.one("#steps form")
    token = rosa.get("/board").value_of("form[action='/sign-out'] input[name=csrf_token]")
    assert rosa.post(str(form["action"]), data={"csrf_token": token}).status_code == 403
    another = priya.get(f"/problems/{twins.goes}")
    page.submit("#steps form")
    assert "It was undone already" in another.submit("#steps form").text_of("#flashes")


def test_a_survivor_from_beneath_takes_the_losers_place(
    app: Flask, priya: CheckingClient, twins: Twins
) -> None:
    before = rows(app)
    merge(priya, twins.goes, twins.child)
    with app.app_context():
        assert db.session.get_one(Problem, twins.child).parent_id == twins.boss
    undo(priya, twins.goes)
    assert difference(before, rows(app)) == []


def test_a_problem_that_thousands_of_initiatives_address_is_merged_and_undone(
    app: Flask, twins: Twins
) -> None:
    ids = range(10_000, 13_000)
    with app.app_context():
        db.session.execute(
            insert(Initiative),
            [
                {
                    "id": id,
                    "title": f"No. {id}",
                    "state": "declined",
                    "kind": "strategic",
                    "decline_reason": "Too many",
                }
                for id in ids
            ],
        )
        db.session.execute(
            insert(ProblemTie),
            [{"initiative_id": id, "problem_id": twins.goes, "kind": "solves"} for id in ids],
        )
        db.session.commit()

    def addressed() -> dict[int, int]:
        with app.app_context():
            count = select(ProblemTie.problem_id, func.count()).group_by(ProblemTie.problem_id)
            return dict(db.session.execute(count).all())

    before = addressed()
    step = twins.company.merged(twins.goes, twins.stays)
    assert addressed() == {twins.stays: 3_002}
    with app.app_context():
        undoing.undo(step, db.session.get_one(User, twins.company.people["product"]))
    assert addressed() == before


def test_two_people_merging_at_once_make_one_merge(
    app: Flask, priya: CheckingClient, ada: CheckingClient, twins: Twins
) -> None:
    mine = priya.get(f"/problems/{twins.goes}/merge?into={twins.stays}")
    theirs = ada.get(f"/problems/{twins.stays}/merge?into={twins.goes}")
    mine.submit("#merge-form")
    answer = theirs.submit("#merge-form")
    assert "nothing was changed" in answer.text_of("#flashes")
    with app.app_context():
        assert len(db.session.scalars(select(ProblemStep)).all()) == 1
        assert db.session.get_one(User, twins.company.people["product"])


def test_no_trade_off_ties_an_initiative_to_a_merged_problem_again(
    app: Flask, priya: CheckingClient
) -> None:
    company = Company(app)
    gone, stays = company.problem("Gone"), company.problem("Stays")
    company.deal("Deal", needed_by="2027-02-26", blockers=[gone])
    sso = company.initiative("SSO", work=[(company.team(), 20)], solves=[gone])
    page = priya.get(f"/initiatives/{sso}/problems")
    page = page.submit("main form[method=post]", **{f"tie-{gone}": ""})
    # A deal loses its date, so that somebody has to sign for it.
    sponsor = company.people["executive"]
    page.submit("#commit-form", reason="It does not help them", sponsor=sponsor)
    with app.app_context():
        last = db.session.scalar(select(Tradeoff.id).order_by(Tradeoff.id.desc()))
    company.merged(gone, stays)
    page = priya.get(f"/tradeoffs/{last}").follow("Preview reverting it")
    assert "“Gone”, which it would address again, is merged by now." in page.text_of("main")
    plan = app.test_cli_runner().invoke(args=["plan", "export"]).output
    assert [problem["id"] for problem in json.loads(plan)["problems"]] == [str(stays)]
