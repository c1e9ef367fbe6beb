"""Writes to deals and accounts: ties to problems, reasons for losses, dates, owners, attributes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from operator import attrgetter
from typing import NoReturn

from sqlalchemy import select

from roadmap.domain import merging, statements
from roadmap.domain.deals import LOST, WON
from roadmap.domain.errors import Refused
from roadmap.domain.statements import DEAL_BREAKER, HAND
from roadmap.domain.winloss import CRM
from roadmap.evidence import dates
from roadmap.evidence.counting import recount
from roadmap.evidence.recording import end, say
from roadmap.extensions import db
from roadmap.market import classify
from roadmap.models import (
    Account,
    Blocker,
    CrmOwner,
    Deal,
    DealDate,
    Problem,
    Segment,
    Statement,
    User,
    Workspace,
)
from roadmap.planning import totals
from roadmap.workspace import revision

#: Why a statement is not ended on the deal's page, by its origin.
ELSEWHERE = {
    statements.CRM: "It came from CRM: change it there.",
    statements.INTERVIEW: "An interview says so: change it there.",
    statements.REPORT: "A report says so: change it there.",
    statements.REQUEST: "A request says so: take that one out of the problem first.",
}


def tie(
    deal_id: int,
    problem_id: int,
    source: str,
    user_id: int,
    note: str = "",
    severity: str = DEAL_BREAKER,
) -> Statement:
    """Say by hand that a problem stands, or stood, in a deal's way.

    Raises Refused where the same source says so already, where the deal is won, or where there is
    no such problem any more.
    """
    row = revision.lock()
    deal = _fresh(deal_id)
    if deal.status == WON:
        _refuse("The deal was won: no problem stands in its way.")
    problem = db.session.get(Problem, problem_id)
    if problem is None:
        _refuse("There is no such problem.")
    if problem.merged_into is not None:
        into = merging.survivor(problem, attrgetter("merged_into"))
        _refuse(f"It is merged into “{into.title}”: tie the deal to that one.")
    known = select(Blocker.id).where(
        Blocker.deal_id == deal_id, Blocker.problem_id == problem_id, Blocker.source == source
    )
    if db.session.scalar(known) is not None:
        _refuse("It is tied to this problem already, from the same source.")
    with _evidence(row, deal_id):
        said = say(
            deal, HAND, None, source, user_id, problem_id=problem_id, words=note, severity=severity
        )
    return said


def untie(deal_id: int, statement_id: int) -> None:
    """End what somebody said by hand. Raises Refused for what is gone, or was said elsewhere."""
    row = revision.lock()
    said = db.session.get(Statement, statement_id, populate_existing=True)
    if said is None or said.deal_id != deal_id or said.ended_at is not None:
        _refuse("This tie is gone already.")
    if said.origin != HAND:
        _refuse(ELSEWHERE[said.origin])
    with _evidence(row, deal_id):
        end([said.id])


def give_reason(
    deal_id: int,
    bucket: str,
    source: str,
    problem_id: int | None,
    note: str,
    user_id: int,
    severity: str = DEAL_BREAKER,
) -> None:
    """Record why a deal was lost. A reason that names a problem is a tie to it.

    Raises Refused for a deal that is not lost, and as `tie` does.
    """
    if source == CRM:
        raise Refused("Reasons from CRM come with an import.")
    if problem_id is not None:
        _only_lost(_fresh(deal_id))
        tie(deal_id, problem_id, source, user_id, note, severity)
        return
    row = revision.lock()
    deal = _fresh(deal_id)
    _only_lost(deal)
    with _evidence(row, deal_id):
        say(deal, HAND, None, source, user_id, bucket=bucket, words=note, severity=severity)


def need_by(deal_id: int, day: date | None, user_id: int) -> None:
    """Say by when the deal needs its solution; None: by the expected close date."""
    row = revision.lock()
    if _fresh(deal_id).own_needed_by != day:
        dates.say(deal_id, day, user_id)
        revision.count(row, evidence=True)
    db.session.commit()


def take_back_date(deal_id: int, date_id: int) -> None:
    """End a date that somebody named by hand. Raises Refused for one that is gone or another's."""
    row = revision.lock()
    said = db.session.get(DealDate, date_id, populate_existing=True)
    if said is None or said.deal_id != deal_id or said.ended_at is not None:
        _refuse("This date is gone already.")
    if said.origin != HAND:
        _refuse(ELSEWHERE.get(said.origin, "It came with an import: change it in CRM."))
    dates.end([said.id])
    revision.count(row, evidence=True)
    db.session.commit()


