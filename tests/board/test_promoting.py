"""Promoting: the preview says what it would do, committing does just that, and nothing else can."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.extensions import db
from roadmap.models import Initiative, MovedDeal, MovedForecast, MovedPromise, Tradeoff, Workspace
from tests.support.client import CheckingClient
from tests.support.company import Company

COMMIT = "form#commit-form"


class Story:
    """Core has 2 people: 10 person-days a week from Monday 11 January 2027, week 0, on.

    As decided: Audit log takes weeks 0 and 1 (Friday 22 January), Import week 2 (29 January), SSO
    weeks 3 and 4 (12 February). With SSO first: SSO weeks 0 and 1 (22 January), Audit log weeks 2
    and 3 (5 February), Import week 4 (12 February): two and two weeks later.
    """

    def __init__(self, app: Flask) -> None:
        self.company = company = Company(app)
        self.core = company.team("Core", people=2)
        self.pain = company.problem("Sign-in is manual work")
        self.gap = company.problem("Nobody knows who did what")
        rep = company.owner("Rosa Quintero", company.people["rep"])
        stranger = company.owner("Somebody Else")
        # Out of reach when Audit log moves from 22 January to 5 February.
        self.lost = company.deal(
            "Helios", 300_000_00, needed_by="2027-01-29", blockers=[self.gap], owner=rep
        )
        self.unreachable = company.deal(
            "Ceres", 50_000_00, needed_by="2027-01-25", blockers=[self.gap], owner=stranger
        )
        # Within reach when SSO moves from 12 February to 22 January.
        self.won_back = company.deal(
            "Acme", 120_000_00, needed_by="2027-02-01", blockers=[self.pain], fit=50
        )
        product, executive = company.people["product"], company.people["executive"]
        self.audit = company.initiative(
            "Audit log", work=[(self.core, 20)], solves=[self.gap], owner=executive,
            promised=[("2027-01-29", "Helios")],
        )  # fmt: skip
        self.imports = company.initiative("Import", work=[(self.core, 10)], owner=product)
        self.sso = company.initiative(
            "SSO", work=[(self.core, 20)], solves=[self.pain], owner=product
        )

    def preview(self, client: CheckingClient, id: int | None = None, to: int = 1):
        return client.get(f"/board/preview?initiative={id or self.sso}&to={to}")


@pytest.fixture
def story(app: Flask) -> Story:
    return Story(app)


@pytest.fixture
def ledger(app: Flask) -> Iterator[object]:
    """Reads the ledger's trade-offs of the kind "promotion"."""

    def promotions() -> list[Tradeoff]:
        with app.app_context():
            return list(db.session.scalars(select(Tradeoff).where(Tradeoff.kind == "promotion")))

    return promotions


def test_the_preview_leads_with_the_consequence_in_one_sentence(
    story: Story, rosa: CheckingClient
) -> None:
    page = story.preview(rosa)

    assert page.text_of(".preview-sentence") == (
        "Moving “SSO” from 3 to 1 delays 2 initiatives, brings 1 initiative forward, "
        "puts $350K (2 deals) out of reach and brings $120K (1 deal) within reach: net −$230K. "
        "1 promise breaks."
    )


def test_the_preview_names_dates_causes_deals_and_people(
    story: Story, priya: CheckingClient
) -> None:
    page = story.preview(priya)
    words = page.text_of("article.preview")

    assert page.texts_of(".strip-change") == ["+2 weeks", "+2 weeks", "3 weeks earlier"]
    assert "Before: 22 Jan 2027" in words
    assert "After: 5 Feb 2027" in words
    assert "“SSO” uses 20 days of Core that it had planned" in words
    assert "Helios" in words
    assert "needs it by 29 Jan 2027, ready 22 Jan 2027 → 5 Feb 2027" in words
    assert "Somebody Else (not reachable)" in words
    told = " ".join(page.texts_of(".preview-part:has(h3:-soup-contains('People to tell')) li"))
    assert "Elias Berg owns “Audit log”" in told
    assert "Rosa Quintero sells “Helios”" in told
    assert "promised to Helios" in words


def test_committing_needs_an_owner_a_reason_and_here_a_sponsor(
    story: Story, priya: CheckingClient, ledger
) -> None:
    page = story.preview(priya).submit(COMMIT, owner="", reason="  ")

    assert page.status_code == 422
    problems = page.text_of(".note-danger")
    assert "Say who owns this trade-off." in problems
    assert "Say why, for those who will ask." in problems
    assert "Name the executive who sponsors this." in problems
    assert ledger() == []
    assert story.company.order() == ["Audit log", "Import", "SSO"]


