"""What interviews put on deals is what they say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from roadmap.deals.carrying import MOST_WEIGHT
from roadmap.domain.interviews import HELD, LOSS_INTERVIEW
from roadmap.domain.winloss import INTERVIEW
from roadmap.extensions import db
from roadmap.models import Blocker, Conversation, InterviewReason, LossReason
from roadmap.models.base import chunks

T = TypeVar("T", Blocker, LossReason)


def interviews() -> Iterator[str]:
    """Each reason of an interview that was held stands on its deal, and no other does.

    A problem that was merged or split since has taken the tie along, so whose it is now does not
    matter here.
    """
    reasons = db.session.scalars(
        select(InterviewReason)
        .options(joinedload(InterviewReason.conversation))
        .order_by(InterviewReason.id)
    ).all()
    blockers = _by_id(Blocker, {reason.blocker_id for reason in reasons})
    others = _by_id(LossReason, {reason.loss_reason_id for reason in reasons})
    for reason in reasons:
        carrier = blockers.get(reason.blocker_id or 0) or others.get(reason.loss_reason_id or 0)
        named = f"reason {reason.id} of interview {reason.conversation_id}"
        yield from (f"{named} {fault}" for fault in _faults(reason, carrier))
    yield from _weights(reasons, blockers)
    yield from _silent()


def _faults(reason: InterviewReason, carrier: Blocker | LossReason | None) -> Iterator[str]:
    """What is wrong between a reason and the row of the deal that carries it."""
    talk = reason.conversation
    if talk.state != HELD:
        if carrier is not None:
            yield "was not held, or was withdrawn, but stands on a deal"
        return
    if carrier is None:
        yield "stands on no deal"
        return
    if (carrier.deal_id, carrier.source) != (talk.deal_id, INTERVIEW):
        yield "stands on another deal, or as if somebody else had said it"
    if carrier.bucket != reason.bucket:
        yield f"is {reason.bucket}, but its deal says {carrier.bucket}"
    if isinstance(carrier, LossReason) and carrier.weight != reason.weight:
        yield f"weighs {reason.weight}, but its deal says {carrier.weight}"


def _weights(reasons: Sequence[InterviewReason], blockers: Mapping[int, Blocker]) -> Iterator[str]:
    """A blocker of the interviews' own weighs what they say together."""
    together: dict[int, int] = defaultdict(int)
    for reason in reasons:
        if reason.blocker_id is not None and not reason.found:
            together[reason.blocker_id] += reason.weight
    for id, weight in together.items():
        if id in blockers and blockers[id].weight != min(weight, MOST_WEIGHT):
            yield f"blocker {id} weighs {blockers[id].weight}, but its interviews say {weight}"


def _silent() -> Iterator[str]:
    silent = select(Conversation.id).where(
        Conversation.kind == LOSS_INTERVIEW,
        Conversation.state == HELD,
        ~Conversation.would_not_say,
        ~Conversation.reasons.any(),
    )
    for id in db.session.scalars(silent.order_by(Conversation.id)):
        yield f"interview {id} gives no reason, and does not say that they would not"


def _by_id(model: type[T], ids: set[int | None]) -> dict[int, T]:
    known = sorted(id for id in ids if id is not None)
    found: dict[int, T] = {}
    for some in chunks(known):
        rows = db.session.scalars(select(model).where(model.id.in_(some)))
        found |= {row.id: row for row in rows}
    return found
