"""What the demo company's reps asked for, and what became of it: something of every kind."""

from collections import Counter, defaultdict
from datetime import date

from flask import Flask
from sqlalchemy import func, select

from roadmap.domain.asking import names_only_a_feature
from roadmap.extensions import db
from roadmap.models import Notice, Problem, Request, RequestEvent, Statement, User
from tests.support import databases

TODAY = date.fromisoformat(databases.TODAY)


def requests() -> list[Request]:
    return list(db.session.scalars(select(Request).order_by(Request.id)))


def test_there_is_a_request_of_every_kind(demo_app: Flask) -> None:
    with demo_app.app_context():
        found = requests()
        states = Counter(request.state for request in found)
        assert set(states) == {"new", "asking", "confirmed", "merged", "elsewhere", "declined"}
        assert states["confirmed"] >= 10
        assert states["new"] >= 6
        assert len({request.requester_id for request in found}) == 4
        assert {request.waits_for for request in found} == {None, "rep", "customer"}
        overdue = [r for r in found if r.remind_on is not None and r.remind_on < TODAY]
        assert [request.waits_for for request in overdue] == ["rep"]
        waiting = [request for request in found if request.state == "new"]
        assert any(request.problem_id for request in waiting), "nothing is pending"
        assert [r.title for r in waiting if names_only_a_feature(r.body)] == [
            "Dark mode for the tablet app"
        ]
        assert [r.prospect for r in waiting if r.account_id is None] == ["Fennimore Ferries"]
        assert {r.bucket for r in found} == {None, "process"}
        kinds = set(db.session.scalars(select(RequestEvent.kind)))
        assert kinds >= {"sent", "joined", "confirmed", "undone", "replied", "declined", "answered"}


def test_reps_ask_one_account_s_product_for_different_things(demo_app: Flask) -> None:
    with demo_app.app_context():
        asked = defaultdict(set)
        for request in requests():
            if request.account is not None and request.problem_id is not None:
                asked[request.account.name].add((request.requester_id, request.problem_id))
        torn = {
            name
            for name, pairs in asked.items()
            if len({rep for rep, _ in pairs}) > 1 and len({problem for _, problem in pairs}) > 1
        }
        assert "Castellan Chemie" in torn


def test_a_problem_is_part_of_one_higher_up(demo_app: Flask) -> None:
    with demo_app.app_context():
        part = db.session.scalars(select(Problem).where(Problem.parent_id.is_not(None))).one()
        assert part.parent is not None
        assert (part.layer, part.parent.layer) == ("manager", "executive")


def test_what_requests_tie_was_known_of_these_deals_already(demo_app: Flask) -> None:
    """Or the evidence behind the board's story would be another."""
    with demo_app.app_context():
        for tie in db.session.scalars(
            select(Statement).where(Statement.origin == "request", Statement.counts)
        ):
            by_hand = db.session.scalar(
                select(func.count()).where(
                    Statement.deal_id == tie.deal_id,
                    Statement.root_id == tie.root_id,
                    Statement.counts,
                    Statement.origin != "request",
                )
            )
            assert by_hand, f"deal {tie.deal_id} is tied to problem {tie.root_id} anew"


def test_rosa_has_read_some_of_what_she_was_told_and_not_all(demo_app: Flask) -> None:
    with demo_app.app_context():
        rosa = db.session.scalars(select(User).where(User.name == "Rosa Quintero")).one()
        told = db.session.scalars(select(Notice).where(Notice.user_id == rosa.id)).all()
        unread = [notice for notice in told if notice.read_at is None]
        assert 0 < len(unread) < len(told)
        assert rosa.unread_notices == len(unread)
        assert {"triaged", "replied", "in time", "asked"} <= {notice.kind for notice in told}