def test_what_was_typed_survives_a_refusal(story: Story, priya: CheckingClient) -> None:
    page = story.preview(priya).submit(COMMIT, reason="The board asked <b>twice</b>")

    assert page.status_code == 422
    assert page.one("#reason").get_text().strip() == "The board asked <b>twice</b>"


def test_committing_stores_order_revision_and_every_consequence_as_shown(
    story: Story, priya: CheckingClient, app: Flask, ledger
) -> None:
    people = story.company.people
    before = revision(app)

    page = story.preview(priya).submit(
        COMMIT,
        owner=str(people["product"]),
        sponsor=str(people["executive"]),
        reason="Acme signs only with SSO",
    )

    assert page.path.startswith("/board")
    assert page.texts_of(".row-open") == ["SSO", "Audit log", "Import"]
    [entry] = ledger()
    assert entry.revision == before + 1 == revision(app)
    assert (entry.from_rank, entry.to_rank) == (3, 1)
    assert (entry.owner_id, entry.sponsor_id) == (people["product"], people["executive"])
    assert entry.decided_by_id == people["product"]
    assert entry.reason == "Acme signs only with SSO"
    assert (entry.delayed_count, entry.advanced_count) == (2, 1)
    assert (entry.pushed_count, entry.pushed_amount) == (2, 350_000_00)
    assert (entry.brought_count, entry.brought_amount) == (1, 120_000_00)
    assert entry.brought_weighted == 120_000_00 * 50
    assert len(entry.sponsor_reasons) == 2
    with app.app_context():
        moved = {row.title: row for row in db.session.scalars(select(MovedForecast))}
        assert moved["Audit log"].weeks == 2
        assert moved["Audit log"].owner_id == people["executive"]
        assert moved["Audit log"].finish_before.isoformat() == "2027-01-22"
        assert moved["Audit log"].finish_after.isoformat() == "2027-02-05"
        assert moved["Audit log"].causes == ["“SSO” uses 20 days of Core that it had planned"]
        assert moved["SSO"].direction == "advanced"
        deals = {row.name: row for row in db.session.scalars(select(MovedDeal))}
        assert {name: row.direction for name, row in deals.items()} == {
            "Helios": "pushed",
            "Ceres": "pushed",
            "Acme": "brought",
        }
        assert deals["Helios"].rep == "Rosa Quintero"
        assert deals["Helios"].ready_after.isoformat() == "2027-02-05"
        [promise] = db.session.scalars(select(MovedPromise)).all()
        assert (promise.direction, promise.to) == ("broken", "Helios")
    assert story.company.wrong_totals() == []


def test_a_stale_preview_commits_nothing_and_says_what_changed_in_between(
    story: Story, priya: CheckingClient, app: Flask, ledger
) -> None:
    people = story.company.people
    shown = story.preview(priya)
    other = story.preview(priya, story.imports, 1)
    other.submit(COMMIT, owner=str(people["product"]), sponsor=str(people["executive"]),
                 reason="First come")  # fmt: skip

    late = shown.submit(
        COMMIT,
        owner=str(people["executive"]),
        sponsor=str(people["executive"]),
        reason="Second",
    )

    assert late.status_code == 409
    assert "Nothing was committed" in late.text_of(".note-warn")
    assert "Moving “Import” from 2 to 1" in late.text_of("[aria-label='Changed in the meantime']")
    assert late.one("#reason").get_text().strip() == "Second"
    assert late.value_of("#owner") == str(people["executive"])
    assert [entry.reason for entry in ledger()] == ["First come"]
    again = late.submit(COMMIT)
    assert again.texts_of(".row-open") == ["SSO", "Import", "Audit log"]
    assert [entry.reason for entry in ledger()] == ["First come", "Second"]


@pytest.mark.parametrize("htmx", [False, True])
def test_what_cannot_be_done_any_more_shows_what_was_typed(
    story: Story, priya: CheckingClient, ledger, htmx: bool
) -> None:
    executive = story.company.people["executive"]
    shown = story.preview(priya)
    leaving = priya.get(f"/initiatives/{story.sso}/declining").submit("form.form", why="No")
    leaving.submit(COMMIT)

    late = shown.submit(COMMIT, sponsor=executive, reason="Acme signs for it", htmx=htmx)

    assert late.status_code == 409
    assert "It is not on the board." in late.text_of(".note-warn")
    assert late.texts_of("textarea") == ["Acme signs for it"]
    assert ledger() == []


