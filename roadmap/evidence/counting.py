"""What deals' standing statements add up to, kept with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select

from roadmap.domain import plan
from roadmap.domain.statements import Counted, counted
from roadmap.domain.statements import Statement as Value
from roadmap.extensions import db
from roadmap.models import Account, Deal, Statement
from roadmap.models.base import chunks

from .recording import store


def recount(deal_ids: Collection[int]) -> int:
    """Store anew which statements of these deals count, which of them stands for its reason, and
    what that weighs; returns how many changed.

    Set-based: an import passes thousands. Call it inside `totals.keeping` of the same deals, with
    everything flushed; it does not commit.
    """
    changed: dict[Counted, list[int]] = defaultdict(list)
    for some in chunks(sorted(set(deal_ids))):
        for id, right in _wrong(some):
            changed[right].append(id)
    for right, ids in changed.items():
        counts, weight, strength = right
        store(ids, {"counts": counts, "reason_weight": weight, "problem_strength": strength})
    return sum(map(len, changed.values()))


def wrong() -> Iterator[tuple[int, int, Counted]]:
    """The statements that are stored otherwise than they count: deal, id and what is right."""
    rows = db.session.scalars(select(Statement.deal_id).distinct().order_by(Statement.deal_id))
    for some in chunks([id for id in rows if id is not None]):
        of = {id: deal for deal, (_, rows) in _by_deal(some).items() for id in rows}
        yield from ((of[id], id, right) for id, right in _wrong(some))


def of_deal(deal_id: int) -> list[tuple[int | None, Value]]:
    """A deal's standing statements, oldest first, each with the id of its origin."""
    rows = db.session.execute(_standing().where(Statement.deal_id == deal_id))
    return [(row.origin_id, Value(*row[2:9])) for row in rows]


class Present(NamedTuple):
    """Deals, without their blockers, and by deal what stands of it, oldest first; `origin_ids` say
    by statement whose it is.
    """

    deals: list[plan.Deal]
    said: dict[str, list[Value]]
    origin_ids: dict[int, int | None]


def present(deal_ids: Select[Any]) -> Present:
    """These deals with all that is said of them, the oldest deal first, in one query of columns."""
    columns: list[Any] = [Deal.id, Deal.status, Deal.amount, func.coalesce(Account.fit, 0)]
    stands = and_(Statement.deal_id == Deal.id, Statement.ended_at.is_(None))
    rows = db.session.connection().execute(
        select(*columns, Deal.needed_by, Statement.origin_id, *_VALUE)
        .outerjoin(Account, Account.id == Deal.account_id)
        .outerjoin(Statement, stands)
        .where(Deal.id.in_(deal_ids))
        .order_by(Deal.id, Statement.id)
    )
    found = Present([], {}, {})
    for id, status, amount, fit, needed_by, origin_id, *value in rows:
        said = found.said.get(key := str(id))
        if said is None:
            found.deals.append(plan.Deal(key, status, amount, fit, needed_by))
            said = found.said[key] = []
        if value[0] is not None:
            said.append(Value._make(value))
            found.origin_ids[value[0]] = origin_id
    return found


def _wrong(deal_ids: Sequence[int]) -> Iterator[tuple[int, Counted]]:
    for status, rows in _by_deal(deal_ids).values():
        right = counted(status, [value for value, _ in rows.values()])
        yield from ((id, right[id]) for id, (_, stored) in rows.items() if stored != right[id])


#: By id: what a deal's standing statements say, and what is stored of what they come to.
Stored = dict[int, tuple[Value, Counted]]


def _by_deal(deal_ids: Sequence[int]) -> dict[int, tuple[str, Stored]]:
    """By deal, its status and its standing statements."""
    found: dict[int, tuple[str, Stored]] = {}
    statement = _standing().add_columns(Deal.status).join(Deal, Deal.id == Statement.deal_id)
    for row in db.session.execute(statement.where(Statement.deal_id.in_(deal_ids))):
        _, rows = found.setdefault(row.deal_id, (row.status, {}))
        rows[row.id] = (
            Value(*row[2:9]),
            Counted(row.counts, row.reason_weight, row.problem_strength),
        )
    return found


#: The value's fields, in their order.
_VALUE: tuple[Any, ...] = tuple(
    getattr(Statement, {"root": "root_id"}.get(name, name)) for name in Value._fields
)


def _standing() -> Select[Any]:
    """Standing statements with the value's fields, oldest first."""
    columns: list[Any] = [
        Statement.deal_id, Statement.origin_id, *_VALUE,
        Statement.counts, Statement.reason_weight, Statement.problem_strength,
    ]  # fmt: skip
    standing = select(*columns).where(Statement.ended_at.is_(None))
    return standing.order_by(Statement.deal_id, Statement.id)
