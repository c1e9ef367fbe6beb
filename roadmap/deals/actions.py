"""Writes to deals and accounts: ties to problems, reasons for losses, dates, owners, attributes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import NoReturn

from sqlalchemy import ColumnElement, exists, or_, select, update

from roadmap.domain import merging
from roadmap.domain.deals import LOST, WON
from roadmap.domain.errors import Refused
from roadmap.domain.triage import CONFIRMED, MERGED
from roadmap.domain.winloss import CRM, Reason, quote_source, which_count
from roadmap.extensions import db
from roadmap.market import classify
from roadmap.models import (
    Account,
    Blocker,
    CrmOwner,
    Deal,
    DealReport,
    InterviewReason,
    LossReason,
    Problem,
    Request,
    RequestDeal,
    Segment,
    User,
)
from roadmap.models.base import chunks
from roadmap.planning import totals
from roadmap.workspace import revision

from .tying import given, tied


def tie(deal_id: int, problem_id: int, source: str, user_id: int, note: str = "") -> Blocker:
    """Tie a deal to a problem that stands, or stood, in its way.

    The tie keeps amount, stage and fit of this moment. Raises Refused where the same source has
    tied them already, where the deal is won, or where there is no such problem any more.
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
    with totals.keeping([deal_id]):
        blocker = tied(deal, problem_id, source, user_id, note)
        recount([deal_id])
    revision.count(row, evidence=True)
    db.session.commit()
    return blocker


def untie(deal_id: int, blocker_id: int) -> None:
    """Remove a tie that was made by hand, and what it remembers.

    Raises Refused for one that came from CRM, or for which a confirmed request, an interview or a
    report speaks.
    """
    row = revision.lock()
    blocker = db.session.get(Blocker, blocker_id, populate_existing=True)
    if blocker is None or blocker.deal_id != deal_id:
        _refuse("This tie is gone already.")
    if blocker.tied_by_id is None:
        _refuse("It came from CRM: change it there.")
    if db.session.scalar(select(said_elsewhere()).where(Blocker.id == blocker_id)):
        _refuse("An interview or a report says so: change it there.")
    said = _said_by(blocker)
    if said is not None:
        _refuse(f"The request “{said}” says the same: take that one out of the problem first.")
    with totals.keeping([deal_id]):
        db.session.delete(blocker)
        db.session.flush()
        recount([deal_id])
    revision.count(row, evidence=True)
    db.session.commit()


def give_reason(
    deal_id: int, bucket: str, source: str, problem_id: int | None, note: str, user_id: int
) -> None:
    """Record why a deal was lost. A reason that names a problem is a tie to it.

    Raises Refused for a deal that is not lost, and as `tie` does.
    """
    if source == CRM:
        raise Refused("Reasons from CRM come with an import.")
    if problem_id is not None:
        _only_lost(_fresh(deal_id))
        tie(deal_id, problem_id, source, user_id, note)
        return
    row = revision.lock()
    _only_lost(_fresh(deal_id))
    with totals.keeping([deal_id]):
        given(deal_id, bucket, source, user_id, note)
        recount([deal_id])
    revision.count(row, evidence=True)
    db.session.commit()


def need_by(deal_id: int, day: date | None) -> None:
    """Set the customer's own date, or go back to the expected close date."""
    row = revision.lock()
    _fresh(deal_id).own_needed_by = day
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
    revision.count(row)
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
        _classify(account)
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


def said_elsewhere() -> ColumnElement[bool]:
    """Whether an interview, or a rep's report, rests on a blocker."""
    return or_(
        exists().where(InterviewReason.blocker_id == Blocker.id),
        exists().where(DealReport.blocker_id == Blocker.id),
    )


def recount(deal_ids: Collection[int]) -> int:
    """Store anew which blockers of these deals count; returns how many changed.

    Set-based: an import passes thousands. Call it inside `totals.keeping` of the same deals, with
    everything flushed; it does not commit.
    """
    ids = sorted(set(deal_ids))
    changed: dict[bool, list[int]] = {True: [], False: []}
    for some in chunks(ids):
        for blocker, counts in _flipped(some):
            changed[counts].append(blocker)
    for counts, blockers in changed.items():
        for some in chunks(blockers):
            db.session.execute(
                update(Blocker)
                .where(Blocker.id.in_(some))
                .values(counts=counts)
                .execution_options(synchronize_session=False)
            )
    return sum(map(len, changed.values()))


def deal_ids_of(account_ids: Collection[int]) -> Sequence[int]:
    """The ids of these accounts' deals: those whose totals rest on their fit."""
    return db.session.scalars(select(Deal.id).where(Deal.account_id.in_(account_ids))).all()


def _flipped(deal_ids: Sequence[int]) -> list[tuple[int, bool]]:
    """The blockers of these deals whose stored flag is wrong, with the right one."""
    blockers: dict[int, list[tuple[int, bool, Reason]]] = defaultdict(list)
    status: dict[int, str] = {}
    for id, deal, deal_status, bucket, source, problem, weight, counts in db.session.execute(
        select(
            Blocker.id, Blocker.deal_id, Deal.status, Blocker.bucket, Blocker.source,
            Blocker.problem_id, Blocker.weight, Blocker.counts,
        )
        .join(Deal, Deal.id == Blocker.deal_id)
        .where(Blocker.deal_id.in_(deal_ids))
        .order_by(Blocker.id)
    ):  # fmt: skip
        status[deal] = deal_status
        blockers[deal].append((id, counts, Reason(bucket, source, str(problem), weight)))
    reasons: dict[int, list[Reason]] = defaultdict(list)
    for deal, bucket, source, weight in db.session.execute(
        select(LossReason.deal_id, LossReason.bucket, LossReason.source, LossReason.weight).where(
            LossReason.deal_id.in_(deal_ids)
        )
    ):
        reasons[deal].append(Reason(bucket, source, None, weight))
    return [
        (id, right)
        for deal, ties in blockers.items()
        for (id, stored, _), right in zip(
            ties,
            which_count(status[deal], [reason for _, _, reason in ties], reasons[deal]),
            strict=True,
        )
        if stored != right
    ]


def _said_by(blocker: Blocker) -> str | None:
    """The title of a request that ties this deal to this problem, itself or with its survivor:
    were the tie removed, the next step with that request would bring it back.
    """
    named = db.session.scalars(
        select(Request)
        .join(RequestDeal, RequestDeal.request_id == Request.id)
        .where(RequestDeal.deal_id == blocker.deal_id, Request.state.in_((CONFIRMED, MERGED)))
        .order_by(Request.id)
    )
    for request in named:
        head = merging.survivor(request, attrgetter("merged_into"))
        source = quote_source(request.quote_confirmed)
        if (head.state, head.problem_id, source) == (
            CONFIRMED, blocker.problem_id, blocker.source,
        ):  # fmt: skip
            return request.title
    return None


def _classify(account: Account) -> None:
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
