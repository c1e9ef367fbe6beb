"""Steps with a request: where it stands, the evidence that follows, who is told, the way back."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.deals import actions as deals
from roadmap.domain.errors import Conflict, Refused
from roadmap.extensions import db
from roadmap.imports import actions as imports
from roadmap.intake import actions, steps, triaging
from roadmap.market import figures
from roadmap.models import Blocker, Deal, LossReason, Notice, Request, RequestEvent, User
from tests.support.company import Company

ACME = 300_000_00


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


@pytest.fixture
def act(company: Company) -> Iterator[Callable[..., Any]]:
    """Do something as somebody: `act(triaging.confirm, id, problem)`, by the product manager."""

    def act(what: Callable[..., Any], *args: Any, by: str = "product", **kwargs: Any) -> Any:
        with company.app.app_context():
            user = db.session.get_one(User, company.people[by])
            return what(*args, by=user, **kwargs)

    return act


def ties(company: Company) -> set[tuple[int, int, str, bool]]:
    with company.app.app_context():
        rows = db.session.execute(
            select(Blocker.deal_id, Blocker.problem_id, Blocker.source, Blocker.counts)
        )
        return {tuple(row) for row in rows}


def state(company: Company, id: int) -> str:
    with company.app.app_context():
        return db.session.get_one(Request, id).state


def told(company: Company, role: str) -> list[str]:
    with company.app.app_context():
        found = select(Notice).where(Notice.user_id == company.people[role]).order_by(Notice.id)
        return [notice.kind for notice in db.session.scalars(found)]


def test_a_pending_join_leaves_the_problems_figures_alone_and_confirming_brings_its_deals_in(
    company: Company, act: Callable[..., Any]
) -> None:
    pain = company.problem("Sign-in is manual work")
    sso = company.initiative("SSO", work=[(company.team(), 5)], solves=[pain])
    deal = company.deal("Acme", ACME)
    id = company.request(deals=[deal], problem=pain)
    assert ties(company) == set()
    with company.looking() as picture:
        assert figures.by_problem().get(pain) is None
        assert picture.cards[str(sso)].open_amount == 0

    act(triaging.confirm, id, pain)

    assert ties(company) == {(deal, pain, "rep", True)}
    with company.looking() as picture:
        assert figures.by_problem()[pain].open_amount == ACME
        assert picture.cards[str(sso)].open_amount == ACME
    assert told(company, "rep") == ["triaged"]
    assert company.wrong_totals() == []

    act(steps.undo, id)
    assert state(company, id) == "new"
    assert ties(company) == set()
    assert company.wrong_totals() == []


def test_the_customers_words_are_a_stronger_source_once_a_product_manager_confirms_them(
    company: Company, act: Callable[..., Any]
) -> None:
    pain = company.problem("Pain")
    deal = company.deal("Acme", ACME)
    id = company.request(deals=[deal], quote="“No directory, no deal.”")
    act(triaging.confirm, id, pain, quote=True)
    assert ties(company) == {(deal, pain, "customer", True)}
    with company.app.app_context():
        assert db.session.scalar(select(Blocker.words)) == "“No directory, no deal.”"


def test_two_requests_for_one_deal_rest_on_one_tie_which_goes_with_the_last_of_them(
    company: Company, act: Callable[..., Any]
) -> None:
    pain = company.problem("Pain")
    deal = company.deal("Acme", ACME)
    first, second = (company.request(deals=[deal]) for _ in range(2))
    act(triaging.confirm, first, pain)
    act(triaging.confirm, second, pain)
    assert len(ties(company)) == 1
    act(steps.undo, first)
    assert ties(company) == {(deal, pain, "rep", True)}
    act(steps.undo, second)
    assert ties(company) == set()


def test_a_tie_made_by_hand_stays_when_the_request_leaves(
    company: Company, act: Callable[..., Any]
) -> None:
    pain = company.problem("Pain")
    deal = company.deal("Acme", ACME, blockers=[pain])
    by_hand = ties(company)
    id = company.request(deals=[deal])
    act(triaging.confirm, id, pain)
    assert ties(company) == by_hand
    act(steps.undo, id)
    assert ties(company) == by_hand


def test_a_won_deal_is_not_tied(company: Company, act: Callable[..., Any]) -> None:
    deal = company.deal("Acme", ACME, status="won")
    id = company.request(deals=[deal])
    act(triaging.confirm, id, company.problem("Pain"))
    assert (state(company, id), ties(company)) == ("confirmed", set())


def test_a_merged_request_speaks_through_its_survivor_and_taking_it_out_undoes_that_exactly(
    company: Company, act: Callable[..., Any]
) -> None:
    pain, other = company.problem("Pain"), company.problem("Other")
    both, one, alone = company.deal("Both"), company.deal("One"), company.deal("Alone")
    survivor = company.request(deals=[one], account=None)
    with company.app.app_context():
        account = db.session.get_one(Deal, both).account_id
        db.session.get_one(Deal, alone).account_id = account
        db.session.commit()
    twin = company.request(deals=[both, alone])
    act(triaging.confirm, twin, other)
    before = ties(company)

    act(triaging.merge, twin, survivor)
    assert ties(company) == set(), "the survivor waits for triage, so nothing is tied"
    act(triaging.confirm, survivor, pain)
    assert {deal for deal, _, _, _ in ties(company)} == {both, one, alone}
    assert {problem for _, problem, _, _ in ties(company)} == {pain}

    act(steps.undo, twin)
    assert ties(company) == before | {(one, pain, "rep", True)}
    assert state(company, twin) == "confirmed"
    assert told(company, "rep").count("merged") == 1
    assert company.wrong_totals() == []


def test_requests_are_not_merged_in_a_circle(company: Company, act: Callable[..., Any]) -> None:
    first, second, third = (company.request() for _ in range(3))
    act(triaging.merge, first, second)
    act(triaging.merge, second, third)
    with pytest.raises(Refused, match="into itself"):
        act(triaging.merge, third, first)
    assert state(company, third) == "new"


def test_what_is_not_the_product_goes_to_a_named_owner_and_gives_a_lost_deal_its_reason(
    company: Company, act: Callable[..., Any]
) -> None:
    lost = company.deal("Acme", ACME, status="lost")
    id = company.request(deals=[lost])
    act(triaging.hand_over, id, "price", company.people["executive"])
    with company.app.app_context():
        reason = db.session.scalars(select(LossReason)).one()
        assert (reason.deal_id, reason.bucket, reason.source) == (lost, "price", "rep")
    assert told(company, "executive") == ["handed"]
    assert told(company, "rep") == ["triaged"]
    act(steps.undo, id)
    with company.app.app_context():
        assert db.session.scalars(select(LossReason)).all() == []


def test_a_question_waits_for_its_answer_and_the_asker_is_told(
    company: Company, act: Callable[..., Any]
) -> None:
    id = company.request()
    act(triaging.ask, id, "rep", date(2027, 1, 18), text="Which directory?")
    assert state(company, id) == "asking"
    act(actions.answer, id, by="rep", text="Entra.")
    assert state(company, id) == "new"
    assert (told(company, "rep"), told(company, "product")) == (["asked"], ["answered"])
    with pytest.raises(Refused, match="Nobody asked"):
        act(actions.answer, id, by="rep", text="Again.")


def test_what_was_written_to_the_requester_is_not_told_to_those_who_watch(
    company: Company, act: Callable[..., Any]
) -> None:
    id = company.request()
    with company.app.app_context():
        actions.watch(id, company.people["executive"], wanted=True)
    act(triaging.decline, id, text="Their words were rude.")
    with company.app.app_context():
        texts = {notice.user_id: notice.text for notice in db.session.scalars(select(Notice)).all()}
    assert "rude" in texts[company.people["rep"]]
    assert "declined" in texts[company.people["executive"]]
    assert "rude" not in texts[company.people["executive"]]


def test_the_same_form_sent_twice_is_one_request(company: Company) -> None:
    assert company.request(token="one") == company.request(token="one")
    with company.app.app_context():
        assert len(db.session.scalars(select(Request)).all()) == 1
        assert len(db.session.scalars(select(RequestEvent)).all()) == 1


def test_more_than_anybody_types_in_a_minute_is_not_stored(company: Company) -> None:
    for _ in range(actions.MOST_A_MINUTE):
        company.request()
    with pytest.raises(actions.TooMany):
        company.request()
    with company.app.app_context():
        assert len(db.session.scalars(select(Request)).all()) == actions.MOST_A_MINUTE


def test_a_deal_of_another_account_is_refused_and_nothing_is_stored(company: Company) -> None:
    mine, theirs = company.deal("Mine"), company.deal("Theirs")
    with pytest.raises(Refused, match="deals of this account"):
        company.request(deals=[mine, theirs])
    with company.app.app_context():
        assert db.session.scalars(select(Request)).all() == []


def test_a_step_with_a_request_that_moved_meanwhile_is_not_taken(
    company: Company, act: Callable[..., Any]
) -> None:
    pain = company.problem("Pain")
    id = company.request()
    with company.app.app_context():
        seen = db.session.get_one(Request, id).revision
    act(triaging.decline, id, text="No.")
    with pytest.raises(Conflict):
        act(triaging.confirm, id, pain, seen=seen)
    assert state(company, id) == "declined"


def test_linking_a_prospect_names_its_deals_and_can_be_undone(
    company: Company, act: Callable[..., Any]
) -> None:
    pain = company.problem("Pain")
    deal = company.deal("Acme", ACME)
    with company.app.app_context():
        account = db.session.get_one(Deal, deal).account_id
    id = company.request(prospect="Acme Ltd")
    act(triaging.confirm, id, pain)
    act(triaging.link, id, account_id=account, deal_ids=[deal])
    assert ties(company) == {(deal, pain, "rep", True)}
    act(steps.undo, id)
    assert ties(company) == set()
    with company.app.app_context():
        request = db.session.get_one(Request, id)
        assert (request.account_id, request.prospect, request.deals) == (None, "Acme Ltd", [])
    act(steps.undo, id)
    assert state(company, id) == "new"


def test_several_are_joined_at_once_or_none_of_them(
    company: Company, act: Callable[..., Any]
) -> None:
    pain = company.problem("Pain")
    first, second, merged = (company.request() for _ in range(3))
    act(triaging.merge, merged, first)
    with pytest.raises(Refused):
        act(triaging.confirm_many, [first, second, merged], pain)
    assert {state(company, id) for id in (first, second)} == {"new"}
    assert act(triaging.confirm_many, [first, second], pain) == 2
    assert {state(company, id) for id in (first, second)} == {"confirmed"}


def test_a_tie_that_a_request_put_there_is_taken_back_with_the_request_and_not_by_hand(
    company: Company, act: Callable[..., Any]
) -> None:
    pain = company.problem("Pain")
    deal = company.deal("Acme", ACME)
    id = company.request(deals=[deal])
    act(triaging.confirm, id, pain)
    before = ties(company)
    with company.app.app_context():
        blocker = db.session.scalars(select(Blocker.id)).one()
        with pytest.raises(deals.Refused, match="A request says so"):
            deals.untie(deal, blocker)
    assert ties(company) == before


def test_what_a_hand_and_a_request_say_is_taken_back_by_each_alone(
    company: Company, act: Callable[..., Any]
) -> None:
    pain = company.problem("Pain")
    deal = company.deal("Acme", ACME)
    with company.app.app_context():
        by_hand = deals.tie(deal, pain, "rep", company.people["product"]).id
    id = company.request(deals=[deal])
    act(triaging.confirm, id, pain)
    with company.app.app_context():
        deals.untie(deal, by_hand)
    assert ties(company) == {(deal, pain, "rep", True)}
    act(steps.undo, id)
    assert ties(company) == set()
    assert company.wrong_totals() == []


def test_a_deal_that_crm_opens_again_is_tied_to_what_its_requests_were_confirmed_for(
    company: Company, act: Callable[..., Any], tmp_path: Path
) -> None:
    pain = company.problem("Pain")
    deal = company.deal("Acme", ACME, status="won")
    id = company.request(deals=[deal])
    act(triaging.confirm, id, pain)
    assert ties(company) == set()
    with company.app.app_context():
        name = db.session.get_one(Deal, deal).external_id
        (tmp_path / "deals.csv").write_text(f"Deal ID,Stage\n{name},Open\n")
        imports.run(imports.Files(tmp_path / "deals.csv"))
    assert ties(company) == {(deal, pain, "rep", True)}
    assert company.wrong_totals() == []


def test_a_tie_that_another_request_still_speaks_for_forgets_the_words_of_the_one_that_left(
    company: Company, act: Callable[..., Any]
) -> None:
    pain = company.problem("Sign-in is manual work")
    deal = company.deal("Acme", ACME)
    first = company.request("They type passwords.", deals=[deal], quote="We pay a man for it.")
    second = company.request("They share a login.", deals=[deal], quote="One login for all.")
    for id in (first, second):
        act(triaging.confirm, id, pain, quote=True)

    def note() -> str:
        with company.app.app_context():
            return db.session.scalars(select(Blocker.words)).one()

    assert note() == "We pay a man for it."
    act(steps.undo, first)

    assert note() == "One login for all."
    assert ties(company) == {(deal, pain, "customer", True)}


def test_whoever_asked_is_told_what_holds_after_a_step_was_taken_back(
    company: Company, act: Callable[..., Any]
) -> None:
    id = company.request()
    act(triaging.decline, id, text="Not now.")
    act(steps.undo, id)
    with company.app.app_context():
        texts = list(db.session.scalars(select(Notice.text).order_by(Notice.id)))
    assert texts[-1].endswith("”: it waits for triage again.")
