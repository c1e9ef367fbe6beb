"""Every change of the plan: free ones are saved at once, costly ones are shown and recorded."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Initiative, MovedDeal, MovedForecast, Need, ProblemTie, Tradeoff
from roadmap.tradeoffs import present
from tests.support.client import CheckingClient, Page
from tests.support.company import Company

from .conftest import Story

FORM = "form.form[method=post]"


def newest(company: Company) -> Tradeoff:
    with company.looking():
        return db.session.scalars(select(Tradeoff).order_by(Tradeoff.id.desc()).limit(1)).one()


def entries(company: Company) -> int:
    with company.looking():
        return len(db.session.scalars(select(Tradeoff.id)).all())


def commit(page: Page, owner: int, sponsor: int | None = None) -> Page:
    """Send the preview's form with somebody who answers for it."""
    more: dict[str, Any] = {} if sponsor is None else {"sponsor": sponsor}
    return page.submit("#commit-form", owner=owner, reason="The customer asked", **more)


def test_an_effort_that_frees_time_is_shown_and_saved_without_an_owner(
    story: Story, ada: CheckingClient
) -> None:
    shown = ada.get(f"/initiatives/{story.first}/effort").submit(FORM, left__0="10")
    assert "brings 2 initiatives forward" in shown.text
    assert not shown.has("[name=owner]")
    done = shown.submit("#commit-form")
    assert done.request.path == f"/initiatives/{story.first}"
    assert story.company.finish(story.first) == date(2027, 1, 15)
    entry = newest(story.company)
    assert (entry.kind, entry.advanced_count, entry.owner_id) == ("effort", 2, None)


def test_the_same_effort_again_says_that_it_still_holds(
    story: Story, priya: CheckingClient
) -> None:
    before = entries(story.company)
    page = priya.get(f"/initiatives/{story.first}/effort").submit(FORM)
    assert "Saved. No forecast moved." in page.text
    assert "Last said on 11 Jan 2027" in page.text
    assert entries(story.company) == before


def test_more_work_delays_others_and_is_a_trade_off(story: Story, priya: CheckingClient) -> None:
    people = story.company.people
    shown = priya.get(f"/initiatives/{story.first}/effort").submit(FORM, left__0="30")
    assert "delays 2 initiatives" in shown.text
    assert "$600K (1 deal) out of reach" in shown.text
    assert story.company.finish(story.first) == date(2027, 1, 22), "nothing is saved by looking"
    lacking = commit(shown, people["product"])
    assert lacking.status_code == 422
    assert "Name the executive who sponsors this." in lacking.text
    done = commit(lacking, people["product"], people["executive"])
    assert "delays 2 initiatives" in done.text
    assert story.company.finish(story.second) == date(2027, 2, 12)
    entry = newest(story.company)
    with story.company.looking():
        moved = db.session.scalars(
            select(MovedForecast).where(MovedForecast.tradeoff_id == entry.id)
        ).all()
        deals = db.session.scalars(select(MovedDeal).where(MovedDeal.tradeoff_id == entry.id)).all()
    assert {(row.title, row.direction, row.weeks) for row in moved} == {
        ("First", "delayed", 1),
        ("Second", "delayed", 1),
    }
    assert [(row.deal_id, row.direction, row.amount) for row in deals] == [
        (story.deal, "pushed", 600_000_00)
    ]
    assert (entry.owner_id, entry.sponsor_id) == (people["product"], people["executive"])


def test_an_administrator_sees_the_price_but_may_not_commit_it(
    story: Story, ada: CheckingClient
) -> None:
    before = entries(story.company)
    shown = ada.get(f"/initiatives/{story.first}/effort").submit(FORM, left__0="30")
    assert "a product manager or an executive has to commit it" in shown.text
    token = shown.one("meta, [name=csrf_token]") if shown.has("#commit-form") else None
    assert token is None
    page = ada.get(f"/initiatives/{story.first}/effort")
    with story.company.looking() as picture:
        revision = picture.revision
    refused = ada.post(
        f"/initiatives/{story.first}/effort",
        data={
            "csrf_token": page.value_of(f"{FORM} [name=csrf_token]"),
            "left-0": "30",
            "seen": page.value_of(f"{FORM} [name=seen]"),
            "owner": story.company.people["product"],
            "sponsor": story.company.people["executive"],
            "reason": "I can",
            "revision": revision,
            "as_of": "2027-01-11",
        },
    )
    assert refused.status_code == 403
    assert "delays 2 initiatives" in refused.text
    assert entries(story.company) == before
    assert story.company.finish(story.first) == date(2027, 1, 22)


def test_a_preview_of_a_board_that_moved_is_refused_and_shown_anew(
    story: Story, priya: CheckingClient
) -> None:
    shown = priya.get(f"/initiatives/{story.first}/effort").submit(FORM, left__0="30")
    story.company.initiative("Third", rank=1, work=[(story.team, 10)])
    before = entries(story.company)
    people = story.company.people
    again = commit(shown, people["product"], people["executive"])
    assert again.status_code == 409
    assert "The board moved while you were looking" in again.text
    assert entries(story.company) == before
    assert again.value_of("#commit-form [name=left-0]") == "30"


