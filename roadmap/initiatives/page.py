"""Everything that an initiative's own page shows."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy import select

from roadmap.domain.deals import BEFORE_ALL
from roadmap.domain.plan import estimate_is_old, promise_holds
from roadmap.extensions import db
from roadmap.models import Commitment, Initiative, Problem, ProblemTie, User
from roadmap.planning.gather import Card
from roadmap.planning.picture import Picture
from roadmap.tradeoffs import present
from roadmap.tradeoffs import queries as ledger
from roadmap.web.filters import day, moment
from roadmap.workspace import clock

from . import evidence as evidences
from . import queries, slips
from .drawing import Drawing
from .forms import StateForm
from .reasons import Reason, reasons

#: How much of the history is on the page; the ledger has all of it.
EVENTS = 20


class Addressed(NamedTuple):
    """A problem that it addresses, with the date on which it is solved, or what stands instead."""

    id: int
    title: str
    kind: str
    solved: str


class Promised(NamedTuple):
    id: int
    date: date
    to: str
    by: str | None
    holds: bool


class InitiativePage:
    def __init__(self, picture: Picture, initiative: Initiative) -> None:
        self.picture = picture
        self.of = initiative
        self.id = str(initiative.id)
        self.rank = picture.rank(self.id)
        self.card: Card | None = picture.cards.get(self.id)
        self.finish = picture.schedule.finish(self.id)
        self.start = picture.schedule.start(self.id)

    @property
    def on_board(self) -> bool:
        return self.card is not None

    @property
    def forecast(self) -> str:
        """The quarter, or what stands instead of one."""
        if self.finish is not None:
            return clock.quarter_label(clock.quarter(self.finish))
        return queries.FORECAST_WORDS[self.picture.schedule[self.id].state].capitalize()

    @cached_property
    def score(self) -> str:
        """Where the score would put it."""
        score = self.picture.scores[self.id]
        if score.without is not None:
            return f"no score: {score.without}"
        return f"the score would put it at {score.place:,}"

    @cached_property
    def work(self) -> list[queries.Work]:
        return queries.work(self.of.id)

    @property
    def person_days(self) -> int | None:
        return self.picture.plan.initiatives[self.id].person_days

    @cached_property
    def reasons(self) -> list[Reason]:
        return reasons(self.picture, self.id, self.work)

    @cached_property
    def drawing(self) -> Drawing:
        return Drawing(self.picture, self.id)

    @cached_property
    def slip(self) -> slips.Slip | None:
        return slips.slip(self.picture, self.card) if self.card else None

    @property
    def asks_for_effort(self) -> bool:
        updated = self.card.effort_updated_on if self.card else None
        today = self.picture.today
        return self.on_board and estimate_is_old(self.person_days, updated, today)

    @cached_property
    def problems(self) -> list[Addressed]:
        rows = db.session.execute(
            select(Problem.id, Problem.title, ProblemTie.kind)
            .join(ProblemTie, ProblemTie.problem_id == Problem.id)
            .where(ProblemTie.initiative_id == self.of.id)
            .order_by(ProblemTie.kind.desc(), Problem.sort_key)
        )
        return [Addressed(id, title, kind, self._solved(id)) for id, title, kind in rows]

    def _solved(self, problem_id: int) -> str:
        solved = self.picture.solved.get(str(problem_id))
        if solved is None:
            return "no date"
        return "already" if solved == BEFORE_ALL else day(solved)

    @cached_property
    def evidence(self) -> evidences.Evidence:
        return evidences.evidence(self.picture, self.of.id)

    @cached_property
    def open_deals(self) -> list[evidences.Named]:
        return evidences.named(self.evidence.open.deals[: evidences.FIRST])

    @cached_property
    def lost_deals(self) -> list[evidences.Named]:
        return evidences.named(self.evidence.lost.deals[: evidences.FIRST])

    @cached_property
    def promises(self) -> list[Promised]:
        rows = db.session.execute(
            select(Commitment.id, Commitment.date, Commitment.to, User.name)
            .outerjoin(User, User.id == Commitment.by_id)
            .where(Commitment.initiative_id == self.of.id)
            .order_by(Commitment.date, Commitment.id)
        )
        finish = self.of.shipped_on or self.finish
        return [Promised(*row, promise_holds(row[1], finish)) for row in rows]

    @cached_property
    def needs(self) -> list[queries.Other]:
        return queries.needed(self.picture, present.needs(self.of.id))

    @cached_property
    def dependants(self) -> list[queries.Other]:
        return queries.dependants(self.picture, self.of.id)

    @cached_property
    def history(self) -> list[dict[str, Any]]:
        """The ledger's events about it or that moved it, newest first, for a timeline."""
        return [
            {
                "when": moment(line.decided_at),
                "iso": line.decided_at.isoformat(),
                "title": line.sentence,
                "url": url_for("tradeoffs.show", id=line.id),
                "detail": line.reason,
                "who": _who(line),
                "kind": "danger" if line.costs else "",
            }
            for line in ledger.history(self.of.id, EVENTS)
        ]

    @cached_property
    def state_form(self) -> StateForm:
        return StateForm(formdata=None, state=self.of.state)


def _who(line: ledger.Line) -> str:
    who = f"decided by {line.decided_by}" if line.decided_by else "by the system"
    if line.owner:
        who += f", owned by {line.owner}"
    return f"{who}, sponsored by {line.sponsor}" if line.sponsor else who
