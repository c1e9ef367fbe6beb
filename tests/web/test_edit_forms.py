"""Two people edit the same: what they touched apart is merged, what both touched is shown to both.

Every address that takes a POST is either an edit form of `EDITS`, which is opened in two tabs here,
or stands in `WITHOUT` with the reason why nobody's text can be overwritten there.
"""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from flask import Flask, url_for
from sqlalchemy import delete

from roadmap.extensions import db
from roadmap.models import Account, LossWords, Segment
from roadmap.workspace import revision
from tests.support.client import CheckingClient, Page
from tests.support.company import Company

STEP = "a step with its own mark: the request's revision, compared under the lock"
ADDS = "adds a row and changes none that is there"
ASKER = "whoever asked says which problem it is: an event of its own that can be taken back"
TAKES_BACK = "ends what its page names; nothing is typed, and what it ended can be made again"
OWN = "concerns nobody but the person who presses it"
JOB = "a step of an import: its state is compared under the lock"
WITHOUT = {
    "board.promote": "a preview's form: what was shown is compared under the lock",
    "settings.change_fiscal_year": "a preview's form: what was shown is compared under the lock",
    "tradeoffs.revert": "a preview's form: what was shown is compared under the lock",
    "patterns.commit_merge": "a preview's form: what was shown is compared under the lock",
    "deals.commit_account_merge": "a preview's form: what was shown is compared under the lock",
    "deals.split_account": "undoes the newest merge only, compared under the lock",
    "patterns.commit_split": "a preview's form: what was shown is compared under the lock",
    "initiatives.shipping": "ends its time on the board; who comes second finds it off the board",
    "initiatives.declining": "ends its time on the board; who comes second finds it off the board",
    "initiatives.entry": "who comes second is told that it is on the board already",
    "initiatives.withdraw": "shows what it takes back before it does",
    "patterns.undo": "undoes the newest step only, compared under the lock",
    "market.move_segment": "moves by one from where it stands, wherever that is by now",
    "market.preview_profile": "writes nothing; it carries the profile's mark to the next page",
    "imports.apply": JOB, "imports.read_again": JOB, "imports.discard": JOB, "imports.revert": JOB,
    "market.remove_segment": TAKES_BACK, "imports.remove_mapping": TAKES_BACK,
    "imports.remove_rate": TAKES_BACK, "deals.untie": TAKES_BACK, "interviews.cancel": TAKES_BACK,
    "deals.take_back_date": TAKES_BACK,
    "interviews.withdraw_conversation": TAKES_BACK,
    "initiatives.new": ADDS, "initiatives.promises": ADDS, "initiatives.create_product": ADDS,
    "teams.create": ADDS, "market.create_problem": ADDS, "market.create_segment": ADDS,
    "deals.tie": ADDS, "deals.report": ADDS, "deals.verify": ADDS, "interviews.plan": ADDS,
    "interviews.record": ADDS, "imports.upload": ADDS, "intake.submit": ADDS,
    "intake.confirm": STEP, "intake.start_problem": STEP, "intake.merge": STEP,
    "intake.hand_over": STEP, "intake.ask": STEP, "intake.decline": STEP, "intake.reply": STEP,
    "intake.link": STEP, "intake.undo": STEP, "intake.confirm_many": STEP,
    "intake.join": ASKER, "intake.leave": ASKER,
    "intake.choose_date": "says which of two dates holds, whatever was said before",
    "intake.answer": "adds an event; where no question waits any more the text stays on screen",
    "intake.watch": OWN, "intake.see": OWN, "notices.open": OWN, "notices.mark_read": OWN,
    "notices.mark_unread": OWN, "notices.mark_all_read": OWN, "notices.choose_mail": OWN,
    "people.enter": OWN, "people.sign_out": OWN, "people.change_password": OWN,
    "people.end_session": OWN, "people.choose_time_zone": OWN, "people.end_other_sessions": OWN,
    "intake.fill": "writes nothing", "intake.similar": "writes nothing",
}  # fmt: skip


