"""Writing initiatives: entering the board, their own words, and promises.

What changes the plan otherwise goes through `tradeoffs.decide`, which shows it first.
"""

from __future__ import annotations

from datetime import date

from roadmap.domain.change import Change
from roadmap.domain.changes import Enter
from roadmap.domain.plan import CANDIDATE, DECLINED
from roadmap.extensions import db
from roadmap.models import Commitment, Initiative, User, Workspace
from roadmap.planning.picture import Picture
from roadmap.tradeoffs import actions as tradeoffs
from roadmap.tradeoffs.actions import Signature
from roadmap.workspace import revision


def enter(
    *,
    title: str,
    value: str,
    kind: str,
    owner_id: int | None,
    by: User,
    rank: int | None = None,
) -> Initiative:
    """A new candidate on the board, last unless a rank says otherwise, with its entry's record.

    It has no work yet, so it takes no capacity from anyone. Raises Refused for a rank that is not
    on the board.
    """
    initiative = Initiative(
        title=title,
        value=value,
        kind=kind,
        owner_id=owner_id,
        # Until the entry is applied it is off the board, as whatever has no rank must be.
        state=DECLINED,
        decline_reason="It has not entered the board",
    )

    def prepare(row: Workspace) -> None:
        db.session.add(initiative)
        db.session.flush()

    def build(picture: Picture) -> Change:
        return Enter(str(initiative.id), rank or len(picture.plan.order) + 1, CANDIDATE)

    tradeoffs.commit(build, Signature(by), prepare=prepare)
    return initiative


def rewrite(
    initiative: Initiative, *, title: str, value: str, kind: str, owner_id: int | None
) -> None:
    """Change an initiative's own words, which moves no forecast."""
    row = revision.lock()
    initiative.title = title
    initiative.value = value
    initiative.kind = kind
    initiative.owner_id = owner_id
    # What needs it, or shares a problem with it, shows its title from the plan.
    initiative.revision = revision.count(row, plan=initiative.position is None)
    db.session.commit()


def promise(initiative: Initiative, day: date, to: str, by: User) -> Commitment:
    """Record a date promised to somebody, which moves no forecast."""
    row = revision.lock()
    commitment = Commitment(initiative_id=initiative.id, date=day, to=to, by_id=by.id)
    db.session.add(commitment)
    initiative.revision = revision.count(row, plan=True)
    db.session.commit()
    return commitment
