"""A large company, the same every time: as many initiatives, deals and ties as the product is for.

Rows go in with bulk inserts; what is derived (fit, segments, which blockers count, totals, today's
forecast) is computed by the product's own code, so that `flask check` has nothing to say.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from flask import Flask
from sqlalchemy import Table, insert, select

from roadmap.domain import changes
from roadmap.domain.folding import folded
from roadmap.domain.plan import CANDIDATE, COMMITTED, IN_PROGRESS
from roadmap.domain.roles import ADMIN, EXECUTIVE, PRODUCT, REP
from roadmap.domain.statements import DEAL_BREAKER, strength
from roadmap.domain.triage import CONFIRMED, NEW, Disposition
from roadmap.domain.winloss import Reason, which_count
from roadmap.extensions import db
from roadmap.market import classify
from roadmap.models import Base, User
from roadmap.people.passwords import hashed
from roadmap.planning import daily
from roadmap.tradeoffs.apply import GAP
from roadmap.workspace import revision
from tests.bench import words

TODAY = date(2027, 1, 11)
PASSWORD = "measure-me-please"

#: One product manager for each of those who move at once, and one more who is measured alone.
MANAGERS = 17
REP_ID = MANAGERS + 2

CHUNK = 10_000

WORDS = (
    "audit access approval archive asset billing calendar capacity catalogue claim contract "
    "costing customer dashboard depot dispatch export field forecast form handover import "
    "inspection invoice ledger licence meter mobile notice offline order payment permit "
    "planning portal price quality quote region renewal report request role route safety "
    "schedule search sensor service shift signature stock supplier template tender terminal "
    "ticket transport vehicle warranty"
).split()
INDUSTRIES = ("Utilities", "Energy", "Manufacturing", "Retail", "Healthcare", "Construction")
REGIONS = ("Europe", "North America", "Asia Pacific", "South America")
STAGES = ("Discovery", "Proposal", "Negotiation", "Legal")


@dataclass(frozen=True)
class Size:
    name: str
    initiatives: int
    teams: int
    problems: int
    accounts: int
    deals: int
    blockers: int
    requests: int


SIZES = {
    "large": Size("large", 2_000, 12, 800, 50_000, 250_000, 500_000, 5_000),
    "small": Size("small", 40, 4, 20, 60, 300, 600, 50),
}

Rows = Iterator[dict[str, Any]]


def build(app: Flask, size: Size) -> None:
    """Fill a migrated, empty database. The application's TODAY must be this module's."""
    with app.app_context():
        Builder(size).build()
        db.session.commit()
        row = revision.lock()
        row.revision = row.plan_revision = row.evidence_revision = 1 + size.initiatives
        row.intake_revision = size.requests
        row.name = "Bench"
        daily.refresh(row, TODAY)
        db.session.commit()
        if db.engine.dialect.name == "postgresql":
            _number_on(size)
        db.session.execute(db.text("ANALYZE"))
        db.session.commit()


class Builder:
    def __init__(self, size: Size) -> None:
        self.size = size
        self.chance = random.Random(2_000)
        self.moment = datetime.combine(TODAY - timedelta(days=30), time(9), UTC)
        self.fits: dict[int, int] = {}
        #: Whose each deal is.
        self.accounts: dict[int, int] = {}

    def build(self) -> None:
        self._insert("users", self._users())
        self._insert("crm_owners", self._crm_owners())
        self._insert("segments", self._segments())
        self._insert("icp_criteria", self._criteria())
        self._insert("products", ({"id": i, "name": f"Product {i}"} for i in range(1, 13)))
        self._insert("teams", ({"id": i, "name": f"Team {i}"} for i in self._team_ids))
        self._insert(
            "capacities",
            (
                {"team_id": i, "quarter": date(2026, 7, 1), "days_per_week": 50}
                for i in self._team_ids
            ),
        )
        self._insert("problems", self._problems())
        self._insert("problem_segments", self._problem_segments())
        self._insert("initiatives", self._initiatives())
        self._insert("work_items", self._work())
        self._insert("initiative_problems", self._ties())
        self._insert("needs", self._needs())
        self._insert("commitments", self._commitments())
        self._insert("tradeoffs", self._entries())
        self._insert("accounts", self._accounts())
        deals = self._deals()
        while chunk := list(islice(deals, CHUNK)):
            self._insert("deals", (deal for deal, _ in chunk))
            self._insert("statements", (blocker for _, blockers in chunk for blocker in blockers))
        self._insert("requests", self._requests())
        self._insert("request_deals", self._request_deals())
        self._insert("request_events", self._request_events())
        self._insert("statements", self._problems_of_requests())

    @property
    def _team_ids(self) -> range:
        return range(1, self.size.teams + 1)

    @property
    def _initiative_ids(self) -> range:
        return range(1, self.size.initiatives + 1)

    def _insert(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        table: Table = Base.metadata.tables[name]
        rows = iter(rows)
        while chunk := list(islice(rows, CHUNK)):
            db.session.connection().execute(insert(table), chunk)

    def _title(self, words: int) -> str:
        return " ".join(self.chance.sample(WORDS, words)).capitalize()

    def _users(self) -> Rows:
        password = hashed(PASSWORD)
        roles = [*[PRODUCT] * MANAGERS, EXECUTIVE, REP, ADMIN]
        for id, role in enumerate(roles, start=1):
            yield {
                "id": id, "email": f"user{id}@bench.example", "name": f"User {id}", "role": role,
                "password_hash": password, "active": True, "created_at": self.moment,
            }  # fmt: skip

    def _crm_owners(self) -> Rows:
        for id in range(1, 101):
            yield {"id": id, "name": f"Rep {id}", "user_id": REP_ID if id % 5 == 0 else None}

    def _segments(self) -> Rows:
        for id, industry in enumerate(INDUSTRIES, start=1):
            rules = [{"attribute": "industry", "operator": "is", "value": [industry]}]
            yield {"id": id, "name": industry, "description": "", "position": id, "rules": rules}

    def _criteria(self) -> Rows:
        wanted: list[tuple[str, str, list[Any], int]] = [
            ("industry", "any_of", ["Utilities", "Energy"], 2),
            ("employees", "between", [200, 5000], 2),
            ("region", "is", ["Europe"], 1),
        ]
        for id, (attribute, operator, values, weight) in enumerate(wanted, start=1):
            yield {"id": id, "position": id, "attribute": attribute, "operator": operator,
                   "values": values, "weight": weight}  # fmt: skip

    def _problems(self) -> Rows:
        for id in range(1, self.size.problems + 1):
            yield {
                "id": id, "title": f"{self._title(4)} ({id})", "statement": self._title(9),
                "workaround": "", "layer": "manager", "revision": 0, "created_at": self.moment,
            }  # fmt: skip

    def _problem_segments(self) -> Rows:
        for id in range(1, self.size.problems + 1):
            for segment in self.chance.sample(range(1, len(INDUSTRIES) + 1), 1 + id % 2):
                yield {"problem_id": id, "segment_id": segment}

    def _initiatives(self) -> Rows:
        for id in self._initiative_ids:
            yield {
                "id": id, "title": f"{self._title(4)} {id}", "value": f"{self._title(12)}.",
                "kind": "strategic" if id % 3 == 0 else "incremental",
                "state": (CANDIDATE, CANDIDATE, COMMITTED, IN_PROGRESS)[id % 4],
                "position": id * GAP, "owner_id": 1 + id % MANAGERS,
                "not_before": TODAY + timedelta(weeks=id % 100) if id % 20 == 0 else None,
                "effort_updated_on": TODAY - timedelta(days=id % 60), "revision": 1 + id,
                "created_at": self.moment,
            }  # fmt: skip

    def _work(self) -> Rows:
        for initiative in self._initiative_ids:
            for position in range(1 + self.chance.randrange(3)):
                yield {
                    "initiative_id": initiative, "position": position, "title": self._title(3),
                    "product_id": 1 + self.chance.randrange(12),
                    "team_id": 1 + self.chance.randrange(self.size.teams),
                    "person_days": None if initiative % 50 == 0 else self.chance.randint(5, 35),
                    "max_days": 10 if self.chance.random() < 0.2 else None,
                }  # fmt: skip

    def _ties(self) -> Rows:
        for initiative in self._initiative_ids:
            chosen = self.chance.sample(range(1, self.size.problems + 1), 1 + initiative % 3)
            for place, problem in enumerate(chosen):
                kind = "contributes" if place == 2 else "solves"
                yield {"initiative_id": initiative, "problem_id": problem, "kind": kind}

    def _needs(self) -> Rows:
        for initiative in range(5, self.size.initiatives + 1, 4):
            yield {"initiative_id": initiative, "needed_id": initiative - 1 - initiative % 3}

    def _commitments(self) -> Rows:
        for initiative in range(7, self.size.initiatives + 1, 7):
            weeks = initiative * 150 // self.size.initiatives + self.chance.randrange(20)
            yield {"initiative_id": initiative, "date": TODAY + timedelta(weeks=weeks),
                   "promised_to": f"Account {initiative}", "by_id": 1}  # fmt: skip

    def _entries(self) -> Rows:
        nothing = dict.fromkeys(
            ("delayed_count", "advanced_count", "pushed_count", "pushed_amount", "pushed_weighted",
             "brought_count", "brought_amount", "brought_weighted", "broken_count", "mended_count"),
            0,
        )  # fmt: skip
        for id in self._initiative_ids:
            entry = changes.Enter(str(id), id, CANDIDATE)
            leave = changes.Leave(str(id), "declined", "Its entry was reverted")
            yield {
                "kind": entry.kind, "decided_at": self.moment, "as_of": self.moment.date(),
                "revision": 1 + id, "decided_by_id": 1, "owner_id": None, "sponsor_id": None,
                "reason": "", "sentence": f"Putting “{id}” on the board at {id}.",
                "initiative_id": id, "team_id": None, "from_rank": None, "to_rank": id,
                "reverts_id": None, "change": entry.as_json(), "inverse": leave.as_json(),
                "sponsor_reasons": [], **nothing,
            }  # fmt: skip

    def _accounts(self) -> Rows:
        classifier = classify.classifier()
        for id in range(1, self.size.accounts + 1):
            name = f"{self._title(2)} {id}"
            industry, region = self.chance.choice(INDUSTRIES), self.chance.choice(REGIONS)
            employees = self.chance.randint(20, 8000) if id % 10 else None
            revenue = self.chance.randint(1, 900) * 100_000_000
            values = classify.values_of(industry, region, employees, revenue, {})
            fit, segment = classifier(values)
            self.fits[id] = fit
            yield {
                "id": id, "external_id": f"A{id}", "name": name, "search_text": folded(name),
                "industry": industry, "region": region, "employees": employees,
                "revenue": revenue, "attributes": {}, "segment_id": segment,
                "segment_by_hand": False, "fit": fit,
            }  # fmt: skip

    def _deals(self) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """Each deal with its blockers: so many in all that their number is the size's."""
        tied = 0
        for id in range(1, self.size.deals + 1):
            due = self.size.blockers * id // self.size.deals
            deal = self._deal(id)
            self.accounts[id] = deal["account_id"]
            yield deal, list(self._blockers(deal, due - tied))
            tied = due

    def _deal(self, id: int) -> dict[str, Any]:
        chance = self.chance
        status = ("open", "open", "lost", "won")[id % 4] if id % 20 else "lost"
        ago = chance.randint(1, 700)
        closes = TODAY - timedelta(days=ago) if status != "open" else (
            TODAY + timedelta(days=chance.randint(-20, 1000)))  # fmt: skip
        name = f"{chance.choice(WORDS)} {chance.choice(WORDS)} deal {id}".capitalize()
        return {
            "id": id, "external_id": f"D{id}", "name": name, "search_text": folded(name),
            "account_id": 1 + chance.randrange(self.size.accounts),
            "crm_owner_id": 1 + chance.randrange(100), "product": f"Product {1 + id % 12}",
            "stage": chance.choice(STAGES) if status == "open" else f"Closed {status}",
            "status": status, "lost_to": "competitor" if status == "lost" else None,
            "amount": None if id % 97 == 0 else chance.randint(5, 800) * 100_000,
            "probability": chance.randint(5, 95) if status == "open" else None,
            "opened_on": TODAY - timedelta(days=ago + 90),
            "close_date": None if id % 211 == 0 else closes, "needed_by": None, "attributes": {},
        }  # fmt: skip

    def _blockers(self, deal: dict[str, Any], count: int) -> Rows:
        chosen = self.chance.sample(range(1, self.size.problems + 1), count)
        reasons = [
            Reason("product", self.chance.choice(("crm", "rep", "rep", "customer", "interview")),
                   str(problem))
            for problem in chosen
        ]  # fmt: skip
        verdicts = which_count(deal["status"], reasons)
        for problem, reason, counts in zip(chosen, reasons, verdicts, strict=True):
            yield {
                "origin": "crm" if reason.source == "crm" else "hand", "deal_id": deal["id"],
                "problem_id": problem, "root_id": problem, "source": reason.source,
                "bucket": reason.bucket, "severity": DEAL_BREAKER,
                "strength": strength(reason.source, DEAL_BREAKER), "weight": 1,
                "reason_weight": 1, "counts": counts,
                "problem_strength": strength(reason.source, DEAL_BREAKER) if counts else None,
                "words": "", "said_at": self.moment,
                "by_id": None, "amount_then": deal["amount"], "stage_then": "Discovery",
                "fit_then": self.fits[deal["account_id"]],
            }  # fmt: skip

    def _requests(self) -> Rows:
        """Most wait for triage, some of them with a problem; one in five is confirmed."""
        chance = random.Random(5_000)
        for id in range(1, self.size.requests + 1):
            stands = self._disposition(id)
            yield {
                "id": id, "external_id": f"R{id}", "title": words.title(chance),
                "body": words.body(chance), "purpose": "", "quote": "", "note": "",
                "account_id": self.accounts[self._deal_of_request(id)], "said_by": "customer",
                "said_by_name": "", "said_by_role": "", "workaround": "",
                "consequence": "unknown", "competitor": "",
                "requester_id": REP_ID, "created_at": self.moment, "revision": id,
                "state": stands.state, "quote_confirmed": False, "told": {},
            }  # fmt: skip

    def _request_deals(self) -> Rows:
        """Those that wait for triage speak of one deal each."""
        for id in range(1, self.size.requests + 1):
            if self._disposition(id).state == NEW:
                yield {"request_id": id, "deal_id": self._deal_of_request(id), "amount_then": None,
                       "stage_then": "Discovery", "fit_then": 0}  # fmt: skip

    def _request_events(self) -> Rows:
        before = Disposition()
        for id in range(1, self.size.requests + 1):
            after = self._disposition(id)
            same = after == before
            kind = "confirmed" if after.state == CONFIRMED else "joined"
            yield {
                "request_id": id, "kind": "imported" if same else kind, "at": self.moment,
                "by_id": 1, "text": "", "before": {} if same else before.as_json(),
                "after": {} if same else after.as_json(),
            }  # fmt: skip

    def _problems_of_requests(self) -> Rows:
        for id in range(1, self.size.requests + 1):
            problem = self._disposition(id).problem_id
            if problem is not None:
                yield {
                    "origin": "request", "origin_id": id, "problem_id": problem,
                    "root_id": problem, "source": "rep", "said_at": self.moment, "by_id": 1,
                }  # fmt: skip

    def _disposition(self, id: int) -> Disposition:
        problem = 1 + id % self.size.problems
        if id % 5 == 0:
            return Disposition().confirm(problem)
        return Disposition().join(problem) if id % 5 == 1 else Disposition()

    def _deal_of_request(self, id: int) -> int:
        return 1 + id * 37 % self.size.deals


def managers() -> list[str]:
    """The e-mail addresses of those who may commit a trade-off."""
    return [f"user{id}@bench.example" for id in range(1, MANAGERS + 1)]


def executive_id() -> int:
    return db.session.scalars(select(User.id).where(User.role == EXECUTIVE)).one()


def _number_on(size: Size) -> None:
    """PostgreSQL counts its own ids on from where ours end."""
    for table in Base.metadata.sorted_tables:
        if "id" in table.c and table.name != "workspace":
            db.session.execute(db.text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "  # noqa: S608
                f"coalesce((SELECT max(id) FROM {table.name}), 0) + 1, false)"
            ))  # fmt: skip
