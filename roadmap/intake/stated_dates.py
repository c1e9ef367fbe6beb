"""The dates that requests state, in their deals' lists of dates: once a request is confirmed, or as
soon as somebody says that its date holds; never where somebody says that it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from sqlalchemy import select

from roadmap.domain import merging
from roadmap.domain.statements import REQUEST
from roadmap.domain.triage import CONFIRMED
from roadmap.evidence import dates
from roadmap.extensions import db
from roadmap.models import DealDate, Request, RequestDeal
from roadmap.models.base import chunks


def settle(requests: Sequence[Request]) -> bool:
    """Add and end what these requests should and should not say; whether that was anything."""
    ids = [request.id for request in requests]
    stated: dict[tuple[int, int], DealDate] = {}
    for some in chunks(ids):
        own = DealDate.origin == REQUEST, DealDate.origin_id.in_(some), dates.STANDING
        found = db.session.scalars(select(DealDate).where(*own))
        stated |= {(each.origin_id or 0, each.deal_id): each for each in found}
    wanted = {
        (request.id, named.deal_id): request
        for request in requests
        for named in request.deals
        if request.needed_by is not None and _holds(request, named)
    }
    gone = [d.id for key, d in stated.items() if key not in wanted]
    lacking = [key for key in wanted if key not in stated]
    dates.end(gone)
    for key in lacking:
        request = wanted[key]
        who, when = request.requester_id, request.created_at
        dates.say(key[1], request.needed_by, who, REQUEST, request.id, when)
    return bool(gone or lacking)


def _holds(request: Request, named: RequestDeal) -> bool:
    if named.date_holds is not None:
        return named.date_holds
    return merging.survivor(request, attrgetter("merged_into")).state == CONFIRMED