def match_owner(owner_id: int, user_id: int | None) -> None:
    """Say which user a CRM owner's name is, or that it is nobody's. Raises Refused for no user."""
    row = revision.lock()
    owner = db.session.get_one(CrmOwner, owner_id, populate_existing=True)
    user = None if user_id is None else db.session.get(User, user_id)
    if user_id is not None and (user is None or not user.active):
        _refuse("There is no such user.")
    owner.user_id = user_id
    revision.count(row, evidence=True)  # reports group by rep
    db.session.commit()


def change_account(
    account_id: int,
    *,
    industry: str | None,
    region: str | None,
    employees: int | None,
    revenue: int | None,
    attributes: Mapping[str, str],
) -> None:
    """Set an account's attributes (revenue in cents), and what follows: fit and segment.

    `attributes` go over the imported ones; an empty text removes one.
    """
    row = revision.lock()
    account = _fresh_account(account_id)
    with totals.keeping(deal_ids_of([account_id])):
        account.industry, account.region = industry, region
        account.employees, account.revenue = employees, revenue
        merged = {**account.attributes, **attributes}
        account.attributes = {name: text for name, text in merged.items() if text != ""}
        reclassify(account)
        db.session.flush()
    revision.count(row, evidence=True)
    db.session.commit()


def choose_segment(account_id: int, segment_id: int | None, *, by_hand: bool) -> None:
    """Set an account's segment by hand (None: to none), or leave it to the rules again."""
    row = revision.lock()
    account = _fresh_account(account_id)
    if by_hand and segment_id is not None and db.session.get(Segment, segment_id) is None:
        _refuse("There is no such segment.")
    account.segment_by_hand = by_hand
    account.segment_id = segment_id if by_hand else _segment_by_rules(account)
    revision.count(row, evidence=True)
    db.session.commit()


def deal_ids_of(account_ids: Collection[int]) -> Sequence[int]:
    """The ids of these accounts' deals: those whose totals rest on their fit."""
    return db.session.scalars(select(Deal.id).where(Deal.account_id.in_(account_ids))).all()


@contextmanager
def _evidence(row: Workspace, deal_id: int) -> Iterator[None]:
    """One change of what is said of a deal, with all that follows, and its commit."""
    with totals.keeping([deal_id]):
        yield
        recount([deal_id])
    revision.count(row, evidence=True)
    db.session.commit()


def reclassify(account: Account) -> None:
    """Fit and segment as its attributes have them; a segment that was set by hand stays."""
    percent, segment = classify.classifier()(values_of(account))
    account.fit = percent
    if not account.segment_by_hand:
        account.segment_id = segment


def _segment_by_rules(account: Account) -> int | None:
    return classify.classifier().segment(values_of(account))


def values_of(account: Account) -> dict[str, object]:
    """An account as the criteria see it."""
    return classify.values_of(
        account.industry, account.region, account.employees, account.revenue, account.attributes
    )


def _only_lost(deal: Deal) -> None:
    if deal.status != LOST:
        _refuse("Only a lost deal has reasons for its loss.")


def _fresh(deal_id: int) -> Deal:
    return db.session.get_one(Deal, deal_id, populate_existing=True)


def _fresh_account(account_id: int) -> Account:
    return db.session.get_one(Account, account_id, populate_existing=True)


def _refuse(message: str) -> NoReturn:
    db.session.rollback()
    raise Refused(message)
