"""The demo's conversations: interviews behind what is known, some planned, and months of talks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle
from random import Random

from sqlalchemy import select

from roadmap.domain import statements
from roadmap.domain.deals import LOST, OPEN
from roadmap.domain.interviews import HELD, LOSS_INTERVIEW, PLANNED
from roadmap.domain.winloss import INTERVIEW, PRODUCT, REP
from roadmap.extensions import db
from roadmap.interviews import queries, tallies
from roadmap.models import (
    Blocker,
    Conversation,
    CrmOwner,
    Deal,
    DealReport,
    Problem,
    Statement,
    User,
)
from roadmap.workspace import clock

#: Days from today on which the planned ones are to be held, and who asks: the first is overdue.
PLANS = ((-6, "Priya Nair"), (4, "Marek Dubovsky"), (9, "Lena Achterberg"))
#: How many conversations each of them held in the six months that end with this one.
HELD_BY = {
    "Priya Nair": (2, 3, 1, 2, 4, 1), "Marek Dubovsky": (1, 2, 2, 0, 2, 1),
    "Lena Achterberg": (0, 1, 2, 2, 1, 0), "Tomas Riquelme": (0, 0, 1, 0, 0, 0),
}  # fmt: skip
SPEAKERS = (
    ("Annika Holm", "Head of field service", "manager"),
    ("Bruno Salgado", "Chief information officer", "executive"),
    ("Mei-Ling Hsu", "Dispatcher", "user"),
    ("Oumar Diallo", "Operations director", "executive"),
    ("Greta Lindqvist", "IT security lead", "manager"),
    ("Pavel Horak", "Technician", "user"),
    ("Simone Ferrand", "Procurement manager", "manager"),
)
BETTER = "They showed it working on our own data in the second week."
CHANGED = "Had we seen a date in writing, we would have waited."
REPORTS = 6


def write(today: date, users: Mapping[str, User]) -> None:
    """After everything else is there: it adds no evidence, but says where some of it is from."""
    speakers = cycle(SPEAKERS)
    asked: set[tuple[int | None, date]] = set()
    _interviews(users["Priya Nair"], speakers, asked)
    _plans(today, users, asked)
    _talks(today, users, speakers)
    _reports(today)
    db.session.flush()


def _interviews(
    by: User, speakers: Iterator[tuple[str, str, str]], asked: set[tuple[int | None, date]]
) -> None:
    """An interview for each lost deal that knows of one; what was known stands behind it."""
    known: dict[int, list[Statement]] = defaultdict(list)
    heard = (
        select(Statement)
        .join(Deal, Deal.id == Statement.deal_id)
        .where(Statement.source == INTERVIEW, Deal.status == LOST)
        .order_by(Statement.root_id.is_(None), Statement.id)
    )
    for each in db.session.scalars(heard):
        known[each.deal_id or 0].append(each)
    for deal_id, said in sorted(known.items()):
        deal = db.session.get_one(Deal, deal_id)
        first = said[0]
        day = clock.day_of(first.said_at)
        talk = _talk(LOSS_INTERVIEW, deal, by, day, next(speakers))
        talk.asked_on = day - timedelta(days=8)
        talk.ask_quarter = _free(asked, deal.account_id, talk.asked_on)
        talk.competitor_better = BETTER if deal.lost_to == "competitor" else ""
        talk.would_have_changed = CHANGED if first.root_id is not None else ""
        problems = {s.root_id for s in said if s.root_id is not None and s.bucket == PRODUCT}
        talk.problems = [db.session.get_one(Problem, id) for id in sorted(problems)]
        db.session.flush()
        for each in said:
            each.origin, each.origin_id = statements.INTERVIEW, talk.id


def _plans(today: date, users: Mapping[str, User], asked: set[tuple[int | None, date]]) -> None:
    """The first whom one would ask are asked, each for another customer."""
    db.session.flush()
    candidates = iter(queries.candidates(queries.Filters(ask="free")))
    for days, name in PLANS:
        on = min(today + timedelta(days=days), today) - timedelta(days=9)
        for one in candidates:
            in_quarter = _free(asked, one.account_id, on)
            if in_quarter is not None and not one.verified:
                deal = db.session.get_one(Deal, one.id)
                talk = _talk(LOSS_INTERVIEW, deal, users[name], on, None)
                talk.ask_quarter, talk.asked_on = in_quarter, on
                talk.planned_on = today + timedelta(days=days)
                break


def _talks(
    today: date, users: Mapping[str, User], speakers: Iterator[tuple[str, str, str]]
) -> None:
    chance = Random(7)
    ties = db.session.execute(
        select(Deal, Problem)
        .join(Blocker, Blocker.deal_id == Deal.id)
        .join(Problem, Problem.id == Blocker.problem_id)
        .where(Deal.status == OPEN, Blocker.counts, Deal.account_id.is_not(None))
        .order_by(Blocker.id)
    ).all()
    pairs: list[tuple[Deal, Problem]] = [(deal, problem) for deal, problem in ties]
    chance.shuffle(pairs)
    chosen = cycle(pairs)
    for name, counts in HELD_BY.items():
        for month, count in zip(tallies.months(today), counts, strict=True):
            last = min(tallies.end_of(month) - timedelta(days=1), today)
            for number in range(count):
                day = max(month, last - timedelta(days=3 + 8 * number))
                deal, problem = next(chosen)
                kind = ("call", "demo", "visit")[chance.randrange(3)]
                talk = _talk(kind, deal, users[name], day, next(speakers))
                talk.problems = [problem]


def _talk(
    kind: str, deal: Deal, by: User, day: date, speaker: tuple[str, str, str] | None
) -> Conversation:
    """Held that day by somebody who spoke with a customer's person; without one, planned."""
    moment = datetime.combine(day, time(10), UTC)
    talk = Conversation(
        kind=kind,
        state=HELD if speaker else PLANNED,
        deal_id=deal.id,
        account_id=deal.account_id,
        asked_by_id=by.id,
        assigned_to_id=by.id,
        created_at=moment,
        changed_at=moment,
        changed_by_id=by.id,
        revision=1,
    )
    if speaker:
        talk.held_on, talk.held_by_id = day, by.id
        talk.spoke_name, talk.spoke_role, talk.spoke_layer = speaker
    db.session.add(talk)
    return talk


