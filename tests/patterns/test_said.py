"""What interviews and reports say stays on its deal while problems are merged, split and undone."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.checks.queries import CHECKS
from roadmap.deals import actions as deals
from roadmap.deals.carrying import Given
from roadmap.domain.errors import Refused
from roadmap.domain.triage import NEW
from roadmap.extensions import db
from roadmap.intake import steps as untriaging
from roadmap.intake import triaging
from roadmap.interviews import actions as interviews
from roadmap.interviews import reporting
from roadmap.interviews.reporting import Claim
from roadmap.models import (
    Blocker,
    Conversation,
    Deal,
    DealReport,
    Problem,
    ProblemStep,
    Request,
    User,
    Workspace,
)
from roadmap.patterns import merging, splitting, undoing
from roadmap.patterns.splitting import Choice
from roadmap.workspace import clock
from tests.patterns.conftest import difference, rows
from tests.support.company import Company

#: These accounts have the fit that the test says, not that of a profile.
SEEDS = (40, 41)
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
                Blocker.deal_id, Blocker.problem_id, Blocker.source, Blocker.weight, Blocker.note
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
    assert ties(app) == [(deal, stays, "interview", 5, "By hand\nOne for all")]
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


def test_an_interview_about_the_merged_problem_goes_home_with_it(
    app: Flask, two: tuple[Company, int, int, int]
) -> None:
    company, stays, goes, deal = two
    said = company.interview(deal, ("product", goes, 1, "First"))
    step = company.merged(goes, stays)
    with app.app_context():
        by = db.session.get_one(User, company.people["product"])
        words = company.spoken(("product", goes, 4, "Said anew"))
        interviews.log(said, words, by)
    assert ties(app) == [(deal, stays, "interview", 4, "Said anew")]
    undo(company, step)
    assert ties(app) == [(deal, goes, "interview", 4, "Said anew")]
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
    with app.app_context():
        assert db.session.scalars(select(DealReport)).one().blocker_id is not None
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
        (deal, stays, "customer", 1, "Said at the fair\nSaid again"),
        (deal, stays, "interview", 1, "By hand"),
    ]
    assert faults(app) == []
    withdraw(company, said)
    assert len(ties(app)) == 2


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


class Life:
    """Steps that people take, drawn at random; one that makes no sense is refused and skipped."""

    def __init__(self, company: Company, draw: random.Random) -> None:
        self.company, self.draw = company, draw
        self.taken: list[str] = []
        account = company.account()
        self.deals = [
            company.deal(status=status, account=account) for status in ("lost", "lost", "open")
        ]
        for number in range(4):
            company.problem(f"Problem {number}")
        team = company.team()
        with company.app.app_context():
            problems = list(db.session.scalars(select(Problem.id)))
        for problem in problems[:2]:
            company.initiative(work=[(team, 10)], solves=[problem])
        for number in range(3):
            company.request(f"Words {number}.", deals=draw.sample(self.deals, 2))

    def step(self) -> None:
        steps = (self.interview, self.withdraw, self.report, self.confirm, self.untriage, self.tie,
                 self.merge, self.merge, self.split, self.undo, self.undo)  # fmt: skip
        with self.company.app.app_context():
            self.by = db.session.get_one(User, self.company.people["product"])
            step = self.draw.choice(steps)
            try:
                step()
                self.taken.append(step.__name__)
            except ValueError:
                db.session.rollback()

    def one(self, column: Any, *where: Any) -> Any:
        found = list(db.session.scalars(select(column).where(*where).order_by(column)))
        if not found:
            raise ValueError
        return self.draw.choice(found)

    def problem(self) -> int:
        found: int = self.one(Problem.id, Problem.merged_into_id.is_(None))
        return found

    def interview(self) -> None:
        deal = self.one(Deal.id, Deal.status == "lost")
        given = [
            Given("product", self.problem(), self.draw.randint(1, 4), f"Words {n}")
            for n in range(self.draw.randint(1, 2))
        ]
        id = interviews.begin(deal, self.by).id
        if self.draw.random() < 0.3:
            id = self.one(Conversation.id, Conversation.state == "held")
        spoken = self.company.spoken()
        interviews.log(id, type(spoken)(**{**vars(spoken), "reasons": given}), self.by)

    def withdraw(self) -> None:
        interviews.cancel(self.one(Conversation.id, Conversation.state == "held"), self.by)

    def report(self) -> None:
        deal = self.one(Deal.id, Deal.status == "lost")
        reported(deal, self.draw.choice([None, self.problem()]), "A rep's words", self.by)

    def confirm(self) -> None:
        request = self.one(Request.id, Request.state == NEW)
        triaging.confirm(request, self.problem(), self.by, quote=False)

    def untriage(self) -> None:
        untriaging.undo(self.one(Request.id, Request.state != NEW), self.by)

    def tie(self) -> None:
        source = self.draw.choice(["rep", "interview", "customer"])
        deals.tie(self.one(Deal.id), self.problem(), source, self.by.id, "By hand")

    def merge(self) -> None:
        loser, survivor = self.problem(), self.problem()
        merging.merge(loser, survivor, self.by, since=now(), as_of=clock.today())

    def split(self) -> None:
        problem = self.problem()
        requests = db.session.scalars(select(Request.id).where(Request.problem_id == problem))
        tied = db.session.scalars(select(Blocker.deal_id).where(Blocker.problem_id == problem))
        some = [[id for id in set(ids) if self.draw.random() < 0.5] for ids in (requests, tied)]
        splitted(problem, *some, self.by)

    def undo(self) -> None:
        undoing.undo(self.one(ProblemStep.id, ProblemStep.undone_at.is_(None)), self.by)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_people_do_in_turn_every_check_holds(app: Flask, seed: int) -> None:
    life = Life(Company(app), random.Random(seed))
    while len(life.taken) < 12:
        life.step()
        assert faults(app) == [], life.taken
    assert {"merge", "undo"} <= set(life.taken)


def test_a_step_that_is_refused_changes_nothing(
    app: Flask, two: tuple[Company, int, int, int]
) -> None:
    company, stays, goes, deal = two
    company.interview(deal, ("product", goes))
    first = company.merged(goes, stays)
    company.merged(stays, company.problem("A third one"))
    before = rows(app)
    with pytest.raises(Refused, match="undo that first"):
        undo(company, first)
    assert difference(before, rows(app)) == []
