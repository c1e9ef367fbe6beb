"""What interviews and reports say stays on its deal while problems are merged, split and undone."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.checks.queries import CHECKS
from roadmap.deals import actions as deals
from roadmap.extensions import db
from roadmap.intake import steps as untriaging
from roadmap.interviews import actions as interviews
from roadmap.interviews import reporting
from roadmap.interviews.reporting import Claim
from roadmap.models import (
    Blocker,
    Problem,
    ProblemStep,
    Request,
    User,
    Workspace,
)
from roadmap.patterns import splitting, undoing
from roadmap.patterns.splitting import Choice
from roadmap.workspace import clock
from tests.patterns.conftest import difference, rows
from tests.support.company import Company

#: These accounts have the fit that the test says, not that of a profile.
LEFT_OUT = ("accounts' fit and segment", "the database's file")


def faults(app: Flask) -> list[str]:
    with app.app_context():
        found = [line for name, check in CHECKS.items() if name not in LEFT_OUT for line in check()]
        db.session.rollback()
        return found


def undo(company: Company, step: int) -> None:
    with company.app.app_context():
        undoing.undo(step, db.session.get_one(User, company.people["product"]))


def withdraw(company: Company, interview: int) -> None:
    with company.app.app_context():
        interviews.cancel(interview, db.session.get_one(User, company.people["product"]))


def report(company: Company, deal: int, problem: int | None, quote: str = "") -> None:
    with company.app.app_context():
        reported(deal, problem, quote, db.session.get_one(User, company.people["rep"]))


def reported(deal: int, problem: int | None, quote: str, by: User) -> None:
    bucket = "product" if problem else "price"
    claim = Claim("nobody", bucket=bucket, problem_id=problem, quote=quote)
    reporting.report(deal, claim, by)


def ties(app: Flask) -> list[tuple[int, int, str, int, str]]:
    """Deal, problem, source, weight and words of each."""
    with app.app_context():
        found = db.session.execute(
            select(
                Blocker.deal_id, Blocker.problem_id, Blocker.source, Blocker.weight, Blocker.words
            ).order_by(Blocker.problem_id, Blocker.source)
        )
        return [tuple(row) for row in found]


@pytest.fixture
def two(app: Flask) -> tuple[Company, int, int, int]:
    """A company, a problem that stays, one that goes, and a lost deal."""
    company = Company(app)
    stays, goes = company.problem("Sign-in is manual"), company.problem("Passwords are shared")
    company.initiative("SSO", work=[(company.team(), 20)], solves=[stays, goes])
    return company, stays, goes, company.deal("Acme", status="lost")


def test_an_interview_that_named_both_stands_on_the_survivor_and_goes_home(
    app: Flask, two: tuple[Company, int, int, int]
) -> None:
    company, stays, goes, deal = two
    company.interview(deal, ("product", stays, 2, "By hand"), ("product", goes, 3, "One for all"))
    before = rows(app)
    step = company.merged(goes, stays)
    assert ties(app) == [(deal, stays, "interview", 5, "By hand")]
    assert faults(app) == []
    undo(company, step)
    assert difference(before, rows(app)) == []
    assert faults(app) == []


def test_withdrawing_after_a_merge_takes_back_what_was_said_and_no_more(
    app: Flask, two: tuple[Company, int, int, int]
) -> None:
    company, stays, goes, deal = two
    kept = company.interview(deal, ("product", stays, 2, "By hand"))
    gone = company.interview(deal, ("product", goes, 3, "One for all"))
    step = company.merged(goes, stays)
    withdraw(company, gone)
    assert ties(app) == [(deal, stays, "interview", 2, "By hand")]
    assert faults(app) == []
    undo(company, step)
    assert ties(app) == [(deal, stays, "interview", 2, "By hand")]
    assert faults(app) == []
    step = company.merged(goes, stays)
    withdraw(company, kept)
    undo(company, step)
    assert ties(app) == []
    assert faults(app) == []


def test_what_the_other_said_goes_home_where_the_survivors_own_was_withdrawn(
    app: Flask, two: tuple[Company, int, int, int]
) -> None:
    company, stays, goes, deal = two
    gone = company.interview(deal, ("product", stays, 2, "By hand"))
    company.interview(deal, ("product", goes, 3, "One for all"))
    alone = company.deal("Only there", status="lost")
    also = company.interview(alone, ("product", goes))
    step = company.merged(goes, stays)
    withdraw(company, gone)
    withdraw(company, also)
    assert ties(app) == [(deal, stays, "interview", 3, "One for all")]
    undo(company, step)
    assert ties(app) == [(deal, goes, "interview", 3, "One for all")]
    assert faults(app) == []


def test_what_was_tied_by_hand_stays_when_the_interview_goes(
    app: Flask, two: tuple[Company, int, int, int]
) -> None:
    company, stays, goes, deal = two
    said = company.interview(deal, ("product", stays, 3, "By hand"))
    with app.app_context():
        user = company.people["product"]
        deals.tie(deal, goes, "interview", user, "They told me at the fair")
    before = rows(app)
    step = company.merged(goes, stays)
    undo(company, step)
    assert difference(before, rows(app)) == []
    step = company.merged(goes, stays)
    assert faults(app) == []
    withdraw(company, said)
    assert ties(app) == [(deal, stays, "interview", 1, "They told me at the fair")]
    undo(company, step)
    assert ties(app) == [(deal, goes, "interview", 1, "They told me at the fair")]
    assert faults(app) == []


def test_an_interview_that_is_logged_anew_after_a_merge_says_what_was_typed_then(
    app: Flask, two: tuple[Company, int, int, int]
) -> None:
    company, stays, goes, deal = two
    said = company.interview(deal, ("product", goes, 1, "First"))
    step = company.merged(goes, stays)
    with app.app_context():
        by = db.session.get_one(User, company.people["product"])
        words = company.spoken(("product", stays, 4, "Said anew"))
        interviews.log(said, words, by)
    assert ties(app) == [(deal, stays, "interview", 4, "Said anew")]
    undo(company, step)
    assert ties(app) == [(deal, stays, "interview", 4, "Said anew")]
    assert faults(app) == []


def test_a_report_and_a_request_that_say_the_same_stand_on_one_tie(
    app: Flask, two: tuple[Company, int, int, int], confirm: Callable[..., None]
) -> None:
    company, stays, goes, deal = two
    request = company.request("We type our logins.", deals=[deal])
    confirm(company, request, stays)
    report(company, deal, goes, "No SAML")
    before = rows(app)
    step = company.merged(goes, stays)
    assert [(tie[1], tie[2]) for tie in ties(app)] == [(stays, "rep")]
    assert faults(app) == []
    undo(company, step)
    assert difference(before, rows(app)) == []
    company.merged(goes, stays)
    report(company, deal, None)
    assert [(tie[1], tie[2]) for tie in ties(app)] == [(stays, "rep")]
    assert faults(app) == []


def test_a_request_that_relied_on_a_report_makes_its_own_tie_when_that_goes(
    app: Flask, two: tuple[Company, int, int, int], confirm: Callable[..., None]
) -> None:
    company, stays, _, deal = two
    report(company, deal, stays, "No SAML")
    request = company.request("We type our logins.", deals=[deal])
    confirm(company, request, stays)
    report(company, deal, None)
    assert ties(app) == [(deal, stays, "rep", 1, "We type our logins.")]
    assert faults(app) == []


def test_a_report_keeps_its_tie_when_the_request_that_had_made_it_goes(
    app: Flask, two: tuple[Company, int, int, int], confirm: Callable[..., None]
) -> None:
    company, stays, _, deal = two
    request = company.request("We type our logins.", deals=[deal])
    confirm(company, request, stays)
    report(company, deal, stays, "No SAML")
    with app.app_context():
        untriaging.undo(request, db.session.get_one(User, company.people["product"]))
    assert ties(app) == [(deal, stays, "rep", 1, "No SAML")]
    report(company, deal, None)
    assert ties(app) == []
    assert faults(app) == []


def test_a_split_leaves_a_tie_for_the_requests_that_stay(
    app: Flask, two: tuple[Company, int, int, int], confirm: Callable[..., None]
) -> None:
    company, stays, _, deal = two
    report(company, deal, stays, "No SAML")
    for body in ("We type our logins.", "It takes a day."):
        confirm(company, company.request(body, deals=[deal]), stays)
    with app.app_context():
        going = db.session.scalars(select(Request.id).order_by(Request.id)).first()
    before = rows(app)
    new = split(company, stays, [going or 0], [deal])
    assert [(tie[1], tie[2]) for tie in ties(app)] == [(stays, "rep"), (new, "rep")]
    assert faults(app) == []
    with app.app_context():
        step = db.session.scalars(select(ProblemStep.id)).one()
    undo(company, step)
    left = difference(before, rows(app))
    assert [row for row in left if not row.startswith("+ problems")] == []
    assert faults(app) == []


def test_a_request_that_came_after_a_merge_has_its_ties_after_the_undo(
    app: Flask, two: tuple[Company, int, int, int], confirm: Callable[..., None]
) -> None:
    company, stays, goes, deal = two
    other = company.deal("Globex")
    with app.app_context():
        deals.tie(deal, goes, "rep", company.people["product"], "By hand")
    confirm(company, company.request("It takes a day.", deals=[other]), goes)
    step = company.merged(goes, stays)
    for named in (deal, other):
        confirm(company, company.request("We type our logins.", deals=[named]), stays)
    undo(company, step)
    assert [(tie[0], tie[1], tie[4]) for tie in ties(app)] == [
        (deal, stays, "We type our logins."), (other, stays, "We type our logins."),
        (deal, goes, "By hand"), (other, goes, "It takes a day."),
    ]  # fmt: skip
    assert faults(app) == []


def test_a_split_is_undone_although_a_deal_was_tied_to_both(
    app: Flask, two: tuple[Company, int, int, int]
) -> None:
    company, stays, _, deal = two
    user = company.people["product"]
    with app.app_context():
        deals.tie(deal, stays, "customer", user, "Said at the fair")
    said = company.interview(deal, ("product", stays, 2, "No SAML"))
    split(company, stays, [], [deal])
    with app.app_context():
        deals.tie(deal, stays, "customer", user, "Said again")
        deals.tie(deal, stays, "interview", user, "By hand")
        step = db.session.scalars(select(ProblemStep.id)).one()
    undo(company, step)
    assert ties(app) == [
        (deal, stays, "customer", 1, "Said at the fair"),
        (deal, stays, "interview", 2, "No SAML"),
    ]
    assert faults(app) == []
    withdraw(company, said)
    assert ties(app)[1] == (deal, stays, "interview", 1, "By hand")


def test_ties_come_back_although_others_were_given_their_ids(
    app: Flask, two: tuple[Company, int, int, int], confirm: Callable[..., None]
) -> None:
    company, stays, goes, deal = two
    other = company.deal("Globex")
    for problem in (stays, goes):
        for named in (deal, other):
            company.deal(blockers=[problem])
            confirm(company, company.request("We type our logins.", deals=[named]), problem)
    before = [(tie[0], tie[1]) for tie in ties(app)]
    step = company.merged(goes, stays)
    third = company.problem("A third one")
    late = company.deal("Late", blockers=[third])
    undo(company, step)
    assert sorted((tie[0], tie[1]) for tie in ties(app)) == sorted([*before, (late, third)])
    assert faults(app) == []


def split(company: Company, problem: int, requests: list[int], chosen: list[int]) -> int:
    with company.app.app_context():
        by = db.session.get_one(User, company.people["product"])
        return splitted(problem, requests, chosen, by)


def splitted(problem: int, requests: list[int], chosen: list[int], by: User) -> int:
    number = len(db.session.scalars(select(Problem.id)).all())
    choice = Choice(f"Part {number}", "", frozenset(requests), frozenset(chosen))
    return splitting.split(problem, choice, by, since=now(), as_of=clock.today())


def now() -> int:
    return db.session.scalars(select(Workspace.revision)).one()