@dataclass(frozen=True)
class Edit:
    """An edit form: where it stands, and values of a field for three saves by different people."""

    endpoint: str
    values: dict[str, int]
    page: str
    field: str
    texts: tuple[Any, Any, Any]
    #: Another field of the form with its value, where it has one.
    other: tuple[str, Any] | None = None
    #: How what is stored is shown, where not as it is sent.
    shown: str = ""


EDITS = (
    Edit("initiatives.edit", {"id": 1}, "/initiatives/1/edit", "title", ("A", "B", "C"),
         ("kind", "strategic")),
    Edit("initiatives.effort", {"id": 1}, "/initiatives/1/effort", "left-0", ("8", "9", "7")),
    Edit("initiatives.work", {"id": 1}, "/initiatives/1/work", "items-0-title",
         ("Store", "Index", "Cache")),
    Edit("initiatives.not_before", {"id": 2}, "/initiatives/2/not-before", "day",
         ("2027-02-01", "2027-03-01", "2027-04-05")),
    Edit("initiatives.needs", {"id": 3}, "/initiatives/3/needs", "need", (["1"], ["2"], ["1", "2"]),
         shown="Second"),
    Edit("initiatives.ties", {"id": 3}, "/initiatives/3/problems", "tie-1",
         ("", "solves", ""), shown="Pain: solves"),
    Edit("initiatives.promise", {"id": 2, "promise": 1}, "/initiatives/2/promises/1", "day",
         ("2028-06-01", "2028-05-01", "2028-04-01"), ("to", "Acme and Globex")),
    Edit("initiatives.state", {"id": 3}, "/initiatives/3", "state",
         ("committed", "committed", "in progress"), shown="Committed"),
    Edit("initiatives.product", {"id": 1}, "/products/1", "name", ("A", "B", "C")),
    Edit("teams.rename", {"id": 1}, "/teams/1/name", "name", ("A", "B", "C")),
    Edit("teams.people", {"id": 1}, "/teams/1/people", "people-1", ("4", "5", "6")),
    Edit("market.change_segment", {"id": 1}, "/segments/1/edit", "name", ("A", "B", "C"),
         ("description", "Those that we know")),
    Edit("market.change_problem", {"id": 2}, "/problems/2/edit", "title", ("A", "B", "C"),
         ("workaround", "Do it by hand")),
    Edit("deals.change_account", {"id": 1}, "/accounts/1/edit", "industry",
         ("Banking", "Retail", "Health"), ("region", "North")),
    Edit("deals.choose_segment", {"id": 1}, "/accounts/1", "segment", ("1", "none", "1"),
         shown="None"),
    Edit("deals.need_by", {"id": 1}, "/deals/1", "needed_by",
         ("2027-05-01", "2027-06-01", "2027-07-01")),
    Edit("deals.match_owner", {"id": 1}, "/deals/owners?match=1", "user", ("1", "2", "3")),
    Edit("search.keep_glossary", {}, "/glossary", "glossary", ("A = B", "C = D", "E = F")),
    Edit("settings.save", {}, "/settings", "name", ("A", "B", "C"), ("conversations_target", "7")),
    Edit("interviews.save_questions", {}, "/interviews/questions", "about_general",
         ("Why?", "How?", "When?"), ("about_price", "How much?")),
    Edit("interviews.replan", {"id": 2}, "/interviews/2/plan", "planned_on",
         ("2027-02-01", "2027-02-02", "2027-02-03"), ("assigned_to", "4")),
    Edit("interviews.save_log", {"id": 1}, "/interviews/1/log", "notes", ("A", "B", "C"),
         ("role", "Head of audit")),
    Edit("interviews.change_conversation", {"id": 3}, "/conversations/3/edit", "notes",
         ("A", "B", "C"), ("quote", "We do it by hand.")),
    Edit("interviews.save_report", {"id": 2}, "/deals/2/report", "decided_by", ("A", "B", "C"),
         ("quote", "Too slow for us.")),
    Edit("imports.decide", {"id": 1}, "/imports/loss-reasons", "bucket",
         ("price", "process", "presence"), shown="Process"),
    Edit("intake.rename", {"id": 1}, "/requests/1/triage", "title", ("A", "B", "C")),
)  # fmt: skip