def test_a_form_that_was_opened_before_a_change_does_not_overwrite_it(
    story: Story, priya: CheckingClient, ada: CheckingClient
) -> None:
    old = priya.get(f"/initiatives/{story.second}/work")
    new = ada.get(f"/initiatives/{story.second}/work").submit(FORM, items__0__title="Renamed")
    assert "Saved" in new.text
    page = old.submit(FORM, items__0__title="Mine")
    assert page.status_code == 409
    assert "Renamed" in page.text_of(".field-theirs")
    assert page.value_of("[name=items-0-title]") == "Mine"
    with story.company.looking():
        assert [item.title for item in present.requirements(story.second)] == ["Renamed"]


def test_work_items_are_added_reordered_and_removed_without_a_script(
    story: Story, priya: CheckingClient
) -> None:
    team = story.company.team("Mobile", people=1)
    page = priya.get(f"/initiatives/{story.second}/work").submit(FORM, press="add")
    assert page.value_of("[name=items-1-title]") == ""
    page = page.submit(
        FORM, press="up-1", items__1__title="App", items__1__team=team, items__1__days="abc",
        items__1__most="0.4",
    )  # fmt: skip
    assert page.value_of("[name=items-0-title]") == "App"
    assert page.value_of("[name=items-0-days]") == "abc", "what was typed is kept"
    wrong = page.submit(FORM)
    assert wrong.status_code == 422
    assert "Write whole person-days" in wrong.text_of("#items-0-days-errors")
    done = wrong.submit(FORM, items__0__days="5")
    assert "Saved. No forecast moved." in done.text, "another team does it meanwhile"
    with story.company.looking():
        kept = [(i.title, i.person_days, i.max_days) for i in present.requirements(story.second)]
    assert kept == [("App", 5, 2), ("Part 1", 20, None)]
    page = priya.get(f"/initiatives/{story.second}/work").submit(FORM, press="remove-0")
    page.submit(FORM)
    with story.company.looking():
        assert [i.title for i in present.requirements(story.second)] == ["Part 1"]


def test_an_unknown_team_or_product_is_refused(story: Story, priya: CheckingClient) -> None:
    page = priya.get(f"/initiatives/{story.second}/work")
    answer = priya.post(
        f"/initiatives/{story.second}/work",
        data={
            "csrf_token": page.value_of(f"{FORM} [name=csrf_token]"),
            "seen": page.value_of("[name=seen]"),
            "items-0-title": "X",
            "items-0-product": "999",
            "items-0-team": "-1",
            "items-0-days": "5",
        },
    )
    assert answer.status_code == 422
    with story.company.looking():
        assert [i.title for i in present.requirements(story.second)] == ["Part 1"]


def test_a_need_that_closes_a_cycle_is_refused_with_the_titles(
    story: Story, priya: CheckingClient
) -> None:
    page = priya.get(f"/initiatives/{story.second}/needs").submit(FORM, need=str(story.first))
    assert "Saved. No forecast moved." in page.text
    refused = priya.get(f"/initiatives/{story.first}/needs").submit(FORM, need=str(story.second))
    assert refused.status_code == 422
    assert "These would wait for each other: First → Second → First." in refused.text
    with story.company.looking():
        rows = db.session.execute(select(Need.initiative_id, Need.needed_id)).all()
    assert rows == [(story.second, story.first)]


def test_needs_are_found_by_their_title(story: Story, priya: CheckingClient) -> None:
    story.company.initiative("Straße")
    page = priya.get(f"/initiatives/{story.first}/needs?q=STRASSE")
    assert page.texts_of(".field-choices label") == ["Straße at 3, no date"]
    assert "No other initiative" in priya.get(f"/initiatives/{story.first}/needs?q=zzz").text


def test_a_not_before_date_that_delays_is_shown_first(story: Story, priya: CheckingClient) -> None:
    shown = priya.get(f"/initiatives/{story.second}/not-before").submit(FORM, day="2027-03-01")
    assert "delays 1 initiative" in shown.text
    people = story.company.people
    commit(shown, people["product"], people["executive"])
    assert story.company.finish(story.second) == date(2027, 3, 12)
    page = priya.get(f"/initiatives/{story.second}")
    assert "It may not start before 1 Mar 2027." in page.text
    page = priya.get(f"/initiatives/{story.second}/not-before").submit(FORM, day="")
    page.submit("#commit-form")
    assert story.company.finish(story.second) == date(2027, 2, 5)


def test_a_day_that_makes_no_sense_is_refused(story: Story, priya: CheckingClient) -> None:
    for day in ("0001-01-01", "9999-12-31", "tomorrow"):
        page = priya.get(f"/initiatives/{story.second}/not-before").submit(FORM, day=day)
        assert page.status_code == 422
        assert page.has("#day-errors")


def test_a_state_on_the_board_moves_no_forecast(story: Story, priya: CheckingClient) -> None:
    page = priya.get(f"/initiatives/{story.first}").submit(
        f"form[action$='/{story.first}/state']", state="committed"
    )
    assert "Saved. No forecast moved." in page.text
    with story.company.looking():
        assert db.session.get_one(Initiative, story.first).state == "committed"


