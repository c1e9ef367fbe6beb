"""What was decided about a segment: pivot, double down or leave, and whether it still stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from roadmap.domain.standing import interval
from roadmap.extensions import db
from roadmap.models import Segment, SegmentAnswer
from roadmap.workspace import clock, revision

from . import dimensions, segments
from .catalogue import KINDS
from .filters import Filters


class Said(NamedTuple):
    answer: str
    reason: str
    until: date


@dataclass(frozen=True)
class Standing:
    """A segment's latest answer, and why it has to be asked again; empty while it stands."""

    row: SegmentAnswer
    again: str


def give(segment: Segment, said: Said, by_id: int) -> SegmentAnswer:
    """Store an answer with the segment's figures of today, without any filter."""
    counter = revision.lock()
    line = line_of(segment.id)
    row = SegmentAnswer(
        segment_id=segment.id,
        segment_name=segment.name,
        answer=said.answer,
        reason=said.reason,
        until=said.until,
        as_of=clock.today(),
        answered_at=clock.now(),
        by_id=by_id,
        won_count=line.won.deals,
        won_amount=line.won.amount,
        lost_count=line.lost.deals,
        lost_amount=line.lost.amount,
        open_count=line.open.deals,
        open_amount=line.open.amount,
        fit=line.fit_percent,
        verdict=line.verdict,
    )
    db.session.add(row)
    # No figure changes, but the report's page does.
    revision.count(counter)
    db.session.commit()
    return row


def latest() -> Mapping[int, Standing]:
    """By segment, its last answer."""
    last = select(func.max(SegmentAnswer.id)).group_by(SegmentAnswer.segment_id)
    rows = db.session.scalars(
        select(SegmentAnswer)
        .where(SegmentAnswer.id.in_(last), SegmentAnswer.segment_id.is_not(None))
        .options(joinedload(SegmentAnswer.by))
    ).all()
    if not rows:
        return {}
    lines = {line.key: line for line in _report().lines}
    return {
        row.segment_id: Standing(row, _again(row, lines.get(row.segment_id)))
        for row in rows
        if row.segment_id is not None
    }


def history(segment_id: int) -> Sequence[SegmentAnswer]:
    """All answers, the last first."""
    return db.session.scalars(
        select(SegmentAnswer)
        .where(SegmentAnswer.segment_id == segment_id)
        .options(joinedload(SegmentAnswer.by))
        .order_by(SegmentAnswer.id.desc())
    ).all()


def line_of(segment_id: int) -> segments.Line:
    """The segment's line of the whole report as of today; one of zeros without a deal."""
    report = _report()
    found = [line for line in report.lines if line.key == segment_id]
    nothing = segments.NOTHING
    none = segments.Line(
        segment_id, "", nothing, nothing, nothing, 0, None, 0, report.total.rate
    )  # fmt: skip
    return found[0] if found else none


def _report() -> segments.Report:
    found: segments.Report = KINDS["segments"].report(Filters(clock.today()), dimensions.SEGMENT)
    return found


def _again(row: SegmentAnswer, line: segments.Line | None) -> str:
    """Why to ask again: its day is over, the verdict is another one, or the loss rate has left the
    interval that it had when the answer was given."""
    if clock.today() > row.until:
        return "its day is over"
    if line is None:
        return "no deals are left in it"
    if line.verdict != row.verdict:
        return f"it was “{row.verdict}” then and is “{line.verdict}” now"
    before = interval(row.lost_count, row.won_count)
    if before is not None and line.rate is not None and not before.holds(line.rate):
        return "the loss rate has moved further than chance would explain"
    return ""