#: Edit forms whose tests stand below: their fields are not single ones.
APART = ("market.save_profile", "market.roll_up", "imports.set_rate", "reports.give_answer",
         "imports.choose", "imports.take_mapping")  # fmt: skip


@pytest.fixture
def company(app: Flask) -> Company:
    company = Company(app)
    core, pain = company.team("Core", people=3), company.problem("Pain")
    company.problem("Other")
    company.problem("Boss", layer="executive")
    segment = company.segment("Banks")
    account = company.account("Acme")
    company.initiative("First", work=[(core, 10)])
    company.initiative("Second", work=[(core, 10)], promised=[("2028-09-01", "Acme")])
    company.initiative("Third", contributes=[pain])
    company.owner("E. Berg")
    company.deal("Open", account=account)
    lost, again = (company.deal(name, status="lost") for name in ("Lost", "Lost again"))
    company.interview(lost, held=True)
    company.interview(again)
    company.conversation(account)
    company.request(deals=[1])
    assert segment == account == 1
    with app.app_context():
        db.session.add(LossWords(key="price", text="Price"))
        db.session.commit()
    return company


class Tabs:
    """Tabs on one edit form, of one person or of several: the product cannot tell."""

    def __init__(self, app: Flask, edit: Edit, who: CheckingClient) -> None:
        self.edit, self.who = edit, who
        with app.test_request_context():
            self.action = url_for(edit.endpoint, **edit.values)
        self.form = f'form[method=post][action="{self.action}"]'

    def open(self) -> Page:
        page = self.who.get(self.edit.page)
        assert page.status_code == 200, page.text[:500]
        return page

    def save(self, page: Page, name: str, value: Any) -> Page:
        answer = committed(page.submit(self.form, **{name: value}))
        if answer.has("[name=confirmed]"):
            answer = answer.submit(self.form)
        return answer

    def value(self, page: Page, name: str) -> Any:
        """What a field says, a list where several may be chosen."""
        found = page.all(f'{self.form} [name="{name}"]')
        if found[0].get("type") in ("checkbox", "radio"):
            ticked = [str(one["value"]) for one in found if one.has_attr("checked")]
            return ticked if found[0]["type"] == "checkbox" else ticked[0]
        return page.value_of(f'{self.form} [name="{name}"]')


def committed(answer: Page) -> Page:
    """Where a preview comes first, what follows its commit."""
    if not answer.has("#commit-form"):
        return answer
    signed = {"owner": 2, "sponsor": 3, "reason": "So that it is"}
    offered = [name for name in signed if answer.has(f"#commit-form [name={name}]")]
    return answer.submit("#commit-form", **{name: signed[name] for name in offered})


def changing(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}


def test_every_address_that_changes_something_is_known_here(app: Flask) -> None:
    known = {edit.endpoint for edit in EDITS} | {*APART, *WITHOUT}
    unknown = changing(app) - known
    assert not unknown, (
        f"{sorted(unknown)} take a POST and are in no list here. Let an edit form extend "
        "web.conflicts.EditForm, write `form.seen` in its template, merge it under the lock "
        "(workspace.edits.settle) and add it to EDITS; else say in WITHOUT why it needs no mark."
    )
    assert not known - changing(app), "These are gone."


