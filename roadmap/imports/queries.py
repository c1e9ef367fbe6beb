"""What the database already knows of the deals, accounts and owners that a file names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from roadmap.extensions import db
from roadmap.models import Account, CrmOwner, Deal, Product, User

T = TypeVar("T")

#: SQLite takes 32,766 parameters in one statement.
CHUNK = 5_000

DEAL_COLUMNS = (
    "name", "search_text", "account_id", "crm_owner_id", "product", "stage", "status", "lost_to",
    "amount", "probability", "opened_on", "close_date", "needed_by", "attributes",
)  # fmt: skip
ACCOUNT_COLUMNS = (
    "external_id", "name", "search_text", "industry", "region", "employees", "revenue",
    "attributes", "fit", "segment_id", "segment_by_hand",
)  # fmt: skip


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk


def deals(external_ids: Collection[str]) -> dict[str, tuple[int, dict[str, Any]]]:
    """Id and stored values of each known deal."""
    columns = [getattr(Deal, name) for name in DEAL_COLUMNS]
    rows = db.session.execute(
        select(Deal.external_id, Deal.id, *columns).where(Deal.external_id.in_(external_ids))
    )
    return {row[0]: (row[1], dict(zip(DEAL_COLUMNS, row[2:], strict=True))) for row in rows}


def accounts(external_ids: Collection[str]) -> dict[str, tuple[int, dict[str, Any]]]:
    """Id and stored values of each account known by this external id."""
    return _accounts(Account.external_id, external_ids)


def accounts_by_name(names: Collection[str]) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """By name in lower case, the accounts of that name."""
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for id, values in _accounts(Account.search_text, names).values():
        found.setdefault(values["search_text"], []).append((id, values))
    return found


def accounts_named_only(names: Collection[str]) -> dict[str, tuple[int, dict[str, Any]]]:
    """By name in lower case, the accounts whose external id is but their name."""
    return {
        name: found
        for name, all_found in accounts_by_name(names).items()
        for found in all_found
        if found[1]["external_id"] == found[1]["name"]
    }


def account_ids(external_ids: Collection[str]) -> dict[str, int]:
    return _pairs(Account.external_id, external_ids)


def account_ids_by_name(names: Collection[str]) -> dict[str, list[int]]:
    """The accounts of each name in lower case; more than one where the name is ambiguous."""
    found: dict[str, list[int]] = {}
    for chunk in chunks(names):
        rows = db.session.execute(
            select(Account.search_text, Account.id)
            .where(Account.search_text.in_(chunk))
            .order_by(Account.id)
        )
        for name, id in rows:
            found.setdefault(name, []).append(id)
    return found


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


def deal_ids_of_accounts(account_ids: Collection[int]) -> list[int]:
    found: list[int] = []
    for chunk in chunks(sorted(account_ids)):
        found += db.session.scalars(select(Deal.id).where(Deal.account_id.in_(chunk)))
    return found


def product_names() -> list[str]:
    return list(db.session.scalars(select(Product.name).order_by(Product.name)))


def _accounts(
    column: InstrumentedAttribute[str], keys: Collection[str]
) -> dict[str, tuple[int, dict[str, Any]]]:
    columns = [getattr(Account, name) for name in ACCOUNT_COLUMNS]
    rows = db.session.execute(select(Account.id, *columns).where(column.in_(keys)))
    return {row[1]: (row[0], dict(zip(ACCOUNT_COLUMNS, row[1:], strict=True))) for row in rows}


def _pairs(column: InstrumentedAttribute[str], keys: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in chunks(keys):
        rows = db.session.execute(select(column, Account.id).where(column.in_(chunk)))
        found.update((row[0], row[1]) for row in rows)
    return found
