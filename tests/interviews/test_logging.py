"""Logging a loss interview: what it puts on the deal, what it changes, and going back exactly."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import and_, select

from roadmap.domain.interviews import effect_from_json
from roadmap.extensions import db
from roadmap.intake import telling
from roadmap.interviews import actions
from roadmap.models import Blocker, Conversation, Deal, LossReason, Statement, User, Workspace
from tests.support.client import CheckingClient, Page
from tests.support.company import Company, statement
from tests.support.tables import everything

DAY = "2027-01-05"


def ties(app: Flask, deal: int) -> list[tuple[Any, ...]]:
    """What the deal carries: (problem or bucket, source, weight, note, whether it counts)."""
    with app.app_context():
        blockers = db.session.execute(
            select(
                Blocker.problem_id, Blocker.source, Blocker.weight, Blocker.words, Blocker.counts
            )
            .where(Blocker.deal_id == deal)
            .order_by(Blocker.source, Blocker.problem_id)
        )
        reasons = db.session.execute(
            select(LossReason.bucket, LossReason.source, LossReason.weight, LossReason.words)
            .where(LossReason.deal_id == deal)
            .order_by(LossReason.source, LossReason.bucket)
        )
        return [*map(tuple, blockers), *map(tuple, reasons)]


def of_deals(app: Flask) -> dict[str, Any]:
    """Everything that interviews change about deals and initiatives, without their ids."""
    tables = everything(app)
    with app.app_context():
        deals = db.session.scalars(select(Deal.id).order_by(Deal.id)).all()
    return {"ties": [ties(app, deal) for deal in deals], "totals": tables["initiative_totals"]}


def a_claimed_loss(app: Flask) -> tuple[Company, int, int, int]:
    """A deal that the rep lost over one problem, which one of two initiatives solves."""
    company = Company(app)
    core = company.team()
    pain, other = company.problem("Sign-in is manual"), company.problem("No export")
    sso = company.initiative("SSO", work=[(core, 20)], solves=[pain])
    company.initiative("Export", work=[(core, 20)], solves=[other])
    company.deal("Small", 50_000_00, blockers=[other])
    owner = company.owner("Quintero, Rosa", company.people["rep"])
    deal = company.deal("Acme", 420_000_00, status="lost", owner=owner, blockers=[pain])
    return company, deal, pain, sso


def fill(page: Page, **changes: Any) -> Page:
    """The log with a person, one Price reason and whatever else is given."""
    press = changes.pop("press", "save")
    typed: dict[str, Any] = {
        "name": "Dana Osei", "role": "CIO", "layer": "executive", "held_on": DAY,
        "reasons-0-bucket": "price", "reasons-0-quote": "A third cheaper.", **changes,
    }  # fmt: skip
    return page.submit("#log", press=press, **typed)


def quote_on(page: Page) -> str:
    """The first quote as the form shows it, without the line break that begins a text area."""
    return str(page.value_of("textarea[name=reasons-0-quote]")).strip()


def test_an_interview_ends_a_false_loss_and_says_what_that_changed(
    app: Flask, priya: CheckingClient
) -> None:
    company, deal, pain, sso = a_claimed_loss(app)
    interview = company.interview(deal)
    page = fill(priya.get(f"/interviews/{interview}/log"))
    assert page.path == f"/interviews/{interview}"
    said = page.text_of("#effect .effect-words")
    assert said == "No longer a product loss. $420K leaves “SSO”; its score falls from 1 to 2."
    assert page.text_of("#effect .stamp") == "false loss"
    rows = page.rows_of("#effect table:has(a[href^='/initiatives'])")
    assert rows[0]["Lost in the window"] == "$420K → $0"
    assert rows[0]["Place by score"] == "1 → 2"
    assert "Sign-in is manual" in page.text_of("#effect")
    assert ties(app, deal) == [
        (pain, "rep", 1, "", False), ("price", "interview", 1, "A third cheaper."),
    ]  # fmt: skip
    with company.looking() as picture:
        assert picture.cards[str(sso)].lost_amount == 0
    assert company.wrong_totals() == []
    page = priya.get(f"/deals/{deal}")
    assert "Loss interview" in page.text_of("#interviews")


def test_the_preview_says_the_same_and_stores_nothing(app: Flask, priya: CheckingClient) -> None:
    company, deal, _, _ = a_claimed_loss(app)
    interview = company.interview(deal)
    page = priya.get(f"/interviews/{interview}/log")
    with app.app_context():
        telling.catch_up()
    before = everything(app)
    shown = fill(page, press="preview")
    assert everything(app) == before
    said = shown.text_of("#effect .effect-words")
    assert quote_on(shown) == "A third cheaper."
    # Whoever looks at the board meanwhile sees it as it is.
    assert priya.get("/board").status_code == 200
    stored = shown.submit("#log", press="save")
    assert stored.text_of("#effect .effect-words") == said
    assert priya.get(f"/interviews/{interview}").text_of("#effect .effect-words") == said
    assert company.wrong_totals() == []


def test_a_hidden_product_loss_joins_its_initiative(app: Flask, priya: CheckingClient) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    company.initiative("Other", work=[(company.team(), 20)], solves=[company.problem("Other")])
    company.initiative("SSO", work=[(company.team("Web"), 20)], solves=[pain])
    deal = company.deal("Acme", 420_000_00, status="lost")
    with app.app_context():
        db.session.add(statement(deal, source="crm", bucket="price"))
        db.session.commit()
    page = priya.get(f"/interviews/{company.interview(deal)}/script")
    page = fill(
        page,
        **{
            "reasons-0-bucket": "product",
            "reasons-0-problem": "Sign-in is manual",
            "reasons-0-weight": 3,
        },
    )
    said = page.text_of("#effect .effect-words")
    assert said.startswith("Now a product loss: it was hidden behind other reasons. $420K joins")
    assert said.endswith("“SSO”; its score rises from 2 to 1.")
    assert page.text_of("#effect .stamp") == "hidden product loss"
    assert ties(app, deal)[0] == (pain, "interview", 3, "A third cheaper.", True)
    assert company.wrong_totals() == []


def test_withdrawing_restores_exactly_what_was(app: Flask, priya: CheckingClient) -> None:
    company, deal, _, _ = a_claimed_loss(app)
    interview = company.interview(deal)
    before = of_deals(app)
    page = fill(
        priya.get(f"/interviews/{interview}/log"),
        **{"reasons-1-bucket": "product", "reasons-1-problem": "Sign-in is manual"},
    )
    assert of_deals(app) != before
    page = page.submit("#cancellation")
    assert "Withdrawn" in page.text_of(".flashes")
    assert of_deals(app) == before
    assert "$420K" in page.text_of("#effect")
    assert company.wrong_totals() == []
    with app.app_context():
        kept = db.session.get_one(Conversation, interview)
        assert (kept.state, kept.spoke_name, len(kept.reasons)) == ("cancelled", "Dana Osei", 2)
        assert [reason.ended_at is None for reason in kept.reasons] == [False, False]
    assert priya.get(f"/interviews/{interview}/log").status_code == 404


def test_editing_replaces_what_changed_and_leaves_the_rest_with_its_moment(
    app: Flask, priya: CheckingClient
) -> None:
    company, deal, pain, _ = a_claimed_loss(app)
    interview = company.interview(deal, ("product", pain, 2, "No SAML"), ("price", None))
    of_interview = and_(Statement.origin == "interview", Statement.root_id == pain)
    with app.app_context():
        tied = db.session.scalars(select(Statement).where(of_interview)).one()
        id, tied.fit_then = tied.id, 7
        db.session.commit()
    page = priya.get(f"/interviews/{interview}/log")
    assert page.value_of("select[name=reasons-0-bucket]") == "product"
    page = fill(page, **{
        "reasons-0-bucket": "product", "reasons-0-quote": "No SAML", "reasons-1-bucket": "process",
    })  # fmt: skip
    assert ties(app, deal) == [
        (pain, "interview", 2, "No SAML", True), (pain, "rep", 1, "", False),
        ("process", "interview", 1, ""),
    ]  # fmt: skip
    with app.app_context():
        tied = db.session.scalars(select(Statement).where(of_interview)).one()
        assert (tied.id, tied.fit_then) == (id, 7)
    # It still says what the interview as a whole changed, not what the edit did.
    assert page.text_of("#effect .effect-words").startswith("Still a product loss.")
    assert company.wrong_totals() == []


def test_two_interviews_of_a_deal_add_up_on_one_tie(app: Flask) -> None:
    company, deal, pain, _ = a_claimed_loss(app)
    first = company.interview(deal, ("product", pain, 2, "No SAML"))
    alone = ties(app, deal)
    second = company.interview(deal, ("product", pain, 3, "None"), ("price", None))
    assert ties(app, deal)[0] == (pain, "interview", 5, "No SAML", True)
    with app.app_context():
        priya = db.session.get_one(User, company.people["product"])
        actions.cancel(second, priya)
    assert ties(app, deal) == alone
    with app.app_context():
        actions.cancel(first, db.session.get_one(User, company.people["product"]))
    assert ties(app, deal) == [(pain, "rep", 1, "", True)]
    assert company.wrong_totals() == []


def test_what_somebody_recorded_by_hand_stays_theirs(app: Flask, priya: CheckingClient) -> None:
    company, deal, pain, _ = a_claimed_loss(app)
    priya.get(f"/deals/{deal}").submit(
        "#verified", bucket="product", problem=pain, source="interview", note="By hand"
    )
    before = ties(app, deal)
    interview = company.interview(deal, ("product", pain, 9, "No SAML"))
    # The reason weighs what the interview gave, and both words stand on the deal's page.
    assert ties(app, deal)[0] == (pain, "interview", 9, "By hand", True)
    page = priya.get(f"/deals/{deal}").text_of("main")
    assert "By hand" in page
    assert "No SAML" in page
    with app.app_context():
        actions.cancel(interview, db.session.get_one(User, company.people["product"]))
    assert ties(app, deal) == before


def test_a_tie_that_an_interview_made_is_not_untied_behind_its_back(
    app: Flask, priya: CheckingClient
) -> None:
    company, deal, pain, _ = a_claimed_loss(app)
    company.interview(deal, ("product", pain))
    with app.app_context():
        blocker = db.session.scalars(select(Blocker.id).where(Blocker.source == "interview")).one()
    page = priya.get(f"/deals/{deal}")
    assert not page.has(f"form[action='/deals/{deal}/blockers/{blocker}/removal']")
    answer = priya.post(
        f"/deals/{deal}/blockers/{blocker}/removal",
        data={"csrf_token": page.value_of("form[action='/sign-out'] [name=csrf_token]")},
        follow_redirects=True,
    )
    assert "An interview says so" in answer.text_of(".flashes")
    assert (pain, "interview", 1, "", True) in ties(app, deal)


def test_they_may_refuse_to_say_why(app: Flask, priya: CheckingClient) -> None:
    company, deal, pain, _ = a_claimed_loss(app)
    interview = company.interview(deal)
    page = fill(
        priya.get(f"/interviews/{interview}/log"),
        would_not_say=True, **{"reasons-0-bucket": "", "reasons-0-quote": ""},
    )  # fmt: skip
    assert "They would not say why" in page.text
    assert page.text_of("#effect .effect-words") == "Still a product loss."
    assert ties(app, deal) == [(pain, "rep", 1, "", True)]


@pytest.mark.parametrize(
    "name", ["Rosa Quintero", "rosa  QUINTERO", "Quintero, Rosa", "Priya Nair"]
)
def test_a_rep_is_no_customer(app: Flask, priya: CheckingClient, name: str) -> None:
    company, deal, _, _ = a_claimed_loss(app)
    interview = company.interview(deal)
    before = everything(app)
    page = fill(priya.get(f"/interviews/{interview}/log"), name=name)
    assert page.status_code == 422
    assert "is one of us" in page.text_of(".field:has(#name) .field-errors")
    assert quote_on(page) == "A third cheaper."
    assert everything(app) == before


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "Name the customer"),
        ("held_on", "2027-01-12", "in the future"),
        ("held_on", "0027-01-12", "between 2000 and 2199"),
        ("held_on", "yesterday", "Not a valid date"),
        ("held_by", "999", "Not a valid choice"),
        ("held_by", "²", "Not a valid choice"),
        ("layer", "nobody", "Not a valid choice"),
        ("reasons-0-bucket", "luck", "Not a valid choice"),
        ("reasons-0-problem", "999", "No problem has this title"),
        ("reasons-0-problem", "No such\x00 thing", "No problem has this title"),
        ("reasons-0-problem", "x" * 5000, "No problem has this title"),
        ("reasons-0-problem", "No export", "Only a Product reason"),
        ("reasons-0-weight", "0", "At least 1."),
        ("reasons-0-weight", "1001", "At most 1,000."),
        ("reasons-0-weight", "much", "Write a whole number, such as 15 or 1,200."),
        ("reasons-0-quote", "a\x00b", "control characters"),
        ("notes", "x" * 10_001, "At most 10,000"),
        ("would_not_say", "y", "Either they gave a reason"),
        ("reasons-1-quote", "Left alone", "Say which reason"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field_and_nothing_is_lost(
    app: Flask, priya: CheckingClient, field: str, value: str, said: str
) -> None:
    company, deal, _, _ = a_claimed_loss(app)
    interview = company.interview(deal)
    token = priya.get("/tradeoffs").value_of("form[action='/sign-out'] [name=csrf_token]")
    before = everything(app)
    typed = {
        "csrf_token": token, "name": "Dana Osei", "held_on": DAY,
        "held_by": company.people["product"], "layer": "", "reasons-0-bucket": "price",
        "reasons-0-quote": "<b>A third</b> cheaper", "press": "save", field: value,
    }  # fmt: skip
    page = priya.post(f"/interviews/{interview}/log", data=typed)
    assert page.status_code == 422
    assert said in " ".join(page.texts_of(".field-errors"))
    if field != "reasons-0-quote":
        assert quote_on(page) == "<b>A third</b> cheaper"
    assert everything(app) == before


def test_one_more_reason_keeps_what_was_typed(app: Flask, priya: CheckingClient) -> None:
    company, deal, _, _ = a_claimed_loss(app)
    page = priya.get(f"/interviews/{company.interview(deal)}/script")
    assert len(page.all("fieldset.group")) == 3
    page = fill(page, press="more", name="")
    assert page.status_code == 200
    assert len(page.all("fieldset.group")) == 4
    assert quote_on(page) == "A third cheaper."
    assert page.text_of("h1") == "Interview script"


def test_whoever_saves_second_is_told_and_keeps_their_words(
    app: Flask, priya: CheckingClient
) -> None:
    company, deal, pain, _ = a_claimed_loss(app)
    interview = company.interview(deal)
    page = priya.get(f"/interviews/{interview}/log")
    company.interview(deal, ("product", pain))
    late = fill(page)
    assert late.status_code == 409
    assert "Somebody else changed this while you were writing" in late.text
    assert quote_on(late) == "A third cheaper."
    assert "price" not in str(ties(app, deal))
    assert late.submit("#log", press="save").status_code == 200
    assert ("price", "interview", 1, "A third cheaper.") in ties(app, deal)


def test_a_loss_before_the_window_or_of_an_unknown_amount_is_said_to_be_so(app: Flask) -> None:
    company = Company(app)
    pain = company.problem("Sign-in is manual")
    company.initiative("SSO", work=[(company.team(), 20)], solves=[pain])
    old = company.deal("Old", status="lost", close_date="2025-01-01", blockers=[pain])
    company.interview(old, ("price", None))
    unknown = company.deal("Unknown", None, status="lost", blockers=[pain])
    company.interview(unknown, ("price", None))
    with app.app_context():
        first, second = [
            effect_from_json(each)
            for each in db.session.scalars(select(Conversation.effect).order_by(Conversation.id))
        ]
    assert first is not None
    assert second is not None
    assert first.sentences(str)[1] == (
        "It was lost before the window of losses, so no score moves."
    )
    assert second.sentences(str)[1].startswith("an unknown amount leaves “SSO”")
    assert company.wrong_totals() == []


def test_an_interview_counts_as_evidence_and_a_planned_one_does_not(app: Flask) -> None:
    company, deal, pain, _ = a_claimed_loss(app)

    def revision() -> int:
        with app.app_context():
            return db.session.scalars(select(Workspace.evidence_revision)).one()

    before = revision()
    interview = company.interview(deal)
    assert revision() == before
    company.interview(deal, ("product", pain))
    assert revision() > before
    with app.app_context():
        reason = db.session.scalars(select(Statement).where(Statement.origin == "interview")).one()
        assert (reason.origin_id, reason.problem_id) == (interview, pain)
