"""Triage of one request: what it shows, every step and its undoing, what goes wrong in words."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.intake import actions, steps, triaging
from roadmap.models import LossReason, Notice, Problem, Request, RequestEvent
from tests.support import cast
from tests.support.client import CheckingClient, Page
from tests.support.company import Company
from tests.support.queries import count_queries

pytestmark = pytest.mark.either

ACME = 300_000_00
HOSTILE = "<script>alert(1)</script> \u202e\u05e9\u05dc\u05d5\u05dd \U0001f680 & co"

Act = Callable[..., Any]
State = Callable[[int], str]
Ties = Callable[[], set[tuple[int, int, str]]]


def said(page: Page) -> str:
    return page.text_of("#history ol.history")


def candidate(page: Page, problem: int) -> str:
    """What is said of a problem that it may be."""
    return page.text_of(f".candidate:has(button[value='{problem}'])")


def held(page: Page, field: str) -> str:
    """What a field holds; a text area starts with a line break that browsers leave out."""
    return str(page.value_of(field)).strip()


def test_a_request_stands_beside_the_problems_that_it_may_be(
    company: Company, priya: CheckingClient
) -> None:
    banks = company.segment("Banks")
    acme = company.account("Acme", fit=80, segment=banks)
    deal = company.deal("Acme renewal", ACME, account=acme, stage="Proposal")
    pain = company.problem("Joiners are typed in by hand", statement="Every joiner costs an hour.")
    company.deal("Another", 100_000_00, blockers=[pain])
    id = company.request(
        "Joiners wait, typed in by hand.", deals=[deal], quote="No directory, no deal.",
        said_by="customer", said_by_name="Dana Fox", said_by_role="Head of IT",
        workaround="A spreadsheet", competitor="Globex", note="Be quick.",
    )  # fmt: skip
    page = priya.get("/intake").follow("Joiners wait, typed in by hand.")
    words = page.text_of("main")
    parts = ("No directory, no deal.", "Dana Fox, Head of IT", "A spreadsheet", "Globex",
             "No, it is a deal breaker", "Be quick.", "Proposal",
             "Rosa Quintero sent it")  # fmt: skip
    for part in parts:
        assert part in words
    card = page.text_of("#problems .candidate")
    assert "Every joiner costs an hour." in card
    assert "1 open deal, $100K" in card
    assert "uncovered: nothing on the board solves it · " in card
    assert "hand, typed" in card
    assert "Ties 1 open deal worth $300K to “Joiners are typed in by hand”; " in card
    assert "nothing on the board solves it: 1 late." in card
    assert id


def test_one_press_joins_and_goes_on_to_the_next_with_the_way_back_offered(
    company: Company, priya: CheckingClient, state: State, ties: Ties
) -> None:
    pain = company.problem("Joiners are typed in by hand")
    deal = company.deal("Acme", ACME)
    first = company.request("Joiners wait by hand.", deals=[deal], quote="No directory, no deal.")
    second, third = company.request("Second."), company.request("Third.")
    page = priya.get(f"/requests/{second}/triage?q=nothing-else")
    page = priya.get(f"/requests/{first}/triage?requester={company.people['rep']}")
    page = page.submit("#confirm", press="Join “Joiners are typed in by hand”", quote=True)
    assert page.path == f"/requests/{second}/triage?requester={company.people['rep']}&done={first}"
    assert (state(first), ties()) == ("confirmed", {(deal, pain, "customer")})
    assert page.text_of("#undo-done > span") == (
        "“ Joiners wait by hand. ”: you made it part of “Joiners are typed in by hand”, as the"
        " customer's own words."
    )
    page = page.submit("#undo-done")
    assert page.path.startswith(f"/requests/{first}/triage")
    assert (state(first), ties()) == ("new", set())
    assert "took back: made it part of" in said(page)
    assert not page.has("#form-undoing")
    assert state(third) == "new"


def test_nobody_vouches_for_a_quote_that_is_not_there(
    company: Company, priya: CheckingClient, ties: Ties
) -> None:
    pain, deal = company.problem("Pain"), company.deal("Acme", ACME)
    id = company.request(deals=[deal])
    page = priya.get(f"/requests/{id}/triage")
    assert not page.has("#confirm [name=quote]")
    data = {name: page.value_of(f"#confirm [name={name}]") for name in ("csrf_token", "seen")}
    priya.post(f"/requests/{id}/confirmation", data={**data, "problem": pain, "quote": "y"})
    assert ties() == {(deal, pain, "rep")}


def test_a_prefilled_reply_is_not_sent_with_its_gap_in_it(
    company: Company, priya: CheckingClient
) -> None:
    id = company.request(problem=company.problem("Nobody's problem"))
    page = priya.get(f"/requests/{id}/triage?step=reply")
    page = page.submit("#form-reply")
    assert page.status_code == 422
    assert "Fill the gap in “Could they … meanwhile?”" in page.text_of("#form-reply")
    assert "replied" not in said(page)
    text = "Nothing on the board solves it yet. Could they import users meanwhile?"
    assert text in said(page.submit("#form-reply", text=text))


def test_the_last_request_leads_back_to_the_inbox(
    company: Company, priya: CheckingClient, state: State
) -> None:
    id = company.request()
    page = priya.get(f"/requests/{id}/triage").submit("#form-refusal", text="Not now.")
    assert page.path == f"/intake?done={id}"
    assert page.text_of(".empty-state h2") == "Nothing waits"
    assert "you declined it" in page.text_of("#undo-done")
    assert state(id) == "declined"


def test_joining_says_what_it_does_to_deals_that_wait_for_something_else_too(
    company: Company, priya: CheckingClient, act: Act
) -> None:
    core = company.team(people=2)
    soon, later = company.problem("Sign-in work"), company.problem("Export work")
    company.initiative("SSO", work=[(core, 10)], solves=[soon])
    company.initiative("Export", work=[(core, 400)], solves=[later])
    acme = company.account("Acme")
    deals = [
        company.deal("Renewal", ACME, account=acme, needed_by="2027-02-26", blockers=[soon]),
        company.deal("Upsell", None, account=acme),
        company.deal("Lost one", status="lost", account=acme),
        company.deal("Won one", status="won", account=acme),
    ]
    id = company.request("Export work is slow.", deals=deals)
    page = priya.get(f"/requests/{id}/triage")
    card = candidate(page, later)
    assert "Ties 2 open deals worth $300K and 1 without amount to “Export work”" in card
    assert (
        "1 in time, 1 late. 1 lost deal gets it as a claimed reason. 1 won deal is left alone."
        in card
    )
    assert "“Renewal” waits for “Sign-in work”" in card
    assert "it was in time without this and is late with it." in card

    # Its own ties are taken back by joining another problem, so they count for nothing here.
    act(triaging.confirm, id, later)
    card = candidate(priya.get(f"/requests/{id}/triage?find=sign-in"), soon)
    assert "Ties 1 open deal worth an unknown amount" in card
    assert "1 deal is tied to it already." in card
    assert "Export work" not in card


def test_a_problem_is_started_from_a_request_and_joined_in_one_step(
    app: Flask, company: Company, priya: CheckingClient, state: State, ties: Ties
) -> None:
    banks = company.segment("Banks")
    deal = company.deal("Acme", ACME, account=company.account("Acme", segment=banks))
    id = company.request("Auditors reject it. Each quarter.", deals=[deal], said_by_layer="manager")
    page = priya.get(f"/requests/{id}/triage")
    assert held(page, "#start-title") == "Auditors reject it."
    assert held(page, "#start-statement") == "Auditors reject it. Each quarter."
    assert page.value_of("#start-layer") == "manager"
    assert page.all("#start-segments input[checked]")
    assert "Ties 1 open deal worth $300K to the new problem; nothing on the board" in (
        page.text_of("#form-start .candidate-then")
    )
    page.submit("#form-start", title="Exports fail audits")
    with app.app_context():
        problem = db.session.scalars(select(Problem)).one()
        assert (problem.title, problem.layer) == ("Exports fail audits", "manager")
        assert [segment.id for segment in problem.segments] == [banks]
    assert (state(id), ties()) == ("confirmed", {(deal, problem.id, "rep")})
    assert company.wrong_totals() == []


def test_a_twin_title_is_refused_with_the_twin_offered(
    company: Company, priya: CheckingClient, state: State, ties: Ties
) -> None:
    pain = company.problem("Exports fail audits", statement="They say no.")
    deal = company.deal("Acme", ACME)
    id = company.request(deals=[deal])
    page = priya.get(f"/requests/{id}/triage")
    page = page.submit("#form-start", title="Exports fail audits", statement="What I typed.")
    assert page.status_code == 422
    assert "Another problem has this title." in page.text_of("#form-start [role=alert]")
    assert held(page, "#start-statement") == "What I typed."
    assert page.one("#step-start").has_attr("open")
    assert state(id) == "new"
    page.submit("#join-twin", press="Join that one instead")
    assert (state(id), ties()) == ("confirmed", {(deal, pain, "rep")})


def test_a_crash_between_problem_and_join_leaves_neither(
    app: Flask, company: Company, priya: CheckingClient, state: State,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    id = company.request()
    page = priya.get(f"/requests/{id}/triage")

    def crash(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(triaging, "settle", crash)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert page.submit("#form-start", title="Half").status_code == 500
    with app.app_context():
        assert db.session.scalars(select(Problem)).all() == []
    assert state(id) == "new"


def test_a_request_is_merged_and_its_survivor_lists_it_and_lets_it_out(
    company: Company, priya: CheckingClient, state: State, ties: Ties
) -> None:
    pain = company.problem("Pain")
    one, two = company.deal("One", ACME), company.deal("Two", ACME)
    survivor = company.request("Auditors reject exports.", deals=[one])
    twin = company.request("Their auditors grumble.", deals=[two])
    page = priya.get(f"/requests/{twin}/triage?find_request=REJECT")
    page.submit("#merge", press="Merge into “Auditors reject exports.”")
    assert state(twin) == "merged"
    page = priya.get(f"/requests/{twin}/triage")
    assert "Another request speaks for it" in page.text_of("main")
    assert not page.has("#confirm, #form-refusal, #merge")

    page = priya.get(f"/requests/{survivor}/triage?find=pain")
    assert "Their auditors grumble." in page.text_of("#swallowed")
    assert "Ties 2 open deals worth $600K" in page.text_of("#problems")
    page.submit("#confirm", press="Join “Pain”")
    assert ties() == {(one, pain, "rep"), (two, pain, "rep")}
    page = priya.get("/intake?view=confirmed")
    assert page.rows_of("#inbox")[0]["At stake"] == "$600K 2 deals"

    page = priya.get(f"/requests/{survivor}/triage")
    page = page.submit("#swallowed form", press="Take out “Their auditors grumble.”")
    assert page.path == f"/requests/{survivor}/triage"
    assert not page.has("#swallowed")
    assert (state(twin), ties()) == ("new", {(one, pain, "rep")})


def test_what_is_not_the_product_goes_to_a_named_owner(
    app: Flask, company: Company, priya: CheckingClient, state: State
) -> None:
    id = company.request(deals=[company.deal("Acme", ACME, status="lost")])
    page = priya.get(f"/requests/{id}/triage")
    refused = page.submit("#form-bucket", bucket="price", text="Too dear.")
    assert refused.status_code == 422
    assert "Choose somebody who can sign in." in refused.text_of("#form-bucket [role=alert]")
    assert held(refused, "#bucket-text") == "Too dear."
    refused.submit("#form-bucket", owner=company.people["executive"])
    assert state(id) == "elsewhere"
    with app.app_context():
        assert db.session.scalar(select(LossReason.bucket)) == "price"
    page = priya.get(f"/requests/{id}/triage")
    assert page.text_of("dt:-soup-contains('Taken by') + dd").startswith("Elias")


def test_a_question_waits_for_a_week_unless_said_otherwise(
    app: Flask, company: Company, priya: CheckingClient, state: State
) -> None:
    id = company.request()
    page = priya.get(f"/requests/{id}/triage")
    with app.app_context():
        from roadmap.workspace import clock

        today = clock.today()
    assert page.value_of("#question-remind-on") == str(today.fromordinal(today.toordinal() + 7))
    past = page.submit("#form-question", text="Who?", remind_on="2020-01-01")
    assert past.status_code == 422
    assert "Choose a day that is still to come." in past.text_of("#form-question")
    assert held(past, "#question-text") == "Who?"
    assert page.submit("#form-question", text="").status_code == 422
    past.submit("#form-question", waits_for="customer", remind_on=str(today))
    assert state(id) == "asking"
    page = priya.get(f"/requests/{id}/triage")
    assert "a conversation with the customer" in page.text_of("dl.facts")
    assert "Who?" in said(page)


def test_a_reply_starts_out_as_what_is_known_and_is_sent_as_edited(
    app: Flask, company: Company, priya: CheckingClient, state: State
) -> None:
    pain = company.problem("Pain", workaround="Export by hand.")
    id = company.request(problem=pain)
    page = priya.get(f"/requests/{id}/triage")
    assert "Could they export by hand meanwhile?" in page.value_of("#reply-text")
    page = page.submit("#form-reply", text="Could they wait until March?")
    assert page.path == f"/requests/{id}/triage"
    assert "Priya Nair replied Could they wait" in said(page)
    assert state(id) == "new"
    with app.app_context():
        assert "until March?" in (db.session.scalar(select(Notice.text)) or "")


def test_no_is_said_with_a_reason(
    company: Company, priya: CheckingClient, state: State
) -> None:  # fmt: skip
    id = company.request()
    page = priya.get(f"/requests/{id}/triage").submit("#form-refusal", text="  ")
    assert page.status_code == 422
    assert "Say why, for whoever asked." in page.text_of("#form-refusal")
    assert state(id) == "new"


def test_a_prospect_is_linked_to_its_account_and_its_deals_are_tied(
    app: Flask, company: Company, priya: CheckingClient, ties: Ties, act: Act
) -> None:
    pain = company.problem("Pain")
    account = company.account("Nordwind AG")
    deal = company.deal("Nordwind first", ACME, account=account)
    theirs = company.deal("Somebody else's", ACME)
    id = company.request(prospect="Nordwind")
    act(triaging.confirm, id, pain)
    page = priya.get(f"/requests/{id}/triage")
    page = page.follow("Choose Nordwind AG")
    assert page.one("#step-link").has_attr("open")
    token = page.value_of("#form-link [name=csrf_token]")
    refused = priya.post(
        f"/requests/{id}/account",
        data={"csrf_token": token, "seen": page.value_of("#form-link [name=seen]"),
              "account": account, "deals": [deal, theirs]},
    )  # fmt: skip
    assert refused.status_code == 422
    assert ties() == set()
    page = page.submit("#form-link", deals=[deal])
    assert ties() == {(deal, pain, "rep")}
    assert "linked it to Nordwind AG, with 1 deal" in said(page)
    page = page.submit("#form-undoing")
    assert ties() == set()
    assert "to link" in page.text_of("dl.facts")


def test_the_first_line_is_changed_and_changed_back(
    app: Flask, company: Company, priya: CheckingClient
) -> None:
    id = company.request("SSO please. Now.")
    page = priya.get(f"/requests/{id}/triage")
    page = page.submit("#form-title", title="Joiners are typed in by hand")
    assert page.text_of("h1") == "Joiners are typed in by hand"
    assert page.text_of("#form-undoing button") == (
        "Undo: renamed it from “SSO please.” to “Joiners are typed in by hand”"
    )
    page = page.submit("#form-undoing")
    assert page.text_of("h1") == "SSO please."


STEPS = [
    ("#form-refusal", {"text": "My reasons."}, "#refusal-text"),
    ("#form-question", {"text": "My question."}, "#question-text"),
    ("#form-reply", {"text": "My reply."}, "#reply-text"),
    ("#form-bucket", {"text": "My words."}, "#bucket-text"),
    ("#form-title", {"title": "My title."}, "#title-title"),
    ("#form-start", {"title": "My problem."}, "#start-title"),
]


# A title has a mark of its own: nothing but another title overtakes it.
@pytest.mark.parametrize(
    ("form", "typed", "field"), [step for step in STEPS if step[0] != "#form-title"]
)
def test_who_was_overtaken_is_told_what_happened_and_keeps_what_they_typed(
    app: Flask, company: Company, priya: CheckingClient, act: Act, form: str,
    typed: dict[str, str], field: str,
) -> None:  # fmt: skip
    id = company.request()
    page = priya.get(f"/requests/{id}/triage")
    if form == "#form-bucket":
        typed = {**typed, "owner": str(company.people["executive"])}
    with app.app_context():
        before = len(db.session.scalars(select(RequestEvent)).all())
    act(triaging.reply, id, text="Somebody else's words.", by="admin")
    answer = page.submit(form, **typed)
    assert answer.status_code == 409
    alert = answer.text_of(".note-warn[role=alert]")
    assert "replied" in alert
    assert "Somebody else's words." in alert
    assert "sent it" not in alert
    assert held(answer, field) == next(iter(typed.values()))
    assert answer.one(f"details:has({form})").has_attr("open")
    with app.app_context():
        assert len(db.session.scalars(select(RequestEvent)).all()) == before + 1
        assert db.session.scalars(select(Problem)).all() == []
    # Having seen that, they may go on.
    assert answer.submit(form).status_code == 200


def test_a_join_and_a_merge_and_an_undo_that_were_overtaken_change_nothing(
    company: Company, priya: CheckingClient, act: Act, state: State, ties: Ties
) -> None:
    pain = company.problem("Pain")
    id, other = company.request(deals=[company.deal()]), company.request("Other.")
    act(triaging.rename, id, title="Renamed first.")
    page = priya.get(f"/requests/{id}/triage?find=pain&find_request=other")
    act(triaging.decline, id, text="No.", by="admin")
    for form, press in (("#confirm", "Join “Pain”"), ("#merge", "Merge into “Other.”")):
        assert page.submit(form, press=press).status_code == 409
    assert page.submit("#form-undoing").status_code == 409
    assert (state(id), ties()) == ("declined", set())
    assert pain
    assert other


def test_of_two_who_triage_at_once_one_wins_and_the_other_is_told(
    app: Flask, company: Company, act: Act, state: State
) -> None:
    pain = company.problem("Pain")
    id = company.request(deals=[company.deal()])
    address = f"/requests/{id}/triage?find=pain"
    pages = [cast.visitor(app, role).get(address) for role in ("product", "admin")]
    gate = Barrier(2)

    def send(page: Page, form: str, **values: str) -> int:
        gate.wait()
        return page.submit(form, follow=False, **values).status_code

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(send, pages[0], "#confirm", press="Join “Pain”")
        two = pool.submit(send, pages[1], "#form-refusal", text="No.")
        statuses = sorted([one.result(), two.result()])
    assert statuses == [303, 409]
    assert state(id) in ("confirmed", "declined")
    with app.app_context():
        kinds = db.session.scalars(select(RequestEvent.kind).order_by(RequestEvent.id)).all()
    assert len(kinds) == 2
    assert company.wrong_totals() == []
    assert pain


NO_IDS = ("", "0", "-1", "²", "999999", "9" * 40, "x", "\x00", "1 OR 1")


@pytest.mark.parametrize(
    ("path", "field"),
    [("confirmation", "problem"), ("merge", "into"), ("account", "account")],
)
def test_ids_of_nothing_are_refused_in_words(
    company: Company, priya: CheckingClient, state: State, path: str, field: str
) -> None:
    id = company.request()
    page = priya.get(f"/requests/{id}/triage")
    data = {name: page.value_of(f"#confirm [name={name}]") for name in ("csrf_token", "seen")}
    for value in NO_IDS:
        answer = priya.post(f"/requests/{id}/{path}", data={**data, field: value})
        assert answer.status_code == 422
        assert "There is no such" in answer.text_of("[role=alert]")
    assert state(id) == "new"


def test_control_characters_and_endless_words_are_refused_in_words(
    company: Company, priya: CheckingClient, state: State
) -> None:
    id = company.request()
    page = priya.get(f"/requests/{id}/triage")
    for form, typed, _ in STEPS:
        for bad in ("\x07bell", "w" * 10_001):
            answer = page.submit(form, **{next(iter(typed)): bad})
            assert answer.status_code == 422
            assert answer.has(f"{form} .field-errors")
    assert state(id) == "new"


def test_hostile_words_are_shown_as_words(company: Company, priya: CheckingClient) -> None:
    pain = company.problem(f"Pain {HOSTILE}"[:200], statement=HOSTILE, workaround=HOSTILE)
    company.request(
        HOSTILE, quote=HOSTILE, note=HOSTILE, prospect=HOSTILE, problem=pain, workaround=HOSTILE,
        competitor=HOSTILE, said_by_name=HOSTILE, said_by_role=HOSTILE, purpose=HOSTILE,
    )  # fmt: skip
    id = company.request(f"Again {HOSTILE}")
    for address in ("/intake", f"/requests/{id}/triage?find={HOSTILE}&find_request={HOSTILE}",
                    f"/requests/{id - 1}/triage?find_account={HOSTILE}",
                    f"/intake/joins?request={id}&find=pain"):  # fmt: skip
        page = priya.get(address)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    page = priya.get(f"/requests/{id}/triage").submit("#form-refusal", text=HOSTILE)
    assert "<script>alert" not in page.text
    assert page.status_code == 200


def test_a_long_history_and_many_merged_requests_cost_no_more_queries(
    app: Flask, company: Company, priya: CheckingClient, act: Act
) -> None:
    pain = company.problem("Pain")
    id = company.request(deals=[company.deal()])
    act(triaging.merge, company.request("First twin."), id)
    act(triaging.confirm, id, pain)
    costs = []
    for _ in range(2):
        # The first look reads what was written since the last one, for the suggestions.
        priya.get(f"/requests/{id}/triage")
        with count_queries(app, ignoring=["users"]) as statements:
            priya.get(f"/requests/{id}/triage")
        costs.append(len(statements))
        for number in range(5):
            twin = company.request(f"Twin {number}.")
            act(triaging.merge, twin, id)
            act(triaging.reply, id, text=f"Words {number}")
    assert costs[0] == costs[1], "\n".join(statements)
    assert costs[0] <= 40


def test_nothing_is_undone_twice(company: Company, act: Act, priya: CheckingClient) -> None:
    id = company.request()
    act(triaging.decline, id, text="No.")
    page, another = (priya.get(f"/requests/{id}/triage") for _ in range(2))
    assert page.submit("#form-undoing").status_code == 200
    assert page.submit("#form-undoing").status_code == 200
    assert another.submit("#form-undoing").status_code == 409
    with company.app.app_context():
        assert db.session.get_one(Request, id).state == "new"
        assert steps.last_step(id) is None


def test_undoing_ends_at_what_the_rep_said_since(
    app: Flask,
    company: Company,
    act: Act,
    state: State,
    priya: CheckingClient,
    rosa: CheckingClient,
) -> None:
    """What the rep said is the rep's to take back; nobody else's undo passes it silently."""
    pain, other = company.problem("Sign-in is manual"), company.problem("No export")
    id = company.request(deals=[company.deal("Acme")], problem=pain)
    act(triaging.confirm, id, other)
    page = priya.get(f"/requests/{id}/triage").submit("#form-undoing")
    assert state(id) == "new"
    assert not page.has("#form-undoing")
    assert page.text_of("#undo-ends") == (
        "Undoing ends here: Rosa Quintero said that it is “Sign-in is manual”. That is theirs to "
        "take back; join another problem, ask or decline instead."
    )
    with app.app_context():
        told = db.session.scalars(select(Notice.text)).all()
    refused = priya.post(
        f"/requests/{id}/undoing",
        data={
            "csrf_token": page.value_of("#form-refusal [name=csrf_token]"),
            "seen": page.value_of("#form-refusal [name=seen]"),
        },
    )
    assert refused.status_code == 422
    assert "Rosa Quintero said which problem it is. That is theirs to take back" in (
        refused.text_of("#history .note-danger")
    )
    with app.app_context():
        assert db.session.get_one(Request, id).problem_id == pain
        assert db.session.scalars(select(Notice.text)).all() == told
    # It stays the rep's: they take it back on their own page.
    rosa.get(f"/requests/{id}").submit(f"form[action='/requests/{id}/problem/removal']")
    with app.app_context():
        assert db.session.get_one(Request, id).problem_id is None


def test_an_answer_is_not_taken_back_by_whoever_asked_for_it(
    company: Company, act: Act, state: State, priya: CheckingClient
) -> None:
    id = company.request()
    act(triaging.ask, id, "rep", date(2027, 1, 20), text="Which directory?")
    act(actions.answer, id, text="Entra.", by="rep")
    page = priya.get(f"/requests/{id}/triage")
    assert not page.has("#form-undoing")
    assert "Rosa Quintero answered" in page.text_of("#undo-ends")
    assert state(id) == "new"
    act(triaging.decline, id, text="Not now.")
    page = priya.get(f"/requests/{id}/triage")
    assert "declined" in page.text_of("#form-undoing button")


def test_a_product_manager_takes_back_what_they_said_themselves(
    app: Flask, company: Company, priya: CheckingClient
) -> None:
    pain = company.problem("Sign-in is manual")
    id = company.request(problem=pain, by="product")
    priya.get(f"/requests/{id}/triage").submit("#form-undoing")
    with app.app_context():
        assert db.session.get_one(Request, id).problem_id is None
