"""Evidence follows dispositions: the ties that a request puts on its deals, and takes back again.

A request that is confirmed blocks its deals by its problem; one that was not the product gives them
a reason in its bucket; one that was merged does what its survivor does. `settle` compares what that
comes to with what is there and stores the difference, so every step and its undoing are one path.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import Select, delete, exists, select
from sqlalchemy.orm import selectinload

from roadmap.deals import carrying
from roadmap.deals.actions import recount
from roadmap.deals.tying import given, tied
from roadmap.domain import merging
from roadmap.domain.deals import WON
from roadmap.domain.triage import CONFIRMED, ELSEWHERE
from roadmap.domain.winloss import REP, quote_source
from roadmap.extensions import db
from roadmap.models import (
    Blocker,
    Deal,
    LossReason,
    Request,
    RequestBlocker,
    RequestDeal,
    RequestReason,
    Workspace,
)
from roadmap.models.base import chunks
from roadmap.planning import totals
from roadmap.workspace import revision


class Tie(NamedTuple):
    """A deal is blocked by a problem or, where it was not the product, has a reason in a bucket."""

    deal_id: int
    problem_id: int | None
    bucket: str | None
    source: str


#: A tie with the request that it rests on, or should.
Placed = tuple[Request, Tie]


class Standing(NamedTuple):
    """A tie that is there: the row's id, and whether requests put it there."""

    id: int
    by_requests: bool


def settle(row: Workspace, requests: Iterable[Request], by_id: int | None) -> None:
    """Make the ties of these requests, and of all that were merged into them, what they should be.

    The workspace's row is locked and the new dispositions are flushed. Does not commit.
    """
    heads = list(requests)
    below = swallowed([request.id for request in heads])
    # Somebody's survivor may be among them as well.
    gone, lacking = differences(list(dict.fromkeys([*heads, *below])))
    touched = {tie.deal_id for _, tie in (*gone, *lacking)}
    if not touched:
        return
    with totals.keeping(touched):
        for request, tie in gone:
            _take_back(request, tie)
        for request, tie in lacking:
            _put(request, tie, by_id)
        db.session.flush()
        recount(touched)
    revision.count(row, evidence=True)


def settle_deals(row: Workspace, deal_ids: Collection[int]) -> None:
    """Settle all requests that name these deals, which were won and are so no longer: nothing could
    stand in their way until now.
    """
    if not deal_ids:
        return
    named = select(RequestDeal.request_id).where(RequestDeal.deal_id.in_(deal_ids))
    requests = db.session.scalars(select(Request).where(Request.id.in_(named)).order_by(Request.id))
    settle(row, requests, None)


def differences(requests: Sequence[Request]) -> tuple[list[Placed], list[Placed]]:
    """The ties that rest on these requests and should not, and those that should and do not."""
    wanted = {request.id: _wanted(request) for request in requests}
    has = _resting(wanted)
    gone = [(r, tie) for r in requests for tie in sorted(has[r.id] - wanted[r.id], key=str)]
    return gone, _possible(_lacking(requests, wanted, has))


def relying(problem_id: int) -> dict[tuple[int, str], set[int]]:
    """The requests that ask for a tie of a deal to this problem and do not rest on it, since
    somebody else had made it: by deal and source.
    """
    heads = db.session.scalars(
        select(Request)
        .where(Request.problem_id == problem_id, Request.state == CONFIRMED)
        .options(selectinload(Request.deals))
        .order_by(Request.id)
    ).all()
    requests = [*heads, *swallowed([request.id for request in heads])]
    found: dict[tuple[int, str], set[int]] = defaultdict(set)
    wanted = {request.id: _wanted(request) for request in requests}
    for request, tie in _lacking(requests, wanted, _resting(wanted)):
        if tie.problem_id == problem_id:
            found[tie.deal_id, tie.source].add(request.id)
    return found


def survivor(request: Request) -> Request:
    """The request that this one counts as part of: itself, unless it was merged."""
    return merging.survivor(request, attrgetter("merged_into"))


def swallowed(ids: Collection[int]) -> list[Request]:
    """All requests that were merged into these, directly or through others."""
    found: list[Request] = []
    above: Collection[int] = ids
    while above:
        below: list[Request] = []
        for some in chunks(above):
            below += db.session.scalars(
                select(Request).where(Request.merged_into_id.in_(some)).order_by(Request.id)
            )
        found += below
        above = [request.id for request in below]
    return found


def _lacking(
    requests: Sequence[Request], wanted: dict[int, set[Tie]], has: dict[int, set[Tie]]
) -> list[Placed]:
    return [(r, tie) for r in requests for tie in sorted(wanted[r.id] - has[r.id], key=str)]


def _wanted(request: Request) -> set[Tie]:
    """What its deals should carry on its behalf.

    A merged request speaks as a rep, whatever its survivor does: whoever vouched for the survivor's
    quote did not hear this one's.
    """
    head = survivor(request)
    deals = [named.deal_id for named in request.deals]
    if head.state == CONFIRMED:
        source = quote_source(request.quote_confirmed)
        return {Tie(deal, head.problem_id, None, source) for deal in deals}
    if head.state == ELSEWHERE:
        return {Tie(deal, None, head.bucket, REP) for deal in deals}
    return set()