def test_a_conflict_points_out_the_difference_in_money(story: Story, priya: CheckingClient) -> None:
    shown = story.preview(priya)
    story.company.deal("Juno", 40_000_00, needed_by="2027-01-26", blockers=[story.gap])

    late = shown.submit(COMMIT, reason="Now")

    assert late.status_code == 409
    assert "It put $350K out of reach, now $390K." in late.text_of(".note-warn")
    assert "Deals or what blocks them changed as well." in late.text_of(".note-warn")


def test_new_words_of_an_initiative_do_not_make_a_preview_stale(
    story: Story, priya: CheckingClient, app: Flask
) -> None:
    people = story.company.people
    shown = story.preview(priya)
    rename(app, story.imports, "Import of everything")

    page = shown.submit(COMMIT, sponsor=str(people["executive"]), reason="Because")

    assert page.texts_of(".row-open") == ["SSO", "Audit log", "Import of everything"]


def test_the_same_form_sent_twice_commits_once(story: Story, priya: CheckingClient, ledger) -> None:
    shown = story.preview(priya)
    executive = str(story.company.people["executive"])
    shown.submit(COMMIT, sponsor=executive, reason="Once")

    twice = shown.submit(COMMIT, sponsor=executive, reason="Once")

    assert twice.status_code == 200
    assert "Committed" in twice.text
    assert len(ledger()) == 1


def test_a_rep_sees_the_preview_but_cannot_commit(
    story: Story, rosa: CheckingClient, priya: CheckingClient, ledger
) -> None:
    page = story.preview(rosa)
    assert not page.has(COMMIT)
    assert "product manager or an executive has to commit it" in page.text_of(".preview-form")

    form = story.preview(priya).one(COMMIT)
    fields = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
    fields["csrf_token"] = token(rosa)
    answer = rosa.post("/board/promotions", data={**fields, "reason": "Mine"})

    assert answer.status_code == 403
    assert ledger() == []


def test_a_sponsor_is_an_executive_and_an_owner_can_commit(
    story: Story, priya: CheckingClient, ledger
) -> None:
    people = story.company.people
    form = story.preview(priya).one(COMMIT)
    fields = {field["name"]: field.get("value", "") for field in form.select("input[name]")}

    answer = priya.post(
        "/board/promotions",
        data={
            **fields,
            "owner": people["rep"],
            "sponsor": people["product"],
            "reason": "Just do it",
        },
    )

    assert answer.status_code == 422
    assert "A sponsor is an executive." in answer.text
    assert "Say who owns this trade-off." in answer.text
    assert ledger() == []


@pytest.mark.parametrize("address", [
    "/board/preview?initiative=99999&to=1", "/board/preview?to=1", "/board/preview",
    "/board/preview?initiative=abc&to=1", "/board/preview?initiative=99999999999999999999&to=1",
])  # fmt: skip
def test_what_does_not_exist_is_not_previewed(
    story: Story, priya: CheckingClient, address: str
) -> None:
    page = priya.get(address)
    assert page.status_code == 404
    assert page.text_of("h1") == "Nothing here"


def test_a_position_beyond_the_board_gets_a_plain_answer(
    story: Story, priya: CheckingClient
) -> None:
    page = story.preview(priya, to=4)
    assert page.status_code == 422
    assert "There is no position 4: the board has 3." in page.text_of("article.preview")


def test_a_move_to_the_same_place_is_no_move(story: Story, priya: CheckingClient) -> None:
    page = story.preview(priya, to=3)
    assert "It is at position 3 already." in page.text_of("article.preview")


def test_done_by_finds_the_cheapest_position_that_makes_the_date(
    story: Story, priya: CheckingClient
) -> None:
    # At position 2 SSO takes weeks 2 and 3, until 5 February; position 1 would cost more.
    page = priya.get(f"/board/preview?initiative={story.sso}&by=2027-02-05")

    assert page.text_of(".preview-note") == (
        "Position 2 is the cheapest that is done by 5 Feb 2027."
    )
    assert page.text_of(".preview-sentence").startswith("Moving “SSO” from 3 to 2")


@pytest.mark.parametrize(
    ("by", "answer"),
    [
        ("2027-03-01", "Its forecast makes 1 Mar 2027 already, where it is at 3."),
        (
            "2027-01-15",
            (
                "No position has it done by 15 Jan 2027: its own work takes longer, "
                "even with its teams to itself."
            ),
        ),
    ],
)
def test_done_by_says_plainly_when_no_move_is_needed_or_none_helps(
    story: Story, priya: CheckingClient, by: str, answer: str
) -> None:
    page = priya.get(f"/board/preview?initiative={story.sso}&by={by}")
    assert page.text_of(".preview-note") == answer