def test_what_two_people_save_from_one_version_is_merged_or_shown_to_the_second(
    app: Flask, company: Company, priya: CheckingClient, ada: CheckingClient
) -> None:
    reported = priya.get("/deals/2/report").submit("#report", against="unknown", bucket="price")
    assert "Thank you" in reported.text
    for edit in EDITS:
        administrators = ("settings.save", "interviews.save_questions")
        tabs = Tabs(app, edit, ada if edit.endpoint in administrators else priya)
        first, second, mine = edit.texts
        form = tabs.open()
        assert form.value_of(f"{tabs.form} [name=seen]"), f"{edit.page} carries no mark"
        if edit.other is not None:
            name, value = edit.other
            assert tabs.save(tabs.open(), edit.field, first).status_code == 200
            assert tabs.save(form, name, value).status_code == 200, edit
            found = tabs.open()
            now = (tabs.value(found, edit.field), tabs.value(found, name))
            assert now == (first, value), f"{edit.endpoint} does not merge: {now}"
        old = tabs.open()
        assert tabs.save(tabs.open(), edit.field, second).status_code == 200
        clash = tabs.save(old, edit.field, mine)
        assert clash.status_code == 409, f"{edit.endpoint} overwrites: {clash.status_code}"
        shown = edit.shown or (second if edit.endpoint != "deals.match_owner" else "")
        assert any(shown in text for text in clash.texts_of(".field-theirs")), edit
        assert tabs.value(clash, edit.field) == mine, f"{edit.endpoint} loses what was typed"
        assert tabs.value(tabs.open(), edit.field) == second, f"{edit.endpoint} stored it"
        assert tabs.save(clash, edit.field, mine).status_code == 200, edit
        assert tabs.value(tabs.open(), edit.field) == mine, f"{edit.endpoint} is not saved again"


@pytest.fixture
def six(app: Flask, priya: CheckingClient) -> list[Any]:
    """One person's six browsers."""
    visitors = [app.test_client() for _ in range(6)]
    for visitor in visitors:
        visitor._cookies = dict(priya._cookies)
    return visitors


@pytest.mark.parametrize(
    ("address", "field", "texts"),
    [
        ("/initiatives/2/edit", "title", ["A", "B", "C", "D", "E", "F"]),
        ("/teams/1/people", "people-0", ["4", "5", "6", "7", "8", "9"]),
        ("/segments/1/edit", "name", ["A", "B", "C", "D", "E", "F"]),
        ("/accounts/1/edit", "industry", ["A", "B", "C", "D", "E", "F"]),
        ("/interviews/1/log", "notes", ["A", "B", "C", "D", "E", "F"]),
    ],
)
def test_of_six_who_save_one_version_at_once_one_is_told_that_it_is_saved(
    app: Flask, company: Company, six: list[CheckingClient], address: str, field: str,
    texts: list[str],
) -> None:  # fmt: skip
    form = f'form:has([name="{field}"])'
    pages = [visitor.get(address) for visitor in six]
    together = Barrier(len(six))

    def save(page: Page, text: str) -> tuple[str, Page]:
        together.wait()
        answer = page.submit(form, **{field: text}, follow=False)
        if answer.status_code == 200 and answer.has("#commit-form"):
            answer = answer.submit("#commit-form", follow=False)
        return text, answer

    with ThreadPoolExecutor(len(six)) as pool:
        answers = list(pool.map(save, pages, texts))
    saved = [text for text, answer in answers if answer.status_code == 303]
    refused = [answer for _, answer in answers if answer.status_code == 409]
    assert (len(saved), len(refused)) == (1, 5), [answer.status_code for _, answer in answers]
    assert six[0].get(address).value_of(f'{form} [name="{field}"]') == saved[0]
    for answer in refused:
        assert saved[0] in answer.text_of(".field-theirs")


def test_a_segments_rules_stay_when_somebody_renames_it_from_an_older_page(
    company: Company, priya: CheckingClient, ada: CheckingClient
) -> None:
    old = priya.get("/segments/1/edit")
    ada.get("/segments/1/edit").submit(
        "#segment", attribute=["industry", "", ""], value=["Banking", "", ""]
    )
    old.submit("#segment", name="Renamed")
    page = priya.get("/segments/1/edit")
    assert page.value_of("#segment [name=name]") == "Renamed"
    assert page.all("#segment [name=value]")[0]["value"] == "Banking"