def _resting(ids: Collection[int]) -> dict[int, set[Tie]]:
    """By request, the ties that rest on it."""
    found: dict[int, set[Tie]] = defaultdict(set)
    for some in chunks(ids):
        _add_resting(found, some)
    return found


def _add_resting(found: dict[int, set[Tie]], ids: Sequence[int]) -> None:
    for request, deal, problem, source in db.session.execute(
        select(RequestBlocker.request_id, Blocker.deal_id, Blocker.problem_id, Blocker.source)
        .join(Blocker, Blocker.id == RequestBlocker.blocker_id)
        .where(RequestBlocker.request_id.in_(ids))
    ):
        found[request].add(Tie(deal, problem, None, source))
    for request, deal, bucket, source in db.session.execute(
        select(RequestReason.request_id, LossReason.deal_id, LossReason.bucket, LossReason.source)
        .join(LossReason, LossReason.id == RequestReason.reason_id)
        .where(RequestReason.request_id.in_(ids))
    ):
        found[request].add(Tie(deal, None, bucket, source))


def _possible(lacking: list[Placed]) -> list[Placed]:
    """Without those that somebody made by hand, which stay theirs, and those of won deals: nothing
    stood in their way.
    """
    deals = {tie.deal_id for _, tie in lacking}
    won = set(db.session.scalars(select(Deal.id).where(Deal.id.in_(deals), Deal.status == WON)))
    return [
        (request, tie)
        for request, tie in lacking
        if tie.deal_id not in won and ((found := _standing(tie)) is None or found.by_requests)
    ]


def _standing(tie: Tie) -> Standing | None:
    """The tie as it is there. Of a blocker there is one at most; of reasons those made by requests
    are looked for: what somebody gave as a reason by hand is another one.
    """
    row = db.session.execute(_like(tie).limit(1)).one_or_none()
    return None if row is None else Standing._make(row)


def _like(tie: Tie) -> Select[int, bool]:
    if tie.problem_id is not None:
        rests = exists().where(RequestBlocker.blocker_id == Blocker.id)
        return select(Blocker.id, rests).where(
            Blocker.deal_id == tie.deal_id,
            Blocker.problem_id == tie.problem_id,
            Blocker.source == tie.source,
        )
    rests = exists().where(RequestReason.reason_id == LossReason.id)
    return select(LossReason.id, rests).where(
        LossReason.deal_id == tie.deal_id,
        LossReason.bucket == tie.bucket,
        LossReason.source == tie.source,
        rests,
    )


def _take_back(request: Request, tie: Tie) -> None:
    """Rest on it no longer; the tie itself goes when no other request does."""
    found = _standing(tie)
    if found is None:
        return
    if tie.problem_id is not None:
        db.session.execute(
            delete(RequestBlocker).where(
                RequestBlocker.request_id == request.id, RequestBlocker.blocker_id == found.id
            )
        )
        if not _speak_for_the_rest(found.id) and not carrying.take_over(found.id):
            db.session.execute(delete(Blocker).where(Blocker.id == found.id))
        return
    db.session.execute(
        delete(RequestReason).where(
            RequestReason.request_id == request.id, RequestReason.reason_id == found.id
        )
    )
    alone = ~exists().where(RequestReason.reason_id == LossReason.id)
    db.session.execute(delete(LossReason).where(LossReason.id == found.id, alone))


def _speak_for_the_rest(blocker_id: int) -> bool:
    """Let a tie say what the requests say that it still rests on, if any: the words of one that
    left may be words that nobody vouches for any more.
    """
    rest = db.session.scalar(
        select(Request)
        .join(RequestBlocker, RequestBlocker.request_id == Request.id)
        .where(RequestBlocker.blocker_id == blocker_id)
        .order_by(Request.id)
        .limit(1)
    )
    if rest is None:
        return False
    db.session.get_one(Blocker, blocker_id, populate_existing=True).note = _note(rest)
    return True


def _note(request: Request) -> str:
    """What a tie says of a request: words that nobody vouched for stay with those who may read
    them.
    """
    return request.quote if request.quote_confirmed and request.quote else request.title


def _put(request: Request, tie: Tie, by_id: int | None) -> None:
    """Rest on a tie that other requests made, or make it."""
    found = _standing(tie)
    if tie.problem_id is not None:
        id = found.id if found else _block(request, tie.deal_id, tie.problem_id, tie.source, by_id)
        db.session.add(RequestBlocker(request_id=request.id, blocker_id=id))
    else:
        reason = found or given(tie.deal_id, tie.bucket, tie.source, by_id, request.title)
        db.session.add(RequestReason(request_id=request.id, reason_id=reason.id))
    db.session.flush()


def _block(request: Request, deal_id: int, problem_id: int, source: str, by_id: int | None) -> int:
    deal = db.session.get_one(Deal, deal_id)
    return tied(deal, problem_id, source, by_id, _note(request)).id
