"""Every address, for every role: what product.md's table allows, and nothing else.

The table below is written by hand from that table, not from the code. An address without an entry
fails; so does an entry whose address is gone. What is allowed does not depend on the database, so
one is enough.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from roadmap.extensions import db
from roadmap.models import (
    Blocker,
    Commitment,
    ExchangeRate,
    Import,
    LossWords,
    Notice,
    SavedMapping,
    Tradeoff,
)
from roadmap.notices import actions as notices
from tests.support import cast
from tests.support.client import HTMX, CheckingClient, Page
from tests.support.company import Company
from tests.support.tables import everything

pytestmark = pytest.mark.either

REP, PRODUCT, EXECUTIVE, ADMIN = ROLES = ("rep", "product", "executive", "admin")

READ = PREVIEW = frozenset(ROLES)
SHAPE = CAPACITY = TRIAGE = IMPORT = frozenset({PRODUCT, ADMIN})
COMMIT = frozenset({PRODUCT, EXECUTIVE})
OWN_DEALS = frozenset({REP, PRODUCT})
ASKER = frozenset({REP, PRODUCT, ADMIN})
OVERSEE = frozenset({EXECUTIVE, ADMIN})
ADMINISTER = frozenset({ADMIN})
#: Also without a session.
ANYONE = frozenset({*ROLES, "nobody"})

GET, POST = "GET", "POST"


@dataclass(frozen=True)
class May:
    """Who may do it. Others are told so or, where it is `hidden`, that there is no such page."""

    roles: frozenset[str]
    hidden: bool = False
    #: What the address needs in order to make sense.
    query: str = ""
    #: Whether it answers htmx only, with a part of a page.
    part: bool = False
    #: Whether it is about what is a person's own, which is not there for others.
    own: bool = False


TABLE: dict[tuple[str, str], May] = {
    ("healthz", GET): May(ANYONE),
    ("static", GET): May(ANYONE),
    ("people.sign_in", GET): May(ANYONE),
    ("people.enter", POST): May(ANYONE),
    ("people.sign_out", POST): May(READ),
    ("people.sessions", GET): May(READ),
    ("people.end_session", POST): May(READ, own=True),
    ("people.end_other_sessions", POST): May(READ),
    ("people.password", GET): May(READ),
    ("people.change_password", POST): May(READ),
    ("people.time_zone", GET): May(READ),
    ("people.choose_time_zone", POST): May(READ),
    ("people.draft", GET): May(READ, own=True),
    ("people.users", GET): May(OVERSEE, hidden=True),
    # --- what one is told
    ("notices.index", GET): May(READ),
    ("notices.open", POST): May(READ, own=True),
    ("notices.mark_read", POST): May(READ, own=True),
    ("notices.mark_unread", POST): May(READ, own=True),
    ("notices.mark_all_read", POST): May(READ),
    ("notices.choose_mail", POST): May(READ),
    # --- the board and the ledger
    ("board.home", GET): May(READ),
    ("board.show", GET): May(READ),
    ("board.live", GET): May(READ, part=True),
    ("board.more", GET): May(READ, part=True),
    ("board.table", GET): May(READ),
    ("board.preview", GET): May(PREVIEW, query="initiative=2&to=1"),
    ("board.promote", POST): May(COMMIT),
    ("search.show", GET): May(READ, query="q=a"),
    ("search.glossary", GET): May(READ),
    ("search.keep_glossary", POST): May(SHAPE),
    ("initiatives.promised", GET): May(READ),
    ("initiatives.promised_table", GET): May(READ),
    ("tradeoffs.index", GET): May(READ),
    ("tradeoffs.table", GET): May(READ),
    ("tradeoffs.show", GET): May(READ),
    ("tradeoffs.preview_reversal", GET): May(COMMIT),
    ("tradeoffs.revert", POST): May(COMMIT),
    # --- the market
    ("market.problems", GET): May(READ),
    ("market.problems_csv", GET): May(READ),
    ("market.problem", GET): May(READ),
    ("market.new_problem", GET): May(SHAPE),
    ("market.create_problem", POST): May(SHAPE),
    ("market.edit_problem", GET): May(SHAPE),
    ("market.change_problem", POST): May(SHAPE),
    ("market.roll_up", POST): May(SHAPE),
    ("market.segments", GET): May(READ),
    ("market.segments_csv", GET): May(READ),
    ("market.new_segment", GET): May(SHAPE),
    ("market.create_segment", POST): May(SHAPE),
    ("market.edit_segment", GET): May(SHAPE),
    ("market.change_segment", POST): May(SHAPE),
    ("market.move_segment", POST): May(SHAPE),
    ("market.remove_segment", POST): May(SHAPE),
    ("market.profile", GET): May(OVERSEE, hidden=True),
    ("market.preview_profile", POST): May(ADMINISTER),
    ("market.save_profile", POST): May(ADMINISTER),
    # --- patterns
    ("patterns.markets", GET): May(READ),
    ("patterns.markets_csv", GET): May(READ),
    ("patterns.market", GET): May(READ),
    ("patterns.unassigned", GET): May(READ),
    ("patterns.overlap", GET): May(READ),
    ("patterns.merge", GET): May(TRIAGE, query="into=3"),
    ("patterns.commit_merge", POST): May(TRIAGE),
    ("patterns.split", GET): May(TRIAGE),
    ("patterns.commit_split", POST): May(TRIAGE),
    ("patterns.undo", POST): May(TRIAGE),
    # --- accounts and deals
    ("deals.accounts", GET): May(READ),
    ("deals.accounts_csv", GET): May(READ),
    ("deals.account", GET): May(READ),
    ("deals.edit_account", GET): May(SHAPE),
    ("deals.change_account", POST): May(SHAPE),
    ("deals.choose_segment", POST): May(SHAPE),
    ("deals.merge_account", GET): May(SHAPE, query="into=3"),
    ("deals.commit_account_merge", POST): May(SHAPE),
    ("deals.split_account", POST): May(SHAPE),
    ("deals.index", GET): May(READ),
    ("deals.index_csv", GET): May(READ),
    ("deals.show", GET): May(READ),
    ("deals.tie", POST): May(SHAPE),
    ("deals.untie", POST): May(SHAPE),
    ("deals.verify", POST): May(SHAPE),
    ("deals.report", POST): May(OWN_DEALS),
    ("deals.need_by", POST): May(OWN_DEALS),
    ("deals.take_back_date", POST): May(OWN_DEALS),
    ("deals.owners", GET): May(READ),
    ("deals.owners_csv", GET): May(READ),
    ("deals.match_owner", POST): May(SHAPE),
    # --- initiatives and products
    ("initiatives.index", GET): May(READ),
    ("initiatives.table", GET): May(READ),
    ("initiatives.show", GET): May(READ),
    ("initiatives.deals", GET): May(READ),
    ("initiatives.deals_table", GET): May(READ),
    ("initiatives.state", POST): May(SHAPE),
    ("initiatives.withdraw", POST): May(SHAPE),
    ("initiatives.products", GET): May(READ),
    ("initiatives.products_table", GET): May(READ),
    ("initiatives.create_product", POST): May(SHAPE),
    # --- teams
    ("teams.index", GET): May(READ),
    ("teams.table", GET): May(READ),
    ("teams.show", GET): May(READ),
    ("teams.drawers_table", GET): May(READ),
    ("teams.create", POST): May(CAPACITY),
    # --- requests
    ("intake.new", GET): May(READ),
    ("intake.submit", POST): May(READ),
    ("intake.fill", POST): May(READ),
    ("intake.similar", POST): May(READ, part=True),
    ("intake.accounts", GET): May(READ, part=True),
    ("intake.deals", GET): May(READ, part=True),
    ("intake.index", GET): May(READ),
    ("intake.index_csv", GET): May(READ),
    ("intake.mine", GET): May(READ),
    ("intake.mine_csv", GET): May(READ),
    ("intake.see", POST): May(READ),
    ("intake.show", GET): May(READ),
    ("intake.watch", POST): May(READ),
    # The request is the rep's: others speak for it where they triage.
    ("intake.join", POST): May(ASKER),
    ("intake.leave", POST): May(ASKER),
    ("intake.choose_date", POST): May(ASKER),
    ("intake.answer", POST): May(ASKER),
    # --- triage
    ("intake.inbox", GET): May(TRIAGE, hidden=True),
    ("intake.inbox_csv", GET): May(TRIAGE, hidden=True),
    ("intake.joining", GET): May(TRIAGE, hidden=True),
    ("intake.confirm_many", POST): May(TRIAGE),
    ("intake.triage", GET): May(TRIAGE, hidden=True),
    # --- reports
    ("reports.index", GET): May(READ),
    ("reports.deals", GET): May(READ),
    ("reports.deals_csv", GET): May(READ),
    ("reports.answer", GET): May(READ),
    ("reports.give_answer", POST): May(COMMIT),
    ("reports.case", GET): May(READ),
    # --- imports and what they need to know
    ("imports.index", GET): May(IMPORT),
    ("imports.index_csv", GET): May(IMPORT),
    ("imports.upload", POST): May(IMPORT),
    ("imports.show", GET): May(IMPORT),
    ("imports.progress", GET): May(IMPORT),
    ("imports.choose", POST): May(IMPORT),
    ("imports.take_mapping", POST): May(IMPORT),
    ("imports.read_again", POST): May(IMPORT),
    ("imports.apply", POST): May(IMPORT),
    ("imports.discard", POST): May(IMPORT),
    ("imports.revert", POST): May(IMPORT),
    ("imports.rows_csv", GET): May(IMPORT),
    ("imports.remove_mapping", POST): May(IMPORT),
    ("imports.words", GET): May(IMPORT),
    ("imports.words_csv", GET): May(IMPORT),
    ("imports.decide", POST): May(IMPORT),
    ("imports.rates", GET): May(READ),
    ("imports.rates_csv", GET): May(READ),
    ("imports.set_rate", POST): May(ADMINISTER),
    ("imports.remove_rate", POST): May(ADMINISTER),
    # --- interviews and other conversations
    ("interviews.index", GET): May(READ),
    ("interviews.index_csv", GET): May(READ),
    ("interviews.new", GET): May(SHAPE, query="deal=1"),
    ("interviews.problems", GET): May(READ, query="deal=1&field=problem&problem=SSO"),
    ("interviews.plan", POST): May(SHAPE),
    ("interviews.show", GET): May(READ),
    ("interviews.edit_plan", GET): May(SHAPE),
    ("interviews.replan", POST): May(SHAPE),
    ("interviews.cancel", POST): May(SHAPE),
    ("interviews.log", GET): May(SHAPE),
    ("interviews.show_script", GET): May(SHAPE),
    ("interviews.save_log", POST): May(SHAPE),
    ("interviews.conversations", GET): May(READ),
    ("interviews.conversations_csv", GET): May(READ),
    ("interviews.months_csv", GET): May(READ),
    ("interviews.new_conversation", GET): May(SHAPE),
    ("interviews.record", POST): May(SHAPE),
    ("interviews.conversation", GET): May(READ),
    ("interviews.edit_conversation", GET): May(SHAPE),
    ("interviews.change_conversation", POST): May(SHAPE),
    ("interviews.withdraw_conversation", POST): May(SHAPE),
    ("interviews.questions", GET): May(SHAPE),
    ("interviews.save_questions", POST): May(ADMINISTER),
    ("interviews.report", GET): May(OWN_DEALS),
    ("interviews.save_report", POST): May(OWN_DEALS),
    # --- settings
    ("settings.show", GET): May(OVERSEE, hidden=True),
    ("settings.save", POST): May(ADMINISTER),
    ("settings.fiscal_year", GET): May(CAPACITY),
    ("settings.change_fiscal_year", POST): May(CAPACITY),
} | {
    (f"initiatives.{name}", method): May(SHAPE)
    for name in ("new", "edit", "work", "effort", "needs", "not_before", "ties", "promises",
                 "promise", "shipping", "declining", "entry", "product")
    for method in (GET, POST)
} | {
    (f"reports.{name}{form}", GET): May(READ)
    for name in ("segments", "reasons", "revenue_at_risk", "trend", "false_losses", "cohorts")
    for form in ("", "_csv")
} | {
    (f"teams.{name}", method): May(CAPACITY)
    for name in ("people", "rename")
    for method in (GET, POST)
} | {
    (f"intake.{name}", POST): May(TRIAGE)
    for name in ("confirm", "start_problem", "merge", "hand_over", "ask", "reply", "decline",
                 "rename", "link", "undo")
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    endpoint: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.endpoint})"

    @property
    def may(self) -> May:
        return TABLE[self.endpoint, self.method]

    def ask(self, client: CheckingClient, token: str, **headers: str) -> Page:
        if self.method == GET:
            return client.get(f"{self.path}?{self.may.query}", headers=headers)
        return client.post(self.path, headers={"X-CSRFToken": token, **headers})


@pytest.fixture
def addresses(app: Flask) -> list[Address]:
    """Every address with the ids of a company that has one of everything."""
    ids = one_of_everything(app)
    found = []
    for rule, method in offered(app):
        values = {name: ids.get(f"{rule.endpoint}.{name}") or ids[named(rule, name)]
                  for name in rule.arguments}  # fmt: skip
        adapter = app.url_map.bind("localhost")
        found.append(Address(rule.endpoint, method, adapter.build(rule.endpoint, values, method)))
    return found


def named(rule: Rule, argument: str) -> str:
    """Whose id an argument is: `id` is that of what its address begins with."""
    return argument if argument != "id" else rule.rule.split("/")[1]


def offered(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def one_of_everything(app: Flask) -> dict[str, object]:
    company = Company(app)
    core = company.team("Core")
    segment = company.segment("Enterprise")
    problem = company.problem("Sign-in is manual work", [segment])
    account = company.account("Acme", segment=segment)
    both = company.account("Acme Ltd"), company.account("Acme Inc")
    name = company.merged_account(both[0], account)
    owner = company.owner("R. Quintero", company.people["rep"])
    # A rep reports on closed deals of their own.
    deal = company.deal("Renewal", status="lost", account=account, owner=owner, blockers=[problem])
    asked = company.request(deals=[deal])
    step = company.merged(company.problem("Signing in takes long", [segment]), problem)
    company.problem("Passwords are shared", [segment])
    first = company.initiative("First", work=[(core, 10)], promised=[("2027-03-01", "Acme")])
    company.initiative("Second", work=[(core, 10)], solves=[problem])
    gone = company.initiative("Gone", work=[(core, 5)])
    decline(app, gone)
    interview = company.interview(deal)
    talk = company.conversation(account)
    with app.app_context():
        notices.tell([company.people["rep"]], "committed", "First is committed")
        db.session.commit()
        notice = db.session.scalar(select(Notice.id))
        made = Import(state="applied", applied_at=datetime(2027, 1, 4, tzinfo=UTC), report={})
        words = LossWords(key="price", text="Price")
        mapping = SavedMapping(name="Ours", mapping={}, header=[])
        rate = ExchangeRate(currency="EUR", rate="1.1", as_of=date(2027, 1, 4))
        db.session.add_all((made, words, mapping, rate))
        db.session.commit()
        blocker = db.session.scalar(select(Blocker.id).where(Blocker.deal_id == deal))
        promise = db.session.scalar(select(Commitment.id))
        tradeoff = db.session.scalar(select(Tradeoff.id).order_by(Tradeoff.id.desc()))
    return {
        "token": "not-mine",
        "tradeoffs": tradeoff, "problems": problem, "segments": segment, "accounts": account,
        "deals": deal, "requests": asked, "blocker_id": blocker, "date_id": 1, "initiatives": first,
        "promise": promise, "notices": notice, "teams": core, "products": company.product(),
        "filename": "css/base.css", "step_id": step, "name_id": name, "markets": segment,
        "interviews": interview, "conversations": talk,
        "deals.match_owner.id": owner, "initiatives.entry.id": gone,
        "reports.answer.id": segment, "reports.give_answer.id": segment,
        "imports": made.id, "mapping_id": mapping.id, "currency": "EUR",
        "imports.decide.id": words.id, "sessions": 10**6,
    }  # fmt: skip


def decline(app: Flask, id: int) -> None:
    from roadmap.domain.changes import Leave
    from roadmap.models import User
    from roadmap.people import actions as people
    from roadmap.tradeoffs import actions

    with app.app_context():
        by = people.find(cast.person(PRODUCT).email)
        assert isinstance(by, User)
        actions.commit(
            lambda _: Leave(str(id), "declined", "Nobody asked again"),
            actions.Signature(by, owner_id=by.id, reason="Nobody asked again"),
        )


def test_every_address_has_its_entry_in_the_table(app: Flask) -> None:
    assert {(rule.endpoint, method) for rule, method in offered(app)} == set(TABLE)


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_what_it_may_see_and_is_refused_the_rest_without_a_trace(
    app: Flask, addresses: list[Address], role: str
) -> None:
    client = cast.visitor(app, role)
    token = token_of(client)
    wrong = []
    before = everything(app)
    for address in addresses:
        if role in address.may.roles:
            continue
        status = address.ask(client, token).status_code
        if status != (404 if address.may.hidden else 403):
            wrong.append(f"{address} answers {status} to {role}")
        if everything(app) != before:
            wrong.append(f"{address} changed something for {role}")
            before = everything(app)
    assert not wrong, "\n".join(wrong)


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_all_that_it_may(app: Flask, addresses: list[Address], role: str) -> None:
    client = cast.visitor(app, role)
    token = token_of(client)
    # Reading first: what is written may take away what would be read; signing out comes last.
    ordered = sorted(addresses, key=lambda a: (a.method, a.endpoint == "people.sign_out"))
    wrong = []
    for address in ordered:
        if role not in address.may.roles or address.endpoint == "static":
            continue
        headers = HTMX if address.may.part else {}
        status = address.ask(client, token, **headers).status_code
        fine = (200, 302, 303) if address.method == GET else (200, 303, 400, 409, 422)
        if status not in fine and not (address.may.own and status == 404):
            wrong.append(f"{address} answers {status} to {role}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.only("sqlite")
def test_nobody_gets_further_than_the_sign_in(app: Flask, addresses: list[Address]) -> None:
    visitor = app.test_client()
    token = token_of(visitor, "main form:has([type=password])")
    before = everything(app)
    wrong = []
    for address in addresses:
        plain, quick = address.ask(visitor, token), address.ask(visitor, token, **HTMX)
        if "nobody" in address.may.roles:
            fine = 401 not in (plain.status_code, quick.status_code) and plain.status_code != 403
        else:
            fine = quick.status_code == 401
            if address.method == GET:
                fine &= str(plain.location).startswith("/sign-in?next=")
            else:
                fine &= plain.status_code == 401
        if not fine:
            wrong.append(f"{address} answers {plain.status_code} to nobody")
    assert not wrong, "\n".join(wrong)
    assert everything(app) == before


def test_what_is_hidden_looks_like_what_does_not_exist(rosa: CheckingClient) -> None:
    hidden, missing = rosa.get("/users"), rosa.get("/no-such-page")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text_of("main") == missing.text_of("main")


def test_a_refusal_says_so_in_plain_words(rosa: CheckingClient) -> None:
    answer = rosa.post("/board/promotions", headers={"X-CSRFToken": token_of(rosa)})
    assert answer.text_of("h1") == "Not yours to change"
    assert "Nothing was changed" in answer.text


def token_of(client: CheckingClient, form: str = "form[action='/sign-out']") -> str:
    """The session's token, as any of its pages has it."""
    address = "/sign-in" if "password" in form else "/tradeoffs"
    return str(client.get(address).value_of(f"{form} [name=csrf_token]"))
