"""Entering the board, shipping, declining, and coming back: all in the ledger, all replayable."""

from datetime import date

import pytest
from sqlalchemy import select

from roadmap.domain.errors import Refused
from roadmap.extensions import db
from roadmap.initiatives import actions
from roadmap.models import Initiative, Tradeoff, User
from tests.support.client import CheckingClient
from tests.support.company import Company

from .conftest import Story
from .test_edits import FORM, commit, newest


def replayed(company: Company) -> list[str]:
    """The order that the ledger gives when it is played from the start."""
    order: list[int] = []
    with company.looking():
        for entry in db.session.scalars(select(Tradeoff).order_by(Tradeoff.id)):
            if entry.from_rank is not None:
                order.pop(entry.from_rank - 1)
            if entry.to_rank is not None and entry.initiative_id is not None:
                order.insert(entry.to_rank - 1, entry.initiative_id)
        return [db.session.get_one(Initiative, id).title for id in order]


def test_a_new_initiative_enters_last_with_a_record(story: Story, priya: CheckingClient) -> None:
    page = priya.get("/initiatives/new").submit(
        FORM, title="  Third <b>one</b>  ", value="“Finally”", kind="strategic"
    )
    assert page.text_of("h1") == "Third <b>one</b>"
    assert "<b>one</b>" not in page.text
    assert story.company.order() == ["First", "Second", "Third <b>one</b>"]
    entry = newest(story.company)
    assert (entry.kind, entry.from_rank, entry.to_rank) == ("entry", None, 3)
    assert entry.sentence.startswith("Putting “Third <b>one</b>” on the board at 3")
    assert entry.decided_by_id == story.company.people["product"]
    assert story.company.wrong_totals() == []


def test_a_new_initiative_may_enter_at_a_rank(story: Story, priya: CheckingClient) -> None:
    priya.get("/initiatives/new").submit(FORM, title="Top", kind="strategic", rank="1")
    assert story.company.order() == ["Top", "First", "Second"]
    assert replayed(story.company) == story.company.order()
    assert story.company.finish(story.first) == date(2027, 1, 22), "without work it delays nobody"


@pytest.mark.parametrize("rank", ["0", "4", "x", "99999999999", "-1"])
def test_a_rank_that_is_none_is_refused_and_nothing_is_made(
    story: Story, priya: CheckingClient, rank: str
) -> None:
    page = priya.get("/initiatives/new").submit(FORM, title="Top", kind="strategic", rank=rank)
    assert page.status_code == 422
    assert page.has("#rank-errors")
    assert page.value_of("[name=title]") == "Top"
    assert story.company.order() == ["First", "Second"]


def test_a_title_is_needed_and_not_too_long(story: Story, priya: CheckingClient) -> None:
    form = priya.get("/initiatives/new")
    assert "Give it a title." in form.submit(FORM, title="   ").text
    assert "At most 200 characters; this has 201." in form.submit(FORM, title="x" * 201).text
    assert "control characters" in form.submit(FORM, title="a\x00b").text
    assert story.company.order() == ["First", "Second"]


def test_an_entry_that_fails_leaves_no_row_behind(company: Company) -> None:
    with company.app.app_context():
        by = db.session.get_one(User, company.people["product"])
        with pytest.raises(Refused):
            actions.enter(title="X", value="", kind="strategic", owner_id=None, rank=7, by=by)
        assert db.session.scalars(select(Initiative.id)).all() == []


def test_shipping_leaves_the_board_on_a_day_that_has_been(
    story: Story, priya: CheckingClient
) -> None:
    page = priya.get(f"/initiatives/{story.first}/shipping")
    refused = page.submit(FORM, day="2027-01-12")
    assert "cannot have shipped in the future" in refused.text_of("#day-errors")
    shown = page.submit(FORM, day="2027-01-08")
    assert "Shipping “First” brings 1 initiative forward" in shown.text
    done = shown.submit("#commit-form")
    assert "Shipped on 8 Jan 2027" in done.text
    assert story.company.order() == ["Second"]
    entry = newest(story.company)
    assert (entry.kind, entry.from_rank, entry.to_rank) == ("leave", 1, None)
    assert replayed(story.company) == ["Second"]
    assert story.company.wrong_totals() == []


