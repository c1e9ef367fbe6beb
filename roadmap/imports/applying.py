"""Staging into accounts and deals: one transaction, all or nothing, and nearly all of it inside the
database, so that it is short. Whoever calls it has locked the workspace, and commits."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

from sqlalchemy import (
    and_,
    case,
    func,
    insert,
    literal,
    select,
    update,
)

from roadmap.domain.deals import LOST
from roadmap.domain.folding import folded_name
from roadmap.evidence import dates
from roadmap.evidence.counting import recount
from roadmap.extensions import db
from roadmap.intake.settling import settle_deals
from roadmap.models import (
    Account,
    AccountName,
    CrmOwner,
    Deal,
    Import,
    LossWords,
    StagedAccount,
    StagedDeal,
    Statement,
    Workspace,
)
from roadmap.models.base import chunks
from roadmap.models.base import table as sa_table
from roadmap.models.imports import CHANGED, NEW, SKIPPED
from roadmap.planning import totals
from roadmap.workspace import clock

from . import bulk, queries, reasons
from .comparing import IN_FIGURES, Said
from .prepare import DELETED

#: Above so many deals that count otherwise, adding everything up anew is quicker.
MOST_KEPT = 5_000

_ACCOUNT_SAID = ("name", "search_text", "sort_key", "industry", "region", "employees", "revenue")


def apply(row: Workspace, made: Import, *, maintain_totals: bool = True) -> bool:
    """Write what is staged; returns whether anything that the board shows has changed."""
    said = Said.from_json(made.report["said"])
    beside: dict[str, Any] = {}
    touched = concerned(made.id)
    bulk.make_room()
    few = len(touched) <= MOST_KEPT
    keeping = totals.keeping(touched) if few and maintain_totals else nullcontext()
    with keeping:
        _insert_accounts(made.id)
        _update_accounts(made.id)
        _keep_old_names(made)
        beside |= _meet_owners(made.id)
        beside["words"] = reasons.meet(made.id, said.split)
        _insert_deals(made.id)
        _update_deals(made.id, said)
        if "needed_by" in said.columns:
            dates.follow_import(made.id)
        if made.full_export:
            beside |= _flag_vanished(made.id)
        # Deals that are new now: the totals had nothing of them before.
        touched += _with_new_reasons(made.id)
        recount(touched)
    if not few and maintain_totals and row.figures_as_of:
        totals.rebuild(row, row.figures_as_of)
    _settle_reopened(row, made.id)
    made.beside = beside
    return queries.would_change(made.id) or any(beside.values())


def concerned(import_id: int) -> list[int]:
    """The deals whose figures, or whose account's fit, are about to change."""
    s, a = StagedDeal, StagedAccount
    rows = select(s.deal_id, s.changes).where(s.import_id == import_id, s.action == CHANGED)
    watched = {*IN_FIGURES, "words"}
    found = [id for id, changes in db.session.execute(rows) if watched & changes.keys()]
    fits = db.session.execute(
        select(a.account_id, a.changes).where(a.import_id == import_id, a.action == CHANGED)
    )
    moved = [id for id, changes in fits if "fit" in changes]
    for chunk in chunks(moved):
        found += db.session.scalars(select(Deal.id).where(Deal.account_id.in_(chunk)))
    return list(dict.fromkeys(found))


def _settle_reopened(row: Workspace, import_id: int) -> None:
    """A won deal that CRM opens again, or calls lost, has in its way what requests say."""
    s = StagedDeal
    touched = select(s.deal_id, s.changes).where(s.import_id == import_id, s.action == CHANGED)
    other = [id for id, changes in db.session.execute(touched) if "status" in changes]
    for chunk in chunks(other):
        settle_deals(row, chunk)


def _insert_accounts(import_id: int) -> None:
    s = StagedAccount
    columns = ("external_id", *_ACCOUNT_SAID, "attributes", "fit", "segment_id")
    chosen = select(*(getattr(s, name) for name in columns), literal(False)).where(
        s.import_id == import_id, s.action == NEW
    )
    _run(insert(sa_table(Account)).from_select([*columns, "segment_by_hand"], chosen))


def _update_accounts(import_id: int) -> None:
    s, a = sa_table(StagedAccount), sa_table(Account)
    values: dict[str, Any] = {name: func.coalesce(s.c[name], a.c[name]) for name in _ACCOUNT_SAID}
    _run(
        update(a)
        .where(a.c.id == s.c.account_id, s.c.import_id == import_id, s.c.action == CHANGED)
        .values(
            external_id=s.c.external_id,
            attributes=s.c.merged,
            fit=s.c.fit,
            segment_id=s.c.segment_id,
            **values,
        )
    )


def _keep_old_names(made: Import) -> None:
    """What is called otherwise now is found by the name that it had, unless that is its id."""
    s, n = StagedAccount, AccountName
    rows = db.session.execute(
        select(s.account_id, s.changes, s.external_id, s.name).where(
            s.import_id == made.id, s.action == CHANGED,
            s.changes["name"].as_string().is_not(None),
        )
    )  # fmt: skip
    old = [(id, changes["name"][0]) for id, changes, key, _ in rows if changes["name"][0] != key]
    for id, name in old:
        text = folded_name(name)
        known = select(n.id).where(n.account_id == id, n.search_text == text)
        named = select(Account.id).where(Account.id == id, Account.search_text == text)
        if db.session.scalar(known) is None and db.session.scalar(named) is None:
            db.session.add(AccountName(account_id=id, name=name, import_id=made.id, at=clock.now()))
    db.session.flush()