def test_the_profile_is_one_field_and_its_preview_carries_the_mark(
    company: Company, ada: CheckingClient, elias: CheckingClient
) -> None:
    def criterion(value: str) -> dict[str, list[str]]:
        return {"attribute": ["industry", "", ""], "value": [value, "", ""]}

    old = ada.get("/profile").submit("#profile", **criterion("Retail"))
    ada.get("/profile").submit("#profile", **criterion("Banking")).submit(
        "#profile", press="Save profile"
    )
    clash = old.submit("#profile", press="Save profile")
    assert clash.status_code == 409
    assert "Banking" in clash.text_of(".field-theirs")
    assert clash.all("#profile [name=value]")[0]["value"] == "Retail"
    assert "Banking" in elias.get("/profile").text
    clash.submit("#profile").submit("#profile", press="Save profile")
    assert "Retail" in elias.get("/profile").text


def test_what_a_problem_rolls_up_to_is_not_changed_from_an_older_page(
    company: Company, priya: CheckingClient, ada: CheckingClient
) -> None:
    company.problem("Chief", layer="executive")
    old = priya.get("/problems/1?parent=Boss")
    ada.get("/problems/1?parent=Chief").submit("#choose-parent", press="Roll up to Chief")
    clash = old.submit("#choose-parent", press="Roll up to Boss")
    assert clash.status_code == 409
    assert clash.text_of(".field-theirs") == "Chief"
    done = clash.submit('main form[action="/problems/1/parent"]')
    assert "Rolls up to Boss" in done.text_of("#roll-up p")


def test_an_exchange_rate_that_somebody_else_set_is_shown_first(
    company: Company, ada: CheckingClient
) -> None:
    old, other = ada.get("/settings/exchange-rates"), ada.get("/settings/exchange-rates")
    other.submit("#rate", currency="EUR", rate="1.1", as_of="2027-01-04")
    saved = old.submit("#rate", currency="CHF", rate="1.2", as_of="2027-01-04")
    assert {"EUR", "CHF"} <= {row["Currency"] for row in saved.rows_of("table")}
    clash = old.submit("#rate", currency="EUR", rate="1.3", as_of="2027-01-04")
    assert clash.status_code == 409
    assert "1.1" in clash.text_of(".field-theirs")
    assert clash.value_of("#rate [name=rate]") == "1.3"
    assert "1.3" in clash.submit("#rate").text


def test_a_decision_about_a_segment_rests_on_the_one_that_stood(
    company: Company, elias: CheckingClient
) -> None:
    address = "/reports/segments/1/answer"
    old = elias.get(address)
    said = {"answer": "leave", "until": "2027-06-01"}
    elias.get(address).submit("#answer-form", reason="Nobody buys", **said)
    clash = old.submit("#answer-form", reason="We win there", **{**said, "answer": "double down"})
    assert clash.status_code == 409
    assert "Nobody buys" in clash.text_of("[role=alert]")
    assert clash.value_of("#answer-form [name=reason]") == "We win there"
    clash.submit("#answer-form")
    assert "We win there" in elias.get(address).text


def test_how_an_import_is_read_is_one_choice(company: Company, priya: CheckingClient) -> None:
    content = b"Id,Deal,Amount,Stage\n1,One,10,Won\n"
    page = priya.get("/imports").submit(
        "form#upload", deals=(io.BytesIO(content), "deals.csv"), follow=True
    )
    old = priya.get(f"{page.path}?change=1")
    priya.get(f"{page.path}?change=1").submit("form#mapping", press="look", full_export=True)
    clash = old.submit("form#mapping", press="look", save_as="Ours")
    assert clash.status_code == 409
    assert clash.has("textarea"), "what was typed can be copied"


