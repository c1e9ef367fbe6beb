"""Whatever people do with requests, in whatever order: evidence, history and totals stay right.

A state machine takes random real steps: several people send, triage and answer requests while
others tie deals by hand and CRM wins and loses them. After each step the stored totals equal a
recount and every standing check is silent. At the end all steps are taken back, and what the deals
carry is what it was before the first.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from roadmap.checks.queries import statements
from roadmap.checks.requests import CHECKS
from roadmap.deals import actions as deals
from roadmap.domain import triage
from roadmap.domain.errors import Refused
from roadmap.domain.winloss import OTHER_BUCKETS
from roadmap.extensions import db, reading
from roadmap.imports import actions as imports
from roadmap.intake import actions, steps, triaging
from roadmap.intake.naming import deals_of
from roadmap.models import (
    Blocker,
    Deal,
    LossReason,
    Request,
    RequestEvent,
    Statement,
    User,
)
from roadmap.planning import totals
from tests.support import databases
from tests.support.company import Company

#: Picks one of however many there are.
PICK = st.integers(0, 20)
ROLES = st.sampled_from(["rep", "product", "admin"])
SOURCES = st.sampled_from(["rep", "customer", "interview"])
#: Those that a step with a request could break.
CHECKED = (statements, *CHECKS.values())

#: Of two accounts, so that a request can be linked to another one.
DEALS: list[dict[str, Any]] = [
    {"amount": 600_000_00, "needed_by": "2027-02-05"},
    {"amount": 90_000_01, "needed_by": "2027-06-30"},
    {"amount": None, "needed_by": None},
    {"amount": 250_000_00, "status": "lost"},
    {"amount": 40_000_00, "status": "lost", "close_date": "2026-08-01"},
    {"amount": 70_000_00, "status": "won", "close_date": "2026-12-01"},
]


class Intake(RuleBasedStateMachine):
    """A company of two accounts with three deals each, and of three problems."""

    database: databases.Database

    @initialize()
    def start(self) -> None:
        self.place = self.database.fresh()
        self.app = databases.create(self.place.__enter__())
        self.company = company = Company(self.app)
        self.people = company.people
        team = company.team()
        self.problems = [company.problem(f"Problem {n}") for n in range(3)]
        for n, problem in enumerate(self.problems[:2]):
            company.initiative(f"Initiative {n}", work=[(team, 10)], solves=[problem])
        self.accounts = [company.account(f"Account {n}", fit=50 + n) for n in range(2)]
        self.deals = [
            company.deal(
                f"Deal {n}",
                account=self.accounts[n % 2],
                **columns,
                blockers=[(self.problems[n % 3], "crm")] if n < 4 else [],
            )
            for n, columns in enumerate(DEALS)
        ]
        with self.app.app_context():
            names = {deal.id: deal.external_id for deal in db.session.scalars(select(Deal))}
        #: As CRM calls them.
        self.names = [names[id] for id in self.deals]
        #: What the deals carry that no request put there.
        self.by_hand = self.carried()
        # Three that speak of one deal and rest on one tie, so that the first steps can matter.
        sent = [company.request(deals=[self.deals[n] for n in of]) for of in ((0, 2), (0, 4), (0,))]
        with self.acting("product") as person:
            triaging.confirm_many(sent, self.problems[1], person)

    def teardown(self) -> None:
        if not hasattr(self, "place"):
            return
        try:
            if hasattr(self, "by_hand"):
                self.all_is_undone()
        finally:
            databases.dispose(self.app)
            self.place.__exit__(None, None, None)

    # --- whoever asks ----------------------------------------------------------------------------

    @rule(account=PICK, of=st.sets(st.integers(0, 2)), by=ROLES, joins=st.none() | PICK)
    def send(self, account: int, of: set[int], by: str, joins: int | None) -> None:
        place = account % 2
        chosen = [self.deals[place + 2 * n] for n in of]
        with self.acting(by) as person:
            said = actions.Said(
                "They wait for it.",
                account_id=self.accounts[place],
                deal_ids=chosen,
                problem_id=None if joins is None else self.problems[joins % 3],
                quote="“We wait.”" if account % 3 else "",
            )
            actions.submit(said, person)

    @rule(which=PICK, problem=st.none() | PICK, by=ROLES)
    def join_or_leave(self, which: int, problem: int | None, by: str) -> None:
        if problem is None:
            self.step(which, by, actions.leave)
        else:
            self.step(which, by, lambda id, p: actions.join(id, self.problem(problem), p))

    # --- triage ----------------------------------------------------------------------------------

    @rule(which=PICK, problem=PICK, quote=st.booleans(), by=ROLES)
    def confirm(self, which: int, problem: int, quote: bool, by: str) -> None:
        self.step(
            which, by, lambda id, p: triaging.confirm(id, self.problem(problem), p, quote=quote)
        )

    @rule(some=st.sets(PICK, min_size=1, max_size=4), problem=PICK, by=ROLES)
    def confirm_many(self, some: set[int], problem: int, by: str) -> None:
        ids = self.requests()
        with self.acting(by) as person:
            chosen = {ids[which % len(ids)] for which in some}
            triaging.confirm_many(chosen, self.problem(problem), person)

    @rule(which=PICK, into=PICK, by=ROLES)
    def merge(self, which: int, into: int, by: str) -> None:
        ids = self.requests()
        other = ids[(which + 1 + into % (len(ids) - 1)) % len(ids)]
        self.step(which, by, lambda id, p: triaging.merge(id, other, p))

    @rule(which=PICK, bucket=st.sampled_from(OTHER_BUCKETS), by=ROLES)
    def hand_over(self, which: int, bucket: str, by: str) -> None:
        owner = self.people["executive"]
        self.step(which, by, lambda id, p: triaging.hand_over(id, bucket, owner, p))

    @rule(which=PICK, waits_for=st.sampled_from(triage.WAITS_FOR), answered=st.booleans(), by=ROLES)
    def ask(self, which: int, waits_for: str, answered: bool, by: str) -> None:
        day = date(2027, 1, 18)
        self.step(which, by, lambda id, p: triaging.ask(id, waits_for, day, p, "Which one?"))
        if answered:
            self.step(which, by, lambda id, p: actions.answer(id, p, "Entra."))

    @rule(which=PICK, by=ROLES)
    def decline(self, which: int, by: str) -> None:
        self.step(which, by, lambda id, p: triaging.decline(id, p, "Not now."))

    @rule(which=PICK, account=PICK, of=st.sets(st.integers(0, 2)), by=ROLES)
    def link(self, which: int, account: int, of: set[int], by: str) -> None:
        place = account % 2
        chosen = [self.deals[place + 2 * n] for n in of]
        self.step(which, by, lambda id, p: triaging.link(id, p, self.accounts[place], chosen))

    @rule(which=PICK, by=ROLES)
    def undo(self, which: int, by: str) -> None:
        self.step(which, by, steps.undo)

    @rule(which=PICK, by=ROLES, many=st.integers(1, 3), what=st.integers(0, 5))
    def there_and_back(self, which: int, by: str, many: int, what: int) -> None:
        """Steps that are undone at once leave everything as it was."""
        ids = self.requests()
        id = ids[which % len(ids)]
        before, start = self.as_it_stands(), self.last_step(id)
        for take in [*STEPS, *STEPS][what : what + many]:
            with self.acting(by) as person:
                take(self, id, person)
        while self.last_step(id) != start:
            with self.app.app_context():
                steps.undo(id, db.session.get_one(User, self.people[by]))
        assert self.as_it_stands() == before

    # --- meanwhile, by hand and in CRM -----------------------------------------------------------

    @rule(deal=PICK, problem=PICK, source=SOURCES)
    def tie(self, deal: int, problem: int, source: str) -> None:
        with self.acting("product") as person:
            deals.tie(self.deal(deal), self.problem(problem), source, person.id)
            self.by_hand[self.deal(deal), self.problem(problem), source] += 1

    @rule(which=PICK)
    def untie(self, which: int) -> None:
        with self.acting("product"):
            found = db.session.execute(
                select(Statement.deal_id, Statement.root_id, Statement.source, Statement.id)
                .where(Statement.root_id.is_not(None), Statement.ended_at.is_(None))
                .order_by(Statement.id)
            ).all()
            if found:
                deal, problem, source, id = found[which % len(found)]
                deals.untie(deal, id)
                self.by_hand -= Counter([(deal, problem, source)])

    @rule(deal=PICK, bucket=st.sampled_from(OTHER_BUCKETS), source=SOURCES)
    def say_why(self, deal: int, bucket: str, source: str) -> None:
        with self.acting("product") as person:
            deals.give_reason(self.deal(deal), bucket, source, None, "Said so", person.id)
            self.by_hand[self.deal(deal), bucket, source] = 1

    @rule(
        deal=PICK,
        stage=st.sampled_from(["Open", "Won", "Lost"]),
        amount=st.none() | st.integers(1, 900_000),
    )
    def crm_says(self, deal: int, stage: str, amount: int | None) -> None:
        name = self.names[deal % len(self.names)]
        with TemporaryDirectory() as folder, self.app.app_context():
            file = Path(folder) / "deals.csv"
            file.write_text(f"Deal ID,Stage,Amount\n{name},{stage},{amount or ''}\n")
            imports.run(imports.Files(file))

    # --- what always holds -----------------------------------------------------------------------

    @invariant()
    def all_is_right(self) -> None:
        if not hasattr(self, "by_hand"):
            return
        assert self.company.wrong_totals() == []
        with self.app.app_context(), reading():
            wrong = [line for check in CHECKED for line in check()]
            assert not wrong, "\n".join(wrong)
        with self.app.app_context(), reading():
            asked = [tie for request in db.session.scalars(select(Request)) for tie in due(request)]
        assert set(asked) <= set(self.carried())

    def all_is_undone(self) -> None:
        """Every step is taken back, the newest first; deals carry what people gave them by hand."""
        while steps_taken := [(last, id) for id in self.requests() if (last := self.last_step(id))]:
            with self.app.app_context():
                event = db.session.get_one(RequestEvent, max(steps_taken)[0])
                # What whoever asked said, nobody else takes back.
                by = event.by_id if event.kind in steps.THEIRS else self.people["product"]
                steps.undo(event.request_id, db.session.get_one(User, by))
            self.all_is_right()
        with self.app.app_context(), reading():
            found = db.session.scalars(select(Request)).all()
            assert {steps.disposition(request) for request in found} <= {triage.Disposition()}
        assert self.carried() == self.by_hand

    # --- helpers ---------------------------------------------------------------------------------

    @contextmanager
    def acting(self, role: str) -> Iterator[User]:
        """Act as somebody. A refusal in words is an answer, too; nothing has changed then."""
        with self.app.app_context():
            try:
                yield db.session.get_one(User, self.people[role])
            except (Refused, actions.TooMany):
                db.session.rollback()

    def step(self, which: int, by: str, take: Callable[[int, User], Any]) -> None:
        ids = self.requests()
        with self.acting(by) as person:
            take(ids[which % len(ids)], person)

    def requests(self) -> list[int]:
        with self.app.app_context():
            return list(db.session.scalars(select(Request.id).order_by(Request.id)))

    def last_step(self, id: int) -> int | None:
        with self.app.app_context():
            event = steps.last_step(id)
            return event.id if event else None

    def carried(self) -> Counter[tuple[int, Any, str]]:
        """Deal, problem or bucket, and source of all that stands in deals' way."""
        with self.app.app_context():
            ties = select(Blocker.deal_id, Blocker.problem_id, Blocker.source)
            reasons = select(LossReason.deal_id, LossReason.bucket, LossReason.source)
            rows = [*db.session.execute(ties), *db.session.execute(reasons)]
            return Counter((deal, what, source) for deal, what, source in rows)

    def as_it_stands(self) -> Any:
        """Where all requests stand, what deals carry, and what that adds up to: without ids of
        what was taken away and put back.
        """
        with self.app.app_context():
            found = db.session.scalars(select(Request).order_by(Request.id)).all()
            stand = [
                (request.title, request.account_id, deals_of(request), steps.disposition(request))
                for request in found
            ]
            counting = db.session.execute(
                select(Blocker.deal_id, Blocker.problem_id, Blocker.source)
                .where(Blocker.counts)
                .order_by(Blocker.deal_id, Blocker.problem_id, Blocker.source)
            ).all()
            said = db.session.execute(
                select(
                    Statement.origin_id, Statement.deal_id, Statement.root_id, Statement.bucket,
                    Statement.source,
                ).where(Statement.origin == "request", Statement.ended_at.is_(None))
            )  # fmt: skip
            says = sorted(map(repr, said))
            figures = totals.stored()
        return stand, counting, says, figures, self.carried()

    def problem(self, which: int) -> int:
        return self.problems[which % 3]

    def deal(self, which: int) -> int:
        return self.deals[which % len(self.deals)]