def _meet_owners(import_id: int) -> dict[str, Any]:
    """Make the owners that nobody knows, and match those who are exactly one active user."""
    s = StagedDeal
    chosen = (
        select(s.owner)
        .where(s.import_id == import_id, s.action.in_((NEW, CHANGED)), s.owner.is_not(None))
        .distinct()
    )
    names = [name for name in db.session.scalars(chosen) if name]
    known: dict[str, tuple[int, int | None]] = {}
    for chunk in chunks(names):
        known |= queries.owners(chunk)
    fresh = sorted(set(names) - known.keys())
    if fresh:
        db.session.execute(insert(CrmOwner), [{"name": name, "user_id": None} for name in fresh])
        for chunk in chunks(fresh):
            known |= queries.owners(chunk)
    users = queries.users_by_name()
    matched = []
    for name in sorted(names):
        id, user = known[name]
        found = users.get(name.casefold(), [])
        if user is None and len(found) == 1:
            matched.append([id, found[0]])
    for id, user in matched:
        db.session.execute(update(CrmOwner).where(CrmOwner.id == id).values(user_id=user))
    return {"owners": [known[name][0] for name in fresh], "matched": matched}


def _insert_deals(import_id: int) -> None:
    s, d = StagedDeal, Deal
    columns: dict[str, Any] = {
        name: getattr(s, name)
        for name in ("external_id", "name", "search_text", "sort_key", "product", "status",
                     "amount", "amount_source", "probability", "opened_on", "close_date",
                     "attributes")
    }  # fmt: skip
    columns["stage"] = func.coalesce(s.stage, "")
    columns["lost_to"] = case((s.status == LOST, func.coalesce(s.lost_to, "unknown")))
    columns["account_id"], columns["crm_owner_id"] = Account.id, CrmOwner.id
    chosen = (
        select(*columns.values(), LossWords.id)
        .select_from(s)
        .outerjoin(Account, Account.external_id == s.account_key)
        .outerjoin(CrmOwner, CrmOwner.name == s.owner)
        .outerjoin(LossWords, LossWords.key == s.words_key)
        .where(s.import_id == import_id, s.action == NEW)
    )
    with bulk.indexed_afterwards(d, queries.count_new(import_id), queries.count_deals()):
        _run(insert(sa_table(d)).from_select([*columns, "loss_words_id"], chosen))


def _update_deals(import_id: int, said: Said) -> None:
    s, d = sa_table(StagedDeal), sa_table(Deal)
    values: dict[str, Any] = {name: s.c[name] for name in said.columns if name != "needed_by"}
    if "stage" in values:
        values["stage"] = func.coalesce(s.c.stage, "")
    values["search_text"], values["sort_key"] = s.c.search_text, s.c.sort_key
    values["lost_to"] = case(
        (s.c.status == LOST, func.coalesce(s.c.lost_to, d.c.lost_to, "unknown"))
    )
    values["attributes"] = s.c.merged
    for speaks, column, table, key, given in (
        (said.account, "account_id", Account, Account.external_id, s.c.account_key),
        (said.owner, "crm_owner_id", CrmOwner, CrmOwner.name, s.c.owner),
        (said.words, "loss_words_id", LossWords, LossWords.key, s.c.words_key),
    ):
        if speaks:
            values[column] = select(table.id).where(key == given).scalar_subquery()
    _run(
        update(d)
        .where(d.c.id == s.c.deal_id, s.c.import_id == import_id, s.c.action == CHANGED)
        .values(values)
    )


def _flag_vanished(import_id: int) -> dict[str, Any]:
    """Flag the deals that are not in a full export, and take the flag from those that are."""
    s, d = StagedDeal, Deal
    gone = and_(s.action == SKIPPED, s.reason == DELETED)
    present = select(s.external_id).where(
        s.import_id == import_id, s.external_id.is_not(None), ~gone
    )
    missing = list(
        db.session.scalars(
            select(d.id).where(d.vanished_on.is_(None), d.external_id.not_in(present))
        )
    )
    again: Any = db.session.execute(
        select(d.id, d.vanished_on).where(d.vanished_on.is_not(None), d.external_id.in_(present))
    )
    back = {id: day.isoformat() for id, day in again}
    set_vanished(missing, clock.today())
    set_vanished(back, None)
    return {"vanished": missing, "back": list(back.items())}


def set_vanished(ids: Iterable[int], day: Any) -> None:
    for chunk in chunks(ids):
        db.session.execute(
            update(Deal)
            .where(Deal.id.in_(chunk))
            .values(vanished_on=day)
            .execution_options(synchronize_session=False)
        )


def _with_new_reasons(import_id: int) -> list[int]:
    """Give the import's deals the reasons that their words stand for; the new ones among them."""
    s, d = StagedDeal, Deal
    if not reasons.any_decided():
        return []
    deals = (
        select(d.id)
        .join(s, s.external_id == d.external_id)
        .where(s.import_id == import_id, s.action.in_((NEW, CHANGED)))
    )
    reasons.follow(deals)
    fresh = (
        select(d.id)
        .join(s, s.external_id == d.external_id)
        .where(s.import_id == import_id, s.action == NEW)
    )
    return list(
        db.session.scalars(select(Statement.deal_id).where(Statement.deal_id.in_(fresh)).distinct())
    )


def _run(statement: Any) -> None:
    db.session.connection().execute(statement)
