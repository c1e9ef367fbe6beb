"""How what somebody said is put on its deal, and taken off again, exactly.

An interview's reason, or a rep's report, is carried by a row of the deal: a blocker where it names
a problem, else a loss reason. Of blockers there is one for each problem and source, so several
interviews share it and their weights add up; one that somebody had tied by hand before is rested
on, and left as it is.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from roadmap.domain.deals import WON
from roadmap.domain.interviews import HELD, LOSS_INTERVIEW
from roadmap.domain.winloss import INTERVIEW, PRODUCT, REP
from roadmap.extensions import db
from roadmap.market.steps import survivors
from roadmap.models import (
    Blocker,
    Conversation,
    Deal,
    DealReport,
    InterviewReason,
    LossReason,
)

from .tying import given, tied

#: The most that a blocker's weight may be.
MOST_WEIGHT = 1000

Said = InterviewReason | DealReport


class Given(NamedTuple):
    """A reason as it was typed."""

    bucket: str
    problem_id: int | None
    weight: int
    quote: str


def settle(conversation: Conversation, by_id: int) -> None:
    """Make the deal carry this interview's reasons where it was held, and none of them else.

    What is carried already stays as it is, with the moment that it remembers. The workspace's row
    is locked and everything is flushed. Neither recounts nor commits.
    """
    stands = conversation.kind == LOSS_INTERVIEW and conversation.state == HELD
    for reason in conversation.reasons:
        carried = reason.blocker_id is not None or reason.loss_reason_id is not None
        if carried and not stands:
            lift(reason)
        elif stands and not carried and conversation.deal is not None:
            carry(reason, conversation.deal, by_id)


def rewrite(conversation: Conversation, given: list[Given]) -> None:
    """Replace the reasons by those given; one that did not change keeps its row and its tie."""
    old = {_key(reason): reason for reason in conversation.reasons}
    kept = []
    for position, each in enumerate(given):
        reason = old.pop(each, None) or InterviewReason(**each._asdict())
        reason.position = position
        kept.append(reason)
    for reason in old.values():
        lift(reason)
    conversation.reasons = kept
    db.session.flush()


def carry(said: Said, deal: Deal, by_id: int) -> None:
    """Put what was said on its deal. A won deal carries nothing: nothing stood in its way."""
    if deal.status == WON or said.bucket is None:
        return
    if said.problem_id is not None:
        blocker = _blocker(said, deal)
        said.found = blocker is not None and not _made_by(resting_on(blocker))
        if blocker is None:
            blocker = _new_blocker(said, deal, by_id)
        said.blocker_id = blocker.id
        db.session.flush()
        weigh(blocker)
    else:
        known = _claimed_alike(said, deal)
        said.found = known is not None
        said.loss_reason_id = known or _new_reason(said, deal, by_id)
    db.session.flush()


def lift(said: Said) -> None:
    """Take what was said off its deal again; what others rest on stays."""
    blocker = db.session.get(Blocker, said.blocker_id) if said.blocker_id else None
    reason = db.session.get(LossReason, said.loss_reason_id) if said.loss_reason_id else None
    found = said.found
    said.blocker_id = said.loss_reason_id = None
    said.found = False
    db.session.flush()
    if blocker is not None and not found:
        if resting_on(blocker):
            weigh(blocker)
        else:
            db.session.delete(blocker)
    if reason is not None and not found:
        db.session.delete(reason)
    db.session.flush()


def _key(reason: InterviewReason) -> Given:
    return Given(reason.bucket, reason.problem_id, reason.weight, reason.quote)


def _source(said: Said) -> str:
    return INTERVIEW if isinstance(said, InterviewReason) else REP


def _weight(said: Said) -> int:
    return said.weight if isinstance(said, InterviewReason) else 1


def take_over(blocker_id: int) -> bool:
    """Let those who spoke of a tie carry it, now that the requests which made it are gone; whether
    anybody did. Neither recounts nor commits.
    """
    blocker = db.session.get_one(Blocker, blocker_id, populate_existing=True)
    resting = resting_on(blocker)
    for said in resting:
        said.found = False
    db.session.flush()
    weigh(blocker)
    return bool(resting)


def resting_on(blocker: Blocker) -> list[Said]:
    """Every interview's reason, or every report, that rests on a blocker."""
    kind: type[Said] = InterviewReason if blocker.source == INTERVIEW else DealReport
    rests: ColumnElement[bool] = kind.blocker_id == blocker.id
    return list(db.session.scalars(select(kind).where(rests).order_by(kind.id)))


def weigh(blocker: Blocker) -> None:
    """Make a blocker weigh and say what those say together who made it; one that was made by
    others stays as it is.
    """
    resting = resting_on(blocker)
    if _made_by(resting):
        blocker.weight = min(sum(map(_weight, resting)), MOST_WEIGHT)
        blocker.note = resting[0].quote
        db.session.flush()


def _survivor(problem_id: int) -> int:
    return survivors([problem_id]).get(problem_id, problem_id)


def _blocker(said: Said, deal: Deal) -> Blocker | None:
    return db.session.scalar(
        select(Blocker).where(
            Blocker.deal_id == deal.id,
            Blocker.problem_id == _survivor(said.problem_id or 0),
            Blocker.source == _source(said),
        )
    )


def _made_by(resting: list[Said]) -> bool:
    return bool(resting) and not any(each.found for each in resting)


def _new_blocker(said: Said, deal: Deal, by_id: int) -> Blocker:
    problem_id = _survivor(said.problem_id or 0)
    return tied(
        deal, problem_id, _source(said), by_id, said.quote, bucket=PRODUCT, weight=_weight(said)
    )


def _claimed_alike(said: Said, deal: Deal) -> int | None:
    """A rep who said the same before is not heard twice; of customers, each one is."""
    if not isinstance(said, DealReport):
        return None
    return db.session.scalar(
        select(LossReason.id)
        .where(
            LossReason.deal_id == deal.id,
            LossReason.bucket == said.bucket,
            LossReason.source == REP,
        )
        .order_by(LossReason.id)
        .limit(1)
    )


def _new_reason(said: Said, deal: Deal, by_id: int) -> int:
    source, weight = _source(said), _weight(said)
    return given(deal.id, said.bucket, source, by_id, said.quote, weight=weight).id
