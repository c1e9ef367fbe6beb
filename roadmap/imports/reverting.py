"""Taking an import back: what it made goes, what it changed is as it was, exactly.

Unless something later rests on it: then nothing is taken back, and what that is is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import date
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, update

from roadmap.domain.errors import Refused
from roadmap.evidence import dates
from roadmap.evidence.counting import recount
from roadmap.extensions import db
from roadmap.models import (
    Account,
    AccountName,
    CrmOwner,
    Deal,
    Import,
    LossWords,
    LossWordsPart,
    StagedAccount,
    StagedDeal,
    Statement,
    Workspace,
)
from roadmap.models.base import chunks
from roadmap.models.base import table as sa_table
from roadmap.models.imports import CHANGED, IN_FORCE, REVERTED
from roadmap.models.naming import derived_from
from roadmap.planning import totals
from roadmap.workspace import clock, revision

from . import applying, bulk, dependences, queries, reasons
from .comparing import ranges
from .progress import Progress

_DATES = ("opened_on", "close_date")


def revert(import_id: int, by_id: int | None, progress: Progress | None = None) -> None:
    """Restore what was before an import, in one transaction.

    Raises Refused, and changes nothing, where something later rests on it (`found`), and where
    there is nothing to take back.
    """
    progress = progress or Progress(import_id, 0)
    row = revision.lock()
    made = db.session.get_one(Import, import_id, populate_existing=True)
    if made.state not in IN_FORCE:
        db.session.rollback()
        raise Refused("It was not applied, or was taken back already.")
    found = dependences.find(made)
    if found:
        db.session.rollback()
        raise Refused("Something rests on it.", found=found)
    _take_back(row, made, progress)
    made.state, made.reverted_at, made.reverted_by_id = REVERTED, clock.now(), by_id
    revision.count(row, evidence=True)
    db.session.commit()


def _take_back(row: Workspace, made: Import, progress: Progress) -> None:
    concerned = applying.concerned(made.id)
    said = Statement.deal_id.in_(dependences.new_deals(made.id))
    counted = [*concerned, *db.session.scalars(select(Statement.deal_id).where(said).distinct())]
    bulk.make_room()
    progress.begin_within(2 * _rows(made.id))
    few = len(counted) <= applying.MOST_KEPT
    with totals.keeping(counted) if few else nullcontext():
        _delete_new_deals(made.id, progress)
        _run(delete(AccountName).where(AccountName.import_id == made.id))
        _restore_accounts(made.id)
        _restore_deals(made.id, progress)
        dates.take_back_import(made.id)
        _restore_flags(made)
        _delete_new_accounts(made.id)
        _restore_owners(made)
        if reasons.any_decided():
            reasons.follow(dependences.changed(made.id))
        _drop_words(made)
        recount(concerned)
    if not few and row.figures_as_of:
        totals.rebuild(row, row.figures_as_of)


def _rows(import_id: int) -> int:
    return sum(end - start for start, end in ranges(StagedDeal, import_id))


def _delete_new_deals(import_id: int, progress: Progress) -> None:
    count = queries.count_new(import_id)
    with bulk.indexed_afterwards(Deal, count, queries.count_deals() - count):
        for start, end in ranges(StagedDeal, import_id):
            some = dependences.new_deals(import_id).where(
                StagedDeal.row >= start, StagedDeal.row < end
            )
            _run(delete(Statement).where(Statement.deal_id.in_(some)))
            dates.forget(some)
            _run(delete(Deal).where(Deal.id.in_(some)))
            progress.within(end - start)


def _delete_new_accounts(import_id: int) -> None:
    ids = list(db.session.scalars(dependences.new_accounts(import_id)))
    for chunk in chunks(ids):
        _run(delete(Account).where(Account.id.in_(chunk)))


def _restore_accounts(import_id: int) -> None:
    s, table = StagedAccount, sa_table(Account)
    rows = db.session.execute(
        select(s.account_id, s.changes).where(s.import_id == import_id, s.action == CHANGED)
    ).all()
    for id, changes in rows:
        values = {name: before for name, (before, _) in changes.items()}
        if "name" in values:
            values |= derived_from(values["name"])
        db.session.connection().execute(update(table).where(table.c.id == id).values(values))


def _restore_deals(import_id: int, progress: Progress) -> None:
    for start, end in ranges(StagedDeal, import_id):
        _restore_some(import_id, start, end)
        progress.within(end - start)


def _restore_some(import_id: int, start: int, end: int) -> None:
    """Rows that changed the same columns are restored together."""
    s, table = StagedDeal, sa_table(Deal)
    rows = db.session.execute(
        select(s.deal_id, s.changes).where(
            s.import_id == import_id, s.row >= start, s.row < end, s.action == CHANGED
        )
    ).all()
    accounts, owners = (
        _ids(Account, Account.external_id, rows, "account"),
        _ids(CrmOwner, CrmOwner.name, rows, "owner"),
    )
    words = _ids(LossWords, LossWords.key, rows, "words")
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for id, changes in rows:
        values: dict[str, Any] = {}
        # What its own date was before, the list of its dates knows.
        for name, (before, _) in ((n, c) for n, c in changes.items() if n != "needed_by"):
            if name == "account":
                values["account_id"] = accounts.get(before)
            elif name == "owner":
                values["crm_owner_id"] = owners.get(before)
            elif name == "words":
                values["loss_words_id"] = words.get(before)
            elif name in _DATES:
                values[name] = date.fromisoformat(before) if before else None
            else:
                values[name] = before
        if "name" in values:
            values |= derived_from(values["name"])
        if values:
            alike.setdefault(tuple(sorted(values)), []).append({"row": id, **values})
    for names, many in alike.items():
        statement = (
            update(table)
            .where(table.c.id == bindparam("row"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        db.session.connection().execute(
            statement,
            [{"row": v["row"], **{f"new_{name}": v[name] for name in names}} for v in many],
        )


def _ids(table: Any, key: Any, rows: Sequence[Any], name: str) -> dict[str | None, int]:
    """The ids of what rows had before, by key."""
    keys = {changes[name][0] for _, changes in rows if name in changes} - {None}
    found: dict[str | None, int] = {}
    for chunk in chunks(sorted(keys)):
        found.update(
            (row[0], row[1])
            for row in db.session.execute(select(key, table.id).where(key.in_(chunk)))
        )
    return found


def _restore_flags(made: Import) -> None:
    applying.set_vanished(made.beside.get("vanished", ()), None)
    for id, day in made.beside.get("back", ()):
        applying.set_vanished([id], date.fromisoformat(day))


def _restore_owners(made: Import) -> None:
    """Owners that it made go, where no other deal has come to be theirs."""
    for id, user in made.beside.get("matched", ()):
        _run(
            update(CrmOwner).where(CrmOwner.id == id, CrmOwner.user_id == user).values(user_id=None)
        )
    used = select(Deal.id).where(Deal.crm_owner_id == CrmOwner.id).exists()
    for chunk in chunks(made.beside.get("owners", ())):
        _run(delete(CrmOwner).where(CrmOwner.id.in_(chunk), CrmOwner.user_id.is_(None), ~used))


def _drop_words(made: Import) -> None:
    """Words that it brought, nobody decided, and no deal has any more leave the queue."""
    used = or_(
        select(Deal.id).where(Deal.loss_words_id == LossWords.id).exists(),
        select(LossWordsPart.part_id).where(LossWordsPart.part_id == LossWords.id).exists(),
    )
    brought = made.beside.get("words", ())
    # What names several goes before those.
    for chunk in (*chunks(brought), *chunks(brought)):
        _run(
            delete(LossWords).where(LossWords.id.in_(chunk), LossWords.decided_at.is_(None), ~used)
        )


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))
