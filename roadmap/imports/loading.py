"""Files into staging: read row by row, and written in short transactions while everybody works."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from roadmap.domain.collation import sort_key
from roadmap.domain.folding import folded_name
from roadmap.extensions import db
from roadmap.models import StagedAccount as AccountRow
from roadmap.models import StagedDeal as DealRow
from roadmap.models.base import chunks
from roadmap.models.imports import NEW, UNREADABLE

from . import account_facts, bulk, queries, rewritten_ids
from .account_staging import AccountStager
from .accounts import AccountBook
from .deal_rows import Deals
from .prepare import Prepared, Rejected
from .report import FileReport
from .staged import StagedAccount
from .staging import DealCells, Rules

DEAL_COLUMNS = (
    "import_id", "row", "action", "external_id", "name", "search_text", "sort_key", "account_key",
    "owner", "product", "stage", "status", "lost_to", "amount", "probability", "opened_on",
    "close_date", "needed_by", "attributes", "words_key",
)  # fmt: skip
ACCOUNT_COLUMNS = (
    "import_id", "row", "action", "external_id", "name", "search_text", "sort_key", "industry",
    "region", "employees", "revenue", "attributes", "fit", "segment_id",
)  # fmt: skip
REFUSED_COLUMNS = ("import_id", "row", "action", "reason", "label", "value", "external_id")

Beat = Callable[[int], object]


@dataclass(frozen=True)
class Loaded:
    """What was found out on the way: the accounts that the deals name, and the owners."""

    accounts: AccountBook
    cells: DealCells


def load_accounts(import_id: int, prepared: Prepared, rules: Rules, beat: Beat) -> None:
    """Stage the accounts' file. Two rows may become one account, by words that are replaced: the
    first is it."""
    met: set[str] = set()
    stager = AccountStager(rules)
    for some in chunks(prepared.accounts(stager)):
        taken = [_first(each, met, prepared.report) for each in some]
        rows = [_account(import_id, each) for each in taken if isinstance(each, StagedAccount)]
        bulk.insert_rows(AccountRow, ACCOUNT_COLUMNS, rows)
        _refuse(import_id, AccountRow, taken)
        db.session.commit()
        beat(len(some))


def load_deals(import_id: int, prepared: Prepared, rules: Rules, beat: Beat) -> Loaded:
    """Stage the deals' file and, of the accounts that it names, those that nobody knows."""
    cells = DealCells(rules)
    cells.by_field |= account_facts.readers(rules)
    book = AccountBook(import_id)
    for deals, refused in prepared.deals(cells):
        count = len(deals["row"])
        if prepared.mapped.rewritten_ids == rewritten_ids.SAME:
            deals["id"] = rewritten_ids.restored(deals["id"])
        keys = book.resolve(deals, prepared.report) if cells.has_account else [None] * count
        bulk.insert_rows(DealRow, DEAL_COLUMNS, _deals(import_id, deals, keys))
        _refuse(import_id, DealRow, refused)
        bulk.insert_rows(AccountRow, ACCOUNT_COLUMNS, book.made())
        if not account_facts.OF_ACCOUNT.keys().isdisjoint(deals):
            facts = account_facts.keep(import_id, deals, keys, prepared.report)
            names = queries.known_accounts(import_id, facts)
            for key, said in facts.items():
                book.stage(key, names.get(key) or key, said)
            book.by_id = True
            bulk.insert_rows(AccountRow, ACCOUNT_COLUMNS, book.made())
        db.session.commit()
        gc.collect(0)  # statements with thousands of names go in cycles
        beat(count + len(refused))
    book.rename(prepared.report)
    bulk.insert_rows(AccountRow, ACCOUNT_COLUMNS, book.made())
    db.session.commit()
    return Loaded(book, cells)


def _deals(import_id: int, deals: Deals, keys: Iterable[str | None]) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of DEAL_COLUMNS."""
    return zip(
        repeat(import_id), deals["row"], repeat(NEW), deals["id"], deals["name"],
        map(folded_name, deals["name"]), map(sort_key, deals["name"]), keys,
        (owner or None for owner in deals["owner"]), deals["product"], deals["stage"],
        deals["status"], deals["lost_to"], deals["amount"], deals["probability"],
        deals["opened_on"], deals["close_date"], deals["needed_by"], deals["attributes"],
        (words or None for words in deals["words"]),
    )  # fmt: skip


def _account(import_id: int, account: StagedAccount) -> tuple[Any, ...]:
    values = account.values
    return (
        import_id, account.row, NEW, account.id, values["name"], values["search_text"],
        values["sort_key"],
        values.get("industry"), values.get("region"), values.get("employees"),
        values.get("revenue"), account.attributes, None, None,
    )  # fmt: skip


def _first(
    account: StagedAccount | Rejected, met: set[str], report: FileReport
) -> StagedAccount | Rejected:
    if isinstance(account, Rejected):
        return account
    if account.id in met:
        reason = f"an earlier row is the account {account.id}, too"
        report.fail(account.row, reason)
        return Rejected(account.row, UNREADABLE, reason)
    met.add(account.id)
    return account


def _refuse(import_id: int, table: bulk.Table, some: Iterable[object]) -> None:
    rows = [
        (import_id, r.row, r.action, r.reason, r.label[:200] or None, r.cell[:200] or None, r.id)
        for r in some
        if isinstance(r, Rejected)
    ]
    bulk.insert_rows(table, REFUSED_COLUMNS, rows)
