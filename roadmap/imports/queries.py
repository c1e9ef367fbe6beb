"""What the database already knows of the deals, accounts and owners that a file names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from roadmap.domain.folding import folded_name
from roadmap.extensions import db
from roadmap.models import (
    Account,
    AccountName,
    CrmOwner,
    Deal,
    ExchangeRate,
    Product,
    StagedAccount,
    StagedDeal,
    StagedRequest,
    StageWord,
    User,
)
from roadmap.models.base import CHUNK, chunks
from roadmap.models.imports import ACCOUNTS, CHANGED, DEALS, NEW, REQUESTS, UNCHANGED
from roadmap.models.naming import derived_from

from .rates import Rate, Rates

#: So many names are asked for at once. The driver keeps its latest statements, and one with
#: thousands of parameters is as large as a megabyte.
NAMED = 500

_TAKEN = (NEW, CHANGED, UNCHANGED)

ACCOUNT_COLUMNS = (
    "external_id", "name", "search_text", "industry", "region", "employees", "revenue",
    "attributes", "fit", "segment_id", "segment_by_hand",
)  # fmt: skip


def accounts(external_ids: Collection[str]) -> dict[str, tuple[int, dict[str, Any]]]:
    """Id and stored values of each account known by this external id."""
    return _accounts(Account.external_id, external_ids)


def accounts_by_name(names: Collection[str]) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """By name in lower case, the accounts of that name."""
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for id, values in _accounts(
        Account.search_text, {folded_name(name) for name in names}
    ).values():
        found.setdefault(values["name"].casefold(), []).append((id, values))
    return found


#: By kind of file, where its rows are staged.
STAGED: Mapping[str, Any] = MappingProxyType(
    {DEALS: StagedDeal, ACCOUNTS: StagedAccount, REQUESTS: StagedRequest}
)


def account_ids(external_ids: Collection[str]) -> dict[str, int]:
    """Accounts by CRM's id."""
    found: dict[str, int] = {}
    for chunk in chunks(external_ids, NAMED):
        rows = db.session.execute(
            select(Account.external_id, Account.id).where(Account.external_id.in_(chunk))
        )
        found.update({row.external_id: row.id for row in rows})
    return found


def account_ids_by_name(names: Collection[str]) -> dict[str, list[int]]:
    """The accounts of each name in lower case; more than one where the name is ambiguous."""
    return {name: [id for id, _ in found] for name, found in accounts_by_name(names).items()}


def known_accounts(import_id: int, external_ids: Collection[str]) -> dict[str, str]:
    """Those of the external ids that an account has, or will have by this import: its name."""
    found: dict[str, str] = {}
    for chunk in chunks(external_ids, NAMED):
        staged = select(StagedAccount.external_id, StagedAccount.name).where(
            StagedAccount.import_id == import_id, StagedAccount.external_id.in_(chunk)
        )
        stored = select(Account.external_id, Account.name).where(Account.external_id.in_(chunk))
        for statement in (stored, staged):
            found.update((id, name or "") for id, name in db.session.execute(statement) if id)
    return found


def any_other_names() -> bool:
    """Whether any account is found by another name than its own."""
    return db.session.scalar(select(AccountName.id).limit(1)) is not None


def other_names(names: Collection[str]) -> list[Any]:
    """Names that accounts are found by besides their own, of those whose CRM id or whose name in
    lower case is among these: both, with the account's id and external id."""
    n = AccountName
    found: list[Any] = []
    for chunk in chunks({*names, *map(folded_name, names)}, NAMED):
        found += db.session.execute(
            select(n.external_id, n.name, n.search_text, Account.external_id.label("key"))
            .join(Account, Account.id == n.account_id)
            .where(n.external_id.in_(chunk) | n.search_text.in_(chunk))
            .order_by(n.id)
        ).all()
    return found


def staged_accounts(import_id: int, external_ids: Collection[str]) -> dict[str, int]:
    """The rows in staging of those that are there, by external id."""
    found: dict[str, int] = {}
    for chunk in chunks(external_ids, NAMED):
        s = StagedAccount
        where = s.import_id == import_id, s.external_id.in_(chunk), s.action.in_(_TAKEN)
        rows: Any = db.session.execute(select(s.external_id, s.row).where(*where))
        found.update((row.external_id, row.row) for row in rows)
    return found


