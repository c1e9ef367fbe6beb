"""Direct conversations: the list of them, and how many each person held in each month."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from roadmap.domain.collation import sort_key
from roadmap.domain.deals import WON
from roadmap.domain.interviews import CONVERSATION_KINDS, HELD
from roadmap.domain.roles import PRODUCT
from roadmap.extensions import db
from roadmap.models import Account, Conversation, Deal, Problem, User, conversation_problems
from roadmap.web import lists
from roadmap.web.paging import Numbered

MONTHS = 6


def _in(month: date) -> ColumnElement[bool]:
    return and_(Conversation.held_on >= month, Conversation.held_on < end_of(month))


def _with(account_id: int) -> ColumnElement[bool]:
    deals = select(Deal.id).where(Deal.account_id == account_id)
    return or_(Conversation.account_id == account_id, Conversation.deal_id.in_(deals))


def _about(problem_id: int) -> ColumnElement[bool]:
    said = conversation_problems.c
    return Conversation.id.in_(select(said.conversation_id).where(said.problem_id == problem_id))


@dataclass(frozen=True)
class Talks(lists.Filters):
    """What the list of conversations is narrowed to; `month` is its first day."""

    by: int | None = lists.number(Conversation.held_by_id, called=User.name)
    month: date | None = lists.month(_in)  # noqa: RUF009 (a field)
    kind: str = lists.choice(CONVERSATION_KINDS, Conversation.kind)
    problem: int | None = lists.number(_about, called=Problem.title)
    account: int | None = lists.number(_with, called=Account.name)


class Person(NamedTuple):
    """Somebody's conversations by month, the oldest month first."""

    id: int
    name: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


def months(today: date, count: int = MONTHS) -> list[date]:
    """The first days of the calendar months that end with the month of `today`."""
    number = today.year * 12 + today.month - 1
    return [date(each // 12, each % 12 + 1, 1) for each in range(number - count + 1, number + 1)]


def end_of(month: date) -> date:
    """The first day of the month after this one."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def by_person(shown: list[date]) -> list[Person]:
    """Every product manager, and whoever else held a conversation in these months."""
    managers = select(User.id, User.name).where(User.active, User.role == PRODUCT)
    people = {each.id: each.name for each in db.session.execute(managers)}
    rows = db.session.execute(
        select(User.id, User.name, Conversation.held_on)
        .join(Conversation, Conversation.held_by_id == User.id)
        .where(
            Conversation.state == HELD,
            Conversation.held_on >= shown[0],
            Conversation.held_on < end_of(shown[-1]),
        )
    ).all()
    people |= {id: name for id, name, _ in rows}
    counted = Counter((id, on.replace(day=1)) for id, _, on in rows if on is not None)
    return [
        Person(id, name, tuple(counted[id, month] for month in shown))
        for id, name in sorted(people.items(), key=lambda each: (sort_key(each[1]), each[0]))
    ]


def talks(asked: Talks, pages: Numbered | None = None) -> list[Conversation]:
    """The conversations that were held, the latest first."""
    statement = (
        select(Conversation)
        .where(Conversation.state == HELD, *asked.conditions())
        .options(
            joinedload(Conversation.account),
            joinedload(Conversation.deal),
            joinedload(Conversation.held_by),
            selectinload(Conversation.problems),
        )
        .order_by(Conversation.held_on.desc(), Conversation.id.desc())
    )
    if pages is not None:
        statement = pages.limited(statement)
    return list(db.session.scalars(statement))


def count(asked: Talks) -> int:
    statement: Select[Any] = select(func.count(Conversation.id)).where(
        Conversation.state == HELD, *asked.conditions()
    )
    return db.session.scalar(statement) or 0


def deal_choices(account_id: int) -> list[tuple[int, str]]:
    """The deals of an account, the won ones saying so."""
    rows = db.session.execute(
        select(Deal.id, Deal.name, Deal.status)
        .where(Deal.account_id == account_id)
        .order_by(Deal.sort_key, Deal.id)
        .limit(200)
    )
    return [(id, f"{name} (won)" if status == WON else name) for id, name, status in rows]