def test_declining_needs_a_reason_and_keeps_it(story: Story, priya: CheckingClient) -> None:
    page = priya.get(f"/initiatives/{story.second}/declining")
    assert page.submit(FORM, why=" ").status_code == 422
    shown = page.submit(FORM, why="<script>alert(1)</script>")
    assert "$600K (1 deal) out of reach" in shown.text
    people = story.company.people
    done = commit(shown, people["product"], people["executive"])
    assert "Declined: <script>alert(1)</script>" in done.text_of("main")
    assert "<script>alert" not in done.text
    entry = newest(story.company)
    assert (entry.kind, entry.from_rank, entry.pushed_count) == ("leave", 2, 1)
    assert story.company.wrong_totals() == []


def test_coming_back_brings_its_work_and_its_problems_along(
    story: Story, priya: CheckingClient
) -> None:
    people = story.company.people
    for id, part, field in (
        (story.second, "declining", {"why": "Not now"}),
        (story.first, "shipping", {"day": "2027-01-08"}),
    ):
        shown = priya.get(f"/initiatives/{id}/{part}").submit(FORM, **field)
        if shown.has("[name=owner]"):
            commit(shown, people["product"], people["executive"])
        else:
            shown.submit("#commit-form")
    assert story.company.order() == []
    last = story.company.initiative("Last", work=[(story.team, 10)])
    shown = priya.get(f"/initiatives/{story.second}/entry").submit(FORM, rank="1")
    assert "Putting “Second” on the board at 1 delays 1 initiative" in shown.text
    assert "brings $600K (1 deal) within reach" in shown.text
    commit(shown, people["product"])
    assert story.company.order() == ["Second", "Last"]
    assert story.company.finish(story.second) == date(2027, 1, 22)
    assert story.company.finish(last) == date(2027, 1, 29)
    assert story.company.wrong_totals() == []
    assert replayed(story.company) == ["Second", "Last"]
    with story.company.looking():
        row = db.session.get_one(Initiative, story.second)
        assert (row.state, row.decline_reason) == ("candidate", None)
    assert newest(story.company).inverse == {
        "kind": "leave", "initiative": str(story.second), "state": "declined",
        "note": "Not now", "shipped_on": None,
    }  # fmt: skip


def test_what_is_on_the_board_cannot_be_put_on_it_again(
    story: Story, priya: CheckingClient
) -> None:
    page = priya.get(f"/initiatives/{story.first}/entry").submit(FORM)
    assert page.status_code == 422
    assert "It is on the board already." in page.text


def test_coming_back_into_a_cycle_is_refused(story: Story, priya: CheckingClient) -> None:
    company = story.company
    leaver = company.initiative("Leaver", needs=[story.first])
    priya.get(f"/initiatives/{leaver}/declining").submit(FORM, why="Later").submit("#commit-form")
    company.need(story.first, leaver)
    page = priya.get(f"/initiatives/{leaver}/entry").submit(FORM)
    assert page.status_code == 422
    assert "These would wait for each other" in page.text


def test_own_words_change_without_a_preview(story: Story, priya: CheckingClient) -> None:
    with story.company.looking() as picture:
        plan = picture.plan_revision
    page = priya.get(f"/initiatives/{story.first}/edit").submit(
        FORM, title="שלום 🚀", value="x" * 10_000, owner_id=story.company.people["executive"]
    )
    assert "Saved." in page.text
    assert story.company.order() == ["שלום 🚀", "Second"]
    with story.company.looking() as picture:
        assert picture.plan_revision == plan, "no forecast rests on words"
        card = picture.cards[str(story.first)]
        assert (card.owner, card.revision) == ("Elias Berg", picture.revision)


def test_words_that_somebody_else_changed_are_not_overwritten_unseen(
    story: Story, priya: CheckingClient, ada: CheckingClient
) -> None:
    old = priya.get(f"/initiatives/{story.first}/edit")
    ada.get(f"/initiatives/{story.first}/edit").submit(FORM, title="Theirs")
    conflict = old.submit(FORM, title="Mine")
    assert conflict.status_code == 409
    assert conflict.text_of("#title-errors .field-theirs") == "Theirs"
    assert conflict.value_of("[name=title]") == "Mine"
    assert story.company.order()[0] == "Theirs"
    conflict.submit(FORM)
    assert story.company.order()[0] == "Mine"
