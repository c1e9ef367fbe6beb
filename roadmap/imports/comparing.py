"""Staged rows against what is stored: what is new, what changes, and from what to what.

Staging keeps what the file says apart from what comes of it, so that rows can be compared again
whenever somebody changed deals or accounts in the meantime. Each chunk is a short transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    null,
    or_,
    select,
    update,
)

from roadmap.domain.deals import LOST
from roadmap.domain.statements import IMPORT
from roadmap.evidence import dates
from roadmap.extensions import db
from roadmap.models import Account, CrmOwner, Deal, LossWords, StagedAccount, StagedDeal
from roadmap.models.base import table as sa_table
from roadmap.models.imports import CHANGED, NEW, UNCHANGED

from . import queries

#: Rows of a file that are compared at once.
CHUNK = 5_000
COMPARED = (NEW, CHANGED, UNCHANGED)

#: Columns of a deal that are the same in staging.
PLAIN = (
    "name", "product", "stage", "status", "amount", "amount_source", "probability", "opened_on",
    "close_date", "needed_by",
)  # fmt: skip
#: What the stored totals rest on.
IN_FIGURES = ("status", "amount", "account", "close_date", "needed_by")

Beat = Callable[[int], object]


@dataclass(frozen=True)
class Said:
    """What the deals' file has columns for. `labels` are its attributes: one that is blank in a row
    is dropped from that deal, as CRM has dropped it; all others stay."""

    columns: tuple[str, ...]
    labels: frozenset[str]
    account: bool
    owner: bool
    words: bool
    #: How several loss reasons in one cell are separated.
    split: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "columns": list(self.columns), "labels": sorted(self.labels),
            "account": self.account, "owner": self.owner, "words": self.words,
            "split": self.split,
        }  # fmt: skip

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Said:
        return cls(
            tuple(stored["columns"]), frozenset(stored["labels"]),
            stored["account"], stored["owner"], stored["words"], stored.get("split"),
        )  # fmt: skip


def compare_deals(import_id: int, said: Said, beat: Beat | None = None, commit: bool = True) -> int:
    """Say of every staged deal what is to become of it; returns how many are said otherwise than
    before."""
    moved = 0
    for start, end in ranges(StagedDeal, import_id):
        moved += _compare_some(import_id, said, start, end)
        if commit:
            db.session.commit()
        if beat:
            beat(end - start)
    return moved


def _compare_some(import_id: int, said: Said, start: int, end: int) -> int:
    s = StagedDeal
    here = and_(s.import_id == import_id, s.row >= start, s.row < end, s.action.in_(COMPARED))
    if not db.session.scalar(select(_known().where(here).exists())):
        return _mark_new(here)
    equal = _equal(said)
    different = _joined(select(*_columns(said)), said).where(here, case((equal, 1), else_=0) == 0)
    values, same, moved = [], [], 0
    for row in db.session.execute(different):
        changes, merged = _changes(row, said)
        if changes:
            values.append({"r": row.row, "d": row.deal_id, "c": changes, "m": merged})
            moved += (row.action, row.changes) != (CHANGED, changes)
        else:
            # A closer look finds it the same: its attributes only come in another order.
            same.append(row.row)
            moved += row.action != UNCHANGED
    if values:
        table = sa_table(StagedDeal)
        db.session.connection().execute(
            update(table)
            .where(table.c.import_id == import_id, table.c.row == bindparam("r"))
            .values(
                action=CHANGED,
                deal_id=bindparam("d"),
                changes=bindparam("c"),
                merged=bindparam("m"),
            ),
            values,
        )
    if same:
        _settle(and_(here, s.row.in_(same)), UNCHANGED)
    return moved + _mark_equal(here, equal, said) + _mark_new(here)


def _known() -> Select[Any]:
    """Rows whose deal is stored."""
    s = StagedDeal
    return select(s.row).select_from(s).join(Deal, Deal.external_id == s.external_id)


def _columns(said: Said) -> list[ColumnElement[Any]]:
    """What telling the changes of a row needs; `_0` is as it is stored, `_1` as the row says."""
    s, d = StagedDeal, Deal
    words = LossWords.key if said.words else null()
    pairs = {
        **{name: (_stored(name), getattr(s, name)) for name in said.columns},
        "lost_to": (d.lost_to, s.lost_to),
        "attributes": (d.attributes, s.attributes),
        "account": (Account.external_id, s.account_key),
        "owner": (CrmOwner.name, s.owner),
        "words": (words, s.words_key),
    }
    return [
        s.row,
        s.action,
        s.changes,
        d.id.label("deal_id"),
        *(
            side.label(f"{name}_{place}")
            for name, sides in pairs.items()
            for place, side in enumerate(sides)
        ),
    ]


def _stored(name: str) -> ColumnElement[Any]:
    """What the deal has. Of its date, what CRM said last, whoever has said another since, unless
    the file says what holds by now.
    """
    if name != "needed_by":
        return sa_table(Deal).c[name]
    said = StagedDeal.needed_by
    return case((Deal.own_needed_by.is_not_distinct_from(said), said), else_=dates.newest(IMPORT))


def _joined(statement: Select[Any], said: Said) -> Select[Any]:
    s, d = StagedDeal, Deal
    statement = statement.select_from(s).join(d, d.external_id == s.external_id)
    statement = statement.outerjoin(Account, Account.id == d.account_id)
    statement = statement.outerjoin(CrmOwner, CrmOwner.id == d.crm_owner_id)
    if said.words:
        statement = statement.outerjoin(LossWords, LossWords.id == d.loss_words_id)
    return statement


def _equal(said: Said) -> ColumnElement[bool]:
    """Whether the deal is plainly as its row has it."""
    s, d = StagedDeal, Deal
    rules: list[ColumnElement[bool]] = [
        getattr(s, name).is_not_distinct_from(_stored(name)) for name in said.columns
    ]
    known = and_(s.status == LOST, s.lost_to.is_(None), d.lost_to.is_not(None))
    rules.append(or_(s.lost_to.is_not_distinct_from(d.lost_to), known))
    rules.append(cast(s.attributes, Text) == cast(d.attributes, Text))
    if said.account:
        rules.append(s.account_key.is_not_distinct_from(Account.external_id))
    if said.owner:
        rules.append(s.owner.is_not_distinct_from(CrmOwner.name))
    if said.words:
        rules.append(s.words_key.is_not_distinct_from(LossWords.key))
    return and_(*rules)


def _mark_equal(here: ColumnElement[bool], equal: ColumnElement[bool], said: Said) -> int:
    """Rows that are plainly as their deals are.

    They are named one by one: as a query within the update PostgreSQL, which knows nothing of rows
    just written, would look for them anew for each row.
    """
    s = StagedDeal
    columns: list[Any] = [s.row, s.action]
    same = db.session.execute(_joined(select(*columns), said).where(here, equal)).all()
    moved = len([row for row in same if row.action != UNCHANGED])
    if moved:
        _settle(and_(here, s.row.in_([row.row for row in same])), UNCHANGED)
    return moved


def _mark_new(here: ColumnElement[bool]) -> int:
    """Rows whose deal is no longer there are new."""
    s = StagedDeal
    known = select(Deal.id).where(Deal.external_id == s.external_id).exists()
    return _settle(and_(here, s.action != NEW, ~known), NEW)


def _settle(where: ColumnElement[bool], action: str) -> int:
    s = StagedDeal
    deal = select(Deal.id).where(Deal.external_id == s.external_id).scalar_subquery()
    done: Any = db.session.execute(
        update(s)
        .where(where)
        .values(action=action, changes=None, merged=None,
                deal_id=None if action == NEW else deal)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return int(done.rowcount)


def _changes(row: Row[Any], said: Said) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """{column: [before, after]} as JSON has it, empty where nothing differs; all attributes."""
    said_of: Mapping[Any, Any] = row._mapping
    found: dict[str, list[Any]] = {}

    def differ(name: str, before: Any, after: Any) -> None:
        if before != after:
            found[name] = [_plain(before), _plain(after)]

    for name in said.columns:
        differ(name, said_of[f"{name}_0"], said_of[f"{name}_1"])
    lost_to = row.lost_to_1
    if said_of["status_1"] == LOST and lost_to is None:
        lost_to = row.lost_to_0 or "unknown"
    differ("lost_to", row.lost_to_0, lost_to)
    kept = {k: v for k, v in row.attributes_0.items() if k not in said.labels}
    merged = {**kept, **(row.attributes_1 or {})}
    differ("attributes", row.attributes_0, merged)
    for name, speaks in (("account", said.account), ("owner", said.owner), ("words", said.words)):
        if speaks:
            differ(name, said_of[f"{name}_0"], said_of[f"{name}_1"])
    return found, merged


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def ranges(
    table: type[StagedDeal] | type[StagedAccount], import_id: int
) -> Iterator[tuple[int, int]]:
    """Row numbers from and to, so that each range has few enough rows."""
    least, most = queries.row_range(table, table.import_id == import_id)
    yield from ((start, start + CHUNK) for start in range(least, most + 1, CHUNK))