def due(request: Request) -> Iterator[tuple[int, Any, str]]:
    """What the deals of a request should carry, whoever put it there."""
    head = request
    while head.merged_into is not None:
        head = head.merged_into
    for named in request.deals:
        if named.deal.status == "won":
            continue
        if head.state == triage.CONFIRMED:
            yield named.deal_id, head.problem_id, "customer" if request.quote_confirmed else "rep"
        if head.state == triage.ELSEWHERE:
            yield named.deal_id, head.bucket, "rep"


def first_request() -> int:
    return db.session.scalars(select(Request.id).order_by(Request.id)).first() or 0


#: To be taken and taken back at once, whichever of them make sense.
STEPS: tuple[Callable[[Intake, int, User], Any], ...] = (
    lambda self, id, person: triaging.ask(id, "rep", date(2027, 1, 18), person, "Which one?"),
    lambda self, id, person: triaging.confirm(id, self.problem(id), person, quote=True),
    lambda self, id, person: triaging.link(id, person, self.accounts[0], self.deals[::2]),
    lambda self, id, person: triaging.hand_over(id, "price", self.people["executive"], person),
    lambda self, id, person: triaging.merge(id, first_request(), person),
    lambda self, id, person: triaging.rename(id, person, "Called otherwise"),
)


def test_any_sequence_of_steps_leaves_everything_right(database: databases.Database) -> None:
    machine = type("Intake", (Intake,), {"database": database})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=6,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