def test_move_to_asks_for_a_position_or_a_date(story: Story, priya: CheckingClient) -> None:
    page = priya.get(f"/board/preview?initiative={story.sso}")
    moved = page.submit("form:has([name=to])", to="1")
    dated = page.submit("form:has([name=by])", by="2027-02-05")

    assert moved.text_of(".preview-sentence").startswith("Moving “SSO” from 3 to 1")
    assert dated.text_of(".preview-note").startswith("Position 2 is the cheapest")


def test_in_the_panel_the_preview_is_a_fragment_that_commits_from_there(
    story: Story, priya: CheckingClient
) -> None:
    fragment = priya.fragment(f"/board/preview?initiative={story.sso}&to=1")

    assert not fragment.has("html")
    assert fragment.one(COMMIT)["hx-target"] == "#panel"
    done = fragment.submit(
        COMMIT, sponsor=str(story.company.people["executive"]), reason="Live", htmx=True
    )
    assert done.headers["HX-Redirect"].startswith("/board")


@pytest.mark.parametrize(("day", "status"), [("2027-01-12", 200), ("2027-01-25", 409)])
def test_a_preview_of_another_day_holds_while_its_impact_does(
    story: Story, priya: CheckingClient, app: Flask, ledger, day: str, status: int
) -> None:
    """After midnight all is as it was; two weeks later a promise cannot be held any more."""
    shown = story.preview(priya)
    app.config["TODAY"] = day

    late = shown.submit(COMMIT, sponsor=str(story.company.people["executive"]), reason="Late")

    assert late.status_code == status
    assert len(ledger()) == (1 if status == 200 else 0)


def test_a_move_with_the_same_impact_is_committed_on_a_board_that_moved(
    story: Story, priya: CheckingClient, ledger
) -> None:
    """Others may move what is none of its business, even past it."""
    company, people = story.company, story.company.people
    apart = company.initiative("Apart", work=[(company.team("Web", people=1), 5)])
    shown = story.preview(priya)
    story.preview(priya, apart, 1).submit(COMMIT, reason="First come")

    done = shown.submit(COMMIT, sponsor=str(people["executive"]), reason="Second")

    assert done.texts_of(".row-open") == ["SSO", "Apart", "Audit log", "Import"]
    assert [(entry.from_rank, entry.to_rank) for entry in ledger()] == [(4, 1), (4, 1)]


@pytest.mark.parametrize("fingerprint", ["", "x", None])
def test_nobody_commits_what_was_not_shown(
    story: Story, priya: CheckingClient, ledger, fingerprint: str | None
) -> None:
    shown = story.preview(priya)
    late = shown.submit(
        COMMIT, fingerprint=fingerprint, sponsor=str(story.company.people["executive"]), reason="X"
    )
    assert late.status_code == 409
    assert ledger() == []
    assert late.submit(COMMIT).path.startswith("/board")


def test_of_what_differs_it_says_what(story: Story, priya: CheckingClient) -> None:
    """SSO comes forward by four weeks instead of three; the sums are the same."""
    shown = story.preview(priya)
    with story.company._writing():
        db.session.get_one(Initiative, story.imports).work[0].person_days = 20

    late = shown.submit(COMMIT, reason="Now")

    assert late.status_code == 409
    words = late.text_of(".note-warn")
    assert "It brings other initiatives forward, or by other weeks." in words
    assert "out of reach" not in words


def test_ranks_survive_more_moves_than_there_are_gaps(
    story: Story, priya: CheckingClient, app: Flask
) -> None:
    """Forty moves between the same two neighbours use the gap up: all keys are numbered anew."""
    from roadmap.domain.changes import Move
    from roadmap.models import User
    from roadmap.tradeoffs import actions

    company = story.company
    ids = [company.initiative(f"Spare {n}") for n in range(2)]
    with app.app_context():
        by = db.session.get_one(User, company.people["product"])
        boss = company.people["executive"]
        for n in range(40):
            mover = str(ids[n % 2])
            actions.commit(
                lambda _, mover=mover: Move(mover, 2),
                actions.Signature(by, by.id, boss, "Again"),
            )

    assert company.order() == ["Audit log", "Spare 1", "Spare 0", "Import", "SSO"]
    assert company.wrong_totals() == []


def revision(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(select(Workspace.revision)).one()


def rename(app: Flask, id: int, title: str) -> None:
    from roadmap.workspace import revision as revisions

    with app.app_context():
        row = revisions.lock()
        initiative = db.session.get_one(Initiative, id)
        initiative.title = title
        initiative.revision = revisions.count(row)
        db.session.commit()


def token(client: CheckingClient) -> str:
    return str(client.get("/tradeoffs").one("input[name=csrf_token]")["value"])
