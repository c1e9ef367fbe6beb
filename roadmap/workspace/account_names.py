"""By which names accounts are found: their own, those that they had before, and those of accounts
that were merged into them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, func, or_, select

from roadmap.domain.folding import folded
from roadmap.extensions import db
from roadmap.models import Account, AccountName
from roadmap.models.base import chunks

from .searching import has


def account_has(words: str) -> ColumnElement[bool]:
    """Whether one of an account's names has these words."""
    others = select(AccountName.account_id).where(has(words, AccountName.search_text))
    return or_(has(words, Account.search_text), Account.id.in_(others))


def other_names(words: str, ids: Collection[int]) -> dict[int, str]:
    """Of these accounts, a name besides their own that has these words."""
    a = AccountName
    rows = db.session.execute(
        select(a.account_id, a.name).where(a.account_id.in_(ids), has(words, a.search_text))
    )
    return dict(rows.all())


def accounts_called(words: str, *, by_id: bool = True) -> Sequence[int]:
    """The accounts with exactly this name or, `by_id`, CRM id, in any case; where there are none,
    those that were called so before or that such an account was merged into."""
    for id, table in ((Account.id, Account), (AccountName.account_id, AccountName)):
        named = table.search_text == folded(words)
        if by_id:
            named = or_(named, func.lower(table.external_id) == words.casefold())
        if found := db.session.scalars(select(id).where(named).distinct()).all():
            return found
    return []


def accounts_named(words: Collection[str]) -> dict[str, set[int]]:
    """For each of these names that accounts have, those that `accounts_called` finds by it alone.

    The names come back as they were given.
    """
    by_folded: dict[str, set[int]] = {}
    for id, table in ((Account.id, Account), (AccountName.account_id, AccountName)):
        missing = {folded(each) for each in words} - by_folded.keys()
        found: dict[str, set[int]] = {}
        for some in chunks(sorted(missing)):
            rows = select(table.search_text, id).where(table.search_text.in_(some))
            for name, account in db.session.execute(rows):
                found.setdefault(name, set()).add(account)
        by_folded |= found
    return {each: by_folded[folded(each)] for each in words if folded(each) in by_folded}


def account_now(id: int) -> int | None:
    """The account with this id or, of one that was merged, the one that it was merged into."""
    if db.session.get(Account, id) is not None:
        return id
    a = AccountName
    merged = select(a.account_id).where(a.former_id == id).order_by(a.id.desc()).limit(1)
    return db.session.scalar(merged)
