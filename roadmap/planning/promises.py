"""Reading promises: to whom, of what, whether they hold, and which deals rest on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from roadmap.domain.deals import OPEN
from roadmap.domain.folding import folded
from roadmap.domain.margins import margin_weeks
from roadmap.domain.plan import ON_BOARD, SOLVES, Day
from roadmap.domain.promises import BROKEN, MISSED, promise_state
from roadmap.extensions import db
from roadmap.models import Blocker, Commitment, Deal, Initiative, MovedPromise, ProblemTie, User
from roadmap.models.base import chunks
from roadmap.workspace.account_names import accounts_named

from .picture import Picture


@dataclass(frozen=True)
class Filter:
    """Empty values let everything through; `owner` is the initiative's."""

    state: str = ""
    account: int | None = None
    owner: int | None = None
    initiative: int | None = None
    since: date | None = None
    until: date | None = None


class Resting(NamedTuple):
    """Open deals that wait for what was promised; `amount` in cents, `unknown` of them count 0."""

    deals: int = 0
    amount: int = 0
    unknown: int = 0


@dataclass(frozen=True)
class Line:
    """A promise. `finish` is the forecast or the day it shipped, `margin` the weeks from that to
    the date, and `accounts` are those that `to` names.
    """

    id: int
    date: Day
    to: str
    by: str | None
    initiative_id: int
    initiative: str
    owner: str | None
    on_board: bool
    finish: Day | None
    state: str
    accounts: frozenset[int]

    @property
    def margin(self) -> int | None:
        return None if self.finish is None else margin_weeks(self.finish, self.date)

    @property
    def account(self) -> int | None:
        """The account that it was promised to, where the words name exactly one."""
        return next(iter(self.accounts)) if len(self.accounts) == 1 else None


def lines(picture: Picture, wanted: Filter, *, descending: bool = False) -> list[Line]:
    """By date, the earliest first unless `descending`."""
    rows = db.session.execute(_rows(wanted)).all()
    named = accounts_named({row.to for row in rows})
    found = []
    for id, day, to, by, initiative, title, owner, state, shipped_on in rows:
        on_board = state in ON_BOARD
        finish = picture.schedule.finish(str(initiative)) if on_board else shipped_on
        verdict = promise_state(day, finish, on_board=on_board, today=picture.today)
        accounts = frozenset(named.get(to, ()))
        if wanted.state in ("", verdict) and (not wanted.account or wanted.account in accounts):
            about = initiative, title, owner, on_board
            found.append(Line(id, day, to, by, *about, finish, verdict, accounts))
    return found[::-1] if descending else found


def customers() -> list[tuple[int, str]]:
    """The accounts that something is promised to, by the name that the promise says."""
    words = db.session.scalars(select(Commitment.to).distinct()).all()
    named = {id: name for name, ids in accounts_named(words).items() for id in ids}
    return sorted(named.items(), key=lambda pair: folded(pair[1]))


def _rows(wanted: Filter) -> Select[Any]:
    by, owner, c = aliased(User), aliased(User), Commitment
    columns: tuple[Any, ...] = (
        c.id, c.date, c.to.label("to"), by.name, Initiative.id, Initiative.title, owner.name,
        Initiative.state, Initiative.shipped_on,
    )  # fmt: skip
    statement = (
        select(*columns)
        .join(Initiative, Initiative.id == c.initiative_id)
        .outerjoin(by, by.id == c.by_id)
        .outerjoin(owner, owner.id == Initiative.owner_id)
        .order_by(c.date, c.id)
    )
    if wanted.owner:
        statement = statement.where(Initiative.owner_id == wanted.owner)
    if wanted.initiative:
        statement = statement.where(Initiative.id == wanted.initiative)
    if wanted.since:
        statement = statement.where(c.date >= wanted.since)
    if wanted.until:
        statement = statement.where(c.date <= wanted.until)
    return statement


def resting(promises: Sequence[Line]) -> dict[int, Resting]:
    """By promise, the open deals held by a problem that its initiative solves: those of the
    accounts that it names, else all. On what is off the board nothing rests any more.
    """
    waiting = [line for line in promises if line.on_board]
    sums = _waiting({line.initiative_id for line in waiting})
    found = {}
    for line in waiting:
        counts = [
            figures
            for account, figures in sums[line.initiative_id]
            if not line.accounts or account in line.accounts
        ]
        found[line.id] = Resting(*map(sum, zip(*counts, strict=True))) if counts else Resting()
    return found


def _waiting(initiatives: Collection[int]) -> dict[int, list[tuple[int | None, Resting]]]:
    """By initiative: accounts with what their open deals that wait for it come to."""
    found: dict[int, list[tuple[int | None, Resting]]] = defaultdict(list)
    for some in chunks(sorted(initiatives)):
        tied = (
            select(ProblemTie.initiative_id, Deal.id, Deal.account_id, Deal.amount)
            .join(Blocker, (Blocker.problem_id == ProblemTie.problem_id) & Blocker.holds)
            .join(Deal, Deal.id == Blocker.deal_id)
            .where(ProblemTie.kind == SOLVES, Deal.status == OPEN)
            .where(ProblemTie.initiative_id.in_(some))
            .distinct()
            .subquery()
        )
        t = tied.c
        known = func.coalesce(func.sum(t.amount), 0)
        counts = func.count(), known, func.count() - func.count(t.amount)
        statement = select(t.initiative_id, t.account_id, *counts)
        for row in db.session.execute(statement.group_by(t.initiative_id, t.account_id)):
            found[row[0]].append((row[1], Resting(row[2], int(row[3]), row[4])))
    return found


def broken_by(promises: Sequence[Line]) -> dict[int, int]:
    """By promise that is broken or missed, the trade-off that broke it, unless one mended it."""
    m = MovedPromise
    promises = [line for line in promises if line.state in (BROKEN, MISSED)]
    found: dict[tuple[int, date, str], int] = {}
    for some in chunks(sorted({line.initiative_id for line in promises})):
        rows = (
            select(m.tradeoff_id, m.direction, m.initiative_id, m.date, m.to)
            .where(m.initiative_id.in_(some))
            .order_by(m.id)
        )
        for id, direction, initiative, day, to in db.session.execute(rows):
            if direction == "broken":
                found[initiative, day, to] = id
            elif direction == "worsened":
                found.setdefault((initiative, day, to), id)
            else:
                found.pop((initiative, day, to), None)
    keys = {line.id: (line.initiative_id, line.date, line.to) for line in promises}
    return {id: found[key] for id, key in keys.items() if key in found}