def rename_staged(import_id: int, row: int, name: str) -> None:
    s = StagedAccount
    db.session.execute(
        update(s)
        .where(s.import_id == import_id, s.row == row)
        .values(name=name, **derived_from(name))
        .execution_options(synchronize_session=False)
    )


def renamed_accounts(import_id: int) -> list[str]:
    """Old and new name of each account that is to be called otherwise."""
    s = StagedAccount
    rows = db.session.scalars(
        select(s.changes)
        .where(s.import_id == import_id, s.action == CHANGED)
        .where(s.changes["name"].as_string().is_not(None))
    )
    return [" → ".join(changes["name"]) for changes in rows if changes]


def account_keys_by_name(import_id: int, names: Collection[str]) -> dict[str, list[str]]:
    """The external ids of each name in lower case, as they will be after this import.

    An account that only deals name is found by its name where there is no other; of several such,
    the first.
    """
    found: dict[str, dict[str, None]] = {}
    named: dict[str, str] = {}
    for chunk in chunks({folded_name(name) for name in names}, NAMED):
        staged: Any = db.session.execute(
            select(StagedAccount.name, StagedAccount.external_id, StagedAccount.row)
            .where(StagedAccount.import_id == import_id, StagedAccount.search_text.in_(chunk))
            .where(StagedAccount.action.in_((NEW, CHANGED, UNCHANGED)))
            .order_by(StagedAccount.row.desc())
        )
        for name, id, row in staged:
            if row > 0:
                found.setdefault(name.casefold(), {})[id] = None
            else:
                named.setdefault(name.casefold(), id)
        # What the accounts' file calls otherwise now, or gives another id, is in staging.
        here = select(StagedAccount.account_id).where(
            StagedAccount.import_id == import_id, StagedAccount.account_id.is_not(None)
        )
        # In the order of their ids, which the database would go through all accounts for.
        rows = db.session.execute(
            select(Account.id, Account.name, Account.external_id).where(
                Account.search_text.in_(chunk), Account.id.not_in(here)
            )
        )
        for _, name, id in sorted((row[0], row[1], row[2]) for row in rows):
            found.setdefault(name.casefold(), {})[id] = None
    return {**{name: [id] for name, id in named.items()},
            **{name: list(ids) for name, ids in found.items()}}  # fmt: skip


def owners(names: Collection[str]) -> dict[str, tuple[int, int | None]]:
    """Id and user of each owner's name that is known."""
    rows = db.session.execute(
        select(CrmOwner.name, CrmOwner.id, CrmOwner.user_id).where(CrmOwner.name.in_(names))
    )
    return {name: (id, user) for name, id, user in rows}


def users_by_name() -> dict[str, list[int]]:
    """Active users by name and by e-mail address, both in lower case."""
    found: dict[str, list[int]] = {}
    for id, name, email in db.session.execute(
        select(User.id, User.name, User.email).where(User.active)
    ):
        for said in {" ".join(name.split()).casefold(), email.casefold()}:
            found.setdefault(said, []).append(id)
    return found


def rates() -> Rates:
    """The exchange rates that somebody has said."""
    rows = db.session.execute(
        select(
            ExchangeRate.currency, ExchangeRate.rate, ExchangeRate.as_of, ExchangeRate.source
        ).order_by(ExchangeRate.currency)
    )
    return Rates(tuple(Rate(code, Decimal(rate), day, source) for code, rate, day, source in rows))


def stage_words() -> dict[str, dict[str, str]]:
    """What stages and statuses were said to mean before, by setting and plain word."""
    found: dict[str, dict[str, str]] = {"stages": {}, "statuses": {}}
    for setting, key, meaning in db.session.execute(
        select(StageWord.setting, StageWord.key, StageWord.meaning)
    ):
        found[setting][key] = meaning
    return found


