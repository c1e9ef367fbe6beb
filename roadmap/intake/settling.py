"""Evidence follows dispositions: what requests say of their deals.

A request that is confirmed says that its problem blocks its deals; one that was not the product
gives them a reason in its bucket; one that was merged does what its survivor does. `settle`
compares what that comes to with the request's own statements and stores the difference, so every
step and its undoing are one path.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import select

from roadmap.domain import merging
from roadmap.domain.deals import WON
from roadmap.domain.statements import DEAL_BREAKER, REQUEST
from roadmap.domain.triage import CONFIRMED, ELSEWHERE
from roadmap.domain.winloss import PRODUCT, REP, quote_source
from roadmap.evidence.counting import recount
from roadmap.evidence.recording import STANDING, end, say
from roadmap.extensions import db
from roadmap.models import Deal, Request, RequestDeal, Statement, Workspace
from roadmap.models.base import chunks
from roadmap.planning import totals
from roadmap.workspace import revision

from . import stated_dates


class Said(NamedTuple):
    """What a request says of a deal: a problem stands in its way or, where it was not the product,
    it has a reason in a bucket.
    """

    deal_id: int
    problem_id: int | None
    bucket: str
    source: str
    severity: str = DEAL_BREAKER


#: The statement of a request that is there, by what it says.
Standing = dict[Said, int]


def settle(row: Workspace, requests: Iterable[Request], by_id: int | None) -> None:
    """Let these requests, and all that were merged into them, say what they should: statements that
    they should not make are ended, those that lack are made.

    The workspace's row is locked and the new dispositions are flushed. Does not commit.
    """
    heads = list(requests)
    below = swallowed([request.id for request in heads])
    # Somebody's survivor may be among them as well.
    everyone = list(dict.fromkeys([*heads, *below]))
    if stated_dates.settle(everyone):
        revision.count(row, evidence=True)
    gone, lacking = differences(everyone)
    touched = {said.deal_id for _, said, _ in gone} | {said.deal_id for _, said in lacking}
    if not touched:
        return
    with totals.keeping(touched):
        end([id for *_, id in gone])
        for request, said in lacking:
            say(
                db.session.get_one(Deal, said.deal_id), REQUEST, request.id, said.source, by_id,
                problem_id=said.problem_id, bucket=said.bucket, words=_words(request, said),
                severity=said.severity,
            )  # fmt: skip
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


def differences(
    requests: Sequence[Request],
) -> tuple[list[tuple[Request, Said, int]], list[tuple[Request, Said]]]:
    """The statements that these requests make and should not, with their ids, and those that they
    should make and do not. Of a won deal they say nothing: nothing stood in its way.
    """
    has = _standing([request.id for request in requests])
    gone: list[tuple[Request, Said, int]] = []
    lacking: list[tuple[Request, Said]] = []
    for request in requests:
        wanted, stands = _wanted(request), has[request.id]
        gone += [(request, said, stands[said]) for said in sorted(stands.keys() - wanted, key=str)]
        lacking += [(request, said) for said in sorted(wanted - stands.keys(), key=str)]
    deals = {said.deal_id for _, said in lacking}
    won = set(db.session.scalars(select(Deal.id).where(Deal.id.in_(deals), Deal.status == WON)))
    return gone, [(request, said) for request, said in lacking if said.deal_id not in won]


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


def _wanted(request: Request) -> set[Said]:
    """What it should say of its deals.

    A merged request speaks as a rep, whatever its survivor does: whoever vouched for the survivor's
    quote did not hear this one's.
    """
    head = survivor(request)
    deals = [named.deal_id for named in request.deals]
    if head.state == CONFIRMED:
        source = quote_source(request.quote_confirmed)
        how = request.severity
        return {Said(deal, head.problem_id, PRODUCT, source, how) for deal in deals}
    if head.state == ELSEWHERE:
        return {Said(deal, None, head.bucket or "", REP) for deal in deals}
    return set()


def _standing(ids: Collection[int]) -> dict[int, Standing]:
    """What each request says. A problem that was merged is the one that it counts for."""
    found: dict[int, Standing] = defaultdict(dict)
    for some in chunks(ids):
        rows: Any = db.session.execute(
            select(
                Statement.origin_id, Statement.deal_id, Statement.root_id, Statement.bucket,
                Statement.source, Statement.severity, Statement.id,
            ).where(
                Statement.origin == REQUEST, Statement.origin_id.in_(some), STANDING,
                Statement.deal_id.is_not(None),
            )
        )  # fmt: skip
        for request, *said, id in rows:
            found[request][Said(*said)] = id
    return found


def _words(request: Request, said: Said) -> str:
    """What is shown of a request: words that nobody vouched for stay with those who may read them.

    What is not the product is told by its title.
    """
    vouched = said.problem_id is not None and request.quote_confirmed
    return request.quote if vouched and request.quote else request.title
