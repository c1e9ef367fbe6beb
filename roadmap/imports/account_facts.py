"""What rows of a deals' file say of the deals' accounts: their industry, size and the like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import bindparam, select, update

from roadmap.extensions import db
from roadmap.models import StagedAccount
from roadmap.models.base import chunks
from roadmap.models.base import table as sa_table

from . import queries
from .account_staging import figure
from .comparing_accounts import FIGURES
from .report import FileReport
from .staging import Rules
from .values import Cells, Noted, Unreadable, shown

#: The fields of deals that are their accounts', by what they are there.
OF_ACCOUNT = {f"account_{name}": name for name in FIGURES}


def readers(rules: Rules) -> dict[str, Cells[str]]:
    """What the cells of these fields mean; None where nothing can be read."""

    def number(field: str, name: str, cell: str) -> Any:
        try:
            return figure(rules, name, cell)
        except Unreadable as error:
            return Noted(None, f"{rules.layout.label(field)} left empty", str(error))

    def words(name: str, cell: str) -> Any:
        return rules.words(name, cell)[0] or None

    read: Mapping[str, Callable[[str], Any]] = {
        field: partial(number, field, name) if name in ("employees", "revenue")
        else partial(words, name)
        for field, name in OF_ACCOUNT.items()
    }  # fmt: skip
    return {field: Cells(each, rules.layout.label(field)) for field, each in read.items()}


def keep(
    import_id: int,
    deals: Mapping[str, list[Any]],
    keys: Iterable[str | None],
    report: FileReport,
) -> dict[str, dict[str, Any]]:
    """Give staged accounts what the deals' rows say of them; what came first counts, and rows that
    contradict it are named. Returns what is said of those that are not staged yet, by their ids."""
    facts: dict[str, dict[str, Any]] = {}

    def settle(account: str, known: dict[str, Any], said: Mapping[str, Any], row: Any) -> None:
        for name, value in said.items():
            before = known[name] = value if known.get(name) is None else known[name]
            if value is not None and before != value:
                differ = f"{account}: {shown(str(before))}, {shown(str(value))}"
                report.note("Accounts of which rows say different things", row, differ)

    for at, key in enumerate(keys):
        if key:
            said = {n: deals[field][at] for field, n in OF_ACCOUNT.items() if field in deals}
            settle(key, facts.setdefault(key, {}), said, deals["row"][at])
    s, fresh = StagedAccount, {}
    for chunk in chunks(facts, queries.NAMED):
        columns = [getattr(s, name) for name in ("row", "external_id", *FIGURES)]
        where = s.import_id == import_id, s.external_id.in_(chunk)
        rows = db.session.execute(select(*columns).where(*where))
        staged: Any = {row.external_id: row for row in rows}
        filled = []
        for key in chunk:
            if key not in staged:
                fresh[key] = facts[key]
                continue
            known = {name: getattr(staged[key], name) for name in FIGURES}
            settle(key, known, facts[key], None)
            filled.append({"r": staged[key].row, **{f"v_{name}": known[name] for name in FIGURES}})
        if filled:
            table = sa_table(s)
            db.session.connection().execute(
                update(table)
                .where(table.c.import_id == import_id, table.c.row == bindparam("r"))
                .values({name: bindparam(f"v_{name}") for name in FIGURES}),
                filled,
            )
    return fresh