def test_a_tie_that_takes_a_problems_date_away_says_so_first(
    story: Story, priya: CheckingClient
) -> None:
    unestimated = story.company.initiative("Idea")
    shown = priya.get(f"/initiatives/{unestimated}/problems").submit(
        FORM, **{f"tie-{story.pain}": "solves"}
    )
    assert "takes the date of “Sign-in is manual work” away" in shown.text
    assert "$600K (1 deal) out of reach" in shown.text
    people = story.company.people
    commit(shown, people["product"], people["executive"])
    assert newest(story.company).kind == "ties"
    assert newest(story.company).pushed_amount == 600_000_00
    assert story.company.wrong_totals() == []
    with story.company.looking() as picture:
        assert picture.solved[str(story.pain)] is None
        assert picture.cards[str(unestimated)].open_amount == 600_000_00


def test_it_says_so_even_where_no_deal_waits(story: Story, priya: CheckingClient) -> None:
    quiet = story.company.problem("Quiet")
    shipped_later = story.company.initiative("Late", work=[(story.team, 20)], solves=[quiet])
    idea = story.company.initiative("Idea")
    before = entries(story.company)
    shown = priya.get(f"/initiatives/{idea}/problems").submit(FORM, **{f"tie-{quiet}": "solves"})
    assert "takes the date of “Quiet” away: it was to be solved on 19 Feb 2027" in shown.text
    with story.company.looking():
        kept = db.session.scalars(select(ProblemTie.initiative_id)).all()
    assert idea not in kept
    assert shipped_later in kept
    shown.submit("#commit-form")
    with story.company.looking():
        assert idea in db.session.scalars(select(ProblemTie.initiative_id)).all()
    assert entries(story.company) == before, "no forecast moved and nobody lost anything"


def test_contributing_carries_evidence_and_is_free(story: Story, priya: CheckingClient) -> None:
    page = priya.get(f"/initiatives/{story.first}/problems").submit(
        FORM, **{f"tie-{story.pain}": "contributes"}
    )
    assert "Saved. No forecast moved." in page.text
    assert story.company.wrong_totals() == []
    with story.company.looking() as picture:
        # The deal is shared by both now: amount x fit x evidence of a rep, in two.
        assert picture.cards[str(story.first)].open_value == f"{600_000_00 * 100 * 50 // 2}/1"
    page = priya.get(f"/initiatives/{story.first}/problems").submit(
        FORM, **{f"tie-{story.pain}": ""}
    )
    assert story.company.wrong_totals() == []
    with story.company.looking() as picture:
        assert picture.cards[str(story.first)].open_count == 0


def test_what_has_shipped_may_turn_out_to_solve_a_problem(
    story: Story, priya: CheckingClient
) -> None:
    company = story.company
    pain = company.problem("Slow exports")
    company.deal("Helios", 50_000_00, needed_by="2027-01-15", blockers=[pain])
    page = priya.get(f"/initiatives/{story.first}/shipping").submit(FORM, day="2027-01-08")
    page.submit("#commit-form")
    shown = priya.get(f"/initiatives/{story.first}/problems").submit(
        FORM, **{f"tie-{pain}": "solves"}
    )
    assert "Changing the problems that “First” addresses brings $50K (1 deal)" in shown.text
    shown.submit("#commit-form")
    assert "solved: already" in priya.get(f"/initiatives/{story.first}").text
    assert company.wrong_totals() == []


def test_what_is_off_the_board_sends_its_editors_back(story: Story, priya: CheckingClient) -> None:
    form = priya.get(f"/initiatives/{story.second}/not-before")
    shown = priya.get(f"/initiatives/{story.second}/declining").submit(FORM, why="Nobody asked")
    people = story.company.people
    commit(shown, people["product"], people["executive"])
    page = form.submit(FORM, day="2027-03-01")
    assert page.status_code == 409
    assert "It is off the board: put it back first." in page.text
    assert page.value_of("textarea") == "2027-03-01", "what was typed can be copied"


@pytest.mark.parametrize("part", ["work", "needs", "not-before", "effort", "problems", "shipping"])
def test_an_initiative_that_is_none_is_not_found(
    story: Story, priya: CheckingClient, part: str
) -> None:
    assert priya.get(f"/initiatives/99999/{part}").status_code == 404


def test_problems_that_are_none_come_back_as_no_controls(
    story: Story, priya: CheckingClient
) -> None:
    address = f"/initiatives/{story.second}/problems"
    sent = {f"tie-{n}": "contributes" for n in range(story.pain, story.pain + 2_000)}
    # Without the mark of what it was filled from, what is stored is shown beside what was sent.
    token = priya.get(address).one("main form [name=csrf_token]")["value"]
    page = priya.post(address, data=sent | {"csrf_token": token})
    assert page.status_code == 409
    assert [select["name"] for select in page.all("select[name^=tie-]")] == [f"tie-{story.pain}"]
    with story.company.looking():
        assert len(db.session.scalars(select(ProblemTie)).all()) == 1