def owners_met(import_id: int) -> tuple[int, list[str]]:
    """How many owners are to be matched with a user by their name, and the names of those who are
    not and stay so."""
    s = StagedDeal
    rows: Any = db.session.execute(
        select(s.owner, func.count(case((s.action.in_((NEW, CHANGED)), 1))))
        .where(s.import_id == import_id, s.owner.is_not(None), s.action.in_(_TAKEN))
        .group_by(s.owner)
        .order_by(s.owner)
    )
    written = {name: bool(count) for name, count in rows}
    matched_before: set[str] = set()
    for chunk in chunks(written, NAMED):
        matched_before |= {name for name, (_, user) in owners(chunk).items() if user is not None}
    users = users_by_name()
    fits = {name for name in written if len(users.get(name.casefold(), [])) == 1}
    fresh = {name for name in fits - matched_before if written[name]}
    return len(fresh), [name for name in written if name not in fresh | matched_before]


def staged_counts(import_id: int) -> dict[str, dict[str, int]]:
    """By kind of file, how many rows are to become what; accounts that only deals name apart."""
    found: dict[str, dict[str, int]] = {}
    for kind, table in STAGED.items():
        rows = db.session.execute(
            select(table.action, func.count())
            .where(table.import_id == import_id, table.row > 0)
            .group_by(table.action)
        )
        found[kind] = {row[0]: row[1] for row in rows}
    return found


def count_new(import_id: int) -> int:
    """How many deals are to become new, or did."""
    where = (StagedDeal.import_id == import_id, StagedDeal.action == NEW)
    return db.session.scalar(select(func.count()).select_from(StagedDeal).where(*where)) or 0


def count_deals() -> int:
    return db.session.scalar(select(func.count()).select_from(Deal)) or 0


def would_change(import_id: int) -> bool:
    """Whether any row is to become something else than what is stored."""
    return any(
        db.session.scalar(
            select(table.row)
            .where(table.import_id == import_id, table.action.in_((NEW, CHANGED)))
            .limit(1)
        )
        is not None
        for table in (StagedDeal, StagedAccount)
    )


def named_accounts(import_id: int, action: str) -> tuple[int, list[str]]:
    """How many accounts that deals name are to become this, and the names of some."""
    where = (
        StagedAccount.import_id == import_id,
        StagedAccount.row < 0,
        StagedAccount.action == action,
    )
    number = db.session.scalar(select(func.count()).select_from(StagedAccount).where(*where))
    names = db.session.scalars(
        select(StagedAccount.name).where(*where).order_by(StagedAccount.row.desc()).limit(1000)
    )
    return number or 0, [name or "" for name in names]


def accounts_given_ids(import_id: int) -> int:
    """How many accounts that were known by name alone take CRM's id."""
    rows = db.session.scalars(
        select(StagedAccount.changes).where(
            StagedAccount.import_id == import_id, StagedAccount.action == CHANGED
        )
    )
    return sum("external_id" in (changes or {}) for changes in rows)


def row_range(table: Any, *where: Any) -> tuple[int, int]:
    """The first and the last row's number; (0, -1) without any."""
    least, most = db.session.execute(
        select(func.coalesce(func.min(table.row), 0), func.coalesce(func.max(table.row), -1)).where(
            *where
        )
    ).one()
    return int(least), int(most)


def empty_staging(import_id: int) -> None:
    """Delete all rows of an import, in short transactions."""
    _delete_staged(import_id)


def drop_unchanged(import_id: int) -> None:
    """Delete the rows that say what was there already."""
    _delete_staged(import_id, UNCHANGED)


def _delete_staged(import_id: int, action: str | None = None) -> None:
    for table in STAGED.values():
        where = [table.import_id == import_id]
        if action:
            where.append(table.action == action)
        least, most = row_range(table, *where)
        for start in range(least, most + 1, 4 * CHUNK):
            db.session.execute(
                delete(table)
                .where(*where, table.row >= start, table.row < start + 4 * CHUNK)
                .execution_options(synchronize_session=False)
            )
            db.session.commit()


def product_names() -> list[str]:
    return list(db.session.scalars(select(Product.name).order_by(Product.sort_key)))


def _accounts(
    column: InstrumentedAttribute[str], keys: Collection[str]
) -> dict[str, tuple[int, dict[str, Any]]]:
    columns = [getattr(Account, name) for name in ACCOUNT_COLUMNS]
    rows = db.session.execute(select(Account.id, *columns).where(column.in_(keys)))
    return {row[1]: (row[0], dict(zip(ACCOUNT_COLUMNS, row[1:], strict=True))) for row in rows}
