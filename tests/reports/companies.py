"""Random companies: as plain deals for the naive reports, and as rows for the product's."""

import random
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, insert

from roadmap.domain.statements import DEAL_BREAKER, HINDRANCE, NICE_TO_HAVE, strength
from roadmap.extensions import db
from roadmap.models import (
    Account,
    CrmOwner,
    Deal,
    Problem,
    Segment,
    Statement,
)
from roadmap.models.base import now, table
from roadmap.workspace import revision
from tests.reports import naive

TODAY = date(2027, 1, 11)
#: Days on which a window, a month or the day that is asked for begins or ends.
EDGES = [
    naive.months_earlier(day, months) + timedelta(days=more)
    for day in (TODAY, date(2026, 8, 31), date(2026, 2, 28))
    for months in (0, 3, 6, 12)
    for more in (0, 1)
]
SEGMENTS = {1: "Enterprise", 2: "Mid-market", 3: "Small"}
OWNERS = {1: "R. Quintero", 2: "N. Petrosyan"}
PROBLEMS = {1: "Sign-in", 2: "Export", 3: "Audit"}


def company(seed: int, size: int = 150) -> list[naive.Deal]:
    """Deals with every kind of gap: no account, no amount, no dates, dates the wrong way round."""
    chance = random.Random(seed)
    accounts = [
        naive.Account(
            id,
            chance.choice([None, 1, 1, 2, 3]),
            chance.choice([0, 33, 50, 100]),
            chance.choice([None, "Energy", "Retail", ""]),
            chance.choice([None, "Europe", "Asia"]),
            chance.choice([{}, {"route": "partner"}, {"route": "direct"}]),
        )
        for id in range(1, 9)
    ]
    return [_deal(chance, id, accounts) for id in range(1, size + 1)]


def _deal(chance: random.Random, id: int, accounts: list[naive.Account]) -> naive.Deal:
    status = chance.choice(["open", "won", "lost", "lost"])
    opened = chance.choice([None, *[TODAY - timedelta(days=chance.randrange(-40, 900))] * 5])
    sometime = TODAY - timedelta(days=chance.randrange(-60, 800))
    closed = chance.choice([None, *[chance.choice(EDGES)] * 3, *[sometime] * 4])
    return naive.Deal(
        id,
        status,
        chance.choice([None, 0, 1, 100_000_01, 99_999_999_999, chance.randrange(10**9)]),
        opened,
        closed,
        chance.choice([None, *accounts]),
        chance.choice([None, 1, 2]),
        chance.choice([None, "Platform", "Mobile"]),
        _reasons(chance),
        chance.choice([{}, {"campaign": "spring"}]),
    )


def _reasons(chance: random.Random) -> list[naive.Reason]:
    found = []
    tied = set()
    for _ in range(chance.choice([0, 1, 1, 2, 3, 5])):
        source = chance.choice(["crm", "rep", "rep", "customer", "interview"])
        bucket = chance.choice(["product", "product", "price", "process", "presence"])
        problem = chance.choice([None, 1, 2, 3])
        if (problem, source) in tied:
            problem = None
        tied.add((problem, source))
        weight = chance.choice([1, 1, 1, 2, 7])
        severity = chance.choice([DEAL_BREAKER, DEAL_BREAKER, HINDRANCE, NICE_TO_HAVE])
        found.append(naive.Reason(bucket, source, weight, problem, severity))
    return found


def store(deals: list[naive.Deal]) -> None:
    """In place of whatever deals and accounts there were. Needs an application context."""
    row = revision.lock()
    for model in (Statement, Deal, Account, CrmOwner, Segment, Problem):
        db.session.execute(delete(table(model)))
    _add(Segment, [{"id": i, "name": n, "position": i, "rules": []} for i, n in SEGMENTS.items()])
    _add(CrmOwner, [{"id": id, "name": name} for id, name in OWNERS.items()])
    _add(
        Problem, [{"id": id, "title": title, "created_at": now()} for id, title in PROBLEMS.items()]
    )
    accounts = {deal.account.id: deal.account for deal in deals if deal.account}
    _add(
        Account,
        [
            {
                "id": a.id, "external_id": f"A{a.id}", "name": f"A{a.id}", "search_text": "",
                "segment_id": a.segment, "fit": a.fit, "industry": a.industry, "region": a.region,
                "attributes": a.attributes, "segment_by_hand": False,
            }
            for a in accounts.values()
        ],
    )  # fmt: skip
    _add(Deal, [_deal_row(deal) for deal in deals])
    said = []
    for deal in deals:
        flags = iter(naive.stored_flags(deal))
        for reason in deal.reasons:
            said.append(  # noqa: PERF401 (its flags are read in turn)
                {
                    "origin": "hand", "deal_id": deal.id, "bucket": reason.bucket,
                    "source": reason.source, "problem_id": reason.problem,
                    "root_id": reason.problem, "weight": reason.weight,
                    "reason_weight": reason.weight, "said_at": now(), "severity": reason.severity,
                    "strength": strength(reason.source, reason.severity), "words": "",
                    "stage_then": "", "fit_then": 0,
                    "counts": reason.problem is not None and next(flags),
                }
            )  # fmt: skip
    for each in said:
        alike = [
            one["strength"]
            for one in said
            if one["counts"]
            and (one["deal_id"], one["root_id"]) == (each["deal_id"], each["root_id"])
        ]
        each["problem_strength"] = max(alike) if each["counts"] else None
    _add(Statement, said)
    revision.count(row, plan=True, evidence=True)
    db.session.commit()


def _deal_row(deal: naive.Deal) -> dict[str, Any]:
    return {
        "id": deal.id, "external_id": f"D{deal.id}", "name": f"Deal {deal.id}",
        "search_text": f"deal {deal.id}", "account_id": deal.account and deal.account.id,
        "crm_owner_id": deal.owner, "product": deal.product, "stage": "", "status": deal.status,
        "amount": deal.amount, "opened_on": deal.opened, "close_date": deal.closed,
        "attributes": deal.attributes,
    }  # fmt: skip


def _add(model: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(table(model)), rows)
