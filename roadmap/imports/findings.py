"""What only the whole of an import shows: columns that are missing, names that look misspelt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from roadmap.models.imports import NEW

from . import queries, spelling
from .mapping import ENDS
from .prepare import Prepared
from .report import examples_named

_MISSING = (
    (("name",), "the name: deals are named after account and product"),
    (("account_id", "account_name"), "the account: new deals belong to none"),
    (("owner",), "the owner: nobody can be told about a deal"),
    (("amount",), "the amount: unknown for every new deal"),
    (("close_date", "closed_on", *ENDS.values()), "the close date: every new deal is undated"),
    (("loss_reason",), "the loss reason: not given for any lost deal"),
)


def missing_columns(deals: Prepared, currency: str) -> None:
    """Say what the deals' file has no column for; nothing that is stored is changed for it."""
    for fields, consequence in _MISSING:
        if not deals.layout.has(*fields):
            deals.report.remarks.append(f"There is no column for {consequence}")
    if not deals.layout.has("currency") and deals.layout.has("amount"):
        deals.report.remarks.append(
            f"There is no column for the currency: a figure that names none is taken as {currency}"
        )


def spellings(
    deals: Prepared, accounts: Prepared | None, products: Sequence[str], ours: Sequence[str]
) -> None:
    """Note names that look like misspellings; they are stored as given. `products` are those of a
    file, `ours` those that initiatives are for."""
    met = deals.names.get("product", Counter())
    known = [*products, *ours]
    for name in sorted(met):
        meant = spelling.product_meant(name, known, list(met))
        if meant:
            _note(deals, "product", name, meant)
        elif products and name not in known:
            deals.report.note("Not in the products' file", None, name, met[name])
    if accounts:
        for column, meaning in (
            ("industry", spelling.industry_meant),
            ("region", spelling.country_meant),
        ):
            _each(accounts, column, meaning)


def accounts(import_id: int) -> list[str]:
    """What is to become of accounts besides those of the accounts' file."""
    remarks = []
    count, names = queries.named_accounts(import_id, NEW)
    if count:
        remarks.append(
            f"Accounts that the deals name and nobody knew were created: {count:,} "
            f"({examples_named(Counter(names), count)})"
        )
    renamed = queries.renamed_accounts(import_id)
    if renamed:
        remarks.append(
            f"Accounts that get another name, and are found by the old one as well: "
            f"{len(renamed):,} ({examples_named(Counter(renamed))})"
        )
    given = queries.accounts_given_ids(import_id)
    if given:
        remarks.append(f"Accounts that were known by name alone and now have CRM's id: {given:,}")
    return remarks


def owners(import_id: int) -> list[str]:
    """Which owners can be told something."""
    matched, unmatched = queries.owners_met(import_id)
    remarks = []
    if matched:
        remarks.append(
            f"Owners matched to the user of the same name or e-mail address: {matched:,}"
        )
    if unmatched:
        names = examples_named(Counter(unmatched))
        remarks.append(
            f"Owners that match no user, who are shown as not reachable until somebody says who "
            f"they are: {len(unmatched):,} ({names})"
        )
    return remarks


def _each(prepared: Prepared, column: str, meaning: Callable[[str], str | None]) -> None:
    for name in sorted(prepared.names.get(column, ())):
        meant = meaning(name)
        if meant:
            _note(prepared, column, name, meant)


def _note(prepared: Prepared, column: str, name: str, meant: str) -> None:
    prepared.report.note(
        f"{column.capitalize()} “{name}” looks like a misspelling of “{meant}”; stored as given; "
        "correct it in CRM, or under “replace” in a mapping file",
        count=prepared.names[column][name],
    )