def test_htmx_gets_both_texts_as_a_part_that_takes_the_focus(
    company: Company, priya: CheckingClient
) -> None:
    old = priya.get("/problems/2/edit")
    priya.get("/problems/2/edit").submit("#problem", statement="Theirs")
    gone = priya.get("/problems/1/edit")
    company.merged(1, 2)
    for page, words in ((old, "Theirs"), (gone, "merged")):
        answer = page.submit("#problem", statement="Mine", htmx=True)
        assert answer.status_code == 409
        assert words in answer.text
        assert "Mine" in answer.texts_of("textarea")


def test_what_was_typed_stays_on_screen_when_its_object_is_gone(
    company: Company, priya: CheckingClient, ada: CheckingClient
) -> None:
    text = "Three sentences that nobody wants to write again"
    words = priya.get("/problems/2/edit")
    company.merged(2, 1)
    segment = priya.get("/segments/1/edit")
    ada.get("/segments").submit('form[action="/segments/1/removal"]')
    work = priya.get("/initiatives/3/work")
    committed(priya.get("/initiatives/3/declining").submit("form.form", why="No"))
    account, split = priya.get("/accounts/1/edit"), priya.get("/problems/1/split")
    company.merged(1, 3)
    company.merged_account(1, company.account("Globex"))
    for page, form, name, status in (
        (account, "form:has([name=industry])", "industry", 409),
        (split, "form:has([name=title])", "title", 409),
        (words, "#problem", "statement", 409),
        (segment, "#segment", "description", 404),
        (work, "form.form", "items-0-title", 409),
    ):
        answer = page.submit(form, **{name: text})
        assert answer.status_code == status
        assert text in [area.get_text().strip() for area in answer.all("textarea[readonly]")]
        assert not {"Revision", "Fingerprint"} & set(answer.texts_of("main label"))


@pytest.mark.only("postgresql")
def test_what_is_taken_away_while_the_lock_is_waited_for_is_said_to_be_gone(
    app: Flask, company: Company, priya: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As is what another row names: no path of them ends in a mistake of ours."""
    lock, going = revision.lock, list[Any]()

    def lock_after_others(since: int | None = None) -> Any:
        with db.engine.begin() as others:
            while going:
                others.execute(going.pop())
        return lock(since)

    monkeypatch.setattr(revision, "lock", lock_after_others)
    for number, (address, form, more) in enumerate((
        ("/segments", "form[action='/segments/{}/position']:has([value=up])", {}),
        ("/segments", "form[action='/segments/{}/removal']", {}),
        ("/segments/{}/edit", "#segment", {"description": "Words"}),
        ("/reports/segments/{}/answer", "#answer-form",
         {"answer": "leave", "until": "2027-06-01", "reason": "Words"}),
        ("/accounts/{}/edit", "form:has([name=industry])", {"industry": "Words"}),
        ("/accounts/{}/merge?into=1", "#merge-form", {}),
        ("/accounts/1/merge?into={}", "#merge-form", {}),
    )):  # fmt: skip
        segment = "segments" in address
        id = (company.segment if segment else company.account)(f"Going {number}")
        page, table = priya.get(address.format(id)), Segment if segment else Account
        going.append(delete(table).where(table.id == id))
        answer = page.submit(form.format(id), follow=False, **more)
        assert not going, (address, answer.status)
        assert answer.status_code in (303, 404, 409), (address, answer.status_code)
        assert not more or "Words" in answer.text, f"{address} loses what was typed"


def test_the_mark_of_an_untouched_form_is_the_one_that_it_came_with(
    company: Company, priya: CheckingClient
) -> None:
    day = date(2027, 2, 1)
    committed(priya.get("/initiatives/2/not-before").submit("form.form", day=day.isoformat()))
    for address in ("/initiatives/1/edit", "/initiatives/1/work", "/interviews/1/log"):
        opened = priya.get(address)
        form = "form:has([name=seen])"
        mark = opened.value_of(f"{form} [name=seen]")
        opened.submit(form)
        assert priya.get(address).value_of(f"{form} [name=seen]") == mark, address