def _reports(today: date) -> None:
    """Reps reported on what they lost; what they claim is on the deals already."""
    rows = db.session.execute(
        select(Deal, Statement, CrmOwner.user_id)
        .join(Statement, Statement.deal_id == Deal.id)
        .join(CrmOwner, CrmOwner.id == Deal.crm_owner_id)
        .where(
            Deal.status == LOST, Statement.source == REP, Statement.root_id.is_not(None),
            CrmOwner.user_id.is_not(None),
        )
        .order_by(Deal.close_date.desc(), Deal.id, Statement.id)
    )  # fmt: skip
    told: set[int] = set()
    for deal, said, user_id in rows:
        if deal.id in told or len(told) == REPORTS:
            continue
        told.add(deal.id)
        report = DealReport(
            deal_id=deal.id,
            number=1,
            outcome=LOST,
            against=deal.lost_to or "unknown",
            bucket=said.bucket,
            quote=said.words,
            by_id=user_id,
            at=datetime.combine(deal.close_date or today, time(15), UTC),
        )
        db.session.add(report)
        db.session.flush()
        if said.origin == statements.HAND:
            said.origin, said.origin_id = statements.REPORT, report.id


def _free(asked: set[tuple[int | None, date]], account_id: int | None, on: date) -> date | None:
    """The quarter of an ask, once for each customer."""
    key = account_id, clock.quarter(on)
    if key in asked:
        return None
    asked.add(key)
    return key[1]
